import { KEYPOINT_FLOOR, type Pose } from "../domain/pose.ts";

/** COCO's standard deviations of annotators per keypoint, as shares of the body's size (cocodataset.org, keypoints-eval). */
const SIGMAS: readonly number[] = [
  0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087,
  0.089, 0.089,
];

/**
 * Object keypoint similarity (COCO), 0..1, over the keypoints that both poses show; null when they share none.
 * `aspect` is the picture's width over its height; `area` is the body's box area in squared picture heights.
 */
export function keypointSimilarity(a: Pose, b: Pose, aspect: number, area: number): number | null {
  let sum = 0;
  let shared = 0;
  for (const [index, sigma] of SIGMAS.entries()) {
    const p = a[index];
    const q = b[index];
    if (p === undefined || q === undefined) continue;
    if (p.confidence < KEYPOINT_FLOOR || q.confidence < KEYPOINT_FLOOR) continue;
    const squaredDistance = ((p.x - q.x) * aspect) ** 2 + (p.y - q.y) ** 2;
    sum += Math.exp(-squaredDistance / (2 * area * (2 * sigma) ** 2));
    shared += 1;
  }
  return shared === 0 ? null : sum / shared;
}
