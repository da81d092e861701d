// Lengths and angles of one body in one frame. Everything here is in picture heights: x is stretched by the picture's
// aspect first, since normalised x and y are not the same length.
import type { Box, Point } from "../domain/geometry.ts";
import { KEYPOINT_FLOOR, type Pose } from "../domain/pose.ts";

/** Keypoints by index into KEYPOINTS; null where the model only guessed. */
export type BodyPoints = readonly (Point | null)[];

export const HEAD = [0, 1, 2, 3, 4] as const;
export const SHOULDERS = [5, 6] as const;
export const WRISTS = [9, 10] as const;
export const HIPS = [11, 12] as const;
export const KNEES = [13, 14] as const;
export const ANKLES = [15, 16] as const;

export function stretchBox(box: Box, aspect: number): Box {
  return { x1: box.x1 * aspect, y1: box.y1, x2: box.x2 * aspect, y2: box.y2 };
}

export function stretchPose(pose: Pose, aspect: number): BodyPoints {
  return pose.map(({ x, y, confidence }) => (confidence >= KEYPOINT_FLOOR ? { x: x * aspect, y } : null));
}

/** Centre of those of the named points that are seen; null when none is. */
export function centreOf(points: BodyPoints, indices: readonly number[]): Point | null {
  let x = 0;
  let y = 0;
  let count = 0;
  for (const index of indices) {
    const point = points[index];
    if (point === null || point === undefined) continue;
    x += point.x;
    y += point.y;
    count += 1;
  }
  return count === 0 ? null : { x: x / count, y: y / count };
}

/**
 * Angle between a line and the vertical, degrees, folded to 0..90: estimators swap head and feet of people who are
 * upside down, so the direction along the line says nothing.
 */
export function angleFromVertical(from: Point | null, to: Point | null): number | null {
  if (from === null || to === null) return null;
  const dx = Math.abs(to.x - from.x);
  const dy = Math.abs(to.y - from.y);
  return dx === 0 && dy === 0 ? null : (Math.atan2(dx, dy) * 180) / Math.PI;
}

/** Standard deviation of x over that of y of all points seen; above 1 the body is spread sideways. Null below 5 points. */
export function horizontalSpread(points: BodyPoints): number | null {
  const seen = points.filter((point) => point !== null);
  if (seen.length < 5) return null;
  const deviation = (values: readonly number[]): number => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  };
  const vertical = deviation(seen.map((point) => point.y));
  return vertical === 0 ? null : deviation(seen.map((point) => point.x)) / vertical;
}

/** The value below which `share` (0..1) of the values lie; null for none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
