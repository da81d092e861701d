import { describe, expect, it } from "vitest";
import { bedRelation, restingZone, shareInside } from "../../src/adl/resting-place.ts";
import type { Posture } from "../../src/domain/activity.ts";
import type { Box, Point } from "../../src/domain/geometry.ts";
import type { Pose } from "../../src/domain/pose.ts";
import type { Zone, ZoneKind } from "../../src/domain/zone.ts";

function zone(kind: ZoneKind, y1: number, y2: number): Zone {
  const polygon = [
    { x: 0.1, y: y1 },
    { x: 0.9, y: y1 },
    { x: 0.9, y: y2 },
    { x: 0.1, y: y2 },
  ];
  return { id: kind, name: kind, kind, leadsTo: null, polygon };
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

  describe("to a bed", () => {
    /** Somebody who sits: shoulders above the hips, feet where they are said to be. */
    function sitter(hips: Point, feet: Point): { box: Box; pose: Pose } {
      const at = (index: number): Point => {
        if (index <= 10) return { x: hips.x, y: hips.y - 0.04 - 0.012 * (10 - index) };
        if (index <= 12) return hips;
        const share = index <= 14 ? 0.5 : 1;
        return { x: hips.x + (feet.x - hips.x) * share, y: hips.y + (feet.y - hips.y) * share };
      };
      const pose = Array.from({ length: 17 }, (_, index) => ({ ...at(index), confidence: 0.5 }));
      const xs = pose.map(({ x }) => x);
      const ys = pose.map(({ y }) => y);
      const box = { x1: Math.min(...xs), x2: Math.max(...xs), y1: Math.min(...ys), y2: Math.max(...ys) };
      return { box, pose };
    }
    const stands = (box: Box, posture: Posture, pose: Pose | null = poseIn(box)) =>
      bedRelation(BED, { box, pose, posture, aspect: 4 / 3 });

    it("is in it who lies there, and away from it who stands before it or lies beside it", () => {
      expect(stands(ON_IT, "lying")).toBe("in");
      expect(stands({ ...BEFORE_IT, y2: 0.9 }, "standing")).toBe("away");
      expect(stands({ ...BEFORE_IT, y1: 0.57 }, "lying")).toBe("away");
    });

    it("is in it who lies across it with an arm hanging out, but not who lies before it", () => {
      const lying = (y: number, hand: number) =>
        Array.from({ length: 17 }, (_, index) => ({
          x: 0.3 + 0.02 * index,
          y: index === 9 ? hand : y,
          confidence: 0.5,
        }));
      const box: Box = { x1: 0.28, y1: 0.5, x2: 0.64, y2: 0.75 };
      expect(stands(box, "lying", lying(0.53, 0.74))).toBe("in");
      expect(stands({ ...box, y1: 0.6 }, "lying", lying(0.63, 0.74))).toBe("away");
    });

    it("reclines in it who seems to stand or sit because they lie along the line of sight", () => {
      expect(stands(ON_IT, "standing")).toBe("reclining");
      expect(stands(ON_IT, "sitting")).toBe("reclining");
    });

    it("is on its edge who sits there with the feet outside, upon it who might, and reclines in it with the legs up", () => {
      const edge = sitter({ x: 0.5, y: 0.56 }, { x: 0.52, y: 0.8 });
      expect(stands(edge.box, "sitting", edge.pose)).toBe("edge");
      const farSide = sitter({ x: 0.5, y: 0.5 }, { x: 0.52, y: 0.52 });
      expect(stands(farSide.box, "sitting", farSide.pose)).toBe("upon");
      const legsUp = sitter({ x: 0.5, y: 0.56 }, { x: 0.75, y: 0.58 });
      expect(stands(legsUp.box, "sitting", legsUp.pose)).toBe("reclining");
    });

    it("is away from it who sits on the floor before it, however much of it they cover", () => {
      const floor = sitter({ x: 0.5, y: 0.69 }, { x: 0.6, y: 0.78 });
      expect(stands(floor.box, "sitting", floor.pose)).toBe("away");
    });

    it("is not told of who bends over it, nor of a box without a body", () => {
      expect(stands(BEFORE_IT, "bending")).toBe("between");
      expect(stands(ON_IT, "unknown", null)).toBe("between");
      expect(stands(ON_IT, "lying", null)).toBe("in");
    });
  });
});
