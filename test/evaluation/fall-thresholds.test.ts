import { describe, expect, it } from "vitest";
import { judgeClips } from "../../src/evaluation/fall-evaluation.ts";
import { parseFallManifest } from "../../src/evaluation/fall-manifest.ts";
import {
  type Choice,
  chooseThresholds,
  isBetter,
  type Judge,
  remembered,
  type Threshold,
} from "../../src/evaluation/fall-thresholds.ts";
import { formatLeaveOneSetOut, leaveOneSetOut } from "../../src/evaluation/leave-one-set-out.ts";
import { spreadOf } from "../../src/evaluation/sampling-spread.ts";
import { formatSweeps, sweepThresholds } from "../../src/evaluation/threshold-sweep.ts";

/** Somebody who comes down this fast, by file: in two rooms where falls are fast and one where they are slow. */
const SPEEDS: Readonly<Record<string, number>> = {
  "a/fall-1": 1.2,
  "a/fall-2": 0.9,
  "a/lies-down": 0.5,
  "b/fall-1": 1.1,
  "b/fall-2": 0.85,
  "b/lies-down": 0.75,
  "c/fall-1": 0.65,
  "c/lies-down": 0.4,
};
const MANIFEST = parseFallManifest(
  {
    clips: Object.keys(SPEEDS).map((file) => ({
      file,
      set: file.slice(0, 1),
      scene: "room",
      duration_s: 10,
      falls: file.includes("fall") ? [{ start_s: 4, ground_s: 5, end_s: null }] : [],
    })),
  },
  "test",
);
const SPEED: Threshold = { name: "speed", values: [0.6, 0.7, 0.8, 1], reason: "physics", inForce: 0.7 };
const IDLE: Threshold = { name: "idle", values: [1, 2, 3], reason: "decides nothing", inForce: 2 };

/** A detector that alarms on everybody faster than `speed`; the second shift sees everybody .1 slower. */
const judge: Judge = async (choice, clip) =>
  [0, 0.1].flatMap((slower) => {
    const falls = (SPEEDS[clip.file] ?? 0) - slower >= (choice.get("speed") ?? SPEED.inForce);
    const events = falls ? [{ kind: "fall_confirmed", mediaTimeS: 7 }] : [];
    return judgeClips({ clips: [clip] }, [{ file: clip.file, events }]);
  });
const CLIPS = MANIFEST.clips;

function counting(): { readonly tried: string[]; readonly judge: Judge } {
  const tried: string[] = [];
  return {
    tried,
    judge: remembered((choice: Choice, clip) => {
      tried.push([...choice, clip.file].join(";"));
      return judge(choice, clip);
    }),
  };
}

describe("choosing thresholds", () => {
  it("takes what misses least and alarms least, and leaves alone what changes nothing", async () => {
    const chosen = await chooseThresholds(
      [IDLE, SPEED],
      judge,
      CLIPS.filter(({ set }) => set !== "c"),
    );
    // At .7 one alarm in b is false at the first shift, and nothing is missed; at .8 one fall is missed at the second.
    expect([...chosen]).toEqual([]);
    const slow = await chooseThresholds(
      [IDLE, SPEED],
      judge,
      CLIPS.filter(({ set }) => set === "c"),
    );
    expect([...slow]).toEqual([["speed", 0.6]]);
  });

  it("takes two more falls for one false alarm, and not five for two", async () => {
    const labelled = parseFallManifest(
      {
        clips: Array.from({ length: 8 }, (_, n) => ({
          file: `${n}`,
          set: "s",
          scene: "r",
          duration_s: 10,
          falls: n < 5 ? [{ start_s: 4, ground_s: 5, end_s: null }] : [],
        })),
      },
      "test",
    );
    // Clips 0 to 4 hold a fall, 5 to 7 none.
    const alarmsAt = new Map([
      [1, "0123456"],
      [2, "0125"],
      [3, "0"],
    ]);
    const dial: Threshold = { name: "dial", values: [1, 2, 3], reason: "a dial", inForce: 3 };
    const chosen = await chooseThresholds(
      [dial],
      async (choice, clip) => {
        const alarms = alarmsAt.get(choice.get("dial") ?? 3)?.includes(clip.file) ?? false;
        const events = alarms ? [{ kind: "fall_confirmed", mediaTimeS: 7 }] : [];
        return judgeClips({ clips: [clip] }, [{ file: clip.file, events }]);
      },
      labelled.clips,
    );
    expect([...chosen]).toEqual([["dial", 2]]);
  });

  it("bears one false alarm and no more, however many falls that costs", () => {
    expect(isBetter([0, 9, 9, 9], [0.5, 0, 0, 0])).toBe(true);
    expect(isBetter([0, 2, 1, 5], [0, 2, 2, 0])).toBe(true);
    expect(isBetter([0, 2, 1, 5], [0, 2, 1, 5 - 1e-12])).toBe(false);
  });

  it("replays nothing twice, and gives a value up with the first clip by which it cannot be better", async () => {
    const { tried, judge: counted } = counting();
    await leaveOneSetOut([SPEED, IDLE], counted, CLIPS);
    expect(new Set(tried).size).toBe(tried.length);
    // The one clip of the slow room that goes wrong is enough to see that 2 more values of nothing change nothing.
    expect(tried.filter((key) => key.startsWith("idle,1")).length).toBeLessThan(CLIPS.length);
  });

  it("chooses the same whatever the order of the clips", async () => {
    const orders = [CLIPS, [...CLIPS].reverse(), [...CLIPS].sort((a, b) => a.durationS - b.durationS)];
    const found = await Promise.all(orders.map((order) => chooseThresholds([SPEED, IDLE], judge, order)));
    expect(new Set(found.map((choice) => JSON.stringify([...choice]))).size).toBe(1);
  });
});

describe("leaving one set out", () => {
  it("measures each set with what the others chose, and says what that was", async () => {
    const result = await leaveOneSetOut([SPEED], judge, CLIPS);
    expect(result.sets.map(({ set, chosen, score }) => [set, chosen, score.detected])).toEqual([
      ["a", { speed: 0.6 }, 2],
      ["b", { speed: 0.6 }, 2],
      ["c", {}, 0],
    ]);
    expect(result.union).toMatchObject({
      clips: 8,
      falls: 5,
      detected: 4,
      false_alarms: 1,
      missed: ["c/fall-1"],
    });
    expect(result.spread).toMatchObject({ offsets: 2, detected: { mean: 4, min: 4, max: 4, sd: 0 } });
    const text = formatLeaveOneSetOut(result);
    expect(text).toContain("Chosen without a: speed 0.6");
    expect(text).toContain("Chosen without c: nothing changed");
  });
});

describe("a sweep", () => {
  it("shows each value by itself, the one in force marked, with means over the shifts", async () => {
    const sweeps = await sweepThresholds([{ ...SPEED, values: [1, 0.7] }], judge, CLIPS);
    expect(sweeps).toMatchObject([
      {
        name: "speed",
        reason: "physics",
        rows: [
          { value: 0.7, in_force: true, falls: 5, detected: 4, false_alarms: 0.5 },
          { value: 1, in_force: false, falls: 5, detected: 2, false_alarms: 0 },
        ],
      },
    ]);
    expect(formatSweeps(sweeps)).toMatch(/^speed: physics\n.*detected.*\n> 0\.7 +4\.0 +4\.0 +0\.5/);
  });
});

describe("a spread", () => {
  it("is mean, extremes and the standard deviation of the sample", () => {
    expect(spreadOf([1, 2, 3, 6])).toEqual({ mean: 3, min: 1, max: 6, sd: 2.16 });
    expect(spreadOf([5])).toEqual({ mean: 5, min: 5, max: 5, sd: 0 });
  });
});
