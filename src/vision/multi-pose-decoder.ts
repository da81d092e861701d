import { type Detection, KEYPOINTS, type Keypoint } from "../domain/pose.ts";
import type { InputFit } from "./person-detector.ts";

const KEYPOINT_VALUES = 3;
const BOX_AT = KEYPOINTS.length * KEYPOINT_VALUES;
const SCORE_AT = BOX_AT + 4;
/** 17 keypoints of (y, x, score), then ymin, xmin, ymax, xmax, score. */
export const MULTI_POSE_ROW = SCORE_AT + 1;

/**
 * Decodes the output of MoveNet MultiPose, [1, 6, 56], normalised to the input including its padding, into detections
 * normalised to the picture. Rows below `floor`, without area, or with a value that is not a number are left out: the
 * model always fills its six rows.
 */
export function decodeMultiPose(output: Float32Array, fit: InputFit, floor: number): Detection[] {
  const scaleX = fit.width / fit.contentWidth;
  const scaleY = fit.height / fit.contentHeight;
  const detections: Detection[] = [];
  for (let at = 0; at + MULTI_POSE_ROW <= output.length; at += MULTI_POSE_ROW) {
    const row = output.subarray(at, at + MULTI_POSE_ROW);
    const confidence = row[SCORE_AT] ?? 0;
    if (!(confidence >= floor) || !row.every(Number.isFinite)) continue;
    const [y1 = 0, x1 = 0, y2 = 0, x2 = 0] = row.subarray(BOX_AT, SCORE_AT);
    if (x2 <= x1 || y2 <= y1) continue;
    const pose: Keypoint[] = [];
    for (let point = 0; point < BOX_AT; point += KEYPOINT_VALUES) {
      const [y = 0, x = 0, score = 0] = row.subarray(point, point + KEYPOINT_VALUES);
      pose.push({ x: x * scaleX, y: y * scaleY, confidence: score });
    }
    detections.push({
      box: { x1: x1 * scaleX, y1: y1 * scaleY, x2: x2 * scaleX, y2: y2 * scaleY },
      confidence,
      pose,
    });
  }
  return detections.sort((a, b) => b.confidence - a.confidence);
}
