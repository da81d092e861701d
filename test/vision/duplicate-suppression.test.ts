import { describe, expect, it } from "vitest";
import type { Detection, Pose } from "../../src/domain/pose.ts";
import { suppressDuplicates } from "../../src/vision/duplicate-suppression.ts";
import { keypointSimilarity } from "../../src/vision/keypoint-similarity.ts";

const ASPECT = 4 / 3;

/** A body's joints spread over its box from head to foot. */
function person(x: number, y: number, confidence: number, jointConfidence = 0.5): Detection {
  const pose: Pose = Array.from({ length: 17 }, (_, joint) => ({
    x: x + (joint % 2 === 0 ? 0.02 : -0.02),
    y: y - 0.2 + (0.4 * joint) / 16,
    confidence: jointConfidence,
  }));
  return { box: { x1: x - 0.05, y1: y - 0.25, x2: x + 0.05, y2: y + 0.25 }, confidence, pose };
}

describe("suppressDuplicates", () => {
  it("keeps the surer of two boxes that are one body", () => {
    const sure = person(0.5, 0.5, 0.6);
    const again = { ...person(0.505, 0.5, 0.3), pose: null };
    expect(suppressDuplicates([sure, again], ASPECT)).toEqual([sure]);
  });

  it("keeps the whole body when a half of it is found with the same joints", () => {
    const whole = person(0.5, 0.5, 0.4);
    const half = { ...whole, confidence: 0.2, box: { ...whole.box, y2: 0.45 } };
    expect(suppressDuplicates([whole, half], ASPECT)).toEqual([whole]);
  });

  it("keeps two people who stand side by side", () => {
    const people = [person(0.5, 0.5, 0.6), person(0.57, 0.5, 0.5)];
    expect(suppressDuplicates(people, ASPECT)).toEqual(people);
  });

  it("keeps one who is held by another: boxes overlap by half, joints differ", () => {
    const people = [person(0.5, 0.5, 0.6), person(0.53, 0.48, 0.5)];
    expect(suppressDuplicates(people, ASPECT)).toEqual(people);
  });

  it("does not judge by joints that are guesses", () => {
    const people = [
      person(0.5, 0.5, 0.6, 0.1),
      { ...person(0.5, 0.5, 0.5, 0.1), box: { x1: 0.6, y1: 0.1, x2: 0.7, y2: 0.6 } },
    ];
    expect(suppressDuplicates(people, ASPECT)).toEqual(people);
  });

  it("has nothing to do for nobody", () => {
    expect(suppressDuplicates([], ASPECT)).toEqual([]);
  });
});

describe("keypointSimilarity", () => {
  const pose = person(0.5, 0.5, 0.6).pose ?? [];

  it("is 1 for the same pose", () => {
    expect(keypointSimilarity(pose, pose, ASPECT, 0.05)).toBe(1);
  });

  it("follows COCO's formula: a shift of k times the square root of the area gives exp(-1/2)", () => {
    const area = 0.04;
    const nose = pose.map((joint, index) => ({ ...joint, confidence: index === 0 ? 0.9 : 0 }));
    const shift = 2 * 0.026 * Math.sqrt(area);
    const down = nose.map((joint) => ({ ...joint, y: joint.y + shift }));
    const aside = nose.map((joint) => ({ ...joint, x: joint.x + shift / ASPECT }));
    expect(keypointSimilarity(nose, down, ASPECT, area)).toBeCloseTo(Math.exp(-1 / 2), 10);
    expect(keypointSimilarity(nose, aside, ASPECT, area)).toBeCloseTo(Math.exp(-1 / 2), 10);
  });

  it("says nothing about poses that share no joint", () => {
    const left = pose.map((joint, index) => ({ ...joint, confidence: index < 8 ? 0.9 : 0 }));
    const right = pose.map((joint, index) => ({ ...joint, confidence: index < 8 ? 0 : 0.9 }));
    expect(keypointSimilarity(left, right, ASPECT, 0.05)).toBeNull();
  });
});
