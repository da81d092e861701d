// What the command line answers, to good input and to bad: exit codes, sentences, and the same result twice.
import { cp, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ensureDemoClip } from "../../src/demo/demo-clip.ts";
import { freePort, haven, TemporaryFolder } from "../support/haven-process.ts";

const never = new AbortController().signal;
let folder: TemporaryFolder;
let clip: string;

beforeAll(async () => {
  await new ModelStore({ log: silentLogger }).ensure(["movenet-multipose", "movenet-thunder"], {
    signal: never,
  });
  clip = await ensureDemoClip({ cacheDir: modelsDirectory(process.env), signal: never });
  folder = await TemporaryFolder.make();
});

afterAll(() => folder[Symbol.asyncDispose]());

interface Line {
  readonly kind: string;
  readonly media_time_s?: number;
  readonly event_id?: string;
  readonly [key: string]: unknown;
}

function lines(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

/** Ids are new each time; everything else must not be. */
function withoutIds(stdout: string): string {
  return stdout.replace(
    /"(event_id|alarm_id|cause_event_id|person_id|previous_person_id)":"[^"]*"/g,
    '"$1":""',
  );
}

describe("haven analyze", () => {
  it("finds the fall of the demo clip, and the very same events a second time", async () => {
    const first = await haven(["analyze", clip, "--json"]);
    const second = await haven(["analyze", clip, "--json"]);
    expect(first.code).toBe(0);
    const confirmed = lines(first.stdout).filter(({ kind }) => kind === "fall_confirmed");
    expect(confirmed).toHaveLength(1);
    // He falls at 8.2 s and gets up at 18.6 s.
    expect(confirmed[0]?.media_time_s).toBeGreaterThan(9);
    expect(confirmed[0]?.media_time_s).toBeLessThan(13);
    expect(lines(first.stdout).at(-1)).toMatchObject({
      kind: "summary",
      files: 1,
      failed: [],
      events: { fall_suspected: 1, fall_confirmed: 1, fall_recovered: 1, person_in: 1, person_out: 1 },
    });
    expect(withoutIds(second.stdout)).toBe(withoutIds(first.stdout));
    expect(second.stdout).not.toBe(first.stdout);
  });

  it("names a file that is no video and one that is not there, and analyses the others", async () => {
    const text = folder.file("letter.mp4");
    await writeFile(text, "Dear camera, I am not a video.\n");
    const { code, stdout, stderr } = await haven(["analyze", text, folder.file("gone.mp4"), clip, "--json"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/letter\.mp4/);
    expect(stderr).toMatch(/no file .*gone\.mp4/);
    const summary = lines(stdout).at(-1);
    expect(summary).toMatchObject({ files: 3, events: { fall_confirmed: 1 } });
    expect(summary?.failed).toHaveLength(2);
  });

  it("keeps what it found when told where, without making alarms of old footage", async () => {
    const data = folder.file("kept");
    expect((await haven(["analyze", clip, "--json", "--data", data])).code).toBe(0);
    using database = opened(join(data, "haven.db"));
    expect(database.kinds()).toContain("fall_confirmed");
    expect(database.count("outbox")).toBe(0);
    expect(database.count("alarms")).toBe(0);
  });

  it("refuses what it was not told with exit code 2", async () => {
    expect(await haven(["analyze"])).toMatchObject({ code: 2 });
    expect(await haven(["analyze", clip, "--hold-last", "soon"])).toMatchObject({ code: 2 });
    const { code, stderr } = await haven(["analyze", clip, "--config", folder.file("none.yaml")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/none\.yaml does not exist/);
  });
});

describe("haven run on what is broken", () => {
  it("names all three mistakes of a configuration with their lines", async () => {
    const config = folder.file("three.yaml");
    await writeFile(
      config,
      "cameras:\n  - id: hall\n    name: Hall\ninference:\n  fps: fast\nmqtt:\n  brokr: mqtt://somewhere\n",
    );
    const { code, stderr } = await haven(["run", "--config", config, "--data", folder.file("a")]);
    expect(code).toBe(2);
    const mistakes = stderr.split("\n").filter((line) => line.includes("three.yaml:"));
    expect(mistakes).toHaveLength(3);
    expect(stderr).toMatch(/three\.yaml:2 .*source.*is missing/);
    expect(stderr).toMatch(/three\.yaml:5 .*fps/);
    expect(stderr).toMatch(/three\.yaml:7 .*brokr/);
  });

  it("refuses a database of a newer version and leaves it as it is", async () => {
    const data = folder.file("newer");
    expect((await haven(["analyze", clip, "--json", "--data", data])).code).toBe(0);
    const file = join(data, "haven.db");
    const raw = new Database(file);
    raw.pragma("user_version = 99");
    raw.close();
    const config = folder.file("ports.yaml");
    await writeFile(
      config,
      `api:\n  port: ${await freePort()}\nmqtt:\n  embedded:\n    port: ${await freePort()}\n`,
    );
    const { code, stderr } = await haven(["run", "--config", config, "--data", data]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/newer Haven \(schema 99/);
    using database = opened(file);
    expect(database.count("events")).toBeGreaterThan(0);
  });
});

describe("haven models verify", () => {
  it("names a model with one flipped byte, does not load it, and fetch repairs it", async () => {
    const cache = folder.file("models");
    await cp(modelsDirectory(process.env), cache, { recursive: true });
    const name = (await readdir(cache)).find((file) => file.startsWith("movenet-multipose"));
    if (name === undefined) throw new Error("the model is not in the cache");
    await flipByte(join(cache, name), 12_345);
    const env = { HAVEN_MODELS_DIR: cache };
    const verified = await haven(["models", "verify"], env);
    expect(verified.code).toBe(2);
    expect(verified.stderr).toContain(name);
    expect(verified.stderr).toMatch(/damaged.*haven models fetch/);
    expect((await haven(["models", "fetch"], env)).code).toBe(0);
    expect((await haven(["models", "verify"], env)).code).toBe(0);
  });
});

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 0x01;
  await file.write(byte, 0, 1, at);
  await file.close();
}

function opened(path: string) {
  const database = new Database(path, { readonly: true });
  return {
    kinds: () => database.prepare("SELECT kind FROM events").pluck().all(),
    count: (table: "events" | "outbox" | "alarms") =>
      Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()),
    [Symbol.dispose]: () => {
      database.close();
    },
  };
}
