// Bodies that stand and walk before a camera, as the tracker reports them.
import type { Box } from "../../src/domain/geometry.ts";
import type { Keypoint, Pose } from "../../src/domain/pose.ts";
import type { Track } from "../../src/domain/track.ts";

export const WIDTH = 1280;
export const HEIGHT = 720;
export const ASPECT = WIDTH / HEIGHT;

type View = "front" | "back" | "left" | "right";

/** COCO's points of somebody who stands, metres: beside the middle (to their left), before it, above the floor. */
const JOINTS: readonly (readonly [side: number, ahead: number, up: number])[] = [
  [0, 0.12, 1.56],
  [0.032, 0.09, 1.6],
  [-0.032, 0.09, 1.6],
  [0.07, 0, 1.58],
  [-0.07, 0, 1.58],
  [0.18, 0, 1.4],
  [-0.18, 0, 1.4],
  [0.22, 0, 1.12],
  [-0.22, 0, 1.12],
  [0.23, 0.05, 0.87],
  [-0.23, 0.05, 0.87],
  [0.12, 0, 0.92],
  [-0.12, 0, 0.92],
  [0.12, 0.01, 0.5],
  [-0.12, 0.01, 0.5],
  [0.12, 0, 0.08],
  [-0.12, 0, 0.08],
];
const TURN: Readonly<Record<View, number>> = {
  front: 0,
  left: Math.PI / 2,
  back: Math.PI,
  right: -Math.PI / 2,
};
const LEGS_AND_WRISTS = new Set([9, 10, 13, 14, 15, 16]);

export interface Standing {
  readonly view?: View;
  /** Middle of the feet, shares of the picture. */
  readonly x?: number;
  readonly footY?: number;
  /** Of the whole body, shares of the picture's height. */
  readonly height?: number;
  /** Phase of the walk, radians; left out for somebody who stands. */
  readonly phase?: number;
  readonly confidence?: number;
}

/** A pose as a camera at the height of the body sees it from far away. */
export function poseOf({
  view = "front",
  x = 0.5,
  footY = 0.9,
  height = 0.6,
  phase,
  confidence = 0.7,
}: Standing): Pose {
  const scale = height / 1.75;
  const turn = TURN[view];
  return JOINTS.map(([side, ahead, up], index): Keypoint => {
    const swings = phase !== undefined && LEGS_AND_WRISTS.has(index);
    const swing = swings ? 0.3 * (1 - Math.min(1, up)) * Math.sin(phase) * (index % 2 === 0 ? -1 : 1) : 0;
    // Facing the camera, the left side is to the right in the picture.
    const right = side * Math.cos(turn) - (ahead + swing) * Math.sin(turn);
    return { x: x + (scale * right) / ASPECT, y: footY - scale * up, confidence };
  });
}

export function boxOf({ x = 0.5, footY = 0.9, height = 0.6 }: Standing): Box {
  const half = (0.28 * height) / 1.75 / ASPECT;
  return { x1: x - half, y1: footY - height, x2: x + half, y2: footY };
}

export function trackOf(id: number, standing: Standing, changes: Partial<Track> = {}): Track {
  return {
    id,
    state: "confirmed",
    box: boxOf(standing),
    confidence: 0.6,
    pose: poseOf(standing),
    detected: true,
    firstSeenS: 0,
    lastSeenS: 0,
    ...changes,
  };
}
