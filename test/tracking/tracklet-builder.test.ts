// Which moments of a track are kept, and when they are handed on.
import { describe, expect, it } from "vitest";
import {
  type Checkpoint,
  TrackletBuilder,
  type TrackletSettings,
} from "../../src/tracking/tracklet-builder.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { HEIGHT, type Standing, trackOf, WIDTH } from "./tracklet-figures.ts";

const SETTINGS: TrackletSettings = { samples: 5, minFrames: 5, minHeightPx: 80, minFacePx: 24 };

/** A builder whose wishes are granted at once; what it hands on is collected. */
function rig(settings: Partial<TrackletSettings> = {}) {
  const builder = new TrackletBuilder<number>(7, { ...SETTINGS, ...settings });
  const checkpoints: Checkpoint<number>[] = [];
  let cuts = 0;
  const take = (checkpoint: Checkpoint<number> | null) => {
    if (checkpoint !== null) checkpoints.push(checkpoint);
  };
  return {
    builder,
    checkpoints,
    cuts: () => cuts,
    see(timeS: number, standing: Standing, variance = 200, state: "confirmed" | "lost" = "confirmed") {
      const detected = state === "confirmed";
      const track = trackOf(7, standing, { state, detected, ...(detected ? {} : { pose: null }) });
      const wish = builder.see({
        capturedAt: 1000 * timeS,
        timeS,
        track,
        width: WIDTH,
        height: HEIGHT,
        others: [],
      });
      if (wish !== null) {
        cuts += 1;
        builder.keep(wish, variance, cuts);
      }
      take(builder.checkpoint(timeS, state === "lost"));
    },
    end: () => take(builder.end()),
  };
}

describe("a tracklet", () => {
  it("says nothing before its body was seen in enough frames, and then at once", () => {
    const { see, checkpoints } = rig();
    for (let index = 0; index < 4; index += 1) see(index / 10, {});
    expect(checkpoints).toEqual([]);
    see(0.4, {});
    expect(checkpoints).toHaveLength(1);
    expect(checkpoints[0]).toMatchObject({ trackId: 7, checkpoint: 0, ended: false, frames: 5 });
    expect(checkpoints[0]?.moments.length).toBeGreaterThan(0);
  });

  it("says nothing of a body that is too small, whoever it is and however long", () => {
    const { see, end, checkpoints, cuts } = rig();
    for (let index = 0; index < 100; index += 1) see(index / 10, { height: 0.1 });
    end();
    expect(checkpoints).toEqual([]);
    expect(cuts()).toBe(0);
  });

  it("says the size, the first and the last sight, and where the body stands", () => {
    const { see, end, checkpoints } = rig();
    for (let index = 0; index < 20; index += 1) see(1 + index / 10, { height: 0.5 });
    end();
    const last = checkpoints.at(-1);
    expect(last).toMatchObject({ firstSeenAt: 1000, lastSeenAt: 2900, frames: 20, ended: true });
    expect(last?.heightPx).toBeCloseTo(360, 0);
    expect(last?.upright?.height).toBeCloseTo(0.5);
    expect(last?.poses.length).toBe(20);
  });

  it("is told of less and less often while nothing new is to be seen", () => {
    const { see, checkpoints, builder } = rig();
    builder.noteGoodFace();
    for (let index = 0; index < 1800; index += 1) see(index / 10, { view: "back" });
    const gaps = checkpoints.slice(1).map((checkpoint, at) => {
      return (checkpoint.lastSeenAt - (checkpoints[at]?.lastSeenAt ?? 0)) / 1000;
    });
    expect(gaps[0]).toBeCloseTo(2, 0);
    expect(gaps.at(-1)).toBeCloseTo(30, 0);
    expect(checkpoints.length).toBeLessThan(15);
  });

  it("is told of soon when the body turns round, and at once when its face is seen for the first time", () => {
    const { see, checkpoints } = rig();
    for (let index = 0; index < 300; index += 1) see(index / 10, { view: "back" });
    const before = checkpoints.length;
    see(30, { view: "front" });
    see(30.1, { view: "front" });
    expect(checkpoints).toHaveLength(before + 1);
    expect(checkpoints.at(-1)?.moments[0]).toMatchObject({ facing: "front", face: true });
  });

  it("looks for no face where that would be smaller than counts", () => {
    const { see, checkpoints } = rig();
    for (let index = 0; index < 10; index += 1) see(index / 10, { height: 0.2 });
    expect(checkpoints[0]?.moments.every(({ face }) => !face)).toBe(true);
  });

  it("keeps the sharper of two moments close together", () => {
    const { see, checkpoints } = rig({ minFrames: 8 });
    for (let index = 0; index < 8; index += 1)
      see(index / 10, { view: "back", height: 0.15 }, index === 2 ? 100 : 10);
    expect(checkpoints[0]?.moments.some(({ timeS }) => timeS === 0.2)).toBe(true);
  });

  it("hands on what it has when its body is lost", () => {
    const { see, checkpoints } = rig();
    for (let index = 0; index < 10; index += 1) see(index / 10, {});
    const before = checkpoints.length;
    see(1, {}, 200, "lost");
    expect(checkpoints.length).toBe(before + 1);
    see(1.1, {}, 200, "lost");
    expect(checkpoints.length).toBe(before + 1);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => [seed]))(
    "keeps its promises whatever happens before the camera (%i)",
    (seed) => {
      const random = randomFrom(seed);
      const samples = 1 + Math.floor(random() * 6);
      const minFrames = 5 + Math.floor(random() * 10);
      const { see, end, checkpoints, builder, cuts } = rig({ samples, minFrames });
      const views = ["front", "back", "left", "right"] as const;
      let timeS = random() * 100;
      let seen = 0;
      for (let index = 0; index < 400; index += 1) {
        // Frames get lost, cameras stall, recordings start anew.
        const jump = random();
        timeS += jump < 0.01 ? -50 * random() : jump < 0.03 ? 20 * random() : 0.05 + 0.1 * random();
        const lost = random() < 0.1;
        const view = views[Math.floor(random() * 4)] ?? "front";
        see(timeS, { view, height: 0.2 + 0.6 * random() }, 300 * random(), lost ? "lost" : "confirmed");
        if (!lost) seen += 1;
        if (seen < minFrames) expect(checkpoints).toEqual([]);
      }
      end();
      end();
      see(timeS + 1, {});
      expect(checkpoints.map(({ checkpoint }) => checkpoint)).toEqual(checkpoints.map((_, at) => at));
      expect(checkpoints.filter(({ ended }) => ended)).toHaveLength(1);
      expect(checkpoints.at(-1)?.ended).toBe(true);
      for (const { moments, poses } of checkpoints) {
        expect(moments.length).toBeLessThanOrEqual(samples);
        expect(poses.length).toBeLessThanOrEqual(100);
        expect(moments.map(({ quality }) => quality)).toEqual(
          moments.map(({ quality }) => quality).toSorted((a, b) => b - a),
        );
      }
      const handedOn = checkpoints.flatMap(({ moments }) => moments.map(({ crop }) => crop));
      expect(new Set(handedOn).size).toBe(handedOn.length);
      expect(handedOn.length).toBeLessThanOrEqual(cuts());
      expect(builder.stable).toBe(true);
    },
  );
});
