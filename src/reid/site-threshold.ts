// How like different people look at this site: two who are in one picture at the same time are not one person, so every such pair
// is an example for free. Where everybody wears white, clothes have to be more alike to mean anything.

/** Of one model. Plain, so that it can be written down as JSON. */
export interface SiteLikeness {
  readonly modelId: string;
  /** Cosines of pairs of tracks seen at the same time, oldest first. */
  readonly scores: readonly number[];
}

/** As many pairs as are remembered: what people wear this month, not in all years. */
const REMEMBERED = 512;
/** The share of pairs below the threshold: all of the first hundred, later all but the five likest, which may be one body twice. */
const SHARE_BELOW = 0.99;
/** A site at which different people look more alike than this is one at which clothes mean nothing. */
const HIGHEST = 0.98;

export function emptySiteLikeness(modelId: string): SiteLikeness {
  return { modelId, scores: [] };
}

/** One pair of tracks with its highest cosine; each pair is to be told once. A cosine that is none changes nothing. */
export function withPair(known: SiteLikeness, cosine: number): SiteLikeness {
  if (!(cosine >= -1 && cosine <= 1.001)) return known;
  return { ...known, scores: [...known.scores, cosine].slice(-REMEMBERED) };
}

/**
 * The cosine that clothes alone have to reach here: the site's highest among people seen at the same time, never less than
 * `start`. (Thresholds carried from other people let two to four times as many strangers through as they promise; hence the
 * site's own.)
 */
export function siteThreshold({ scores }: SiteLikeness, start: number): number {
  if (scores.length === 0) return start;
  const sorted = scores.toSorted((a, b) => a - b);
  const rank = Math.min(sorted.length, Math.ceil(SHARE_BELOW * sorted.length));
  return Math.max(start, Math.min(HIGHEST, sorted[rank - 1] ?? start));
}

/** What was written down; a new start for what is no such thing. */
export function readSiteLikeness(stored: unknown, modelId: string): SiteLikeness {
  const empty = emptySiteLikeness(modelId);
  if (typeof stored !== "object" || stored === null || !("modelId" in stored) || !("scores" in stored))
    return empty;
  if (stored.modelId !== modelId || !Array.isArray(stored.scores)) return empty;
  const scores = stored.scores.filter((score): score is number => typeof score === "number");
  return scores.reduce((known, score) => withPair(known, score), empty);
}
