import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { allows, type Machine } from "../../src/core/transitions.ts";
import { machinePicture } from "./machine-picture.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PICTURES = join(ROOT, "addon/machines");

interface Found {
  readonly exported: string;
  readonly machine: Machine;
}

/** Every machine the code declares. */
async function machines(): Promise<readonly Found[]> {
  const declaration = /^export const ([A-Z_]+) = defineMachine\(/gm;
  const found: Found[] = [];
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join("src", file));
  for (const file of files) {
    const names = [...readFileSync(join(ROOT, file), "utf8").matchAll(declaration)].map((match) => match[1]);
    if (names.length === 0) continue;
    const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Record<string, Machine>;
    for (const exported of names) {
      const machine = exported === undefined ? undefined : module[exported];
      if (exported !== undefined && machine !== undefined) found.push({ exported, machine });
    }
  }
  return found.sort((a, b) => a.exported.localeCompare(b.exported));
}

const INTRODUCTION = `# How Haven decides

Everything Haven decides about falls, beds, nights and alarms is decided by small state machines: what is seen goes in with
its time, a state and what is to be told come out. These pictures are drawn from the tables the code itself is held to; what
stands in bold is told. Each person, bed, area and alarm has a machine of its own.
`;

const MACHINES = await machines();
const fileOf = ({ machine }: Found): string =>
  `${machine.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.svg`;

function pageOf(found: readonly Found[]): string {
  const sections = found.map((one) => {
    const { name, about } = one.machine;
    const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
    const sentence = `${about.slice(0, 1).toUpperCase()}${about.slice(1).replace(/\.$/, "")}.`;
    return `## ${title}\n\n${sentence}\n\n![The machine of: ${name}](${fileOf(one)})\n`;
  });
  return `${INTRODUCTION}\n${sections.join("\n")}`;
}

describe("the pictures of the state machines", () => {
  it("are there for those that decide about falls, beds and alarms", () => {
    expect(MACHINES.map(({ exported }) => exported)).toEqual(
      expect.arrayContaining(["FALL_MACHINE", "FLOOR_MACHINE", "BED_MACHINE", "ALARM_MACHINE"]),
    );
  });

  it("are those of the machines there are, all on one page", async () => {
    const files = MACHINES.map(fileOf);
    expect(new Set(files).size).toBe(files.length);
    expect(
      readdirSync(PICTURES)
        .filter((name) => name.endsWith(".svg"))
        .sort(),
    ).toEqual([...files].sort());
    await expect(pageOf(MACHINES)).toMatchFileSnapshot(join(PICTURES, "README.md"));
  });

  // Drawn anew with `npx vitest run test/documents -u`.
  it.each(MACHINES)("are drawn from the code's own tables: $exported", async (found) => {
    await expect(machinePicture(found.machine)).toMatchFileSnapshot(join(PICTURES, fileOf(found)));
  });
});

describe("every table", () => {
  it.each(MACHINES)(
    "begins somewhere, leads everywhere and says each thing once: $exported",
    ({ machine }) => {
      const reached = new Set([machine.initial]);
      for (let before = 0; before !== reached.size; ) {
        before = reached.size;
        for (const { from, to } of machine.transitions) if (reached.has(from)) reached.add(to);
      }
      for (const { from, to, when } of machine.transitions) {
        expect(reached, `${from} is never reached`).toContain(from);
        expect(allows(machine, from, to)).toBe(true);
        expect(when).not.toBe("");
      }
      const rows = machine.transitions.map(({ from, to, when }) => `${from}|${to}|${when}`);
      expect(new Set(rows).size).toBe(rows.length);
    },
  );
});
