// What speaks for a fall: how somebody came down, and what they look like where they came to rest. Three ways convince,
// from the fastest, which needs the least besides, to the slowest. The numbers stand in fall-rules.ts.
import type { FallSign, Posture } from "../domain/activity.ts";
import { boxHeight } from "../domain/geometry.ts";
import type { AdlSettings } from "./adl-settings.ts";
import { type Descent, dropOf, isUp } from "./fall-descent.ts";
import { type FallRules, rulesOf } from "./fall-rules.ts";
import { isBentOnFeet, isStretchedOut, looksFallen, looksLying, looksUpright } from "./lying-shape.ts";
import type { BodyFeatures } from "./pose-features.ts";

/** The last pose before somebody is lost is often a wrong one; those of the last frames together are not. */
const LAST_GLIMPSE_S = 0.35;
/** Whether a body has come to rest shows after this long: 1 s is what is left of a fall, lying down goes on for 2 to 3. */
const SETTLED_S = 1;

export interface GroundFrame {
  readonly timeS: number;
  readonly down: boolean;
  readonly fallen: boolean;
  /** Lies, by its shape alone. */
  readonly flat: boolean;
  /** Stands, by its shape: what a body does to which a track has changed over. */
  readonly upright: boolean;
  /** Of head and shoulders, picture heights. */
  readonly headY: number;
  /** Height of the box, L. */
  readonly height: number;
  /** Lies at full length across the picture. */
  readonly stretched: boolean;
}

/** Somebody who has come down and not got up. */
export interface Grounded {
  readonly descent: Descent;
  readonly groundAtS: number;
  /** Where head and shoulders were when the descent was over, picture heights. */
  readonly landedY: number;
  /** Frames in which they were seen: of the first second on the ground, and of the last `minGroundDurationS`. */
  readonly early: readonly GroundFrame[];
  readonly frames: readonly GroundFrame[];
  /** Since when they are not seen but the background is covered where they were. */
  readonly coveredSinceS: number | null;
  /** Lies where nobody is known to walk (false), or where people do (true). */
  readonly onFloor: boolean | null;
}

export function groundFrame(
  descent: Descent,
  body: BodyFeatures,
  { posture, resting }: { readonly posture: Posture; readonly resting: boolean },
  rules: FallRules,
): GroundFrame {
  // Nobody bends over after lying: legs then only seem to stand.
  const bent = posture !== "lying" && dropOf(descent) < rules.beyondBending && isBentOnFeet(body);
  const wandered = Math.abs(body.head.x - descent.lastX) / descent.bodyLength;
  return {
    timeS: body.timeS,
    down: !resting && !isUp(descent, body, rules) && !bent && wandered <= rules.wandering,
    // The posture remembers what a single frame hides.
    fallen: posture === "lying" || looksFallen(body, descent.heightBefore),
    flat: looksLying(body, descent.heightBefore),
    upright: looksUpright(body),
    headY: body.head.y,
    height: boxHeight(body.box) / descent.bodyLength,
    stretched: isStretchedOut(body),
  };
}

export function withGroundFrame(grounded: Grounded, frame: GroundFrame, windowS: number): Grounded {
  const { early, frames, groundAtS } = grounded;
  return {
    ...grounded,
    early: frame.timeS - groundAtS <= SETTLED_S ? [...early, frame] : early,
    frames: [...frames, frame].filter((other) => other.timeS >= frame.timeS - windowS),
  };
}

/** Whether what was seen is a fall, once it has lasted long enough. */
export function isConvincing(
  grounded: Grounded,
  settings: Pick<AdlSettings, "fallSpeed" | "rules">,
): boolean {
  const { descent, frames } = grounded;
  const rules = rulesOf(settings);
  if (!descent.rolledOut && dropOf(descent) < rules.minDrop) return false;
  const speed = descent.peakSpeed / settings.fallSpeed;
  const hard = speed >= rules.hardSpeed && dropOf(descent) >= rules.deepDrop;
  // Unseen since: whoever walked out of the picture was upright to the last, whoever fell was not.
  if (frames.length === 0) {
    const glimpsed = descent.fallenS !== null && descent.lastS - descent.fallenS <= LAST_GLIMPSE_S;
    return (hard && glimpsed) || (speed >= 1 && grounded.coveredSinceS !== null);
  }
  if (share(frames, (frame) => frame.down) < rules.downShare) return false;
  if (hard && share(frames, (frame) => frame.upright) < 0.5) return true;
  if (frames.length < rules.minFrames || share(frames, isFallen) < rules.fallenShare) return false;
  if (descent.rolledOut || speed >= rules.hardSpeed) return true;
  return speed >= 1 ? isDownAtOnce(grounded, rules) : isSlowFall(grounded, rules);
}

/** Hardly faster than lying down in haste: then it has ended on the ground, not on hands and knees. */
function isDownAtOnce(grounded: Grounded, rules: FallRules): boolean {
  const heights = grounded.early.map((frame) => frame.height);
  return (median(heights) ?? 0) < rules.lowHeight || (wayLeft(grounded) ?? 0) <= rules.settledWay;
}

/** Slower than the falling speed, everything else has to speak for it. */
function isSlowFall(grounded: Grounded, rules: FallRules): boolean {
  const { early, onFloor } = grounded;
  // Where nobody walks stands a bed or sofa that nobody drew.
  if (onFloor === false) return false;
  if (early.length < rules.minFrames || share(early, isFlat) < rules.slowLyingShare) return false;
  // At full length at once there is nothing left to come down, wherever a poor pose puts the head.
  if (share(early, (frame) => frame.stretched) >= rules.slowLyingShare) return true;
  const left = wayLeft(grounded);
  return left !== null && left <= rules.settledWay;
}

/** How much further head and shoulders came down after the landing, L; null until they have had the time. */
function wayLeft({ frames, groundAtS, landedY, descent }: Grounded): number | null {
  const settled = frames.filter((frame) => frame.timeS > groundAtS + SETTLED_S);
  const restsAt = settled.length < 4 ? null : median(settled.map((frame) => frame.headY));
  return restsAt === null ? null : (restsAt - landedY) / descent.bodyLength;
}

function isFallen(frame: GroundFrame): boolean {
  return frame.fallen;
}

function isFlat(frame: GroundFrame): boolean {
  return frame.flat;
}

function share(frames: readonly GroundFrame[], is: (frame: GroundFrame) => boolean): number {
  return frames.length === 0 ? 0 : frames.filter(is).length / frames.length;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** What spoke for it, strongest first. */
export function signsOf(
  { descent, frames, coveredSinceS, onFloor }: Grounded,
  settings: Pick<AdlSettings, "fallSpeed" | "rules">,
): readonly FallSign[] {
  const rules = rulesOf(settings);
  const signs: readonly (readonly [FallSign, boolean])[] = [
    ["rolled_out", descent.rolledOut],
    ["fast", descent.peakSpeed >= settings.fallSpeed],
    ["deep", dropOf(descent) >= rules.deepDrop],
    ["looks_fallen", share(frames, isFallen) >= rules.fallenShare],
    ["two_stages", descent.inStages],
    ["vanished", frames.length === 0],
    ["still_there", coveredSinceS !== null],
    ["on_known_floor", onFloor === true],
  ];
  return signs.filter(([, holds]) => holds).map(([sign]) => sign);
}

/**
 * How much speaks for a fall, .5 to 1: the mean of how fast it was (0 at .5 L/s, 1 at 1.2, the median of falls), how far
 * (0 at the least drop, 1 at .8 L, from standing to the floor) and how often it looked fallen. No probability: it orders
 * alarms for whoever looks through them.
 */
export function fallConfidence({ descent, frames }: Grounded, rules: FallRules): number {
  const fast = within01((descent.peakSpeed - 0.5) / 0.7);
  const far = within01((dropOf(descent) - rules.minDrop) / (0.8 - rules.minDrop));
  const look = frames.length === 0 ? 0.5 : share(frames, isFallen);
  return 0.5 + (fast + far + look) / 6;
}

function within01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
