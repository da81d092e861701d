import { describe, expect, it } from "vitest";
import { isAppError } from "../../src/core/errors.ts";
import { type ClipOutcome, evaluateFalls } from "../../src/evaluation/fall-evaluation.ts";
import { type FallManifest, parseFallManifest } from "../../src/evaluation/fall-manifest.ts";
import { formatFallReport } from "../../src/evaluation/fall-report.ts";

type Fall = { start_s: number | null; ground_s: number | null; end_s: number | null };

function clip(file: string, falls: Fall[] = [], more: object = {}) {
  return { file, set: "lab", scene: "room-1", duration_s: 10, falls, note: "", lying_s: [], ...more };
}

function manifest(...clips: object[]): FallManifest {
  return parseFallManifest({ about: "test", clips }, "manifest.json");
}

function outcome(file: string, ...alarms: number[]): ClipOutcome {
  return { file, events: alarms.map((mediaTimeS) => ({ kind: "fall_confirmed", mediaTimeS })) };
}

const AT_4: Fall = { start_s: 4, ground_s: 5, end_s: null };

describe("the evaluation of falls", () => {
  it.each([
    ["at the labelled start", 4, 1, 0],
    ["a second before it", 3, 1, 0],
    ["a little earlier", 2.99, 0, 1],
    ["five seconds after the end of the clip", 15, 1, 0],
    ["a little later", 15.01, 0, 1],
  ])("takes an alarm %s for what it is", (_, at, detected, falseAlarms) => {
    const result = evaluateFalls(manifest(clip("a.mp4", [AT_4])), [outcome("a.mp4", at)]);
    expect(result).toMatchObject({ falls: 1, detected, false_alarms: falseAlarms, sensitivity: detected });
    expect(result.missed).toEqual(detected === 1 ? [] : ["a.mp4"]);
    expect(result.false_in).toEqual(falseAlarms === 1 ? ["a.mp4"] : []);
  });

  it("counts every alarm in a clip without a fall as false, and names the clip once", () => {
    const result = evaluateFalls(manifest(clip("a.mp4"), clip("b.mp4")), [
      outcome("a.mp4", 1, 9),
      outcome("b.mp4"),
    ]);
    expect(result).toMatchObject({
      clips: 2,
      falls: 0,
      sensitivity: null,
      false_alarms: 2,
      false_in: ["a.mp4"],
    });
    expect(result.false_alarms_per_hour).toBeCloseTo(2 / (20 / 3600));
  });

  it("does not count further alarms about the same fall", () => {
    const result = evaluateFalls(manifest(clip("a.mp4", [AT_4])), [outcome("a.mp4", 6, 8, 12)]);
    expect(result).toMatchObject({ detected: 1, false_alarms: 0 });
  });

  it("takes any alarm where the time of the fall is not labelled, and no delay from it", () => {
    const untimed = { start_s: null, ground_s: null, end_s: null };
    const result = evaluateFalls(manifest(clip("a.mp4", [untimed])), [outcome("a.mp4", 0.5)]);
    expect(result).toMatchObject({ detected: 1, false_alarms: 0, delay_median_s: null });
  });

  it("lets each alarm answer the latest fall whose time has come", () => {
    const twice = clip("a.mp4", [{ start_s: 7, ground_s: 8, end_s: null }, AT_4]);
    const late = evaluateFalls(manifest(twice), [outcome("a.mp4", 9)]);
    expect(late).toMatchObject({ falls: 2, detected: 1, missed: ["a.mp4"] });
    expect(evaluateFalls(manifest(twice), [outcome("a.mp4", 5, 9)])).toMatchObject({
      detected: 2,
      missed: [],
    });
  });

  it("ignores what is to be ignored", () => {
    const result = evaluateFalls(manifest(clip("a.mp4", [AT_4], { ignore: true }), clip("b.mp4")), [
      outcome("a.mp4", 1),
      outcome("b.mp4"),
    ]);
    expect(result).toMatchObject({ clips: 1, falls: 0, false_alarms: 0 });
  });

  it("measures the delay from the ground to the first alarm, by nearest rank", () => {
    const clips = Array.from({ length: 20 }, (_, n) => clip(`${n}.mp4`, [AT_4]));
    const result = evaluateFalls(
      manifest(...clips),
      clips.map(({ file }, n) => outcome(file, 5 + 0.1 * (n + 1), 14)),
    );
    expect(result).toMatchObject({ delay_median_s: 1, delay_p95_s: 1.9 });
  });

  it("counts notices beside the alarms", () => {
    const events = [
      { kind: "on_floor", mediaTimeS: 3 },
      { kind: "long_lie", mediaTimeS: 8 },
      { kind: "fall_suspected", mediaTimeS: 2 },
    ];
    const result = evaluateFalls(manifest(clip("a.mp4")), [{ file: "a.mp4", events }]);
    expect(result).toMatchObject({ false_alarms: 0, on_floor_notices: 1, long_lie_notices: 1 });
    expect(result).toMatchObject({ false_notices: 1, false_notices_in: ["a.mp4"] });
  });

  it("takes a fall for noticed that was confirmed or asked after in its time, and for missed unless confirmed", () => {
    const notice = (mediaTimeS: number) => ({ kind: "on_floor", mediaTimeS });
    const result = evaluateFalls(
      manifest(...["a", "b", "c", "d"].map((name) => clip(`${name}.mp4`, [AT_4]))),
      [
        outcome("a.mp4", 6),
        { file: "b.mp4", events: [notice(9)] },
        { file: "c.mp4", events: [notice(1)] },
        { file: "d.mp4", events: [notice(15.1)] },
      ],
    );
    expect(result).toMatchObject({ detected: 1, noticed: 2, noticed_share: 0.5, false_notices: 2 });
    expect(result.missed).toEqual(["b.mp4", "c.mp4", "d.mp4"]);
    expect(result.unnoticed).toEqual(["c.mp4", "d.mp4"]);
    expect(result.false_notices_in).toEqual(["c.mp4", "d.mp4"]);
  });

  it("counts falls in clips that could not be analysed as missed, and says which", () => {
    const result = evaluateFalls(manifest(clip("a.mp4", [AT_4]), clip("b.mp4", [AT_4])), [
      { ...outcome("a.mp4", 5), error: "the file is empty" },
    ]);
    expect(result).toMatchObject({ falls: 2, detected: 0, missed: ["a.mp4", "b.mp4"] });
    expect(result.failed).toEqual([
      { file: "a.mp4", reason: "the file is empty" },
      { file: "b.mp4", reason: "was not analysed" },
    ]);
  });

  it("splits by set and scene", () => {
    const result = evaluateFalls(
      manifest(
        clip("a.mp4", [AT_4], { set: "x" }),
        clip("b.mp4", [AT_4], { set: "y", scene: "room-2" }),
        clip("c.mp4", [], { set: "y" }),
      ),
      [outcome("a.mp4", 5), outcome("b.mp4"), outcome("c.mp4", 1)],
    );
    expect(result.sets).toMatchObject({
      x: { clips: 1, falls: 1, detected: 1, false_alarms: 0 },
      y: { clips: 2, falls: 1, detected: 0, false_alarms: 1, missed: ["b.mp4"], false_in: ["c.mp4"] },
    });
    expect(Object.keys(result.scenes)).toEqual(["room-1", "room-2"]);
  });

  it("can be read by people: a row per set and scene, then every miss by file", () => {
    const result = evaluateFalls(manifest(clip("a.mp4", [AT_4]), clip("b.mp4", [AT_4]), clip("c.mp4")), [
      outcome("a.mp4", 6.8),
      outcome("b.mp4"),
      { ...outcome("c.mp4"), error: "cannot be opened" },
    ]);
    const lines = formatFallReport(result).split("\n");
    expect(lines[1]?.trim().split(/\s{2,}/)).toEqual([
      "all",
      "3",
      "2",
      "1",
      "50.0 %",
      "50.0 %",
      "0",
      "0.0",
      "0",
      "1.80",
      "1.80",
      "-",
    ]);
    expect(lines).toContain("Missed: b.mp4");
    expect(lines).toContain("False alarms: none");
    expect(lines).toContain("Not analysed: c.mp4: cannot be opened");
    expect(new Set(lines.slice(0, 4).map((line) => line.length)).size).toBe(1);
  });
});

describe("a manifest", () => {
  const parse = (json: unknown) => {
    try {
      parseFallManifest(json, "data/manifest.json");
    } catch (error) {
      return error;
    }
    return null;
  };

  it("is refused with all its mistakes at once", () => {
    const error = parse({
      clips: [
        { ...clip("a.mp4"), duration_s: "10", set: undefined },
        clip("b.mp4", [{ start_s: -1, ground_s: "5", end_s: null } as unknown as Fall]),
      ],
    });
    expect(isAppError(error, "input.invalid")).toBe(true);
    const { message } = error as Error;
    expect(message).toContain("data/manifest.json");
    expect(message).toContain("/clips/0/duration_s must be number");
    expect(message).toContain("/clips/0 must have required property 'set'");
    expect(message).toContain("/clips/1/falls/0/start_s must be null or a number of seconds from 0");
    expect(message).toContain("/clips/1/falls/0/ground_s must be null or a number of seconds from 0");
    expect(message).not.toContain("anyOf");
  });

  it("that contradicts itself is refused", () => {
    const error = parse({
      clips: [clip("a.mp4"), clip("a.mp4"), clip("b.mp4", [{ start_s: 5, ground_s: 4, end_s: null }])],
    });
    expect((error as Error).message).toMatch(
      /a\.mp4 is listed twice; b\.mp4 says that a fall reaches the ground/,
    );
  });

  it.each([null, [], "clips", {}, { clips: [] }])("is none when it is %j", (json) => {
    expect(isAppError(parse(json), "input.invalid")).toBe(true);
  });
});
