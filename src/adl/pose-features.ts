// What one track's body does: its angles and shape now, how fast head and shoulders and hips go down, where it moves and
// how still it is. Lengths are in body lengths L (see bodyLengthOf), times in seconds of media time. Pure:
// (memory, track) -> { memory, features }.
import { type Box, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import {
  type BodyPoints,
  centreOf,
  HEAD,
  quantile,
  SHOULDERS,
  stretchBox,
  stretchPose,
} from "./body-geometry.ts";
import {
  certaintyOf,
  headFallSince,
  hipFallSince,
  type Moment,
  motionSince,
  nearestTo,
  travelSince,
} from "./body-motion.ts";
import { type BodyShape, shapeOf } from "./body-shape.ts";

/** Shorter, and a body that has been lying for a while forgets how long it is; longer, and one that walks away stays big. */
const MEMORY_S = 4;
/** 80th percentile: a box that briefly swallows a chair does not count, a person bent over for most of the window does not shrink. */
const LENGTH_QUANTILE = 0.8;
/**
 * Speeds over .2 s separate falls best (AUC .97; over 1 s .92): a fall takes .5 to 1 s. Two frames' speeds are averaged:
 * at one false alarm that found 92 of 99 falls, a median of three, which lags more, 87.
 */
const SPEED_WINDOW_S = 0.2;
/** Frames this near to .2 s may stand in for it (5 frames/s, a dropped frame). */
const SPEED_WINDOW = { leastS: 0.09, mostS: 0.45 };
/** Walking and stillness show over a second: two steps, or a breath and a half. */
const MOTION_WINDOW_S = 1;
const MOTION_WINDOW = { leastS: 0.7, mostS: 2 };

/** One frame in which the body was seen. Coordinates in picture heights. */
export interface BodySample extends Moment {
  /** Where head and shoulders are, from the top, and the hips. */
  readonly headY: number;
  readonly hipY: number | null;
  /** Downward speeds up to this frame, picture heights per second. */
  readonly headFall: number | null;
  readonly hipFall: number | null;
  /** Averaged, L/s. */
  readonly headSpeed: number | null;
}

export interface BodyMemory {
  /** The frames of the last 4 s in which the body was seen, oldest first. */
  readonly samples: readonly BodySample[];
}

export const NO_MEMORY: BodyMemory = { samples: [] };

export interface BodyFeatures extends BodyShape {
  readonly timeS: number;
  /** Picture heights. */
  readonly bodyLength: number;
  readonly box: Box;
  readonly points: BodyPoints | null;
  /** Detection score of this frame. */
  readonly confidence: number;
  /** How far the speeds can be believed, 0..1. */
  readonly certainty: number;
  /** Centre of head and shoulders, picture heights from the left and top; the upper part of the box without keypoints. */
  readonly head: Point;
  /** Downward speeds, L/s, head and shoulders weighed alike. Null in a track's first frames and after a gap. */
  readonly headSpeed: number | null;
  readonly hipSpeed: number | null;
  /** How fast the body changes its place, and how much it moves in itself, L/s over a second. Null in the first one. */
  readonly travelSpeed: number | null;
  readonly motion: number | null;
  /**
   * Fastest descent in the last 4 s, L/s, and when it was; how far head and shoulders, and the hips, are below their
   * highest place in them, L.
   */
  readonly recentPeakSpeed: number;
  readonly recentPeakS: number | null;
  readonly recentDrop: number;
  readonly hipDrop: number | null;
  /** Height of the box at its tallest in the last 4 s (95th percentile), picture heights. */
  readonly tallest: number;
}

/** The body in this frame; null when the track was not detected in it (the memory is then returned unchanged). */
export function observeBody(
  memory: BodyMemory,
  track: Track,
  timeS: number,
  aspect: number,
): { readonly memory: BodyMemory; readonly features: BodyFeatures | null } {
  const last = memory.samples.at(-1);
  if (!track.detected || (last !== undefined && timeS <= last.timeS)) return { memory, features: null };
  const box = stretchBox(track.box, aspect);
  const points = track.pose === null ? null : stretchPose(track.pose, aspect);
  const now: Moment = { timeS, box, points, certainty: certaintyOf(track.pose) };
  const kept = memory.samples.filter((sample) => sample.timeS > timeS - MEMORY_S);
  const head = headOf(box, points);
  const bodyLength = bodyLengthOf([...kept.map((sample) => sample.box), box]);
  const shape = shapeOf(box, points, head, bodyLength);
  const from = nearestTo(kept, timeS - SPEED_WINDOW_S, { nowS: timeS, ...SPEED_WINDOW });
  const longAgo = nearestTo(kept, timeS - MOTION_WINDOW_S, { nowS: timeS, ...MOTION_WINDOW });
  const headFall = from && headFallSince(from, now);
  const hipFall = from && hipFallSince(from, now);
  const before = kept.at(-1);
  const headSpeed = meanOf(before?.headFall ?? null, headFall, bodyLength);
  const hipY = shape.hips?.y ?? null;
  const samples = [...kept, { ...now, headY: head.y, hipY, headFall, hipFall, headSpeed }];
  const heights = samples.map((other) => boxHeight(other.box));
  const fastest = fastestOf(samples);
  const highest = Math.min(...samples.map((other) => other.headY));
  const highestHips = Math.min(...samples.map((other) => other.hipY ?? Number.POSITIVE_INFINITY));
  return {
    memory: { samples },
    features: {
      timeS,
      bodyLength,
      box,
      points,
      confidence: track.confidence,
      certainty: now.certainty,
      head,
      headSpeed,
      hipSpeed: meanOf(before?.hipFall ?? null, hipFall, bodyLength),
      travelSpeed: longAgo && travelSince(longAgo, now) / bodyLength,
      motion: longAgo && motionSince(longAgo, now) / bodyLength,
      recentPeakSpeed: fastest?.headSpeed ?? 0,
      recentPeakS: fastest?.timeS ?? null,
      recentDrop: (head.y - highest) / bodyLength,
      hipDrop: hipY === null ? null : (hipY - highestHips) / bodyLength,
      tallest: quantile(heights, 0.95) ?? boxHeight(box),
      ...shape,
    },
  };
}

/** The sample with the greatest downward speed; null while the body has only gone up. */
function fastestOf(samples: readonly BodySample[]): BodySample | null {
  let fastest: BodySample | null = null;
  for (const sample of samples) {
    if ((sample.headSpeed ?? 0) > (fastest?.headSpeed ?? 0)) fastest = sample;
  }
  return fastest;
}

/**
 * How long this body has been in the picture of late, picture heights. Somebody seated counts as short as they are: who
 * falls off a chair has less height to gather speed in; measured by the full length (from the torso, which is .287 of it)
 * ten more of 104 falls were slower than lying down on purpose.
 */
function bodyLengthOf(boxes: readonly Box[]): number {
  const longSides = boxes.map((box) => Math.max(boxWidth(box), boxHeight(box)));
  return Math.max(quantile(longSides, LENGTH_QUANTILE) ?? 0, Number.EPSILON);
}

/** Head and shoulders, weighed alike however many of the head's five points are seen. */
function headOf(box: Box, points: BodyPoints | null): Point {
  const head = points && centreOf(points, HEAD);
  const shoulders = points && centreOf(points, SHOULDERS);
  if (head && shoulders) return { x: (head.x + shoulders.x) / 2, y: (head.y + shoulders.y) / 2 };
  // Where head and shoulders are in an upright body's box, 15 % from its top.
  return head ?? shoulders ?? { x: (box.x1 + box.x2) / 2, y: box.y1 + 0.15 * boxHeight(box) };
}

/** One misplaced pose is not a fall: a speed takes two frames. In L/s. */
function meanOf(before: number | null, now: number | null, bodyLength: number): number | null {
  return before === null || now === null ? null : (before + now) / 2 / bodyLength;
}
