import { describe, expect, it } from "vitest";
import { KEYPOINTS, type KeypointName, type Pose } from "../../src/domain/pose.ts";
import { bodyMask } from "../../src/vision/body-mask.ts";

const GRID = { columns: 8, rows: 16, aspect: 0.5 };

const STANDING: Partial<Record<KeypointName, readonly [number, number]>> = {
  nose: [0.5, 0.08],
  left_eye: [0.53, 0.07],
  right_eye: [0.47, 0.07],
  left_shoulder: [0.68, 0.2],
  right_shoulder: [0.32, 0.2],
  left_elbow: [0.75, 0.35],
  right_elbow: [0.25, 0.35],
  left_wrist: [0.75, 0.48],
  right_wrist: [0.25, 0.48],
  left_hip: [0.6, 0.5],
  right_hip: [0.4, 0.5],
  left_knee: [0.6, 0.72],
  right_knee: [0.4, 0.72],
  left_ankle: [0.6, 0.94],
  right_ankle: [0.4, 0.94],
};

function poseOf(joints: typeof STANDING, confidence = 0.8): Pose {
  return KEYPOINTS.map((name) => {
    const place = joints[name];
    return place === undefined ? { x: 0, y: 0, confidence: 0 } : { x: place[0], y: place[1], confidence };
  });
}

const at = (mask: Float32Array | null, column: number, row: number) => mask?.[row * 8 + column] ?? Number.NaN;

describe("a body mask", () => {
  it("covers trunk and limbs of somebody who stands, and not the corners", () => {
    const mask = bodyMask(poseOf(STANDING), GRID);
    // Chest, belly, both shins, face.
    for (const [column, row] of [
      [3, 4],
      [4, 4],
      [3, 7],
      [4, 7],
      [3, 13],
      [4, 13],
      [3, 1],
      [4, 1],
    ] as const) {
      expect(at(mask, column, row)).toBeGreaterThan(0.5);
    }
    for (const [column, row] of [
      [0, 0],
      [7, 0],
      [0, 15],
      [7, 15],
      [0, 10],
      [7, 10],
    ] as const) {
      expect(at(mask, column, row)).toBe(0);
    }
    const covered = mask?.reduce((sum, share) => sum + share, 0) ?? 0;
    // A standing adult takes up a fifth to a half of the box around.
    expect(covered / 128).toBeGreaterThan(0.15);
    expect(covered / 128).toBeLessThan(0.5);
    expect(mask?.every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it("is the same body, mirrored, for a mirrored pose", () => {
    const mask = bodyMask(poseOf(STANDING), GRID);
    const mirrored = bodyMask(
      poseOf(STANDING).map((joint) => ({ ...joint, x: 1 - joint.x })),
      GRID,
    );
    for (let row = 0; row < 16; row += 1) {
      for (let column = 0; column < 8; column += 1) {
        expect(at(mirrored, 7 - column, row)).toBeCloseTo(at(mask, column, row), 5);
      }
    }
  });

  it("draws what is seen of somebody behind a table", () => {
    const { nose, left_shoulder, right_shoulder, left_hip, right_hip } = STANDING;
    const half = { nose, left_shoulder, right_shoulder, left_hip, right_hip } as typeof STANDING;
    const mask = bodyMask(poseOf(half), GRID);
    expect(at(mask, 3, 5)).toBeGreaterThan(0.5);
    expect(mask?.subarray(12 * 8).every((share) => share === 0)).toBe(true);
  });

  it("says nothing when the joints are guesses, or but one limb is seen", () => {
    expect(bodyMask(poseOf(STANDING, 0.1), GRID)).toBeNull();
    expect(bodyMask(poseOf({ left_wrist: [0.5, 0.5], left_elbow: [0.5, 0.45] }), GRID)).toBeNull();
    expect(bodyMask([], GRID)).toBeNull();
  });

  it("survives joints far outside the crop", () => {
    const mask = bodyMask(poseOf({ ...STANDING, left_ankle: [40, 9], nose: [-3, -5] }), GRID);
    expect(mask?.every((share) => share >= 0 && share <= 1)).toBe(true);
  });
});
