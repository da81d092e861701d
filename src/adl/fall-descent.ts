// How somebody came down: from where, how fast and how far. Lengths in body lengths L, speeds in L/s; y grows downwards,
// in picture heights.
import type { Posture } from "../domain/activity.ts";
import { boxHeight } from "../domain/geometry.ts";
import type { FallRules } from "./fall-rules.ts";
import { looksFallen } from "./lying-shape.ts";
import type { BodyFeatures } from "./pose-features.ts";

/** Frames further apart than this leave time for a fall to get most of its way in between. */
const NEIGHBOURS_S = 0.16;

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
  /** Came down to half height first, and then on. */
  readonly inStages: boolean;
  readonly rolledOut: boolean;
}

/** The last second's places of head and shoulders, this frame's included. */
export function topsOf(
  tops: readonly Top[],
  body: BodyFeatures,
  posture: Posture,
  rules: FallRules,
): readonly Top[] {
  const { timeS, head, box } = body;
  const recent = tops.filter((top) => top.timeS > timeS - rules.topWithinS);
  return [...recent, { timeS, y: head.y, height: boxHeight(box), lying: posture === "lying" }];
}

/**
 * The descent that has reached the speed that counts in this frame, which `tops` hold too; null for somebody who lay
 * before it: poses under a blanket or in the dark jump about, and whoever lies cannot fall.
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
    inStages: false,
    rolledOut: false,
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
    inStages: false,
    rolledOut: true,
  };
}

export function dropOf(descent: Descent): number {
  return (descent.lowestY - descent.topY) / descent.bodyLength;
}

/** The descent is over a moment before the head has come to rest: so much of the least drop is enough for a landing. */
const LANDING_SHARE = 0.75;

/** Whether a body can have come down like that, and about far enough. */
export function isLanding(descent: Descent, rules: FallRules): boolean {
  const way = descent.lowestY - descent.topY;
  return dropOf(descent) >= LANDING_SHARE * rules.minDrop && descent.largestStep <= rules.jumpShare * way;
}

export function isUp(descent: Descent, body: BodyFeatures, rules: FallRules): boolean {
  const way = descent.lowestY - descent.topY;
  const rise = Math.max(rules.regained * way, rules.leastRise * descent.bodyLength);
  return descent.lowestY - body.head.y > rise;
}
