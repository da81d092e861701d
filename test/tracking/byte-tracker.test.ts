import { describe, expect, it } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { boxCentre, iou } from "../../src/domain/geometry.ts";
import type { Detection } from "../../src/domain/pose.ts";
import { createTracker } from "../../src/tracking/create-tracker.ts";
import type { TrackerSettings } from "../../src/tracking/tracker.ts";
import { ASPECT, body, idAt, idsOf, SETTINGS, seen, standing, times, watch } from "./bodies.ts";

describe("one body", () => {
  it("is tentative at first sight, confirmed at the second, and keeps its id", () => {
    const frames = watch(
      createTracker(SETTINGS),
      times(10, (k) => [standing(0.5 + 0.03 * k)]),
    );
    expect(frames[0]).toMatchObject([{ id: 1, state: "tentative", detected: true, firstSeenS: 0 }]);
    expect(frames[1]).toMatchObject([{ id: 1, state: "confirmed", firstSeenS: 0, lastSeenS: 0.1 }]);
    expect(idsOf(frames[9])).toEqual([1]);
  });

  it("ends when it was seen once only, and is said to have ended once", () => {
    const frames = watch(createTracker(SETTINGS), [[standing(0.5)], [], []]);
    expect(frames[1]).toMatchObject([{ id: 1, state: "ended", detected: false }]);
    expect(frames[2]).toEqual([]);
  });

  it("is not made of weak detections alone", () => {
    const frames = watch(
      createTracker(SETTINGS),
      times(5, () => [standing(0.5, 0.6, 0.15)]),
    );
    expect(frames.flat()).toEqual([]);
  });

  it("needs `newTrack` to begin, even where `high` is less", () => {
    const tracker = createTracker({ ...SETTINGS, newTrack: 0.4 });
    expect(tracker.update([standing(0.5, 0.6, 0.3)], 0, ASPECT)).toEqual([]);
    expect(tracker.update([standing(0.5, 0.6, 0.4)], 0.1, ASPECT)).toHaveLength(1);
  });

  it("goes on by weak detections that would not start a track", () => {
    const frames = watch(createTracker(SETTINGS), [
      ...times(5, () => [standing(0.5)]),
      ...times(30, () => [standing(0.5, 0.6, 0.12)]),
    ]);
    expect(frames[34]).toMatchObject([{ id: 1, state: "confirmed", detected: true, lastSeenS: 3.4 }]);
    expect(frames[34]?.[0]?.confidence).toBeCloseTo(0.12);
  });

  it("trusts the box of a weak detection less than that of a sure one", () => {
    const movedBy = (confidence: number) => {
      const tracker = createTracker(SETTINGS);
      watch(
        tracker,
        times(10, () => [standing(0.5)]),
      );
      const [track] = tracker.update([standing(0.52, 0.6, confidence)], 1, ASPECT);
      return track === undefined ? 0 : boxCentre(track.box).x * ASPECT - 0.5;
    };
    expect(movedBy(0.1)).toBeGreaterThan(0);
    expect(movedBy(0.1)).toBeLessThan(0.6 * movedBy(0.2));
    expect(movedBy(0.9)).toBeCloseTo(movedBy(0.2), 10);
  });

  it("is followed by weak detections as far as by sure ones after dropped frames", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(10, () => [body(0.9, 0.45, 0.2, 0.6)]),
    );
    const down = tracker.update([body(1, 0.68, 0.5, 0.4, 0.13)], 1.2, ASPECT);
    expect(down).toMatchObject([{ id: 1, state: "confirmed", detected: true }]);
  });

  it("is not carried on by what is below `low`", () => {
    const frames = watch(createTracker(SETTINGS), [
      ...times(5, () => [standing(0.5)]),
      ...times(30, () => [standing(0.5, 0.6, 0.09)]),
    ]);
    expect(frames[10]).toMatchObject([{ id: 1, state: "lost", detected: false }]);
    expect(frames[34]).toEqual([]);
  });

  it("has the pose of this frame's detection, and none while it is lost", () => {
    const pose = Array.from({ length: 17 }, () => ({ x: 0.5, y: 0.5, confidence: 0.9 }));
    const frames = watch(createTracker(SETTINGS), [
      ...times(3, () => [{ ...standing(0.5), pose }]),
      [{ ...standing(0.5), pose: null }],
      [{ ...standing(0.5), pose }],
      [],
    ]);
    expect(frames[2]?.[0]?.pose).toBe(pose);
    expect(frames[3]?.[0]?.pose).toBeNull();
    expect(frames[4]).toMatchObject([{ detected: true, pose }]);
    expect(frames[5]).toMatchObject([{ detected: false, pose: null }]);
  });
});

describe("a body out of sight", () => {
  const walkBehindSomething = (hiddenFrames: number) => {
    const tracker = createTracker(SETTINGS);
    const before = watch(
      tracker,
      times(10, (k) => [standing(0.4 + 0.02 * k)]),
    );
    const hidden = watch(
      tracker,
      times(hiddenFrames, () => []),
      1,
    );
    const x = 0.4 + 0.02 * 10;
    const after = watch(
      tracker,
      times(5, () => [standing(x + 0.1)]),
      1 + hiddenFrames / 10,
    );
    return { before, hidden, after };
  };

  it("is the same when it comes back within lostS", () => {
    const { hidden, after } = walkBehindSomething(15);
    expect(hidden[14]).toMatchObject([{ id: 1, state: "lost", detected: false, lastSeenS: 0.9 }]);
    expect(after[0]).toMatchObject([{ id: 1, state: "confirmed", detected: true, firstSeenS: 0 }]);
  });

  it("is somebody new when it comes back later, and the old id ends once", () => {
    const { hidden, after } = walkBehindSomething(25);
    const endings = [...hidden, ...after].flat().filter((track) => track.state === "ended");
    expect(endings).toMatchObject([{ id: 1, lastSeenS: 0.9, detected: false }]);
    expect(idsOf(after[4])).toEqual([2]);
  });

  it("is found again by weak detections at its place, as those on the floor often are", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(5, () => [standing(0.5)]),
    );
    watch(
      tracker,
      times(8, () => []),
      0.5,
    );
    const back = tracker.update([standing(0.5, 0.62, 0.12)], 1.3, ASPECT);
    expect(back).toMatchObject([{ id: 1, state: "confirmed", detected: true }]);
  });

  it("does not fall on through the floor", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(5, () => [standing(0.8, 0.4)]),
    );
    const falling = watch(
      tracker,
      [[standing(0.8, 0.47)], [standing(0.8, 0.56)], [standing(0.8, 0.66)]],
      0.5,
    );
    expect(idsOf(falling[2])).toEqual([1]);
    watch(
      tracker,
      times(12, () => []),
      0.8,
    );
    const found = tracker.update([body(0.95, 0.85, 0.45, 0.22, 0.3)], 2, ASPECT);
    expect(found).toMatchObject([{ id: 1, state: "confirmed", detected: true }]);
  });

  it("takes its id back when somebody new turns out to be it", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(20, () => [standing(0.5)]),
    );
    tracker.update([], 2, ASPECT);
    // Seen first where it cannot have got to, then it comes over to where the lost one is looked for.
    const frames = watch(
      tracker,
      times(14, (k) => [standing(Math.max(0.5, 1.3 - 0.1 * k))]),
      2.1,
    );
    expect(seen(frames[3])).toMatchObject([{ id: 2, state: "confirmed" }]);
    expect(frames.at(-1)).toMatchObject([{ id: 1, state: "confirmed", detected: true }]);
    expect(frames.flat().filter((track) => track.state === "ended")).toMatchObject([{ id: 2 }]);
  });
});

describe("a fall", () => {
  /** Upright to lying within four frames at 10 frames/s: the centre drops by .24 L a frame and the box turns over. */
  const FALL = [
    body(0.9, 0.45, 0.22, 0.6),
    body(0.95, 0.53, 0.34, 0.55),
    body(1.03, 0.66, 0.5, 0.4),
    body(1.1, 0.78, 0.6, 0.22),
    body(1.1, 0.8, 0.6, 0.2),
  ];

  it("does not change the track", () => {
    const frames = watch(createTracker(SETTINGS), [
      ...times(10, () => [body(0.9, 0.45, 0.2, 0.6)]),
      ...FALL.map((fallen) => [fallen]),
      ...times(10, () => [body(1.1, 0.8, 0.6, 0.2)]),
    ]);
    for (const tracks of frames.slice(1)) expect(seen(tracks)).toMatchObject([{ id: 1, state: "confirmed" }]);
    const last = frames.at(-1)?.[0]?.box;
    expect(last === undefined ? 0 : iou(last, body(1.1, 0.8, 0.6, 0.2).box)).toBeGreaterThan(0.9);
  });

  it("does not change the track when most of its frames were dropped", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(10, () => [body(0.9, 0.45, 0.2, 0.6)]),
    );
    const lying = tracker.update([body(1.1, 0.78, 0.6, 0.22)], 1.3, ASPECT);
    expect(lying).toMatchObject([{ id: 1, state: "confirmed", detected: true }]);
  });

  it("does not change the track when the body is found weakly half way down", () => {
    const frames = watch(createTracker(SETTINGS), [
      ...times(10, () => [body(0.9, 0.45, 0.2, 0.6)]),
      ...FALL.map((fallen) => [{ ...fallen, confidence: 0.13 }]),
      ...times(5, () => [body(1.1, 0.8, 0.6, 0.2, 0.15)]),
    ]);
    expect(seen(frames.at(-1))).toMatchObject([{ id: 1, state: "confirmed" }]);
  });
});

describe("several bodies", () => {
  it("keep their ids when they cross", () => {
    const left = (k: number) => standing(0.3 + 0.04 * k, 0.6);
    const right = (k: number) => standing(1.5 - 0.04 * k, 0.62);
    const frames = watch(
      createTracker(SETTINGS),
      times(30, (k) => [left(k), right(k)]),
    );
    expect(idAt(frames[2], left(2).box)).toBe(1);
    expect(idAt(frames[2], right(2).box)).toBe(2);
    expect(idAt(frames[29], left(29).box)).toBe(1);
    expect(idAt(frames[29], right(29).box)).toBe(2);
    expect(new Set(frames.flat().map((track) => track.id))).toEqual(new Set([1, 2]));
  });

  it("keep their ids when one is hidden while they cross", () => {
    const left = (k: number) => standing(0.3 + 0.04 * k, 0.6);
    const right = (k: number) => standing(1.5 - 0.04 * k, 0.6);
    const frames = watch(
      createTracker(SETTINGS),
      times(30, (k) => (Math.abs(k - 15) < 3 ? [left(k)] : [left(k), right(k)])),
    );
    expect(idAt(frames[29], left(29).box)).toBe(1);
    expect(idAt(frames[29], right(29).box)).toBe(2);
  });

  it("keep their ids when one falls beside the other", () => {
    const carer = () => standing(0.55, 0.55);
    const falls = [
      ...times(10, () => body(0.9, 0.5, 0.2, 0.6)),
      body(0.86, 0.58, 0.34, 0.5),
      body(0.8, 0.7, 0.5, 0.36),
      body(0.76, 0.8, 0.58, 0.22),
      ...times(10, () => body(0.76, 0.82, 0.6, 0.2)),
    ];
    const frames = watch(
      createTracker(SETTINGS),
      falls.map((fallen) => [carer(), fallen]),
    );
    expect(frames.at(-1)).toMatchObject([
      { id: 1, detected: true },
      { id: 2, detected: true },
    ]);
    expect(idAt(frames.at(-1), body(0.76, 0.82, 0.6, 0.2).box)).toBe(2);
  });

  it("goes on where its way leads when two are about as like", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(10, (k) => [standing(0.5 + 0.02 * k)]),
    );
    // It is expected at .7: one stands a little nearer to that, on the way back.
    const tracks = tracker.update([standing(0.66), standing(0.742)], 1, ASPECT);
    expect(idAt(tracks, standing(0.742).box)).toBe(1);
  });

  it("whoever is in sight has precedence over a lost one for the same place", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(10, () => [standing(0.5), standing(0.62)]),
    );
    watch(
      tracker,
      times(3, () => [standing(0.5)]),
      1,
    );
    const tracks = tracker.update([standing(0.55)], 1.3, ASPECT);
    expect(seen(tracks)).toMatchObject([{ id: 1 }]);
  });

  it("are not taken for one another by a body of half the length at the same place", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(10, () => [standing(0.5)]),
    );
    const dog = body(0.5, 0.72, 0.1, 0.2);
    expect(tracker.update([dog], 1, ASPECT)).toMatchObject([
      { id: 1, state: "lost" },
      { id: 2, state: "tentative" },
    ]);
  });

  it("are listed in the order of their ids, which are never used again", () => {
    const tracker = createTracker({ ...SETTINGS, lostS: 0.3 });
    const given: number[] = [];
    for (let visit = 0; visit < 5; visit += 1) {
      const frames = watch(
        tracker,
        [...times(3, () => [standing(0.4), standing(1.4)]), [], [], [], [], []],
        visit,
      );
      for (const tracks of frames) expect(idsOf(tracks)).toEqual(idsOf(tracks).toSorted((a, b) => a - b));
      given.push(...idsOf(frames[0]?.filter((track) => track.detected)));
    }
    expect(given).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

describe("time", () => {
  it("may stand still or jump without breaking a track", () => {
    const tracker = createTracker(SETTINGS);
    for (const timeS of [0, 0.1, 0.1, 0.2, 1.5, 1.6, 3.4]) {
      expect(idsOf(tracker.update([standing(0.5)], timeS, ASPECT))).toEqual([1]);
    }
  });

  it("ends every track that was not seen for longer than lostS, however long the gap", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(5, () => [standing(0.5)]),
    );
    const tracks = tracker.update([standing(0.5)], 3600, ASPECT);
    expect(tracks).toMatchObject([
      { id: 1, state: "ended", lastSeenS: 0.4 },
      { id: 2, state: "tentative" },
    ]);
  });

  it("that is missing does not bring a body to the other side of the room", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(10, () => [standing(0.3)]),
    );
    expect(tracker.update([standing(1.5)], 2.8, ASPECT)).toMatchObject([
      { id: 1, state: "lost" },
      { id: 2, state: "tentative" },
    ]);
  });

  it("that goes back is another recording: its people are new", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(5, () => [standing(0.5)]),
      100,
    );
    expect(tracker.update([standing(0.5)], 0, ASPECT)).toMatchObject([
      { id: 1, state: "ended" },
      { id: 2, state: "tentative" },
    ]);
    expect(idsOf(tracker.update([standing(0.5)], 0.1, ASPECT))).toEqual([2]);
  });

  it("gives the same tracks for the same detections, twice over", () => {
    const run = () =>
      JSON.stringify(
        watch(
          createTracker(SETTINGS),
          times(60, (k) => [
            standing(0.3 + 0.02 * k, 0.6 + 0.05 * Math.sin(k)),
            standing(1.5 - 0.02 * k, 0.6, k % 7 === 0 ? 0.12 : 0.4),
          ]),
        ),
      );
    expect(run()).toBe(run());
  });
});

describe("what comes in", () => {
  it("may be nothing at all", () => {
    expect(
      watch(
        createTracker(SETTINGS),
        times(3, () => []),
      ).flat(),
    ).toEqual([]);
  });

  it("does not harm a track when a box is not a number or has no area", () => {
    const tracker = createTracker(SETTINGS);
    watch(
      tracker,
      times(3, () => [standing(0.5)]),
    );
    const broken: Detection[] = [
      { ...standing(0.5), box: { x1: Number.NaN, y1: 0, x2: 0.5, y2: 1 } },
      { ...standing(0.5), box: { x1: 0, y1: 0, x2: Number.POSITIVE_INFINITY, y2: 1 } },
      { ...standing(0.5), box: { x1: 0.4, y1: 0.5, x2: 0.4, y2: 0.9 } },
      { ...standing(0.5), box: { x1: 0.6, y1: 0.5, x2: 0.4, y2: 0.9 } },
      { ...standing(0.5), confidence: Number.NaN },
    ];
    expect(tracker.update(broken, 0.3, ASPECT)).toMatchObject([{ id: 1, state: "lost" }]);
    const back = tracker.update([standing(0.5)], 0.4, ASPECT);
    expect(back).toMatchObject([{ id: 1, detected: true }]);
    const box = back[0]?.box;
    expect(box === undefined ? 0 : boxCentre(box).y).toBeCloseTo(0.6, 2);
  });

  it("makes no difference by the picture's shape: a body turned over keeps its length", () => {
    for (const aspect of [9 / 16, 1, 4 / 3, 16 / 9]) {
      const tracker = createTracker(SETTINGS);
      const at = (cx: number, cy: number, w: number, h: number): Detection => ({
        box: { x1: (cx - w / 2) / aspect, y1: cy - h / 2, x2: (cx + w / 2) / aspect, y2: cy + h / 2 },
        confidence: 0.4,
        pose: null,
      });
      for (let k = 0; k < 5; k += 1) tracker.update([at(0.25, 0.45, 0.1, 0.3)], k / 10, aspect);
      const lying = tracker.update([at(0.32, 0.58, 0.3, 0.1)], 0.8, aspect);
      expect(lying, `aspect ${aspect}`).toMatchObject([{ id: 1, detected: true }]);
    }
  });
});

describe("createTracker", () => {
  const refusal = (settings: Partial<TrackerSettings>) => {
    try {
      createTracker({ ...SETTINGS, ...settings });
    } catch (error) {
      return error instanceof AppError ? `${error.code}: ${error.message}` : "something else";
    }
    return "none";
  };

  it("names the setting that makes no sense", () => {
    expect(refusal({ high: 1.5 })).toMatch(/^config\.invalid: .*high is 1\.5/);
    expect(refusal({ low: 0 })).toMatch(/^config\.invalid: .*low is 0/);
    expect(refusal({ newTrack: Number.NaN })).toMatch(/^config\.invalid: .*new_track is NaN/);
    expect(refusal({ low: 0.6, high: 0.5 })).toMatch(/^config\.invalid: .*low \(0\.6\) is above/);
    expect(refusal({ lostS: -1 })).toMatch(/^config\.invalid: .*lost_seconds is -1/);
    expect(refusal({})).toBe("none");
  });
});
