import { describe, expect, it } from "vitest";
import { InputSizePolicy, type SizeNews } from "../../src/camera/input-size-policy.ts";
import { isUnexplained } from "../../src/camera/unexplained-motion.ts";

const SIZES = [256, 320, 384, 512];
const LARGEST = 512;
const FPS = 10;
const NOBODY = { aspect: 16 / 9, heights: [], lying: false, unexplainedMotion: false } as const;

class Run {
  readonly policy: InputSizePolicy;
  timeS = 0;
  /** Size of each picture, in order. */
  sizes: number[] = [];

  constructor(sizes = SIZES) {
    this.policy = new InputSizePolicy(sizes);
  }

  go(seconds: number, news: (timeS: number) => Partial<SizeNews>): this {
    for (let index = 0; index < seconds * FPS; index += 1) {
      this.timeS += 1 / FPS;
      this.sizes.push(this.policy.size);
      this.policy.observe({ timeS: this.timeS, ...NOBODY, ...news(this.timeS) });
    }
    return this;
  }

  changes(): number {
    return this.sizes.filter((size, index) => index > 0 && size !== this.sizes[index - 1]).length;
  }
}

describe("a camera's input", () => {
  it("begins large enough for somebody of a quarter of the picture's height, and stays while nobody comes", () => {
    expect(new Run().policy.size).toBe(384);
    expect(new Set(new Run().go(300, () => ({})).sizes)).toEqual(new Set([384]));
  });

  it("grows within half a second when somebody smaller comes, to where they are 48 pixels tall", () => {
    const run = new Run().go(10, () => ({})).go(0.5, () => ({ heights: [0.6, 0.18] }));
    expect(run.policy.size).toBe(LARGEST);
  });

  it("gives up its guess after five seconds with people, for what the smallest of them needed", () => {
    const run = new Run().go(4.8, () => ({ heights: [0.7] }));
    expect(run.policy.size).toBe(384);
    expect(run.go(0.4, () => ({ heights: [0.7] })).policy.size).toBe(256);
    const far = new Run().go(2, () => ({ heights: [0.24] })).go(8, () => ({ heights: [0.7] }));
    expect(far.policy.size).toBe(384);
  });

  it("shrinks step by step when only large people come later, a minute for each", () => {
    const run = new Run().go(10, () => ({ heights: [0.25] })).go(59, () => ({ heights: [0.7] }));
    expect(run.policy.size).toBe(384);
    run.go(2, () => ({ heights: [0.7] }));
    expect(run.policy.size).toBe(320);
    run.go(61, () => ({ heights: [0.7] }));
    expect(run.policy.size).toBe(256);
    expect(run.go(200, () => ({ heights: [0.7] })).policy.size).toBe(256);
  });

  it("does not go to and fro for somebody who is now on this side, now on that of the border of two sizes", () => {
    const border = 48 / ((320 * 9) / 16);
    const run = new Run().go(1200, (timeS) => ({
      heights: [border * (Math.floor(timeS / 100) % 2 === 0 ? 1.1 : 0.9)],
    }));
    expect(run.changes()).toBe(0);
  });

  it("does not follow a single mistaken box", () => {
    const run = new Run().go(30, (timeS) => ({
      heights: Math.round(timeS * 10) % 20 === 0 ? [0.05] : [0.4],
    }));
    expect(run.changes()).toBe(0);
  });

  it("changes at most every five seconds while somebody walks away", () => {
    const run = new Run().go(130, () => ({ heights: [0.9] }));
    run.sizes = [];
    const from = run.timeS;
    run.go(20, (timeS) => ({ heights: [Math.max(0.15, 0.4 - (timeS - from) / 10)] }));
    const at = run.sizes.flatMap((size, index) =>
      index > 0 && size !== run.sizes[index - 1] ? [index / FPS] : [],
    );
    expect(at).toHaveLength(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(4.9);
    expect(run.policy.size).toBe(LARGEST);
  });

  it("gives who lies twice the pixels", () => {
    const standing = new Run().go(10, () => ({ heights: [0.3] }));
    const lying = new Run().go(10, () => ({ heights: [0.3], lying: true }));
    expect([standing.policy.size, lying.policy.size]).toEqual([384, LARGEST]);
  });

  it("counts the height of upright pictures in full", () => {
    const run = new Run().go(130, () => ({ aspect: 9 / 16, heights: [0.25] }));
    expect(run.policy.size).toBe(256);
  });

  it("stays what it is for a model of one size", () => {
    const run = new Run([640]).go(100, () => ({ heights: [0.05], unexplainedMotion: true }));
    expect(new Set(run.sizes)).toEqual(new Set([640]));
  });

  it("is the same for the same recording", () => {
    const film = (timeS: number) => ({
      heights: timeS % 7 < 3 ? [0.1 + (timeS % 5) / 10] : [],
      unexplainedMotion: timeS % 11 < 6,
    });
    expect(new Run().go(200, film).sizes).toEqual(new Run().go(200, film).sizes);
  });
});

describe("something moves and nobody is found", () => {
  const looks = (run: Run) => run.sizes.filter((size) => size === LARGEST).length;

  it("a look at the largest size follows within two seconds, and back", () => {
    const run = new Run().go(5, () => ({})).go(2, () => ({ unexplainedMotion: true }));
    // Half a second, give or take what rounding of times makes of the last picture.
    expect(looks(run)).toBeGreaterThanOrEqual(4);
    expect(looks(run)).toBeLessThanOrEqual(6);
    expect(run.policy.size).toBe(384);
  });

  it("and stays there when somebody small is found", () => {
    const run = new Run();
    run
      .go(5, () => ({}))
      .go(60, () => (run.policy.size === LARGEST ? { heights: [0.17] } : { unexplainedMotion: true }));
    expect(run.policy.size).toBe(LARGEST);
  });

  it("looks ever more rarely while nothing is found: fewer than one picture in fifty", () => {
    const run = new Run().go(600, () => ({ unexplainedMotion: true }));
    const first = looks(run);
    expect(first / run.sizes.length).toBeLessThan(0.02);
    expect(first / run.sizes.length).toBeGreaterThan(0.005);
    run.sizes = [];
    run.go(600, () => ({ unexplainedMotion: true }));
    expect(looks(run) / run.sizes.length).toBeLessThan(0.01);
  });
});

it("motion is explained by a body in it", () => {
  const box = { x1: 0.2, y1: 0.2, x2: 0.4, y2: 0.8 };
  const away = { x1: 0.6, y1: 0.2, x2: 0.8, y2: 0.8 };
  const motion = { moving: true, share: 0.1, box };
  expect(isUnexplained(motion, [])).toBe(true);
  expect(isUnexplained(motion, [away])).toBe(true);
  expect(isUnexplained(motion, [away, box])).toBe(false);
  expect(isUnexplained({ ...motion, moving: false }, [])).toBe(false);
});
