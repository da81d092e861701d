// Which examples of faces should not be used, though they may be kept: one that is not like the others of its person, and one
// that is too like somebody else. A single back of a head among the references once matched a stranger.
import type { WeighedVector } from "./evidence.ts";
import { dot } from "./unit-vector.ts";

/** One person's prototypes of one cue and model. */
export interface PersonPrototypes<P extends Omit<WeighedVector, "quality">> {
  readonly personId: string;
  readonly prototypes: readonly P[];
}

export type Unfit = "self_outlier" | "cross_risk";

export interface Suspect<P> {
  readonly personId: string;
  readonly prototype: P;
  readonly why: Unfit;
  /** Whom it is too like; null for one that is unlike its own. */
  readonly otherId: string | null;
  /** Cosine to them; for one that is unlike its own, its mean cosine to those. */
  readonly score: number;
}

/** Of the person's median: an example whose mean likeness to its own is below this share of what is usual there. */
const OUTLIER_SHARE = 0.25;
/** Fewer cannot say which of them is the odd one. */
const LEAST_OF_ONE = 3;
/** Below the accept threshold by this much: what is stored of two people is less alike than what a camera sees of them. */
const CROSS_MARGIN = 0.05;

/**
 * Of all that are compared with one another, those to set aside; `accept` is the face's threshold. Of two people's examples
 * that are too like, the one goes that is less like the rest of its own; nobody is left without any for that reason.
 */
export function suspects<P extends Omit<WeighedVector, "quality">>(
  people: readonly PersonPrototypes<P>[],
  accept: number,
): readonly Suspect<P>[] {
  const outliers = people.flatMap(selfOutliers);
  const odd = new Set(outliers.map(({ prototype }) => prototype));
  const remaining = people.map(({ personId, prototypes }) => ({
    personId,
    prototypes: prototypes.filter((prototype) => !odd.has(prototype)),
  }));
  return [...outliers, ...crossRisks(remaining, accept - CROSS_MARGIN)];
}

function selfOutliers<P extends Omit<WeighedVector, "quality">>({
  personId,
  prototypes,
}: PersonPrototypes<P>): Suspect<P>[] {
  if (prototypes.length < LEAST_OF_ONE) return [];
  const scored = prototypes.map((prototype) => ({ prototype, score: meanCosine(prototype, prototypes) }));
  const usual = median(scored.map(({ score }) => score));
  // A person whose examples have nothing in common has no usual one to be unlike.
  if (usual <= 0) return [];
  return scored
    .filter(({ score }) => score < OUTLIER_SHARE * usual)
    .map(({ prototype, score }) => ({ personId, prototype, why: "self_outlier", otherId: null, score }));
}

interface Clash<P> {
  readonly a: Owned<P>;
  readonly b: Owned<P>;
  readonly score: number;
}

interface Owned<P> {
  readonly personId: string;
  readonly prototype: P;
  /** Mean cosine to the others of the same person; -1 for an only one. */
  readonly own: number;
}

function crossRisks<P extends Omit<WeighedVector, "quality">>(
  people: readonly PersonPrototypes<P>[],
  limit: number,
): Suspect<P>[] {
  const owned = people.map(({ personId, prototypes }) =>
    prototypes.map((prototype) => ({ personId, prototype, own: meanCosine(prototype, prototypes) })),
  );
  const left = new Map(people.map(({ personId, prototypes }) => [personId, prototypes.length]));
  const gone = new Set<P>();
  const found: Suspect<P>[] = [];
  for (const { a, b, score } of clashes(owned, limit)) {
    if (gone.has(a.prototype) || gone.has(b.prototype)) continue;
    const [worse, better] = a.own < b.own ? [a, b] : [b, a];
    const unfit = [worse, better].find(({ personId }) => (left.get(personId) ?? 0) > 1);
    if (unfit === undefined) continue;
    const otherId = unfit === worse ? better.personId : worse.personId;
    gone.add(unfit.prototype);
    left.set(unfit.personId, (left.get(unfit.personId) ?? 0) - 1);
    found.push({ personId: unfit.personId, prototype: unfit.prototype, why: "cross_risk", otherId, score });
  }
  return found;
}

/** Pairs of different people that are at least as like as `limit`, likest first. */
function clashes<P extends Omit<WeighedVector, "quality">>(
  owned: readonly (readonly Owned<P>[])[],
  limit: number,
): Clash<P>[] {
  const found: Clash<P>[] = [];
  for (const [index, ones] of owned.entries()) {
    for (const others of owned.slice(index + 1)) {
      for (const a of ones) {
        for (const b of others) {
          const score = cosine(a.prototype, b.prototype);
          if (score >= limit) found.push({ a, b, score });
        }
      }
    }
  }
  return found.toSorted((first, second) => second.score - first.score);
}

function meanCosine<P extends Omit<WeighedVector, "quality">>(one: P, all: readonly P[]): number {
  const others = all.filter((other) => other !== one);
  if (others.length === 0) return -1;
  return others.reduce((sum, other) => sum + cosine(one, other), 0) / others.length;
}

/** -1 for vectors that cannot be compared. */
function cosine(a: Omit<WeighedVector, "quality">, b: Omit<WeighedVector, "quality">): number {
  if (a.modelId !== b.modelId || a.vector.length !== b.vector.length) return -1;
  const value = dot(a.vector, b.vector);
  return Number.isFinite(value) ? value : -1;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return (low + high) / 2;
}
