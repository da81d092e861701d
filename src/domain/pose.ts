import type { Box, Point } from "./geometry.ts";

/** COCO's 17 keypoints in COCO's order, which MoveNet and the YOLO pose models share. */
export const KEYPOINTS = [
  "nose",
  "left_eye",
  "right_eye",
  "left_ear",
  "right_ear",
  "left_shoulder",
  "right_shoulder",
  "left_elbow",
  "right_elbow",
  "left_wrist",
  "right_wrist",
  "left_hip",
  "right_hip",
  "left_knee",
  "right_knee",
  "left_ankle",
  "right_ankle",
] as const;

export type KeypointName = (typeof KEYPOINTS)[number];

/** Bones to draw, as indices into KEYPOINTS. */
export const SKELETON: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, 2],
  [1, 3],
  [2, 4],
  [5, 6],
  [5, 7],
  [7, 9],
  [6, 8],
  [8, 10],
  [5, 11],
  [6, 12],
  [11, 12],
  [11, 13],
  [13, 15],
  [12, 14],
  [14, 16],
];

/** Below this a keypoint is a guess (MoveNet: keypoints from .2 on are usable). */
export const KEYPOINT_FLOOR = 0.2;

export interface Keypoint extends Point {
  /** 0..1 */
  readonly confidence: number;
}

/** Exactly 17 keypoints in the order of KEYPOINTS, normalised to the picture. */
export type Pose = readonly Keypoint[];

/** One person box in one frame. */
export interface Detection {
  readonly box: Box;
  /** 0..1, on the scale of the model that made it. */
  readonly confidence: number;
  readonly pose: Pose | null;
  /** What the body looks like, of unit length; left out where nothing asked for it. */
  readonly appearance?: Float32Array;
}

export function keypoint(pose: Pose, name: KeypointName, floor = KEYPOINT_FLOOR): Keypoint | null {
  const point = pose[KEYPOINTS.indexOf(name)];
  return point !== undefined && point.confidence >= floor ? point : null;
}
