import { boxHeight, boxWidth, iou } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import { keypointSimilarity } from "./keypoint-similarity.ts";

/**
 * Two boxes that overlap more than this are one body. MultiPose suppresses by itself: of 8,111 pairs at >= .1 on 152
 * clips none reached .5. So this is for models that do not, and high enough for a carer who holds somebody.
 */
export const SAME_BOX_IOU = 0.7;
/**
 * Two poses more alike than this (COCO's OKS) are one body, whatever their boxes: half a body detected beside the whole
 * one has the same joints (.83 to .99 on a street with 6 people at a time). Below, up to .7, are people side by side, when
 * the weaker one is given some joints of the other.
 */
export const SAME_POSE_OKS = 0.8;

/**
 * Keeps the surest detection of each body. `detections` come surest first; `aspect` is the picture's width over its
 * height.
 */
export function suppressDuplicates(detections: readonly Detection[], aspect: number): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of detections) {
    if (!kept.some((better) => isSameBody(better, candidate, aspect))) kept.push(candidate);
  }
  return kept;
}

function isSameBody(better: Detection, other: Detection, aspect: number): boolean {
  if (iou(better.box, other.box) > SAME_BOX_IOU) return true;
  if (better.pose === null || other.pose === null) return false;
  const area = boxWidth(better.box) * aspect * boxHeight(better.box);
  const similarity = keypointSimilarity(better.pose, other.pose, aspect, area);
  return similarity !== null && similarity > SAME_POSE_OKS;
}
