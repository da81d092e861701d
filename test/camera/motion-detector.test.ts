import { describe, expect, it } from "vitest";
import { type Motion, MotionDetector } from "../../src/camera/motion-detector.ts";
import { SleepPolicy } from "../../src/camera/sleep-policy.ts";
import {
  furnishedRoom,
  paint,
  photograph,
  randomOf,
  type Scene,
  withPerson,
} from "../support/synthetic-room.ts";

const FPS = 10;
const NOISE = 1;
/** 15 % of 45 cells. */
const SMALL = 6.75;
/** Cells a second of .3 m/s, for somebody of 1.7 m at that height. */
const SLOW_WALK = (0.3 * SMALL) / 1.7;

/** Shows the scene of every tenth of a second to a detector. */
function watch(
  seconds: number,
  scene: (timeS: number) => Scene,
  noise = NOISE,
): (Motion & { timeS: number })[] {
  const detector = new MotionDetector();
  const random = randomOf(1);
  return Array.from({ length: seconds * FPS }, (_, index) => {
    const timeS = index / FPS;
    return { timeS, ...detector.observe(photograph(scene(timeS), noise, random), timeS) };
  });
}

function movingShare(seen: readonly (Motion & { timeS: number })[], fromS: number, toS: number): number {
  const part = seen.filter(({ timeS }) => timeS >= fromS && timeS < toS);
  return part.filter(({ moving }) => moving).length / part.length;
}

const room = furnishedRoom();

describe("in an empty room nothing moves", () => {
  it.each([0, 1, 2, 4])("with noise of %f grey levels a cell", (noise) => {
    expect(
      movingShare(
        watch(40, () => room, noise),
        0,
        40,
      ),
    ).toBe(0);
  });

  it("while the sun makes it half as bright again within ten seconds, and clouds take it back", () => {
    const seen = watch(60, (timeS) => {
      const sun = 1 + 0.25 * (1 - Math.cos((Math.min(Math.max(timeS - 20, 0), 20) / 20) * 2 * Math.PI));
      // Nothing is overexposed: what turns white has changed.
      return paint(room.slice(), (_x, _y, old) => old * 0.8 * sun);
    });
    expect(movingShare(seen, 0, 60)).toBe(0);
  });

  it("while a soft shadow creeps over it", () => {
    const seen = watch(60, (timeS) =>
      paint(room.slice(), (x, _y, old) => old * (0.75 + 0.25 / (1 + Math.exp((timeS * 1.5 - x) / 12)))),
    );
    expect(movingShare(seen, 0, 60)).toBe(0);
  });

  it("under lamps that flicker with the mains: bands that roll through the picture", () => {
    const seen = watch(60, (timeS) =>
      paint(room.slice(), (_x, y, old) => old * (1 + 0.06 * Math.sin((y / 16 + timeS * 3.3) * 2 * Math.PI))),
    );
    expect(movingShare(seen, 10, 60)).toBe(0);
  });

  it("when every picture group begins a little differently, as from an encoder that saves", () => {
    const seen = watch(90, (timeS) => {
      const random = randomOf(1 + Math.floor(timeS / 2));
      const scene = room.slice();
      // Blocks of two by two cells are off by some grey levels until the next keyframe.
      return paint(scene, (x, y, old) => (x % 2 === 0 && y % 2 === 0 ? old + (random() - 0.5) * 6 : old));
    });
    expect(movingShare(seen, 20, 90)).toBeLessThan(0.02);
  });

  it("once a lamp has been switched on, but for the moment it is", () => {
    const seen = watch(60, (timeS) =>
      timeS < 20
        ? room
        : paint(
            room.slice(),
            (x, y, old) => old * (0.6 + 1.2 * Math.exp(-((x - 60) ** 2 + (y - 10) ** 2) / 900)),
          ),
    );
    expect(movingShare(seen, 0, 20)).toBe(0);
    expect(movingShare(seen, 34, 60)).toBe(0);
  });

  it("once the camera has turned to infrared", () => {
    const seen = watch(60, (timeS) =>
      timeS < 20 ? room : paint(room.slice(), (x, y, old) => 60 + 0.5 * (x % 7 < 3 ? 255 - old : old) + y),
    );
    expect(movingShare(seen, 20, 21)).toBeGreaterThan(0);
    expect(movingShare(seen, 34, 60)).toBe(0);
  });
});

describe("somebody moves", () => {
  const walker =
    (contrast: number, speed: number, base = room) =>
    (timeS: number) =>
      timeS < 30 ? base : withPerson(base, { x: 20 + (timeS - 30) * speed, y: 38, height: SMALL, contrast });

  it.each([-40, -12, 20])("walking slowly, a seventh of the picture tall, %i grey levels off", (contrast) => {
    const seen = watch(50, walker(contrast, SLOW_WALK));
    expect(movingShare(seen, 0, 30)).toBe(0);
    expect(movingShare(seen, 30.5, 50)).toBe(1);
  });

  it("and is boxed where they are", () => {
    const seen = watch(40, walker(-40, SLOW_WALK));
    const box = seen.at(-1)?.box;
    const x = (20 + 9.9 * SLOW_WALK) / 80;
    expect(box?.x1).toBeLessThan(x);
    expect(box?.x2).toBeGreaterThan(x);
    expect(box?.x1).toBeGreaterThan(x - 0.15);
    expect(box?.y2).toBeLessThan(38 / 45 + 0.1);
  });

  it("in dark clothes in a dim room: six grey levels off", () => {
    const dim = paint(room.slice(), (_x, _y, old) => old * 0.2);
    const seen = watch(50, walker(-6, 3 * SLOW_WALK, dim));
    expect(movingShare(seen, 0, 30)).toBe(0);
    // The pauses are shorter than what a camera stays awake for.
    expect(movingShare(seen, 31, 50)).toBeGreaterThan(0.7);
  });

  it("slumping slowly from a chair: half a body length within ten seconds", () => {
    const height = 14;
    const seen = watch(50, (timeS) => {
      const slump = Math.min(1, Math.max(0, (timeS - 30) / 10));
      return withPerson(room, {
        x: 40 + slump * 3,
        y: 36,
        height: height * (1 - 0.5 * slump),
        contrast: -25,
      });
    });
    expect(movingShare(seen, 0, 30)).toBe(0);
    expect(movingShare(seen, 34, 45)).toBeGreaterThan(0.9);
  });

  it("in grey before a grey wall while the lamps flicker", () => {
    const flicker = (scene: Scene, timeS: number) =>
      paint(scene.slice(), (_x, y, old) => old * (1 + 0.06 * Math.sin((y / 16 + timeS * 3.3) * 2 * Math.PI)));
    const seen = watch(50, (timeS) => flicker(walker(-8, SLOW_WALK)(timeS), timeS));
    expect(movingShare(seen, 10, 30)).toBe(0);
    expect(movingShare(seen, 31, 50)).toBeGreaterThan(0.8);
  });

  it("while the lamps flicker and the encoder saves", () => {
    const seen = watch(60, (timeS) => {
      const random = randomOf(1 + Math.floor(timeS / 2));
      const scene =
        timeS < 40 ? room : withPerson(room, { x: 20 + (timeS - 40) * 2, y: 38, height: 10, contrast: -35 });
      return paint(scene.slice(), (x, y, old) => {
        const coded = x % 2 === 0 && y % 2 === 0 ? old + (random() - 0.5) * 6 : old;
        return coded * (1 + 0.05 * Math.sin((y / 16 + timeS * 3.3) * 2 * Math.PI));
      });
    });
    expect(movingShare(seen, 41, 60)).toBeGreaterThan(0.9);
  });
});

it("takes what has stood still for some seconds for the room", () => {
  const chair = withPerson(room, { x: 50, y: 40, height: 12, contrast: -50 });
  const seen = watch(45, (timeS) => (timeS < 20 ? room : chair));
  expect(movingShare(seen, 20.3, 26)).toBe(1);
  expect(movingShare(seen, 30, 45)).toBe(0);
});

it("begins anew when the stream's size changes", () => {
  const detector = new MotionDetector();
  detector.observe(photograph(room, 1, randomOf(1)), 0);
  const other = { width: 60, height: 80, data: new Uint8Array(4800).fill(200) };
  expect(detector.observe(other, 0.1)).toEqual({ moving: false, share: 0, box: null });
  expect(detector.observe(other, 0.2).moving).toBe(false);
});

describe("a camera rests", () => {
  const quiet = { moving: false, tracked: false, lying: false };
  const awakeAt = (news: (timeS: number) => Partial<typeof quiet>, seconds: number) => {
    const policy = new SleepPolicy();
    return Array.from({ length: seconds * FPS }, (_, index) => index / FPS).filter((timeS) =>
      policy.awake({ timeS, ...quiet, ...news(timeS) }),
    );
  };

  it("from some seconds after the start on, but for a look every five seconds", () => {
    const awake = awakeAt(() => ({}), 40);
    expect(awake.filter((timeS) => timeS < 10)).toHaveLength(100);
    const later = awake.filter((timeS) => timeS >= 10);
    expect(later.length).toBeGreaterThanOrEqual(6);
    expect(later.length).toBeLessThanOrEqual(7);
  });

  it.each(["moving", "tracked", "lying"] as const)("only five seconds after the last %s", (what) => {
    const awake = awakeAt((timeS) => ({ [what]: timeS >= 20 && timeS < 22 }), 40);
    expect(awake.filter((timeS) => timeS >= 20 && timeS < 26.9)).toHaveLength(69);
    expect(awake.filter((timeS) => timeS >= 27 && timeS < 40).length).toBeLessThanOrEqual(5);
  });

  it("never while somebody lies, however still", () => {
    expect(awakeAt(() => ({ lying: true }), 100)).toHaveLength(1000);
  });

  it("not when its stream comes back after a gap", () => {
    const policy = new SleepPolicy();
    for (let index = 0; index < 200; index += 1) policy.awake({ timeS: index / FPS, ...quiet });
    expect(policy.resting).toBe(true);
    expect(policy.awake({ timeS: 60, ...quiet })).toBe(true);
    expect(policy.resting).toBe(false);
    expect(policy.awake({ timeS: 60.1, ...quiet })).toBe(true);
  });
});
