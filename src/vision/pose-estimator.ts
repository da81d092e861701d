import type { RgbImage } from "../domain/frame.ts";
import type { Pose } from "../domain/pose.ts";

/** Finds the keypoints of the one person in the middle of a crop. */
export interface PoseEstimator {
  /** Side of the square crop it takes, pixels. */
  readonly inputSide: number;
  /** Keypoints come back normalised to the crop, which is only read. Throws AppError `inference.failed`. */
  estimate(crop: RgbImage): Promise<Pose>;
}

/** Mean over all keypoints, 0..1: how sure a pose is as a whole. */
export function poseConfidence(pose: Pose): number {
  if (pose.length === 0) return 0;
  let sum = 0;
  for (const { confidence } of pose) sum += confidence;
  return sum / pose.length;
}
