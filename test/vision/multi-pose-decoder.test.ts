import { describe, expect, it } from "vitest";
import { KEYPOINTS, keypoint } from "../../src/domain/pose.ts";
import { fitLongSide } from "../../src/vision/input-fit.ts";
import { decodeMultiPose, MULTI_POSE_ROW } from "../../src/vision/multi-pose-decoder.ts";

/** A row as the model writes it: every keypoint at (x, y) with its index / 100 as score. */
function row(options: { x: number; y: number; box: [number, number, number, number]; score: number }) {
  const values: number[] = [];
  for (let point = 0; point < KEYPOINTS.length; point += 1) values.push(options.y, options.x, point / 100);
  const [x1, y1, x2, y2] = options.box;
  return [...values, y1, x1, y2, x2, options.score];
}

const SQUARE = { width: 256, height: 256, contentWidth: 256, contentHeight: 256 };
const PERSON = row({ x: 0.5, y: 0.25, box: [0.4, 0.1, 0.6, 0.7], score: 0.44 });

describe("decodeMultiPose", () => {
  it("reads box, confidence and keypoints, which the model writes y first", () => {
    const [person] = decodeMultiPose(Float32Array.from(PERSON), SQUARE, 0.1);
    expect(person?.confidence).toBeCloseTo(0.44);
    expect(person?.box.x1).toBeCloseTo(0.4);
    expect(person?.box.y1).toBeCloseTo(0.1);
    expect(person?.box.x2).toBeCloseTo(0.6);
    expect(person?.box.y2).toBeCloseTo(0.7);
    expect(person?.pose).toHaveLength(17);
    const ankle = keypoint(person?.pose ?? [], "right_ankle", 0.1);
    expect(ankle?.x).toBeCloseTo(0.5);
    expect(ankle?.y).toBeCloseTo(0.25);
    expect(ankle?.confidence).toBeCloseTo(0.16);
  });

  it("undoes the padding at the bottom, so that the picture's edge is 1", () => {
    const fit = fitLongSide(1920, 1080, 256, 32);
    expect(fit).toEqual({ width: 256, height: 160, contentWidth: 256, contentHeight: 144 });
    const foot = row({ x: 0.5, y: 0.9, box: [0.4, 0.45, 0.6, 0.9], score: 0.5 });
    const [person] = decodeMultiPose(Float32Array.from(foot), fit, 0.1);
    expect(person?.box.y2).toBeCloseTo(1);
    expect(person?.box.y1).toBeCloseTo(0.5);
    expect(person?.box.x2).toBeCloseTo(0.6);
    expect(person?.pose?.[16]?.y).toBeCloseTo(1);
  });

  it("undoes the padding at the right of an upright picture", () => {
    const fit = fitLongSide(1080, 1920, 256, 32);
    expect(fit.contentWidth).toBe(144);
    expect(fit.width).toBe(160);
    const [person] = decodeMultiPose(
      Float32Array.from(row({ x: 0.9, y: 0.5, box: [0.45, 0, 0.9, 1], score: 0.5 })),
      fit,
      0.1,
    );
    expect(person?.box.x2).toBeCloseTo(1);
    expect(person?.box.y2).toBeCloseTo(1);
    expect(person?.pose?.[0]?.x).toBeCloseTo(1);
  });

  it("keeps rows at the floor and above, the surest first", () => {
    const rows = [0.099, 0.1, 0.3, 0.2].flatMap((score) =>
      row({ x: 0.5, y: 0.5, box: [0.2, 0.2, 0.4, 0.8], score }),
    );
    const found = decodeMultiPose(Float32Array.from(rows), SQUARE, Math.fround(0.1));
    expect(found.map((person) => Math.round(person.confidence * 10))).toEqual([3, 2, 1]);
  });

  it("leaves out rows without area and rows with a value that is not a number", () => {
    const flat = row({ x: 0.5, y: 0.5, box: [0.4, 0.5, 0.6, 0.5], score: 0.9 });
    const turned = row({ x: 0.5, y: 0.5, box: [0.6, 0.1, 0.4, 0.7], score: 0.9 });
    for (const broken of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const at of [0, 30, 51, 54, MULTI_POSE_ROW - 1]) {
        const damaged = PERSON.with(at, broken);
        expect(decodeMultiPose(Float32Array.from([...damaged, ...flat, ...turned]), SQUARE, 0.1)).toEqual([]);
      }
    }
  });

  it("finds nobody in the zeros that fill unused rows", () => {
    expect(decodeMultiPose(new Float32Array(6 * MULTI_POSE_ROW), SQUARE, 0.1)).toEqual([]);
  });
});
