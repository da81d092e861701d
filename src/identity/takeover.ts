// Whether a track has gone over from one body to another: a tracker may confuse two who cross. Pure.
import type { Tracklet } from "../domain/tracklet.ts";
import type { TrackEvidence } from "../reid/evidence.ts";
import { queriesOf } from "../reid/scoring.ts";
import { gatherEvidence, NO_EVIDENCE, type Standardise } from "../reid/track-evidence.ts";
import { dot } from "../reid/unit-vector.ts";

/** On either side, of those good enough to measure by: one face alone may be a neighbour's. */
const LEAST_FACES = 2;
/**
 * Means of faces less alike than this are two people's. Means of one person's lie above .5 with the default model, those of
 * two people around 0, so that this errs for neither often.
 */
const ANOTHER_BELOW = 0.15;

export function isAnotherBody(before: TrackEvidence, tracklet: Tracklet, standardise: Standardise): boolean {
  const after = gatherEvidence(NO_EVIDENCE, tracklet, standardise);
  const one = meanFace(before);
  const other = meanFace(after);
  if (one === null || other === null || one.length !== other.length) return false;
  return dot(one, other) < ANOTHER_BELOW;
}

function meanFace(evidence: TrackEvidence): Float32Array | null {
  const faces = evidence.faces.filter(({ reference }) => reference);
  if (faces.length < LEAST_FACES) return null;
  return queriesOf({ ...evidence, faces }).find(({ cue }) => cue === "face")?.vector ?? null;
}
