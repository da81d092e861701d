// How clear a decision is, 0..1: for people to see and for ordering what they should look at. Not a probability.
import type { Candidate } from "./candidate.ts";

export interface Confidence {
  /** The specification's: face high, gait medium, appearance low. */
  readonly level: "high" | "medium" | "low";
  /** How far past its threshold the score is, cosine. */
  readonly above: number;
  /** Of the likest over the next, cosine. */
  readonly lead: number;
  /** Of the evidence, 0..1. */
  readonly quality: number;
}

const FLOORS: Readonly<Record<Confidence["level"], number>> = { high: 0.6, medium: 0.4, low: 0.2 };
/** From a level's floor to its ceiling: levels overlap so little that a weak cue is never clearer than a strong one. */
const RANGES: Readonly<Record<Confidence["level"], number>> = { high: 0.4, medium: 0.2, low: 0.2 };
/** Cosine beyond threshold or rival from which on more makes nothing clearer. */
const CLEAR = 0.3;

/** Seen here a moment ago, and likewise when the face says so: the specification's bonuses, seconds. */
const SEEN_AGAIN = { withinS: 0.5, bonus: 0.1 };
const FACE_AGAIN = { withinS: 1, bonus: 0.15 };

/** 0 for null: nothing was decided. `candidate` is who it was decided for. */
export function confidenceOf(confidence: Confidence | null, candidate: Candidate | null): number {
  if (confidence === null) return 0;
  const { level, above, lead, quality } = confidence;
  const clearness = 0.5 * share(above / CLEAR) + 0.25 * share(lead / CLEAR) + 0.25 * share(quality);
  const since = candidate?.sinceSeenHereS ?? null;
  const bonus = since === null ? 0 : bonusFor(since, level === "high");
  return Math.min(1, FLOORS[level] + RANGES[level] * clearness + bonus);
}

function bonusFor(sinceS: number, isFace: boolean): number {
  if (!(sinceS >= 0)) return 0;
  const seen = sinceS <= SEEN_AGAIN.withinS ? SEEN_AGAIN.bonus : 0;
  const face = isFace && sinceS <= FACE_AGAIN.withinS ? FACE_AGAIN.bonus : 0;
  return seen + face;
}

function share(value: number): number {
  return Math.max(0, Math.min(1, value));
}
