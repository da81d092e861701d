// What one track's body does: its angles and shape now, and how fast head and shoulders and hips go down. Lengths are in
// body lengths L (see bodyLengthOf), times in seconds of media time. Pure: (memory, track) -> { memory, features }.
import { type Box, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import {
  ANKLES,
  angleFromVertical,
  type BodyPoints,
  centreOf,
  HEAD,
  HIPS,
  horizontalSpread,
  KNEES,
  quantile,
  SHOULDERS,
  stretchBox,
  stretchPose,
} from "./body-geometry.ts";

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
const SPEED_WINDOW_MIN_S = 0.09;
const SPEED_WINDOW_MAX_S = 0.45;

/** One frame in which the body was seen. Coordinates in picture heights. */
export interface BodySample {
  readonly timeS: number;
  readonly box: Box;
  readonly points: BodyPoints | null;
  /** Where head and shoulders are, from the top. */
  readonly headY: number;
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

export interface BodyFeatures {
  readonly timeS: number;
  /** Picture heights. */
  readonly bodyLength: number;
  readonly box: Box;
  readonly points: BodyPoints | null;
  /** Detection score of this frame. */
  readonly confidence: number;
  /** Centre of head and shoulders, picture heights from the left and top; the upper part of the box without keypoints. */
  readonly head: Point;
  readonly hips: Point | null;
  /** Downward speeds, L/s, head and shoulders weighed alike. Null in a track's first frames and after a gap. */
  readonly headSpeed: number | null;
  readonly hipSpeed: number | null;
  /** Fastest descent in the last 4 s, L/s, and how far head and shoulders are below their highest place in them, L. */
  readonly recentPeakSpeed: number;
  readonly recentDrop: number;
  /** Degrees from the vertical, folded to 0..90; the axis runs from the head to the feet. Null without the keypoints. */
  readonly torsoAngle: number | null;
  readonly axisAngle: number | null;
  /** From the hips to the feet. */
  readonly legAngle: number | null;
  /** How far the shoulders are above the hips, and the hips above the feet, L. About .3 and .42 standing, 0 lying. */
  readonly torsoRise: number | null;
  readonly legDrop: number | null;
  /** How far the hips are above the knees, against the length of the torso: .85 standing, 0 to .5 seated. */
  readonly thighDrop: number | null;
  /** Of the box, and of the keypoints' standard deviations. */
  readonly widthOverHeight: number;
  readonly spread: number | null;
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
  const kept = memory.samples.filter((sample) => sample.timeS > timeS - MEMORY_S);
  const head = headOf(box, points);
  const bodyLength = bodyLengthOf([...kept.map((sample) => sample.box), box]);
  const from = nearestTo(kept, timeS - SPEED_WINDOW_S, timeS);
  const headFall = from && headFallSince(from, { timeS, box, points });
  const hipFall = from && fallSince(from, { timeS, points }, HIPS);
  const before = kept.at(-1);
  const headSpeed = meanOf(before?.headFall ?? null, headFall, bodyLength);
  const sample: BodySample = { timeS, box, points, headY: head.y, headFall, hipFall, headSpeed };
  const samples = [...kept, sample];
  const heights = samples.map((other) => boxHeight(other.box));
  const highest = Math.min(...samples.map((other) => other.headY));
  return {
    memory: { samples },
    features: {
      timeS,
      bodyLength,
      box,
      points,
      confidence: track.confidence,
      head,
      headSpeed,
      hipSpeed: meanOf(before?.hipFall ?? null, hipFall, bodyLength),
      recentPeakSpeed: Math.max(0, ...samples.map((other) => other.headSpeed ?? 0)),
      recentDrop: (head.y - highest) / bodyLength,
      tallest: quantile(heights, 0.95) ?? boxHeight(box),
      ...shapeOf(box, points, head, bodyLength),
    },
  };
}

type Shape = Pick<
  BodyFeatures,
  | "hips"
  | "torsoAngle"
  | "axisAngle"
  | "legAngle"
  | "torsoRise"
  | "legDrop"
  | "thighDrop"
  | "widthOverHeight"
  | "spread"
>;

function shapeOf(box: Box, points: BodyPoints | null, head: Point, bodyLength: number): Shape {
  const height = boxHeight(box);
  const widthOverHeight = height > 0 ? boxWidth(box) / height : 0;
  if (points === null) {
    const angles = { torsoAngle: null, axisAngle: null, legAngle: null };
    return {
      hips: null,
      ...angles,
      torsoRise: null,
      legDrop: null,
      thighDrop: null,
      spread: null,
      widthOverHeight,
    };
  }
  const shoulders = centreOf(points, SHOULDERS);
  const hips = centreOf(points, HIPS);
  const knees = centreOf(points, KNEES);
  const ankles = centreOf(points, ANKLES);
  const torso = shoulders && hips && Math.hypot(hips.x - shoulders.x, hips.y - shoulders.y);
  // A thigh is half a leg, where the feet are out of sight.
  const feetY = ankles?.y ?? (hips && knees && 2 * knees.y - hips.y);
  return {
    hips,
    torsoAngle: angleFromVertical(shoulders, hips),
    axisAngle: angleFromVertical(head, ankles ?? knees ?? hips),
    legAngle: angleFromVertical(hips, ankles ?? knees),
    torsoRise: shoulders && hips && (hips.y - shoulders.y) / bodyLength,
    legDrop: hips && feetY !== null ? (feetY - hips.y) / bodyLength : null,
    thighDrop: torso !== null && torso > 0 && hips && knees ? (knees.y - hips.y) / torso : null,
    widthOverHeight,
    spread: horizontalSpread(points),
  };
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

type Moment = Pick<BodySample, "timeS" | "box" | "points">;

/** Head and shoulders weighed alike; shoulders alone are as good, the head alone leads in every stoop. */
function headFallSince(from: Moment, now: Moment): number | null {
  if (now.points === null || from.points === null) {
    // Without keypoints the box's upper edge is what there is.
    return (now.box.y1 - from.box.y1) / (now.timeS - from.timeS);
  }
  const head = fallSince(from, now, HEAD);
  const shoulders = fallSince(from, now, SHOULDERS);
  return head !== null && shoulders !== null ? (head + shoulders) / 2 : (head ?? shoulders);
}

/**
 * Picture heights per second downwards, over those of the named keypoints that are seen in both frames: a point that
 * comes or goes would otherwise look like a jump of a tenth of a body.
 */
function fallSince(
  from: Pick<Moment, "timeS" | "points">,
  now: Pick<Moment, "timeS" | "points">,
  indices: readonly number[],
): number | null {
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

function nearestTo(samples: readonly BodySample[], wantedS: number, nowS: number): BodySample | null {
  let best: BodySample | null = null;
  for (const sample of samples) {
    const age = nowS - sample.timeS;
    if (age < SPEED_WINDOW_MIN_S || age > SPEED_WINDOW_MAX_S) continue;
    if (best === null || Math.abs(sample.timeS - wantedS) < Math.abs(best.timeS - wantedS)) best = sample;
  }
  return best;
}

/** One misplaced pose is not a fall: a speed takes two frames. In L/s. */
function meanOf(before: number | null, now: number | null, bodyLength: number): number | null {
  return before === null || now === null ? null : (before + now) / 2 / bodyLength;
}
