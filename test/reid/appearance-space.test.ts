import { describe, expect, it } from "vitest";
import type { AppearanceSample } from "../../src/domain/tracklet.ts";
import {
  type CameraAppearance,
  cameraStatistics,
  comparableAppearance,
  readCameraAppearance,
  unsettledThreshold,
  withTracklet,
} from "../../src/reid/appearance-space.ts";
import {
  emptySiteLikeness,
  readSiteLikeness,
  siteThreshold,
  withPair,
} from "../../src/reid/site-threshold.ts";
import { isUnit } from "../../src/reid/unit-vector.ts";

const SHIPPED = { mean: [0, 0, 0], deviation: [1, 1, 1] };
const sample = (...numbers: number[]): AppearanceSample => ({
  modelId: "m",
  descriptor: Float32Array.from(numbers),
});

function seen(tracklets: readonly (readonly AppearanceSample[])[]): CameraAppearance | null {
  return tracklets.reduce<CameraAppearance | null>((known, samples) => withTracklet(known, samples), null);
}

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

describe("a camera's statistics", () => {
  it("are the shipped ones at first", () => {
    expect(cameraStatistics(SHIPPED, null)).toBe(SHIPPED);
    expect(cameraStatistics(SHIPPED, seen([[sample(1, 2)]]))).toBe(SHIPPED);
  });

  it("are mixed with its own by n / (n + 8), a tracklet counting once whatever its crops", () => {
    const twice = cameraStatistics(SHIPPED, seen(times(2, times(5, sample(9, 9, 9)))));
    expect(twice.mean[0]).toBeCloseTo(0.2 * 9, 6);
    expect(twice.deviation[0]).toBeCloseTo(Math.sqrt(0.8), 6);
  });

  it("are never the residents' alone: at most two thirds are the camera's own", () => {
    expect(cameraStatistics(SHIPPED, seen(times(300, [sample(9, 9, 9)]))).mean[0]).toBeCloseTo(6, 6);
  });

  it("know how far values stray", () => {
    const tracklets = times(40, 0).map((_, index) => [sample(index % 2 === 0 ? 5 : -5, 0, 0)]);
    expect(cameraStatistics(SHIPPED, seen(tracklets)).deviation[0]).toBeCloseTo(
      Math.sqrt(1 / 3 + (2 / 3) * 25),
      6,
    );
  });

  it("make clothes harder to go by as long as they are few", () => {
    expect(unsettledThreshold(0.6, null)).toBeCloseTo(0.7, 9);
    expect(unsettledThreshold(0.6, seen(times(4, [sample(1, Number.NaN, 1)])))).toBeCloseTo(0.675, 9);
    expect(unsettledThreshold(0.6, seen(times(40, [sample(1, 1, 1)])))).toBe(0.6);
  });

  it("take no notice of numbers that are unknown or absurd, number by number", () => {
    const known = seen([[sample(2, Number.NaN, 1e30)], [sample(4, 6, Number.POSITIVE_INFINITY)]]);
    expect(known).toMatchObject({ counts: [2, 1, 0], means: [3, 6, 0] });
    const others = [{ modelId: "other", descriptor: Float32Array.of(9, 9, 9) }, sample(1, 2)];
    expect(withTracklet(known, others)).toBe(known);
    expect(withTracklet(null, [])).toBeNull();
  });

  it("survive being written down; what is no such thing does not", () => {
    const known = seen([[sample(2, Number.NaN, 1)]]);
    expect(readCameraAppearance(JSON.parse(JSON.stringify(known)), "m")).toEqual(known);
    expect(readCameraAppearance(JSON.parse(JSON.stringify(known)), "other")).toBeNull();
    for (const broken of [null, 3, {}, { modelId: "m", counts: [1], means: [1, 2], squares: [1] }])
      expect(readCameraAppearance(broken, "m")).toBeNull();
    expect(readCameraAppearance({ ...known, means: ["a", 1, 2] }, "m")).toBeNull();
  });
});

describe("a descriptor", () => {
  it("is standardised and of unit length, unknown numbers speaking for nobody", () => {
    const vector = comparableAppearance(sample(3, Number.NaN, 4), { mean: [0, 0, 0], deviation: [1, 1, 1] });
    expect([...(vector ?? [])].map((value) => Math.round(value * 1000) / 1000)).toEqual([0.6, 0, 0.8]);
  });

  it("of a model without statistics is compared as it is", () => {
    expect([...(comparableAppearance(sample(0, 0, 7), null) ?? [])]).toEqual([0, 0, 1]);
    expect(comparableAppearance(sample(0, Number.NaN, 7), null)).toBeNull();
  });

  it("of which nothing is known, or of another length, cannot be compared", () => {
    const nothing = sample(Number.NaN, Number.NaN, Number.NaN);
    expect(comparableAppearance(nothing, SHIPPED)).toBeNull();
    expect(comparableAppearance(sample(1, 2), SHIPPED)).toBeNull();
    expect(isUnit(comparableAppearance(sample(1, 2, 3), SHIPPED) ?? new Float32Array())).toBe(true);
  });
});

describe("how alike people look here", () => {
  const likeness = (scores: readonly number[]) => scores.reduce(withPair, emptySiteLikeness("m"));

  it("starts as given and is never less", () => {
    expect(siteThreshold(likeness([]), 0.6)).toBe(0.6);
    expect(siteThreshold(likeness([0.1, 0.3]), 0.6)).toBe(0.6);
  });

  it("is raised by two who look alike and are seen at the same time", () => {
    expect(siteThreshold(likeness([0.1, 0.77, 0.3]), 0.6)).toBe(0.77);
  });

  it("is not carried off by a few bodies that were followed twice, and forgets what was long ago", () => {
    const many = likeness([...times(500, 0.3), ...times(4, 0.97)]);
    expect(siteThreshold(many, 0.6)).toBe(0.6);
    const uniform = likeness([...times(400, 0.3), ...times(40, 0.9)]);
    expect(siteThreshold(uniform, 0.6)).toBe(0.9);
    expect(siteThreshold(times(512, 0.2).reduce(withPair, uniform), 0.6)).toBe(0.6);
  });

  it("takes no notice of what is no cosine, and survives being written down", () => {
    const known = likeness([0.7, Number.NaN, 3, -2]);
    expect(known.scores).toEqual([0.7]);
    expect(readSiteLikeness(JSON.parse(JSON.stringify(known)), "m")).toEqual(known);
    expect(readSiteLikeness(JSON.parse(JSON.stringify(known)), "other")).toEqual(emptySiteLikeness("other"));
    expect(readSiteLikeness({ modelId: "m", scores: [0.5, "x", null] }, "m").scores).toEqual([0.5]);
    expect(readSiteLikeness(null, "m")).toEqual(emptySiteLikeness("m"));
  });
});
