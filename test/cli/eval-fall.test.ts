// `haven eval fall` and `haven eval daily` as a user calls them, on the one clip that is always there: somebody falls at
// 8.2 s and gets up at 18.6 s.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { FALL_MACHINE } from "../../src/adl/fall-machine.ts";
import { FALL_SPEED_TRADE_OFF } from "../../src/adl/fall-speed-trade-off.ts";
import { SWEEPABLE } from "../../src/adl/sweepable.ts";
import { activitySettings } from "../../src/app-settings.ts";
import { thresholdsOf } from "../../src/cli/fall/fall-replay.ts";
import { readConfig } from "../../src/cli/offline-session.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ensureDemoClip } from "../../src/demo/demo-clip.ts";
import { STAGES } from "../../src/evaluation/fall-findings.ts";
import { openStore } from "../../src/store/store.ts";
import { haven, TemporaryFolder } from "../support/haven-process.ts";

const never = new AbortController().signal;
let folder: TemporaryFolder;
let manifest: string;
let seen: string;

beforeAll(async () => {
  await new ModelStore({ log: silentLogger }).ensure(["movenet-multipose", "movenet-thunder"], {
    signal: never,
  });
  const file = await ensureDemoClip({ cacheDir: modelsDirectory(process.env), signal: never });
  folder = await TemporaryFolder.make();
  seen = folder.file("seen");
  const clip = { file, set: "staged", scene: "room", duration_s: 24 };
  const fall = { start_s: 7.9, ground_s: 8.6, end_s: 18.6 };
  manifest = folder.file("falls.json");
  await writeFile(manifest, JSON.stringify({ clips: [{ ...clip, falls: [fall] }] }));
  await writeFile(folder.file("quiet.json"), JSON.stringify({ clips: [{ ...clip, falls: [] }] }));
});

afterAll(() => folder[Symbol.asyncDispose]());

function answer(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

describe("haven eval fall", () => {
  it("watches a clip once, keeps what was seen, and answers the same from it", async () => {
    const args = ["eval", "fall", "--manifest", manifest, "--observations", seen, "--json"];
    const first = await haven(args);
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(/^clips: /m);
    expect(answer(first.stdout)).toMatchObject({
      clips: 1,
      falls: 1,
      detected: 1,
      sensitivity: 1,
      noticed: 1,
      false_alarms: 0,
      missed: [],
      false_in: [],
      sets: { staged: { detected: 1 } },
      findings: [],
    });
    const second = await haven(args);
    expect(second.stderr).not.toMatch(/^clips: /m);
    expect(second.stdout).toBe(first.stdout);
  });

  it("watches it anew where it would be seen otherwise", async () => {
    const config = folder.file("slow.yaml");
    await writeFile(config, "inference:\n  fps: 5\n");
    const args = ["--observations", folder.file("other"), "--config", config];
    await haven(["eval", "fall", "--manifest", manifest, ...args]);
    const again = await haven(["eval", "fall", "--manifest", manifest, ...args.slice(0, 2)]);
    expect(again.stderr).toMatch(/^clips: /m);
  });

  it("answers further questions from the same observations: thresholds, a sweep, pages of pictures", async () => {
    const sheets = folder.file("sheets");
    const { code, stdout, stderr } = await haven([
      ...["eval", "fall", "--manifest", manifest, "--observations", seen, "--json"],
      ...["--leave-one-set-out", "--sweep", "fallSpeed", "--sheets", sheets, "--sheets-all"],
    ]);
    expect(stderr).not.toMatch(/^clips: /m);
    expect(code).toBe(0);
    const { leave_one_set_out, sweep } = answer(stdout) as {
      leave_one_set_out: { sets: { set: string }[]; union: { detected: number } };
      sweep: { name: string; rows: { value: number; in_force: boolean; detected: number }[] }[];
    };
    expect(leave_one_set_out.sets.map(({ set }) => set)).toEqual(["staged"]);
    expect(leave_one_set_out.union.detected).toBe(1);
    expect(sweep.map(({ name }) => name)).toEqual(["fallSpeed"]);
    expect(sweep[0]?.rows.filter((row) => row.in_force)).toMatchObject([{ value: 0.7, detected: 1 }]);
    const pages = await readdir(sheets);
    expect(pages).toContain("index.html");
    const page = await readFile(join(sheets, pages.find((name) => name !== "index.html") ?? ""), "utf8");
    const jpegs = [...page.matchAll(/src="data:image\/jpeg;base64,([^"]+)"/g)];
    expect(jpegs.length).toBeGreaterThan(8);
    // FF D8 begins a JPEG, FF D9 ends it.
    const picture = Buffer.from(jpegs[0]?.[1] ?? "", "base64");
    expect([picture.readUInt16BE(0), picture.readUInt16BE(picture.length - 2)]).toEqual([0xffd8, 0xffd9]);
  });

  it("replays the alarms a household has answered, and names a clip that is damaged", async () => {
    const data = folder.file("home");
    const [kept] = await readdir(seen);
    const recording = await readFile(join(seen, kept ?? ""));
    // So that it is a recording of what vision saw, as an alarm's is.
    expect(gunzipSync(recording).toString()).toContain('"format":"haven-observations"');
    {
      using store = openStore({ path: join(data, "haven.db"), clock: systemClock, log: silentLogger });
      const row = { cameraId: "hall", raisedAt: 1, zones: [], settings: {}, recording };
      store.alarmClips.insert({ ...row, alarmId: "a1", answer: "real" });
      store.alarmClips.insert({ ...row, alarmId: "a2", answer: "false_alarm" });
      store.alarmClips.insert({ ...row, alarmId: "a3", answer: null });
      store.alarmClips.insert({ ...row, alarmId: "a4", answer: "real", recording: Buffer.from("gone") });
    }
    const { code, stdout } = await haven(["eval", "fall", "--data", data, "--json"]);
    expect(code).toBe(2);
    expect(answer(stdout)).toMatchObject({
      clips: 2,
      real: 1,
      real_confirmed: 1,
      false_alarms: 1,
      false_again: ["a2"],
      failed: [expect.stringMatching(/the clip of alarm a4 is damaged/)],
    });
  });

  it.each([
    ["nothing to measure", [], /say what to measure/],
    ["both", ["--manifest", "a.json", "--data", "b"], /say what to measure/],
    ["a manifest that is not there", ["--manifest", "gone.json"], /gone\.json cannot be read/],
    ["a folder without a database", ["--data", "gone"], /no database .*gone/],
  ])("refuses %s in one sentence", async (_, args, sentence) => {
    const { code, stderr } = await haven(["eval", "fall", ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("refuses to sweep what there is not, and observations that are damaged", async () => {
    const args = ["eval", "fall", "--manifest", manifest, "--observations"];
    const unknown = await haven([...args, seen, "--sweep", "courage"]);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no threshold courage.*fallSpeed/),
    });
    const [kept] = await readdir(seen);
    const broken = folder.file("broken");
    await haven([...args, broken, "--json"]);
    await writeFile(join(broken, kept ?? ""), "not gzip");
    const damaged = await haven([...args, broken]);
    expect(damaged).toMatchObject({ code: 2, stderr: expect.stringMatching(/is damaged .* delete it/) });
  });
});

describe("haven eval daily", () => {
  it("counts every fall that is told in hours without one, the same for the same seed", async () => {
    const args = ["eval", "daily", "--manifest", folder.file("quiet.json"), "--observations", seen, "--json"];
    const one = await haven([...args, "--hours", "1", "--cameras", "1"]);
    expect(one.code).toBe(0);
    const score = answer(one.stdout) as { airings: number; false_alarms: number; alarms_raised: number };
    // A clip of 24 s and a second of nobody.
    expect(score.airings).toBeGreaterThan(130);
    expect(score.false_alarms).toBeGreaterThan(score.airings * 0.9);
    expect(score.alarms_raised).toBeGreaterThanOrEqual(score.false_alarms);
    const again = await haven([...args, "--hours", "1", "--cameras", "1"]);
    expect(again.stdout).toBe(one.stdout);
  });

  it("refuses a manifest in which every clip has a fall", async () => {
    const { code, stderr } = await haven(["eval", "daily", "--manifest", manifest]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/lists no clip without a fall/);
  });
});

describe("the thresholds that are swept", () => {
  it("are all in force, each with the value in force among its values, and a reason", async () => {
    const thresholds = thresholdsOf(SWEEPABLE, activitySettings(await readConfig(undefined)));
    expect(thresholds.map(({ name }) => name)).toEqual(SWEEPABLE.map(({ name }) => name));
    for (const { name, values, inForce, reason } of thresholds) {
      expect(values, name).toContain(inForce);
      expect(reason.length, name).toBeGreaterThan(10);
    }
  });
});

describe("the trade-off a household is shown", () => {
  it("has a row for each falling speed that is swept, in their order", () => {
    const speeds = SWEEPABLE.find(({ name }) => name === "fallSpeed")?.values;
    expect(FALL_SPEED_TRADE_OFF.rows.map(({ fallSpeed }) => fallSpeed)).toEqual(speeds);
    for (const { detectedShare, noticedShare } of FALL_SPEED_TRADE_OFF.rows)
      expect(noticedShare).toBeGreaterThanOrEqual(detectedShare);
  });
});

describe("the reasons of misses", () => {
  it("know every state of the fall machine", () => {
    const states = FALL_MACHINE.transitions.flatMap(({ from, to }) => [from, to]);
    expect([...new Set<string>(states)].sort()).toEqual([...STAGES].sort());
  });
});
