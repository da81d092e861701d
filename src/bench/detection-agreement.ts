import { iou } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import { KEYPOINT_FLOOR } from "../domain/pose.ts";
import { spreadOf } from "./spread.ts";

/** How like two runs of a detector on the same pictures are, in what is made of their outputs. */
export interface DetectionAgreement {
  /** People that one found. */
  readonly people: number;
  /** Share of them that the other found in the same place, 0..1. */
  readonly sameBoxes: number;
  /** How far their keypoints lie apart, pixels of the detector's input; null without poses. */
  readonly keypointPx: { readonly median: number; readonly max: number } | null;
}

/** Rounding of 16-bit arithmetic moves a box's edge by less than a hundredth of it; another person's box is elsewhere. */
const SAME_IOU = 0.9;

/**
 * Compares detections picture by picture. `sizes` are the pictures', pixels; `floor` is the confidence from which on a
 * detection counts.
 */
export function detectionAgreement(
  expected: readonly (readonly Detection[])[],
  actual: readonly (readonly Detection[])[],
  { sizes, floor }: { readonly sizes: readonly { width: number; height: number }[]; readonly floor: number },
): DetectionAgreement {
  let people = 0;
  let same = 0;
  const distances: number[] = [];
  expected.forEach((detections, picture) => {
    const { width = 0, height = 0 } = sizes[picture] ?? {};
    for (const one of detections) {
      if (one.confidence < floor) continue;
      people += 1;
      const other = nearest(one, actual[picture] ?? []);
      if (other === null || iou(one.box, other.box) < SAME_IOU) continue;
      same += 1;
      one.pose?.forEach((joint, index) => {
        const twin = other.pose?.[index];
        if (twin === undefined || joint.confidence < KEYPOINT_FLOOR || twin.confidence < KEYPOINT_FLOOR)
          return;
        distances.push(Math.hypot((joint.x - twin.x) * width, (joint.y - twin.y) * height));
      });
    }
  });
  const { median, max } = spreadOf(distances);
  return {
    people,
    sameBoxes: people === 0 ? 1 : same / people,
    keypointPx: distances.length === 0 ? null : { median, max },
  };
}

function nearest({ box }: Detection, others: readonly Detection[]): Detection | null {
  let best: Detection | null = null;
  for (const other of others) if (best === null || iou(box, other.box) > iou(box, best.box)) best = other;
  return best;
}
