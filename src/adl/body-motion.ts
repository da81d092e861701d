// How a body moves: how fast head and shoulders and hips go down, where it travels to, and how still it is. Coordinates in
// picture heights, speeds in picture heights per second; y grows downwards.
import { type Box, boxHeight } from "../domain/geometry.ts";
import { KEYPOINT_FLOOR, type Pose } from "../domain/pose.ts";
import { type BodyPoints, centreOf, HEAD, HIPS, SHOULDERS } from "./body-geometry.ts";

/** What of a frame a movement is measured by. */
export interface Moment {
  readonly timeS: number;
  readonly box: Box;
  readonly points: BodyPoints | null;
  readonly certainty: number;
}

/**
 * How far head and shoulders can be believed, 0..1: the mean score of their keypoints, seen or not; 1 without a pose.
 * Somebody who walks out of the picture, or into the dark, leaves a pose of guesses that jumps about: below KEYPOINT_FLOOR
 * on the average it has no speed.
 */
export function certaintyOf(pose: Pose | null): number {
  if (pose === null) return 1;
  const upper = pose.slice(0, 7);
  return upper.reduce((sum, point) => sum + point.confidence, 0) / Math.max(1, upper.length);
}

/** Head and shoulders weighed alike; shoulders alone are as good, the head alone leads in every stoop. */
export function headFallSince(from: Moment, now: Moment): number | null {
  if (from.certainty < KEYPOINT_FLOOR || now.certainty < KEYPOINT_FLOOR) return null;
  if (now.points === null || from.points === null) {
    // Without keypoints the box's upper edge is what there is.
    return (now.box.y1 - from.box.y1) / (now.timeS - from.timeS);
  }
  const head = fallSince(from, now, HEAD);
  const shoulders = fallSince(from, now, SHOULDERS);
  return head !== null && shoulders !== null ? (head + shoulders) / 2 : (head ?? shoulders);
}

export function hipFallSince(from: Moment, now: Moment): number | null {
  return fallSince(from, now, HIPS);
}

/**
 * Downwards, over those of the named keypoints that are seen in both frames: a point that comes or goes would otherwise
 * look like a jump of a tenth of a body.
 */
function fallSince(from: Moment, now: Moment, indices: readonly number[]): number | null {
  let sum = 0;
  let count = 0;
  for (const index of indices) {
    const here = now.points?.[index];
    const there = from.points?.[index];
    if (!here || !there) continue;
    sum += here.y - there.y;
    count += 1;
  }
  return count === 0 ? null : sum / count / (now.timeS - from.timeS);
}

/** Focal length of indoor cameras, picture heights: .9 to 1.2, 45 to 58 degrees from top to bottom. */
const FOCAL = 1;

/**
 * How fast the body as a whole changes its place: the hips' way, or the middle of the box without them. Somebody who comes
 * straight towards the camera hardly moves in the picture but grows: by the pinhole camera, a share of the distance walked
 * is the same share of growth, and a distance is FOCAL * length / height in the picture.
 */
export function travelSince(from: Moment, now: Moment): number {
  const seconds = now.timeS - from.timeS;
  const here = (now.points && centreOf(now.points, HIPS)) ?? middleOf(now.box);
  const there = (from.points && centreOf(from.points, HIPS)) ?? middleOf(from.box);
  const [before, after] = [boxHeight(from.box), boxHeight(now.box)];
  const growth = Math.abs(after - before) / Math.max(before, after, Number.EPSILON);
  return Math.hypot(here.x - there.x, here.y - there.y, FOCAL * growth) / seconds;
}

/** How much the body moves in itself: the median way of the keypoints seen in both frames; of the box's corners without. */
export function motionSince(from: Moment, now: Moment): number {
  const seconds = now.timeS - from.timeS;
  const ways: number[] = [];
  for (const [index, here] of (now.points ?? []).entries()) {
    const there = from.points?.[index];
    if (here && there) ways.push(Math.hypot(here.x - there.x, here.y - there.y));
  }
  if (ways.length === 0) {
    const { box } = now;
    ways.push(Math.hypot(box.x1 - from.box.x1, box.y1 - from.box.y1));
    ways.push(Math.hypot(box.x2 - from.box.x2, box.y2 - from.box.y2));
  }
  ways.sort((a, b) => a - b);
  return (ways[Math.floor(ways.length / 2)] ?? 0) / seconds;
}

function middleOf(box: Box): { readonly x: number; readonly y: number } {
  return { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 };
}

/** The sample nearest to a time, among those of an age between the two limits; null when there is none. */
export function nearestTo<M extends { readonly timeS: number }>(
  samples: readonly M[],
  wantedS: number,
  { nowS, leastS, mostS }: { readonly nowS: number; readonly leastS: number; readonly mostS: number },
): M | null {
  let best: M | null = null;
  for (const sample of samples) {
    const age = nowS - sample.timeS;
    if (age < leastS || age > mostS) continue;
    if (best === null || Math.abs(sample.timeS - wantedS) < Math.abs(best.timeS - wantedS)) best = sample;
  }
  return best;
}
