// How somebody is built and walks, as a short vector, from a few seconds of 2-D poses: lengths of limbs in shares of the
// body, what the joints do, and the rhythm of the steps. It depends on the side a body is seen from, and it is a weak cue:
// of two stretches of three seconds, those of one track are likelier alike than those of two people in 59 of 100 cases
// (PETS09-S2L1, 18 people at ten poses a second; 57 for the same person in two tracks), 71 in one-by-one-person-detection.
import { KEYPOINT_FLOOR, KEYPOINTS, type KeypointName, type Pose } from "../domain/pose.ts";
import type { GaitSample } from "../domain/tracklet.ts";
import { GAIT_STATISTICS } from "./gait-statistics.ts";
import { autocorrelationPeak, deviation, mean, medianOf, resampled, withoutDrift } from "./time-series.ts";

/** Vectors of another version are never compared with these. */
export const GAIT_MODEL = "haven-gait-1";

/** What the vector's numbers are, in their order. Lengths are in shares of the length from shoulders to ankles. */
export const GAIT_FEATURES = [
  // Build: what is typical of each length over all frames. Foreshortening makes limbs shorter, so it is the upper quartile.
  "shoulder_width",
  "hip_width",
  "torso",
  "thigh",
  "shank",
  "upper_arm",
  "forearm",
  "head_height",
  // Joints, degrees / 90, both sides together: mean and spread.
  "knee_angle",
  "knee_spread",
  "hip_angle",
  "hip_spread",
  "elbow_angle",
  "elbow_spread",
  "lean",
  "lean_spread",
  // Rhythm: seconds of a step, how regular steps are (0..1), how far ankles, knees and wrists swing, bounce and sway.
  "step_period",
  "step_regularity",
  "step_amplitude",
  "knee_amplitude",
  "arm_swing",
  "bounce",
  "sway",
] as const;

export type GaitFeature = (typeof GAIT_FEATURES)[number];

export interface GaitPose {
  /** Media time, seconds; increasing. */
  readonly timeS: number;
  readonly pose: Pose;
}

/** Under this there is no stride to be seen: a step takes half a second, a stride a whole one. */
export const LEAST_FRAMES = 15;
export const LEAST_SECONDS = 1.5;
/** Steps of those who walk take .35 s (hurrying) to .9 s (very old). */
const STEP_PERIOD_S = { from: 0.3, to: 1 } as const;
/** Series are compared at equal steps of time. */
const RATE_HZ = 16;
/** What changes over more than a second is the way somebody goes, and not their step: 9 values on either side. */
const DRIFT_REACH = 9;
/** Ankles of somebody who walks across the picture swing by this, of those who stand by a tenth of it. */
const WALKING_AMPLITUDE = 0.06;
/** So many seconds say all there is: four strides. */
const ENOUGH_SECONDS = 4;
/** Standardised values are cut here: a joint that was found in the wrong place must not be all there is. */
const OUTLIER = 3;

/** Points of one body in one frame: x stretched by the aspect; null where it was not made out. */
type Body = (name: KeypointName) => { readonly x: number; readonly y: number } | null;

interface Frame {
  readonly timeS: number;
  readonly body: Body;
  /** From shoulders to ankles, picture heights. */
  readonly scale: number;
}

/**
 * The gait of a body that stands and walks upright; null for fewer than 15 usable poses or less than 1.5 s of them.
 * Poses without shoulders, hips and ankles are passed over.
 * @param aspect the picture's width over its height
 */
export function gaitOf(poses: readonly GaitPose[], aspect: number): GaitSample | null {
  const features = gaitFeatures(poses, aspect);
  if (features === null) return null;
  const { values, frames, seconds } = features;
  const vector = Float32Array.from(GAIT_FEATURES, (name) => standardised(name, values[name]));
  const length = Math.hypot(...vector);
  if (!(length > 0)) return null;
  const completeness = frames / poses.length;
  const walking = Math.min(1, (values.step_amplitude ?? 0) / WALKING_AMPLITUDE);
  const quality = completeness * walking * Math.min(1, seconds / ENOUGH_SECONDS);
  return { modelId: GAIT_MODEL, vector: vector.map((value) => value / length), quality, frames };
}

/** Before standardising; null where a feature cannot be told. For whoever measures what is usual. */
export function gaitFeatures(
  poses: readonly GaitPose[],
  aspect: number,
): {
  readonly values: Readonly<Record<GaitFeature, number | null>>;
  readonly frames: number;
  readonly seconds: number;
} | null {
  const frames = usable(poses, aspect);
  const seconds = (frames.at(-1)?.timeS ?? 0) - (frames[0]?.timeS ?? 0);
  if (frames.length < LEAST_FRAMES || seconds < LEAST_SECONDS) return null;
  const values = { ...buildOf(frames), ...jointsOf(frames), ...rhythmOf(frames) };
  return { values, frames: frames.length, seconds };
}

function usable(poses: readonly GaitPose[], aspect: number): readonly Frame[] {
  const seen = poses.flatMap(({ timeS, pose }): readonly Frame[] => {
    const body = bodyOf(pose, aspect);
    const shoulders = centre(body, "left_shoulder", "right_shoulder");
    const hips = centre(body, "left_hip", "right_hip");
    const ankles = centre(body, "left_ankle", "right_ankle");
    if (shoulders === null || hips === null || ankles === null || !Number.isFinite(timeS)) return [];
    const scale = ankles.y - shoulders.y;
    return scale > 0 ? [{ timeS, body, scale }] : [];
  });
  // One shaky point must not change the size of all others: the middle of five frames.
  return seen.map((frame, index) => ({
    ...frame,
    scale: medianOf(seen.slice(Math.max(0, index - 2), index + 3).map(({ scale }) => scale)),
  }));
}

function bodyOf(pose: Pose, aspect: number): Body {
  return (name) => {
    const point = pose[KEYPOINTS.indexOf(name)];
    if (point === undefined || !(point.confidence >= KEYPOINT_FLOOR)) return null;
    const x = point.x * aspect;
    return Number.isFinite(x + point.y) ? { x, y: point.y } : null;
  };
}

function buildOf(frames: readonly Frame[]) {
  const typical = (lengths: readonly (number | null)[]): number | null => {
    const seen = lengths.filter((length) => length !== null).toSorted((a, b) => a - b);
    return seen.length < LEAST_FRAMES / 2 ? null : (seen[Math.floor(seen.length * 0.75)] ?? null);
  };
  const between = (a: KeypointName, b: KeypointName) =>
    frames.map(({ body, scale }) => {
      const [p, q] = [body(a), body(b)];
      return p === null || q === null ? null : Math.hypot(p.x - q.x, p.y - q.y) / scale;
    });
  const limb = (from: "shoulder" | "elbow" | "hip" | "knee", to: "elbow" | "wrist" | "knee" | "ankle") =>
    typical([...between(`left_${from}`, `left_${to}`), ...between(`right_${from}`, `right_${to}`)]);
  return {
    shoulder_width: typical(between("left_shoulder", "right_shoulder")),
    hip_width: typical(between("left_hip", "right_hip")),
    torso: typical(
      frames.map(({ body, scale }) => {
        const shoulders = centre(body, "left_shoulder", "right_shoulder");
        const hips = centre(body, "left_hip", "right_hip");
        return shoulders === null || hips === null
          ? null
          : Math.hypot(shoulders.x - hips.x, shoulders.y - hips.y) / scale;
      }),
    ),
    thigh: limb("hip", "knee"),
    shank: limb("knee", "ankle"),
    upper_arm: limb("shoulder", "elbow"),
    forearm: limb("elbow", "wrist"),
    head_height: typical(
      frames.map(({ body, scale }) => {
        const head = body("nose") ?? centre(body, "left_ear", "right_ear");
        const shoulders = centre(body, "left_shoulder", "right_shoulder");
        return head === null || shoulders === null ? null : (shoulders.y - head.y) / scale;
      }),
    ),
  };
}

function jointsOf(frames: readonly Frame[]) {
  const bend = (a: string, b: string, c: string): readonly number[] =>
    frames.flatMap(({ body }) =>
      (["left", "right"] as const).flatMap((side) => {
        const [p, q, r] = [a, b, c].map((joint) => body(`${side}_${joint}` as KeypointName));
        if (!p || !q || !r) return [];
        const first = Math.atan2(p.y - q.y, p.x - q.x);
        const second = Math.atan2(r.y - q.y, r.x - q.x);
        const angle = Math.abs(first - second);
        return [(Math.min(angle, 2 * Math.PI - angle) * 2) / Math.PI];
      }),
    );
  const lean = frames.flatMap(({ body }) => {
    const shoulders = centre(body, "left_shoulder", "right_shoulder");
    const hips = centre(body, "left_hip", "right_hip");
    if (shoulders === null || hips === null) return [];
    return [(Math.atan2(Math.abs(shoulders.x - hips.x), Math.abs(shoulders.y - hips.y)) * 2) / Math.PI];
  });
  const [knee, hip, elbow] = [
    bend("hip", "knee", "ankle"),
    bend("shoulder", "hip", "knee"),
    bend("shoulder", "elbow", "wrist"),
  ];
  return {
    knee_angle: ofEnough(knee, mean),
    knee_spread: ofEnough(knee, deviation),
    hip_angle: ofEnough(hip, mean),
    hip_spread: ofEnough(hip, deviation),
    elbow_angle: ofEnough(elbow, mean),
    elbow_spread: ofEnough(elbow, deviation),
    lean: ofEnough(lean, mean),
    lean_spread: ofEnough(lean, deviation),
  };
}

function rhythmOf(frames: readonly Frame[]) {
  /** Of a length at each frame, at equal steps of time; empty where it is seen too rarely. */
  const series = (length: (frame: Frame) => number | null): readonly number[] => {
    const seen = frames.flatMap((frame) => {
      const value = length(frame);
      return value === null ? [] : [{ timeS: frame.timeS, value }];
    });
    return seen.length < LEAST_FRAMES ? [] : resampled(seen, RATE_HZ);
  };
  const apart = (joint: "ankle" | "knee") =>
    series(({ body, scale }) => {
      const [left, right] = [body(`left_${joint}`), body(`right_${joint}`)];
      return left === null || right === null ? null : Math.hypot(left.x - right.x, left.y - right.y) / scale;
    });
  const wrists = series(({ body, scale }) => {
    const [left, right] = [body("left_wrist"), body("right_wrist")];
    return left === null || right === null ? null : (left.x - right.x) / scale;
  });
  const shoulders = (axis: "x" | "y") =>
    series(({ body, scale }) => {
      const [middle, hips] = [
        centre(body, "left_shoulder", "right_shoulder"),
        centre(body, "left_hip", "right_hip"),
      ];
      if (middle === null || hips === null) return null;
      return axis === "x" ? (middle.x - hips.x) / scale : middle.y / scale;
    });
  const ankles = withoutDrift(apart("ankle"), DRIFT_REACH);
  const step = autocorrelationPeak(ankles, {
    from: Math.round(STEP_PERIOD_S.from * RATE_HZ),
    to: Math.round(STEP_PERIOD_S.to * RATE_HZ),
  });
  const swing = (values: readonly number[]): number | null =>
    ofEnough(withoutDrift(values, DRIFT_REACH), deviation);
  return {
    step_period: step === null ? null : step.lag / RATE_HZ,
    step_regularity: step === null ? null : step.height,
    step_amplitude: ofEnough(ankles, deviation),
    knee_amplitude: swing(apart("knee")),
    arm_swing: swing(wrists),
    bounce: swing(shoulders("y")),
    sway: swing(shoulders("x")),
  };
}

function ofEnough(values: readonly number[], measure: (values: readonly number[]) => number): number | null {
  return values.length < LEAST_FRAMES ? null : measure(values);
}

/** What cannot be told is as usual. */
function standardised(name: GaitFeature, value: number | null): number {
  const { mean: usual, deviation: spread } = GAIT_STATISTICS[name];
  if (value === null || !Number.isFinite(value)) return 0;
  return Math.max(-OUTLIER, Math.min(OUTLIER, (value - usual) / spread));
}

function centre(
  body: Body,
  a: KeypointName,
  b: KeypointName,
): { readonly x: number; readonly y: number } | null {
  const [p, q] = [body(a), body(b)];
  return p === null || q === null ? (p ?? q) : { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 };
}
