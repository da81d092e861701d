import { describe, expect, it } from "vitest";
import { BoxFilter, type FilterNoise } from "../../src/tracking/box-filter.ts";

const NOISE: FilterNoise = {
  measurement: 0.1,
  acceleration: 0,
  resizing: 0,
  surprise: 4,
  bridging: 4,
  firstSpeed: 2,
  coastingS: 0.5,
  fallingS: 0.2,
};
/** One body length, so that noise in body lengths is noise in picture heights. */
const BODY = { cx: 0, cy: 0, w: 0.5, h: 1 };

/** The share of a surprise that the filter believes: 1 is all of it. */
function gain(filter: BoxFilter, surprise = 0.001): number {
  const before = filter.box.cx;
  filter.update({ ...BODY, cx: before + surprise, h: filter.box.h });
  return (filter.box.cx - before) / surprise;
}

describe("BoxFilter", () => {
  it("weighs a second look like the first when nothing can move", () => {
    const filter = new BoxFilter(BODY, { ...NOISE, firstSpeed: 0 });
    filter.predict(0.1, false);
    expect(gain(filter)).toBeCloseTo(1 / 2, 10);
    filter.predict(0.1, false);
    expect(gain(filter)).toBeCloseTo(1 / 3, 10);
  });

  it("believes a detection by the closed form of its grown uncertainty", () => {
    const noise = { ...NOISE, acceleration: 3 };
    const dt = 0.2;
    const filter = new BoxFilter(BODY, noise);
    filter.predict(dt, false);
    const r = noise.measurement ** 2;
    const predicted = r + (dt * noise.firstSpeed) ** 2 + (noise.acceleration ** 2 * dt ** 3) / 3;
    expect(gain(filter)).toBeCloseTo(predicted / (predicted + r), 10);
  });

  it("does not care whether time passes in one step or in many", () => {
    const noise = { ...NOISE, acceleration: 1.5, resizing: 0.4 };
    const once = new BoxFilter(BODY, noise);
    const often = new BoxFilter(BODY, noise);
    once.predict(0.6, false);
    for (let step = 0; step < 6; step += 1) often.predict(0.1, false);
    const seen = { cx: 0.3, cy: -0.2, w: 0.6, h: 0.9 };
    once.update(seen);
    often.update(seen);
    expect(often.box.cx).toBeCloseTo(once.box.cx, 10);
    expect(often.box.w).toBeCloseTo(once.box.w, 10);
    expect(often.velocity.y).toBeCloseTo(once.velocity.y, 10);
  });

  it("takes the speed from two looks when it knew nothing of it", () => {
    const filter = new BoxFilter(BODY, { ...NOISE, firstSpeed: 1000 });
    filter.predict(0.5, false);
    filter.update({ ...BODY, cx: 0.4, cy: -0.1 });
    expect(filter.velocity.x).toBeCloseTo(0.8, 4);
    expect(filter.velocity.y).toBeCloseTo(-0.2, 4);
  });

  it("settles on the true speed of a steady walk and foresees the next place", () => {
    const filter = new BoxFilter(BODY, { ...NOISE, acceleration: 1 });
    for (let k = 1; k <= 60; k += 1) {
      filter.predict(0.1, false);
      filter.update({ ...BODY, cx: 0.07 * k });
    }
    expect(filter.velocity.x).toBeCloseTo(0.7, 3);
    filter.predict(0.1, false);
    expect(filter.box.cx).toBeCloseTo(0.07 * 61, 3);
  });

  it("follows a change of size with the steady gain of a random walk", () => {
    const noise = { ...NOISE, resizing: 0.3 };
    const filter = new BoxFilter(BODY, noise);
    for (let k = 0; k < 200; k += 1) {
      filter.predict(0.1, false);
      filter.update(BODY);
    }
    filter.predict(0.1, false);
    filter.update({ ...BODY, w: 0.5 + 0.001 });
    // Riccati equation of a random walk: p = p' r / (p' + r) + q, in the long run p' = (q + sqrt(q^2 + 4 q r)) / 2.
    const q = noise.resizing ** 2 * 0.1;
    const r = noise.measurement ** 2;
    const p = (q + Math.sqrt(q * q + 4 * q * r)) / 2;
    expect((filter.box.w - 0.5) / 0.001).toBeCloseTo(p / (p + r), 6);
  });

  it("lets a body out of sight coast no further than its speed times the coasting time", () => {
    const walk = () => {
      const filter = new BoxFilter(BODY, { ...NOISE, acceleration: 1 });
      for (let k = 1; k <= 60; k += 1) {
        filter.predict(0.1, false);
        filter.update({ ...BODY, cx: 0.07 * k });
      }
      return filter;
    };
    const short = walk();
    short.predict(0.5, true);
    expect(short.box.cx - 4.2).toBeCloseTo(0.7 * 0.5 * (1 - Math.exp(-1)), 2);
    const long = walk();
    for (let k = 0; k < 100; k += 1) long.predict(0.1, true);
    expect(long.box.cx - 4.2).toBeCloseTo(0.7 * 0.5, 2);
    expect(Math.abs(long.velocity.x)).toBeLessThan(1e-6);
  });

  it("stops a body that fell out of sight sooner than one that walked out of sight", () => {
    const filter = new BoxFilter(BODY, NOISE);
    for (let k = 1; k <= 60; k += 1) {
      filter.predict(0.1, false);
      filter.update({ ...BODY, cx: 0.1 * k, cy: 0.1 * k });
    }
    filter.predict(2, true);
    expect(filter.box.cx - 6).toBeCloseTo(0.5 * (1 - Math.exp(-4)), 3);
    expect(filter.box.cy - 6).toBeCloseTo(0.2 * (1 - Math.exp(-10)), 3);
  });

  it("scales its doubts with the body", () => {
    const noise = { ...NOISE, acceleration: 2 };
    const far = new BoxFilter({ cx: 0, cy: 0, w: 0.1, h: 0.2 }, noise);
    const near = new BoxFilter({ cx: 0, cy: 0, w: 0.5, h: 1 }, noise);
    for (const [filter, scale] of [
      [far, 0.2],
      [near, 1],
    ] as const) {
      filter.predict(0.1, false);
      filter.update({ cx: 0.1 * scale, cy: 0, w: 0.5 * scale, h: scale });
    }
    expect(far.box.cx * 5).toBeCloseTo(near.box.cx, 10);
  });

  it("is startled by what is past two standard deviations, and by no less", () => {
    const noise = { ...NOISE, firstSpeed: 0 };
    const jump = (by: number) => {
      const filter = new BoxFilter(BODY, noise);
      for (let k = 0; k < 20; k += 1) {
        filter.predict(0.1, false);
        filter.update(BODY);
      }
      filter.predict(0.1, false);
      filter.update({ ...BODY, cx: by });
      return filter.box.cx / by;
    };
    // Nothing moves: after 21 looks the variance is r / 21.
    const r = noise.measurement ** 2;
    const deviation = Math.sqrt(r + r / 21);
    expect(jump(1.99 * deviation)).toBeCloseTo(1 / 22, 6);
    // From there on it believes as much as makes the jump two standard deviations: gain = 1 - r / (jump / 2) ** 2.
    expect(jump(6 * deviation)).toBeCloseTo(1 - r / (3 * deviation) ** 2, 6);
  });

  it("goes a straight way through a gap as if it had been seen, when a guess counts like a sight", () => {
    const noise = { ...NOISE, acceleration: 1, resizing: 0.1, surprise: Infinity, bridging: 1 };
    const walk = (k: number) => ({ cx: 0.05 * k, cy: 0.02 * k, w: 0.5, h: 1 + 0.01 * k });
    const seen = new BoxFilter(BODY, noise);
    const bridged = new BoxFilter(BODY, noise);
    for (let k = 1; k <= 8; k += 1) {
      seen.predict(0.1, false);
      seen.update(walk(k));
      bridged.predict(0.1, k > 1);
    }
    bridged.bridge(BODY, walk(8), Array<number>(8).fill(0.1));
    for (const key of ["cx", "cy", "w", "h"] as const)
      expect(bridged.box[key]).toBeCloseTo(seen.box[key], 10);
    expect(bridged.velocity.x).toBeCloseTo(seen.velocity.x, 10);
    expect(bridged.velocity.y).toBeCloseTo(seen.velocity.y, 10);
  });

  it("takes the speed of the way over a gap, not of what was guessed in it", () => {
    const noise = { ...NOISE, acceleration: 1 };
    const filter = new BoxFilter(BODY, noise);
    for (let k = 1; k <= 20; k += 1) {
      filter.predict(0.1, false);
      filter.update({ ...BODY, cx: 0.1 * k });
    }
    // Out of sight it turns round and comes back at the same pace.
    const steps = Array<number>(10).fill(0.1);
    for (const step of steps) filter.predict(step, true);
    filter.bridge({ ...BODY, cx: 2 }, { ...BODY, cx: 1 }, steps);
    expect(filter.box.cx).toBeCloseTo(1, 1);
    expect(filter.velocity.x).toBeLessThan(-0.7);
  });

  it("does not mind a gap without time in it", () => {
    const filter = new BoxFilter(BODY, NOISE);
    filter.predict(0, false);
    filter.predict(0, false);
    filter.bridge(BODY, { ...BODY, cx: 0.1 }, [0, 0]);
    expect(Number.isFinite(filter.box.cx)).toBe(true);
    expect(filter.box.cx).toBeGreaterThan(0);
  });
});
