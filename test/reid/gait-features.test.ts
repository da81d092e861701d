// How somebody is built and walks, as numbers.
import { describe, expect, it } from "vitest";
import {
  GAIT_FEATURES,
  GAIT_MODEL,
  type GaitPose,
  gaitFeatures,
  gaitOf,
} from "../../src/reid/gait-features.ts";
import { autocorrelationPeak, resampled, withoutDrift } from "../../src/reid/time-series.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { ASPECT, poseOf, type Standing } from "../tracking/tracklet-figures.ts";

/** Somebody who walks across the picture, as many steps a second, seen at `fps`. */
function walk(
  options: { stepsPerS?: number; seconds?: number; fps?: number; noise?: number } & Pick<
    Standing,
    "height" | "view"
  > = {},
): GaitPose[] {
  const { stepsPerS = 2, seconds = 4, fps = 15, noise = 0, view = "left", height = 0.6 } = options;
  const random = randomFrom(5);
  return Array.from({ length: Math.round(seconds * fps) }, (_, index) => {
    const timeS = index / fps;
    const pose = poseOf({ view, height, x: 0.8 - 0.1 * timeS, phase: Math.PI * stepsPerS * timeS });
    const shaken = pose.map((point) => ({
      ...point,
      x: point.x + (noise * (random() - 0.5)) / ASPECT,
      y: point.y + noise * (random() - 0.5),
    }));
    return { timeS, pose: shaken };
  });
}

const likeness = (a: readonly GaitPose[], b: readonly GaitPose[]): number => {
  const [first, second] = [gaitOf(a, ASPECT), gaitOf(b, ASPECT)];
  return (first?.vector ?? new Float32Array()).reduce(
    (sum, value, at) => sum + value * (second?.vector[at] ?? Number.NaN),
    0,
  );
};

describe("a gait", () => {
  it("is a vector of unit length with its model's name", () => {
    const gait = gaitOf(walk(), ASPECT);
    expect(gait?.modelId).toBe(GAIT_MODEL);
    expect(gait?.vector).toHaveLength(GAIT_FEATURES.length);
    expect(Math.hypot(...(gait?.vector ?? []))).toBeCloseTo(1);
    expect(gait?.frames).toBe(60);
  });

  it.each([1.5, 2, 2.5])("knows how long a step takes, at %s a second", (stepsPerS) => {
    const features = gaitFeatures(walk({ stepsPerS, noise: 0.004 }), ASPECT);
    expect(features?.values.step_period).toBeCloseTo(1 / stepsPerS, 1);
    expect(features?.values.step_regularity).toBeGreaterThan(0.6);
  });

  it("is the same from twice as far away, and from the same place a minute later", () => {
    const later = walk().map(({ timeS, pose }) => ({ timeS: timeS + 60, pose }));
    expect(likeness(walk(), walk({ height: 0.3 }))).toBeGreaterThan(0.99);
    expect(likeness(walk(), later)).toBeCloseTo(1, 5);
  });

  it("is liker to its own walk than to a slower one", () => {
    const own = likeness(walk({ noise: 0.002 }), walk({ noise: 0.004 }));
    expect(own).toBeGreaterThan(likeness(walk({ noise: 0.002 }), walk({ noise: 0.004, stepsPerS: 1.2 })));
  });

  it("is trusted more the more of it was seen, and hardly where nobody walks", () => {
    const quality = (poses: readonly GaitPose[]) => gaitOf(poses, ASPECT)?.quality ?? Number.NaN;
    expect(quality(walk({ seconds: 2 }))).toBeLessThan(quality(walk({ seconds: 4 })));
    const halfSeen = walk().map(({ timeS, pose }, index) => ({
      timeS,
      pose: index % 2 === 0 ? pose : pose.map((point) => ({ ...point, confidence: 0 })),
    }));
    expect(quality(halfSeen)).toBeLessThan(0.6 * quality(walk()));
    expect(quality(walk({ stepsPerS: 0, noise: 0.002 }))).toBeLessThan(0.1);
  });

  it("is not told from fewer than fifteen poses, or less than a second and a half", () => {
    expect(gaitOf(walk({ seconds: 1, fps: 14 }), ASPECT)).toBeNull();
    expect(gaitOf(walk({ seconds: 1.2, fps: 20 }), ASPECT)).toBeNull();
    expect(gaitOf(walk({ seconds: 4, fps: 3 }), ASPECT)).toBeNull();
    expect(gaitOf([], ASPECT)).toBeNull();
  });

  it("takes points that are no numbers, or all in one place, for not seen", () => {
    const broken = walk().map(({ timeS, pose }) => ({
      timeS,
      pose: pose.map((point, index) => (index === 9 ? { ...point, x: Number.NaN } : point)),
    }));
    expect(gaitOf(broken, ASPECT)?.vector.every(Number.isFinite)).toBe(true);
    const collapsed = walk().map(({ timeS, pose }) => ({
      timeS,
      pose: pose.map((point) => ({ ...point, x: 0.5, y: 0.5 })),
    }));
    expect(gaitOf(collapsed, ASPECT)).toBeNull();
  });
});

describe("a row of numbers", () => {
  it("is put at equal steps on straight lines", () => {
    const values = [
      { timeS: 0, value: 0 },
      { timeS: 1, value: 10 },
      { timeS: 3, value: 30 },
    ];
    expect(resampled(values, 2)).toEqual([0, 5, 10, 15, 20, 25, 30]);
  });

  it("loses a slow change and keeps a quick one", () => {
    const row = Array.from({ length: 64 }, (_, at) => at / 4 + Math.sin((at * Math.PI) / 4));
    const left = withoutDrift(row, 8);
    expect(Math.max(...left.map(Math.abs))).toBeLessThan(1.4);
    expect(Math.max(...left.slice(20, 40))).toBeGreaterThan(0.8);
  });

  it("is likest to itself one period on, and to nothing when it never changes", () => {
    const row = Array.from({ length: 64 }, (_, at) => Math.sin((at * Math.PI) / 4));
    expect(autocorrelationPeak(row, { from: 4, to: 20 })?.lag).toBe(8);
    expect(autocorrelationPeak(Array(64).fill(0), { from: 4, to: 20 })).toBeNull();
  });
});
