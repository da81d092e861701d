// Gathers what a track's checkpoints bring, best first and never more than a decision can use.
import type { AppearanceSample, FaceSample, GaitSample, Tracklet } from "../domain/tracklet.ts";
import type { AppearanceEvidence, FaceEvidence, TrackEvidence, WeighedVector } from "./evidence.ts";
import { dot, isUnit } from "./unit-vector.ts";

export const NO_EVIDENCE: TrackEvidence = { faces: [], appearances: [], gait: null, frames: 0, heightPx: 0 };

export interface EvidenceLimits {
  readonly faces: number;
  readonly appearances: number;
}

/** From about eight crops on, more add nothing (right of twelve people with 1, 2, 4, 8 crops: 89, 95, 98, 100 %). */
export const EVIDENCE_LIMITS: EvidenceLimits = { faces: 10, appearances: 8 };
/** Two crops that are as like as this show one moment twice. */
const SAME_MOMENT = 0.995;

/** Of unit length, as the camera's statistics have it; null for what cannot be compared. */
export type Standardise = (sample: AppearanceSample) => Float32Array | null;

/**
 * What is known of a track with one checkpoint more. Vectors that are not of unit length, or of another model or length than
 * those gathered before, are left out: the track goes on with what it has.
 */
export function gatherEvidence(
  known: TrackEvidence,
  tracklet: Pick<Tracklet, "samples" | "gait" | "frames" | "heightPx">,
  standardise: Standardise,
  limits: EvidenceLimits = EVIDENCE_LIMITS,
): TrackEvidence {
  const faces = tracklet.samples.flatMap(({ face }) => (face === null ? [] : faceEvidence(face)));
  const appearances = tracklet.samples.flatMap(({ appearance, facing, quality }): AppearanceEvidence[] => {
    const vector = appearance === null ? null : standardise(appearance);
    if (appearance === null || vector === null || !isUnit(vector)) return [];
    return [{ modelId: appearance.modelId, vector, quality: share(quality), facing }];
  });
  return {
    faces: best(ofOneModel([...known.faces, ...faces]), limits.faces),
    appearances: ofDifferentFacings(ofOneModel([...known.appearances, ...appearances]), limits.appearances),
    gait: gaitEvidence(tracklet.gait) ?? known.gait,
    frames: Math.max(known.frames, finite(tracklet.frames)),
    heightPx: tracklet.heightPx > 0 ? finite(tracklet.heightPx) : known.heightPx,
  };
}

function faceEvidence({ modelId, embedding, quality, reference }: FaceSample): FaceEvidence[] {
  return isUnit(embedding) ? [{ modelId, vector: embedding, quality: share(quality), reference }] : [];
}

function gaitEvidence(gait: GaitSample | null): WeighedVector | null {
  if (gait === null || !isUnit(gait.vector)) return null;
  return { modelId: gait.modelId, vector: gait.vector, quality: share(gait.quality) };
}

/** The model that was there first: a track does not outlive the process that looks at it. */
function ofOneModel<T extends WeighedVector>(vectors: readonly T[]): readonly T[] {
  const [first] = vectors;
  return vectors.filter(
    ({ modelId, vector }) => modelId === first?.modelId && vector.length === first.vector.length,
  );
}

function best<T extends WeighedVector>(vectors: readonly T[], limit: number): readonly T[] {
  const kept: T[] = [];
  for (const one of byQuality(vectors)) {
    if (kept.length < limit && !kept.some((other) => dot(other.vector, one.vector) >= SAME_MOMENT))
      kept.push(one);
  }
  return kept;
}

/** The best of each facing in turn, so that eight crops of a back do not crowd out the one of the front. */
function ofDifferentFacings(
  vectors: readonly AppearanceEvidence[],
  limit: number,
): readonly AppearanceEvidence[] {
  const queues = new Map<string, AppearanceEvidence[]>();
  for (const one of best(vectors, vectors.length)) {
    const facing = one.facing ?? "none";
    queues.set(facing, [...(queues.get(facing) ?? []), one]);
  }
  const kept: AppearanceEvidence[] = [];
  for (
    let round = 0;
    kept.length < limit && [...queues.values()].some((queue) => queue.length > round);
    round += 1
  ) {
    kept.push(...[...queues.values()].flatMap((queue) => queue.slice(round, round + 1)));
  }
  return byQuality(kept.slice(0, limit));
}

function byQuality<T extends WeighedVector>(vectors: readonly T[]): T[] {
  return vectors.toSorted((a, b) => b.quality - a.quality);
}

function share(value: number): number {
  return Number.isFinite(value) ? Math.max(0, Math.min(1, value)) : 0;
}

function finite(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
