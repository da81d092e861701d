import type { RgbImage } from "../domain/frame.ts";
import type { Pose } from "../domain/pose.ts";

/** Finds the keypoints of the one person in the middle of a crop. */
export interface PoseEstimator {
  /** Side of the square crop it takes, pixels. */
  readonly inputSide: number;
  /** Keypoints come back normalised to the crop, which is only read. Throws AppError `inference.failed`. */
  estimate(crop: RgbImage): Promise<Pose>;
}
