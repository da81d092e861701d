import { describe, expect, it } from "vitest";
import { bedRelation, restingZone, shareInside } from "../../src/adl/resting-place.ts";
import type { Box } from "../../src/domain/geometry.ts";
import type { Pose } from "../../src/domain/pose.ts";
import type { Zone, ZoneKind } from "../../src/domain/zone.ts";

function zone(kind: ZoneKind, y1: number, y2: number): Zone {
  const polygon = [
    { x: 0.1, y: y1 },
    { x: 0.9, y: y1 },
    { x: 0.9, y: y2 },
    { x: 0.1, y: y2 },
  ];
  return { id: kind, name: kind, kind, polygon };
}

/** Keypoints evenly from the top to the bottom of a box. */
function poseIn(box: Box): Pose {
  return Array.from({ length: 17 }, (_, n) => ({
    x: (box.x1 + box.x2) / 2,
    y: box.y1 + ((box.y2 - box.y1) * n) / 16,
    confidence: 0.5,
  }));
}

const BED = zone("bed", 0.4, 0.6);
const ON_IT: Box = { x1: 0.3, y1: 0.42, x2: 0.7, y2: 0.56 };
const BEFORE_IT: Box = { x1: 0.3, y1: 0.5, x2: 0.7, y2: 0.68 };

describe("where a body rests", () => {
  it("is the bed it lies on, not the bed it covers in the picture", () => {
    expect(restingZone([BED], ON_IT, poseIn(ON_IT))).toBe(BED);
    expect(shareInside(BED, BEFORE_IT, poseIn(BEFORE_IT))).toBeGreaterThan(0.5);
    expect(restingZone([BED], BEFORE_IT, poseIn(BEFORE_IT))).toBeNull();
  });

  it("is the sofa rather than the floor around it, and never an ignored zone", () => {
    const sofa = zone("sofa", 0.4, 0.6);
    const pose = poseIn(ON_IT);
    expect(restingZone([zone("floor", 0, 1), zone("ignore", 0, 1), sofa], ON_IT, pose)).toBe(sofa);
    expect(restingZone([zone("ignore", 0, 1)], ON_IT, pose)).toBeNull();
  });

  it("is told by the box where there are no keypoints", () => {
    expect(shareInside(BED, ON_IT, null)).toBe(1);
    expect(shareInside(BED, { ...ON_IT, y2: 0.9 }, null)).toBe(0);
    const guesses = poseIn(ON_IT).map((point) => ({ ...point, y: 0, confidence: 0.1 }));
    expect(shareInside(BED, ON_IT, guesses)).toBe(1);
  });

  it("stands to a bed as in, on its edge, away, or in between", () => {
    const edge: Box = { x1: 0.4, y1: 0.45, x2: 0.6, y2: 0.85 };
    expect(bedRelation(BED, ON_IT, poseIn(ON_IT), "lying")).toBe("in");
    expect(bedRelation(BED, ON_IT, poseIn(ON_IT), "standing")).toBe("away");
    expect(bedRelation(BED, edge, poseIn(edge), "sitting")).toBe("edge");
    expect(bedRelation(BED, edge, poseIn(edge), "unknown")).toBe("between");
    const far: Box = { x1: 0.4, y1: 0.58, x2: 0.6, y2: 0.95 };
    expect(bedRelation(BED, far, poseIn(far), "sitting")).toBe("away");
  });
});
