// `kill -9` at random moments while persons are enrolled, seen, merged, taken back and forgotten, round after round on one
// file: the database opens, nothing is half done, and nothing that was said to be done is lost. KILL_ROUNDS=100 for more.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { START } from "./admin-household.ts";
import { brokenPromises } from "./identity-invariants.ts";
import { KILL_DEEDS, type KillDeed, type KillDeedKind, type KillLine } from "./kill-lines.ts";

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 20);
const SEED = Number(process.env.KILL_SEED ?? 1);
/** After it has begun: some dozen changes. Milliseconds. */
const LIVES_UP_TO_MS = 250;
/** Every other time it dies right after a write to the database, most of which are in the middle of a change. */
const LIVES_UP_TO_WRITES = 700;

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

interface Life {
  readonly done: readonly KillDeed[];
  /** What it had begun and not said to be done. */
  readonly cutOff: KillDeedKind | null;
}

/** Lets it live for a while after it has begun, and kills it. */
async function liveAndDie(path: string, seed: number, random: () => number): Promise<Life> {
  const writes = seed % 2 === 0 ? 1 + Math.floor(random() * LIVES_UP_TO_WRITES) : 0;
  const args = [".cache/kill/test/identity/kill-main.js", path, String(seed), String(writes)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const lines: KillLine[] = [];
  const reading = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => {
    reading.on("line", (line) => {
      const said = parsed(line);
      if (said === null) return;
      lines.push(said);
      if ("begin" in said && said.begin === "ready") resolve();
    });
  });
  const closed = Promise.all([
    new Promise((resolve) => reading.once("close", resolve)),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  await Promise.race([ready, closed]);
  if (writes === 0) {
    await sleep(random() * LIVES_UP_TO_MS);
    child.kill("SIGKILL");
  }
  await closed;
  expect(child.signalCode).toBe("SIGKILL");
  const last = lines.at(-1);
  const cutOff = last !== undefined && "begin" in last && last.begin !== "ready" ? last.begin : null;
  return { done: lines.flatMap((line) => ("done" in line ? [line.done] : [])), cutOff };
}

/** null for a line that was cut off. */
function parsed(line: string): KillLine | null {
  try {
    return JSON.parse(line) as KillLine;
  } catch {
    return null;
  }
}

/** What everybody said to be done comes to, by person. */
class Expected {
  readonly #enrolled = new Map<string, { readonly name: string; readonly photos: number }>();
  readonly #visitors = new Map<string, { trackletId: string; faces: number; winner: string | null }>();
  readonly #forgotten = new Set<string>();

  add(deed: KillDeed): void {
    if (deed.kind === "enrol") this.#enrolled.set(deed.personId, deed);
    else if (deed.kind === "sync") this.#visitors.set(deed.personId, { ...deed, winner: null });
    else if (deed.kind === "forget") {
      this.#visitors.delete(deed.personId);
      this.#forgotten.add(deed.personId);
    } else {
      const visitor = this.#visitors.get(deed.personId);
      if (visitor !== undefined) visitor.winner = deed.kind === "merge" ? deed.winner : null;
    }
  }

  /** The one thing that was cut off may have been done; it is found out, and counted from then on. */
  settle(store: Store, cutOff: KillDeedKind | null): void {
    for (const [personId, visitor] of [...this.#visitors]) {
      const row = store.persons.find(personId);
      if (row === null && cutOff === "forget") this.#visitors.delete(personId);
      else if (row !== null && (cutOff === "merge" || cutOff === "undo")) visitor.winner = row.mergedInto;
    }
  }

  lost(store: Store): string[] {
    const lost: string[] = [];
    for (const [personId, { name, photos }] of this.#enrolled) {
      const row = store.persons.find(personId);
      if (row?.name !== name || row.status !== "active") lost.push(`${name} is not there any more`);
      const kept = store.embeddings
        .looksOf(personId)
        .filter(({ source, state }) => source === "photo" && state !== "mean");
      if (kept.length !== photos) lost.push(`${name} has ${kept.length} photos of ${photos}`);
    }
    for (const [personId, { trackletId, faces, winner }] of this.#visitors) {
      const row = store.persons.find(personId);
      if (row === null) lost.push(`${personId} is not there any more`);
      if ((row?.mergedInto ?? null) !== winner) lost.push(`${personId} is merged into ${row?.mergedInto}`);
      if (store.tracklets.find(trackletId)?.personId !== (winner ?? personId))
        lost.push(`${trackletId} is of ${store.tracklets.find(trackletId)?.personId}`);
      const own = store.embeddings.ofTracklet(trackletId);
      if (own.length !== faces || own.some((face) => face.personId !== (winner ?? personId)))
        lost.push(`of ${trackletId} are left ${own.length} faces of ${faces}`);
    }
    for (const personId of this.#forgotten)
      if (store.persons.find(personId) !== null) lost.push(`${personId} was forgotten and is back`);
    return lost;
  }
}

describe("killed at a random moment", () => {
  it(`nothing is half done, and nothing that was done is lost (${ROUNDS} times)`, async () => {
    // The household is a process of its own, and runs compiled. Types are checked elsewhere.
    await run("npx", ["tsc", "-p", "test/identity/tsconfig.json"], { cwd: root }).catch(() => {});
    const folder = mkdtempSync(join(tmpdir(), "haven-kill-"));
    const path = join(folder, "haven.db");
    const random = randomFrom(SEED);
    const expected = new Expected();
    const table = new Map(KILL_DEEDS.map((kind) => [kind, { done: 0, cutOff: 0 }]));
    try {
      for (let round = 1; round <= ROUNDS; round += 1) {
        const { done, cutOff } = await liveAndDie(path, SEED * 1000 + round, random);
        for (const deed of done) {
          expected.add(deed);
          count(table, deed.kind, "done");
        }
        if (cutOff !== null) count(table, cutOff, "cutOff");
        using store = openStore({ path, clock: new ManualClock(START), log: silentLogger });
        expected.settle(store, cutOff);
        expect(brokenPromises(store), `round ${round}, killed in ${cutOff}`).toEqual([]);
        expect(expected.lost(store), `round ${round}, killed in ${cutOff}`).toEqual([]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    const rows = [...table].map(
      ([kind, { done, cutOff }]) =>
        `${kind.padEnd(8)}${String(done).padStart(6)}${String(cutOff).padStart(10)}`,
    );
    process.stdout.write(`\n${ROUNDS} kills   done   cut off\n${rows.join("\n")}\n`);
    // It was killed in the middle of something, and had done something of everything before.
    expect([...table.values()].reduce((sum, { cutOff }) => sum + cutOff, 0)).toBeGreaterThan(ROUNDS / 4);
    for (const [kind, { done }] of table) expect(done, kind).toBeGreaterThan(0);
  }, 900_000);
});

function count(
  table: ReadonlyMap<KillDeedKind, { done: number; cutOff: number }>,
  kind: KillDeedKind,
  what: "done" | "cutOff",
): void {
  const row = table.get(kind);
  if (row !== undefined) row[what] += 1;
}
