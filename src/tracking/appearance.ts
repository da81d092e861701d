// What bodies look like, for BoT-SORT (Aharon, Orfaig, Bobrovsky, "BoT-SORT: Robust Associations Multi-Pedestrian
// Tracking", 2022): appearance may bring a detection and a track nearer than their places do, never farther apart.

export interface AppearanceRule {
  /** Farthest cosine distance at which two looks may be one body's. The paper's .25. */
  readonly farthest: number;
  /** Least overlap with the expected place for looks to be compared at all: .5, the paper's proximity gate. */
  readonly leastOverlap: number;
  /** What is kept of a body's look at each new one: the paper's .9. */
  readonly kept: number;
}

/** Cameras here are fixed, so the paper's camera motion compensation is left out. */
export const BOTSORT_APPEARANCE: AppearanceRule = { farthest: 0.25, leastOverlap: 0.5, kept: 0.9 };

/** How far a length may be from 1 for rounding's sake. */
const UNIT_TOLERANCE = 0.05;

/** A look that can be compared: of unit length, hence of finite numbers; null for anything else. */
export function usableLook(look: Float32Array | undefined): Float32Array | null {
  if (look === undefined) return null;
  return Math.abs(Math.sqrt(dot(look, look)) - 1) <= UNIT_TOLERANCE ? look : null;
}

/**
 * Likeness 0..1 of two looks at places that overlap by `overlap`: 1 - half their cosine distance; 0 past the gates or
 * where the vectors are of different models.
 */
export function lookLikeness(
  known: Float32Array | null,
  seen: Float32Array | null,
  overlap: number,
  rule: AppearanceRule,
): number {
  if (known === null || seen === null || known.length !== seen.length) return 0;
  if (overlap < rule.leastOverlap) return 0;
  const distance = 1 - dot(known, seen);
  return distance < rule.farthest ? 1 - distance / 2 : 0;
}

/** The running mean of a body's looks, of unit length. */
export function blendLooks(
  known: Float32Array | null,
  seen: Float32Array | null,
  kept: number,
): Float32Array | null {
  if (seen === null) return known;
  if (known === null || known.length !== seen.length) return seen;
  const mixed = known.map((value, index) => kept * value + (1 - kept) * (seen[index] ?? 0));
  const length = Math.sqrt(dot(mixed, mixed));
  return length > 0 ? mixed.map((value) => value / length) : seen;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}
