import { describe, expect, it } from "vitest";
import { boxCentre, boxHeight, boxWidth } from "../../src/domain/geometry.ts";
import { KEYPOINTS, type KeypointName, type Pose } from "../../src/domain/pose.ts";
import { headRegion } from "../../src/vision/head-region.ts";

const ASPECT = 16 / 9;
const BODY = { x1: 0.4, y1: 0.1, x2: 0.55, y2: 0.9 };

/** In picture heights across as well, so that a body is drawn as it is. */
function poseOf(points: Partial<Record<KeypointName, readonly [x: number, y: number]>>): Pose {
  return KEYPOINTS.map((name) => {
    const point = points[name];
    return point === undefined
      ? { x: 0, y: 0, confidence: 0 }
      : { x: point[0] / ASPECT, y: point[1], confidence: 0.8 };
  });
}

/** From the front, its head around (.8, .17). */
const FRONT = poseOf({
  nose: [0.8, 0.18],
  left_eye: [0.815, 0.165],
  right_eye: [0.785, 0.165],
  left_ear: [0.835, 0.17],
  right_ear: [0.765, 0.17],
  left_shoulder: [0.885, 0.29],
  right_shoulder: [0.715, 0.29],
});

describe("the region of a head", () => {
  it("is square in pixels, around the head, and about a third of it is the head's width", () => {
    const region = headRegion(BODY, FRONT, ASPECT);
    if (region === null) throw new Error("no head");
    expect(boxWidth(region) * ASPECT).toBeCloseTo(boxHeight(region), 9);
    expect(boxCentre(region).x * ASPECT).toBeCloseTo(0.8, 2);
    expect(boxCentre(region).y).toBeCloseTo(0.17, 2);
    const share = 0.07 / boxHeight(region);
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.45);
  });

  it("stays as large for somebody in profile, whose ears and shoulders lie on top of each other", () => {
    const side = poseOf({
      nose: [0.83, 0.18],
      left_eye: [0.82, 0.165],
      left_ear: [0.79, 0.17],
      left_shoulder: [0.8, 0.29],
      right_shoulder: [0.8, 0.29],
    });
    const [front, profile] = [headRegion(BODY, FRONT, ASPECT), headRegion(BODY, side, ASPECT)];
    if (front === null || profile === null) throw new Error("no head");
    expect(boxHeight(profile) / boxHeight(front)).toBeGreaterThan(0.8);
  });

  it("grows and shrinks with the body", () => {
    const half = FRONT.map(({ x, y, confidence }) => ({ x: x / 2, y: y / 2, confidence }));
    const box = { x1: 0.2, y1: 0.05, x2: 0.275, y2: 0.45 };
    const [whole, small] = [headRegion(BODY, FRONT, ASPECT), headRegion(box, half, ASPECT)];
    if (whole === null || small === null) throw new Error("no head");
    expect(boxHeight(small) / boxHeight(whole)).toBeCloseTo(0.5, 5);
  });

  it("is at the top of a standing body without a pose, and nowhere of one that lies", () => {
    const region = headRegion(BODY, null, ASPECT);
    expect(region?.y1).toBeLessThan(0.15);
    expect(region?.y2).toBeGreaterThan(0.2);
    expect(headRegion({ x1: 0.1, y1: 0.5, x2: 0.9, y2: 0.8 }, null, ASPECT)).toBeNull();
  });

  it("is nowhere when the head is turned away or hidden, and for boxes that are none", () => {
    const back = poseOf({ left_shoulder: [0.7, 0.3], right_shoulder: [0.9, 0.3], left_ear: [0.78, 0.17] });
    expect(headRegion(BODY, back, ASPECT)).toBeNull();
    expect(headRegion({ x1: 0.5, y1: 0.5, x2: 0.5, y2: 0.5 }, FRONT, ASPECT)).toBeNull();
    expect(headRegion({ x1: Number.NaN, y1: 0, x2: 1, y2: 1 }, FRONT, ASPECT)).toBeNull();
  });
});
