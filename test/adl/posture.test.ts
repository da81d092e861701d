import { describe, expect, it } from "vitest";
import { AdlEngine } from "../../src/adl/adl-engine.ts";
import { type BodyFeatures, NO_MEMORY, observeBody } from "../../src/adl/pose-features.ts";
import { NO_POSTURE, stepPosture } from "../../src/adl/posture.ts";
import type { Posture } from "../../src/domain/activity.ts";
import type { FrameObservation } from "../../src/domain/track.ts";
import {
  type Actor,
  drop,
  type FilmOptions,
  film,
  hold,
  move,
  type PoseName,
  turn,
  walk,
} from "../support/stick-figure.ts";

const SEATS: readonly FilmOptions[] = [
  {},
  { cameraHeight: 1.4, tilt: 5 },
  { cameraHeight: 2.6, tilt: 30, seed: 9 },
];

/** Postures frame by frame. */
function postures(frames: readonly FrameObservation[]): Posture[] {
  const engine = new AdlEngine();
  return frames.map((frame) => engine.observe(frame).postures.get(1) ?? "unknown");
}

function bodies(actor: Actor, options: FilmOptions = {}): BodyFeatures[] {
  let memory = NO_MEMORY;
  return film([actor], options).flatMap((frame) => {
    const [track] = frame.tracks;
    if (track === undefined) return [];
    const step = observeBody(memory, track, frame.stamp.mediaTimeS, frame.aspect);
    memory = step.memory;
    return step.features === null ? [] : [step.features];
  });
}

describe("posture", () => {
  it.each<[PoseName, number, Posture]>([
    ["stand", 0, "standing"],
    ["stand", 90, "standing"],
    ["sit", 60, "sitting"],
    ["sit", 90, "sitting"],
    ["bend", 90, "bending"],
    ["bend", 60, "bending"],
    ["kneel", 90, "kneeling"],
    ["kneel", 45, "kneeling"],
    ["allFours", 90, "on_all_fours"],
    ["allFours", 60, "on_all_fours"],
    ["lieForward", 90, "lying"],
    ["lieBackward", 45, "lying"],
    ["lieSideways", 0, "lying"],
  ])("of somebody who goes from standing to %s, turned by %s degrees, is %s", (pose, facing, posture) => {
    for (const seat of SEATS) {
      const seen = postures(
        film([{ at: [0, 3.5], facing, script: [hold(2), move(pose, 1), hold(4)] }], seat),
      );
      expect(seen.slice(10, 20)).toEqual(Array(10).fill("standing"));
      expect(seen.slice(-20)).toEqual(Array(20).fill(posture));
    }
  });

  it("is walking while somebody walks, across the picture or towards the camera, and standing before and after", () => {
    for (const seat of SEATS) {
      for (const [from, to, facing] of [
        [[-1.2, 4], [1.2, 4], 90],
        [[0, 5.5], [0, 3], 0],
      ] as const) {
        // Slow, as frail people walk.
        const walkS = Math.hypot(to[0] - from[0], to[1] - from[1]) / 0.6;
        const seen = postures(
          film([{ at: from, facing, script: [hold(2), walk(to, walkS), hold(3)] }], seat),
        );
        expect(new Set(seen.slice(5, 20))).toEqual(new Set(["standing"]));
        const way = seen.slice(35, 20 + Math.round(walkS * 10));
        expect(way.filter((posture) => posture === "walking").length / way.length).toBeGreaterThan(0.8);
        expect(new Set(seen.slice(-10))).toEqual(new Set(["standing"]));
      }
    }
  });

  it("of somebody who shifts their weight, sways and turns is standing", () => {
    const script = [hold(1), walk([0.1, 3.5], 1.5), walk([0, 3.5], 1.5), turn(120, 2), turn(0, 2), hold(1)];
    for (const seat of SEATS) {
      const seen = postures(film([{ at: [0, 3.5], script }], seat));
      expect(new Set(seen)).toEqual(new Set(["standing"]));
    }
  });

  it("of somebody who lay ends when their box stands up, though no pose is found in it", () => {
    const script = [hold(2), drop("lieForward", 0.7), hold(3), move("stand", 2), hold(4)];
    const frames = film([{ at: [0, 3.5], facing: 90, script }]);
    const blind = frames.map((frame, n) =>
      n < 50 ? frame : { ...frame, tracks: frame.tracks.map((track) => ({ ...track, pose: null })) },
    );
    const seen = postures(blind);
    expect(seen[45]).toBe("lying");
    expect(seen.slice(-20)).toEqual(Array(20).fill("standing"));
  });

  it("stays lying for as long as it lasts, though the body's length is soon forgotten", () => {
    for (const seat of SEATS) {
      const seen = postures(
        film([{ at: [0, 3.5], facing: 30, script: [hold(2), move("lieBackward", 1), hold(40)] }], seat),
      );
      expect(new Set(seen.slice(45))).toEqual(new Set(["lying"]));
    }
  });

  it("needs half a second to change, and shows no posture in between", () => {
    const actor: Actor = {
      at: [0, 3.5],
      facing: 90,
      script: [hold(3), move("sit", 0.8), hold(3), move("stand", 0.8), hold(3)],
    };
    const seen = postures(film([actor], { noise: 0.012, seed: 4 }));
    const runs = seen.filter((posture, n) => n > 0 && posture !== seen[n - 1]);
    expect(runs.filter((posture) => posture === "lying")).toEqual([]);
    expect(runs.at(-1)).toBe("standing");
    expect(runs.length).toBeLessThanOrEqual(4);
  });

  it("is not changed by single bad frames", () => {
    const [upright] = bodies({ at: [0, 3.5], script: [hold(0)] });
    const lying = bodies({
      at: [0, 3.5],
      facing: 90,
      script: [hold(1), move("lieForward", 0.2), hold(2)],
    }).at(-1);
    if (upright === undefined || lying === undefined) throw new Error("no bodies");
    let state = NO_POSTURE;
    for (let n = 0; n < 60; n += 1) {
      state = stepPosture(state, n % 4 === 3 ? lying : upright, n / 10);
      expect(state.posture).toBe("standing");
    }
  });

  it("of somebody who lay is lying until they have regained their height", () => {
    const standing = bodies({ at: [0, 3.5], script: [hold(3)] }).at(-1);
    const lying = bodies({
      at: [0, 3.5],
      facing: 90,
      script: [hold(1), move("lieForward", 0.2), hold(2)],
    }).at(-1);
    if (standing === undefined || lying === undefined) throw new Error("no bodies");
    const { box } = standing;
    const half = { ...standing, box: { ...box, y1: (box.y1 + box.y2) / 2 } };
    const play = (script: readonly (readonly [BodyFeatures, number])[]) => {
      let state = NO_POSTURE;
      let frame = 0;
      for (const [body, count] of script) {
        for (let n = 0; n < count; n += 1, frame += 1) state = stepPosture(state, body, frame / 10);
      }
      return state.posture;
    };
    expect(play([[lying, 20]])).toBe("lying");
    expect(
      play([
        [lying, 20],
        [half, 20],
      ]),
    ).toBe("lying");
    expect(
      play([
        [lying, 20],
        [standing, 20],
      ]),
    ).toBe("standing");
    expect(play([[half, 20]])).toBe("standing");
  });

  it("is forgotten of somebody unseen, except that whoever lay lies on", () => {
    const hidden = (timeS: number) => timeS > 4;
    const standing = postures(film([{ at: [0, 3.5], script: [hold(10)], hidden }]));
    expect(standing[60]).toBe("standing");
    const engine = new AdlEngine();
    const script = [hold(2), move("lieForward", 0.7), hold(30)];
    const frames = film([{ at: [0, 3.5], facing: 90, script, hidden }], { lostS: 60 });
    expect(frames.map((frame) => engine.observe(frame).postures.get(1)).at(-1)).toBe("lying");
  });
});

describe("a body's features", () => {
  it("measure the speed of a fall in body lengths, whatever the camera, its aspect and its rate", () => {
    const actor: Actor = {
      at: [0, 4],
      facing: 90,
      script: [hold(2), { do: "move", to: "lieForward", forS: 0.8, like: "gravity" }, hold(2)],
    };
    for (const options of [{}, { aspect: 16 / 9 }, { fps: 15 }, { fps: 25 }, { noise: 0 }]) {
      const peak = Math.max(
        ...bodies(actor, { cameraHeight: 1, tilt: 0, ...options }).map((body) => body.headSpeed ?? 0),
      );
      // 1.36 m in .8 s, gathering speed: 3.2 m/s at the end of it, of a body 1.6 m long from eye to ankle.
      expect(peak).toBeGreaterThan(1.3);
      expect(peak).toBeLessThan(2.1);
    }
  });

  it("are the same at both edges of a wide picture", () => {
    const lengths = [-2, 0, 2].map(
      (right) => bodies({ at: [right, 5], script: [hold(1)] }, { aspect: 16 / 9 }).at(-1)?.bodyLength ?? 0,
    );
    expect(Math.max(...lengths) / Math.min(...lengths)).toBeLessThan(1.05);
  });

  it("see no fall in keypoints that come and go", () => {
    const occluded = (timeS: number) => (Math.round(timeS * 10) % 2 === 0 ? [0, 1, 2, 3, 4] : []);
    const speeds = bodies({ at: [0, 3.5], script: [hold(5)], occluded }).map((body) =>
      Math.abs(body.headSpeed ?? 0),
    );
    expect(Math.max(...speeds)).toBeLessThan(0.2);
  });

  it("halve the speed of a pose that is misplaced for one frame", () => {
    const frames = film([{ at: [0, 3.5], script: [hold(3)] }], { noise: 0 });
    let memory = NO_MEMORY;
    const speeds = frames.map((frame, n) => {
      const [track] = frame.tracks;
      if (track === undefined) throw new Error("no track");
      const pose = (track.pose ?? []).map((point) => (n === 20 ? { ...point, y: point.y + 0.06 } : point));
      const step = observeBody(memory, { ...track, pose }, frame.stamp.mediaTimeS, frame.aspect);
      memory = step.memory;
      return step.features?.headSpeed ?? 0;
    });
    // .06 of the picture within .2 s are .3 picture heights/s; the body is about .42 of the picture.
    expect(Math.max(...speeds)).toBeGreaterThan(0.2);
    expect(Math.max(...speeds)).toBeLessThan(0.5);
  });

  it("keep nothing of a frame that is not newer than the last", () => {
    const [frame] = film([{ at: [0, 3.5], script: [hold(0)] }]);
    const track = frame?.tracks[0];
    if (frame === undefined || track === undefined) throw new Error("no track");
    const once = observeBody(NO_MEMORY, track, 1, frame.aspect);
    const twice = observeBody(once.memory, track, 1, frame.aspect);
    expect(twice).toEqual({ memory: once.memory, features: null });
  });
});
