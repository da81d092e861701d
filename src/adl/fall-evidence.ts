// What speaks for a fall: how somebody came down, and what they look like where they came to rest. The numbers of the
// rule stand here, each with its reason; all but the speed lie on plateaus (the ranges in brackets change the outcome of
// 149 clips by at most two). Lengths in body lengths L, speeds in L/s; y grows downwards, in picture heights.
import type { Posture } from "../domain/activity.ts";
import { boxHeight } from "../domain/geometry.ts";
import type { AdlSettings } from "./adl-settings.ts";
import { isBentOnFeet, looksFallen, looksUpright } from "./lying-shape.ts";
import type { BodyFeatures } from "./pose-features.ts";

export const FALL_RULES = {
  /** The top of the descent is looked for this far back: a fall takes .5 to 1.5 s from leaving balance [1-1.5 s]. */
  topWithinS: 1.2,
  /** Head and shoulders come down by at least this much, or it was a nod [.2-.36]. */
  minDrop: 0.28,
  /** Up is to have regained this share of the drop [.4-.6], and at least so much: heads of people who lie do move. */
  regained: 0.5,
  leastRise: 0.15,
  /** Share of the frames on the ground that must be down [.5-.9], and share that must look fallen [.2-.9]. */
  downShare: 0.7,
  fallenShare: 0.5,
  /** Seen in fewer frames than this, the look of somebody says nothing. */
  minFrames: 4,
  /**
   * Down so far [.4-.65] and so much faster than the falling speed [1-1.5], only the ground can have stopped it, whatever
   * it looks like there or whether it is seen at all. Sitting down is .35 to .46 L and below .96 L/s.
   */
  deepDrop: 0.5,
  hardSpeed: 1.3,
  /** Head and shoulders are .88 L above the feet: so far down nobody stands bent, though legs may seem upright. */
  beyondBending: 0.85,
  /** Whoever is further from where they landed than this [.7-1.5] walks: a track has changed over to a passer-by. */
  wandering: 1,
  /** A pose that jumps to a chair covers more than this share of the way in one frame [.5-1]; a body never does. */
  jumpShare: 0.7,
} as const;

/** Frames further apart than this leave time for a fall to get most of its way in between. */
const NEIGHBOURS_S = 0.16;

/** The last pose before somebody is lost is often a wrong one; those of the last frames together are not. */
const LAST_GLIMPSE_S = 0.35;

/** Where head and shoulders were in one frame, how high the box was, and whether the person lay already. */
export interface Top {
  readonly timeS: number;
  readonly y: number;
  readonly height: number;
  readonly lying: boolean;
}

export interface Descent {
  readonly startS: number;
  readonly topY: number;
  readonly lowestY: number;
  /** In the latest frame seen on the way down, and when. */
  readonly lastX: number;
  readonly lastY: number;
  readonly lastS: number;
  readonly bodyLength: number;
  /** Of the box, at its tallest around the top of the descent. */
  readonly heightBefore: number;
  readonly peakSpeed: number;
  /** Largest step down between two frames. */
  readonly largestStep: number;
  /** When the body was last seen to look fallen; null when never. */
  readonly fallenS: number | null;
}

export interface GroundFrame {
  readonly timeS: number;
  readonly down: boolean;
  readonly fallen: boolean;
  /** Stands, by its shape: what a body does to which a track has changed over. */
  readonly upright: boolean;
}

/** The last second's places of head and shoulders, this frame's included. */
export function topsOf(tops: readonly Top[], body: BodyFeatures, posture: Posture): readonly Top[] {
  const { timeS, head, box } = body;
  const recent = tops.filter((top) => top.timeS > timeS - FALL_RULES.topWithinS);
  return [...recent, { timeS, y: head.y, height: boxHeight(box), lying: posture === "lying" }];
}

/**
 * The descent that has reached the falling speed in this frame, which `tops` hold too; null for somebody who lay before
 * it: poses under a blanket or in the dark jump about, and whoever lies cannot fall.
 */
export function beginDescent(tops: readonly Top[], body: BodyFeatures): Descent | null {
  const top = tops.reduce((highest, other) => (other.y <= highest.y ? other : highest));
  if (top.lying) return null;
  const heightBefore = Math.max(...tops.map((other) => other.height));
  return {
    startS: top.timeS,
    topY: top.y,
    lowestY: body.head.y,
    lastX: body.head.x,
    lastY: body.head.y,
    lastS: body.timeS,
    bodyLength: body.bodyLength,
    heightBefore,
    peakSpeed: body.headSpeed ?? 0,
    largestStep: largestStep(tops.filter((other) => other.timeS >= top.timeS)),
    fallenS: looksFallen(body, heightBefore) ? body.timeS : null,
  };
}

function largestStep(way: readonly Top[]): number {
  const steps = way.slice(1).map((top, i) => {
    const before = way[i];
    return before === undefined || top.timeS - before.timeS > NEIGHBOURS_S ? 0 : top.y - before.y;
  });
  return Math.max(0, ...steps);
}

export function continueDescent(descent: Descent, body: BodyFeatures): Descent {
  return {
    ...descent,
    lowestY: Math.max(descent.lowestY, body.head.y),
    lastX: body.head.x,
    lastY: body.head.y,
    lastS: body.timeS,
    peakSpeed: Math.max(descent.peakSpeed, body.headSpeed ?? 0),
    largestStep: Math.max(
      descent.largestStep,
      body.timeS - descent.lastS > NEIGHBOURS_S ? 0 : body.head.y - descent.lastY,
    ),
    fallenS: looksFallen(body, descent.heightBefore) ? body.timeS : descent.fallenS,
  };
}

/** A landing is not over at once: head and shoulders come down further, but on the spot. */
export function settle(descent: Descent, body: BodyFeatures): Descent {
  const { lastX, lastY, lastS } = descent;
  return { ...continueDescent(descent, body), lastX, lastY, lastS };
}

/**
 * Somebody who was in bed and now lies beside it has fallen out, however slowly: nobody gets from one to the other lying
 * down. The speed and the drop are those that were seen.
 */
export function rollOutOf(body: BodyFeatures): Descent {
  return {
    startS: body.timeS,
    topY: body.head.y - body.recentDrop * body.bodyLength,
    lowestY: body.head.y,
    lastX: body.head.x,
    lastY: body.head.y,
    lastS: body.timeS,
    bodyLength: body.bodyLength,
    heightBefore: body.tallest,
    peakSpeed: body.recentPeakSpeed,
    largestStep: 0,
    fallenS: body.timeS,
  };
}

export function dropOf(descent: Descent): number {
  return (descent.lowestY - descent.topY) / descent.bodyLength;
}

/** Whether a body can have come down like that, and far enough. */
export function isLanding(descent: Descent): boolean {
  const way = descent.lowestY - descent.topY;
  return dropOf(descent) >= FALL_RULES.minDrop && descent.largestStep <= FALL_RULES.jumpShare * way;
}

export function isUp(descent: Descent, body: BodyFeatures): boolean {
  const way = descent.lowestY - descent.topY;
  const rise = Math.max(FALL_RULES.regained * way, FALL_RULES.leastRise * descent.bodyLength);
  return descent.lowestY - body.head.y > rise;
}

export function groundFrame(
  descent: Descent,
  body: BodyFeatures,
  { posture, resting }: { readonly posture: Posture; readonly resting: boolean },
): GroundFrame {
  const bent = dropOf(descent) < FALL_RULES.beyondBending && isBentOnFeet(body);
  const wandered = Math.abs(body.head.x - descent.lastX) / descent.bodyLength;
  return {
    timeS: body.timeS,
    down: !resting && !isUp(descent, body) && !bent && wandered <= FALL_RULES.wandering,
    // The posture remembers what a single frame hides.
    fallen: posture === "lying" || looksFallen(body, descent.heightBefore),
    upright: looksUpright(body),
  };
}

/** Whether what was seen is a fall, once it has lasted long enough. */
export function isConvincing(
  descent: Descent,
  frames: readonly GroundFrame[],
  settings: Pick<AdlSettings, "fallSpeed">,
): boolean {
  const hard =
    descent.peakSpeed >= FALL_RULES.hardSpeed * settings.fallSpeed && dropOf(descent) >= FALL_RULES.deepDrop;
  // Unseen since: whoever walked out of the picture was upright to the last, whoever fell was not.
  if (frames.length === 0) {
    return hard && descent.fallenS !== null && descent.lastS - descent.fallenS <= LAST_GLIMPSE_S;
  }
  if (share(frames, (frame) => frame.down) < FALL_RULES.downShare) return false;
  if (hard && share(frames, (frame) => frame.upright) < 0.5) return true;
  return frames.length >= FALL_RULES.minFrames && share(frames, isFallen) >= FALL_RULES.fallenShare;
}

function isFallen(frame: GroundFrame): boolean {
  return frame.fallen;
}

function share(frames: readonly GroundFrame[], is: (frame: GroundFrame) => boolean): number {
  return frames.length === 0 ? 0 : frames.filter(is).length / frames.length;
}

/**
 * How much speaks for a fall, .5 to 1: the mean of how fast it was (0 at .5 L/s, 1 at 1.2, the median of falls), how far
 * (0 at the least drop, 1 at .8 L, from standing to the floor) and how often it looked fallen. No probability: it orders
 * alarms for whoever looks through them.
 */
export function fallConfidence(descent: Descent, frames: readonly GroundFrame[]): number {
  const fast = within01((descent.peakSpeed - 0.5) / 0.7);
  const far = within01((dropOf(descent) - FALL_RULES.minDrop) / (0.8 - FALL_RULES.minDrop));
  const look = frames.length === 0 ? 0.5 : share(frames, isFallen);
  return 0.5 + (fast + far + look) / 6;
}

function within01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
