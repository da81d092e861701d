// How a body shows itself: which way it faces, whether there is a face to be seen, where it stands.
import { describe, expect, it } from "vitest";
import { KEYPOINTS, type Pose } from "../../src/domain/pose.ts";
import {
  coveredShare,
  faceWidth,
  facingOf,
  isCutOff,
  isUpright,
  showsFace,
  uprightStance,
} from "../../src/tracking/body-view.ts";
import { ASPECT, boxOf, poseOf } from "./tracklet-figures.ts";

const NOTHING: Pose = KEYPOINTS.map(() => ({ x: 0.5, y: 0.5, confidence: 0 }));

/** The body laid on its side, feet to the left. */
function lying(pose: Pose): Pose {
  return pose.map(({ x, y, confidence }) => ({
    x: 0.5 + (0.6 - y) / ASPECT,
    y: 0.8 + (x - 0.5) * ASPECT,
    confidence,
  }));
}

describe("which way a body faces", () => {
  it.each(["front", "back", "left", "right"] as const)("is %s, in the picture's own directions", (view) => {
    expect(facingOf(poseOf({ view }), ASPECT)).toBe(view);
  });

  it("is not said where shoulders and head contradict one another, or nothing is made out", () => {
    const front = poseOf({ view: "front" });
    const back = poseOf({ view: "back" });
    const backWithFrontHead = back.map((point, index) => (index < 5 ? (front[index] ?? point) : point));
    expect(facingOf(backWithFrontHead, ASPECT)).toBeNull();
    expect(facingOf(NOTHING, ASPECT)).toBeNull();
  });
});

describe("a face", () => {
  it.each([
    ["front", true],
    ["left", true],
    ["right", true],
    ["back", false],
  ] as const)("of somebody who is seen from the %s is looked for: %s", (view, seen) => {
    // MoveNet gives noses and eyes on the backs of heads, as sure as any.
    expect(showsFace(poseOf({ view }), ASPECT)).toBe(seen);
  });

  it("is not looked for where nose or eyes are guessed", () => {
    const pose = poseOf({}).map((point, index) => (index === 0 ? { ...point, confidence: 0.1 } : point));
    expect(showsFace(pose, ASPECT)).toBe(false);
  });

  it("is about as wide as a face is, .14 m of a body of 1.75", () => {
    expect(faceWidth(poseOf({ height: 0.7 }), ASPECT)).toBeCloseTo((0.7 * 0.14) / 1.75, 2);
    expect(faceWidth(NOTHING, ASPECT)).toBeNull();
  });
});

describe("a stance", () => {
  it("is that of the box where somebody stands with their feet in sight", () => {
    const stance = uprightStance(boxOf({}), poseOf({}), ASPECT);
    expect(stance?.footY).toBeCloseTo(0.9);
    expect(stance?.height).toBeCloseTo(0.6);
  });

  it.each([
    ["lies", boxOf({}), lying(poseOf({}))],
    ["has their feet hidden", boxOf({}), poseOf({}).map((p, i) => (i > 14 ? { ...p, confidence: 0 } : p))],
    ["is cut off by the picture's edge", boxOf({ footY: 1 }), poseOf({ footY: 1 })],
    [
      "sits, their knees drawn up",
      boxOf({}),
      poseOf({}).map((p, i) => (i === 11 || i === 12 ? { ...p, y: 0.78 } : p)),
    ],
  ])("is not known of somebody who %s", (_, box, pose) => {
    expect(uprightStance(box, pose, ASPECT)).toBeNull();
  });

  it("tells the upright from those who lie", () => {
    expect(isUpright(boxOf({}), poseOf({}), ASPECT)).toBe(true);
    expect(isUpright(boxOf({}), lying(poseOf({})), ASPECT)).toBe(false);
    expect(isUpright({ x1: 0.2, y1: 0.7, x2: 0.6, y2: 0.9 }, null, ASPECT)).toBe(false);
  });
});

describe("a box", () => {
  it("is covered by as much as the largest other one takes of it", () => {
    const box = { x1: 0.2, y1: 0.2, x2: 0.4, y2: 0.6 };
    expect(coveredShare(box, [])).toBe(0);
    expect(
      coveredShare(box, [
        { x1: 0.3, y1: 0, x2: 0.5, y2: 1 },
        { x1: 0.38, y1: 0, x2: 0.5, y2: 1 },
      ]),
    ).toBeCloseTo(0.5);
    expect(coveredShare(box, [{ x1: 0, y1: 0, x2: 1, y2: 1 }])).toBe(1);
  });

  it("that reaches the picture's edge is cut off", () => {
    expect(isCutOff({ x1: 0.2, y1: 0.2, x2: 0.4, y2: 1.02 })).toBe(true);
    expect(isCutOff({ x1: 0.2, y1: 0.2, x2: 0.4, y2: 0.9 })).toBe(false);
  });
});
