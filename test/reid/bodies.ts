// Vectors, evidence and candidates for what is decided about people.
import type { Facing } from "../../src/domain/tracklet.ts";
import type { Candidate } from "../../src/reid/candidate.ts";
import {
  type DecisionSettings,
  decisionSettings,
  type HouseholdRules,
} from "../../src/reid/decision-settings.ts";
import type { AppearanceEvidence, FaceEvidence, TrackEvidence } from "../../src/reid/evidence.ts";

/** In the plane of the first two of `length` axes, so that the cosine of two is that of the angle between them. */
export function at(degrees: number, length = 8): Float32Array {
  const vector = new Float32Array(length);
  vector[0] = Math.cos((degrees * Math.PI) / 180);
  vector[1] = Math.sin((degrees * Math.PI) / 180);
  return vector;
}

export function face(quality = 0.8, reference = true, degrees = 0): FaceEvidence {
  return { modelId: "face", vector: at(degrees), quality, reference };
}

export function crop(facing: Facing | null = "front", quality = 0.8, degrees = 0): AppearanceEvidence {
  return { modelId: "clothes", vector: at(degrees), quality, facing };
}

export function evidence(change: Partial<TrackEvidence> = {}): TrackEvidence {
  return { faces: [face()], appearances: [], gait: null, frames: 10, heightPx: 200, ...change };
}

export function candidate(
  personId: string,
  scores: Candidate["scores"],
  change: Partial<Candidate> = {},
): Candidate {
  return { personId, scores, negative: null, blocked: null, sinceSeenHereS: null, ...change };
}

export const RULES: HouseholdRules = {
  face: true,
  gait: true,
  appearance: true,
  gaitThreshold: 0.7,
  appearanceThreshold: 0.5,
  unknownBelow: 0.4,
  trackletFrames: 5,
  minHeightPx: 80,
};

/** The models that come with Haven. */
export const MODELS = { face: { accept: 0.42, margin: 0.08 }, appearance: { accept: 0.6, margin: 0.15 } };
export const SETTINGS: DecisionSettings = decisionSettings(RULES, MODELS);
