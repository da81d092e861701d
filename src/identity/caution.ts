// Harder to go by than a face that is known from photos: an entry that Haven made itself. Nobody has said that its faces are
// one person's, and one wrong face lets the next one in. Pure.
import type { IdentityDecision } from "../domain/identity.ts";
import { FACE, faceScore, strength } from "./track-revision.ts";

/**
 * By how much more than the threshold a face has to be like one that nobody vouches for, and like anybody's to be learned from.
 * Of twenty people's pictures (ORL) in 24 random orders, 3,040 tracklets of one to three pictures, no two people were joined
 * by it; with twice as much as many were, and a fifth more tracklets stayed unknown.
 */
const ABOVE_THRESHOLD = 0.04;

/** The decision, or that it cannot be told, where it would rest on a face that is only just like a stranger's. */
export function cautious(decision: IdentityDecision, isVouchedFor: boolean): IdentityDecision {
  const { outcome, cue } = decision;
  if (isVouchedFor || outcome !== "matched" || cue !== "face" || isClear(decision)) return decision;
  return {
    ...decision,
    outcome: "unknown",
    personId: null,
    cue: null,
    reasons: ["face_below_threshold", ...decision.reasons.filter((reason) => reason !== "face")],
  };
}

/** Whether a face decided that is clearly like. */
export function isClear(decision: IdentityDecision): boolean {
  const threshold = decision.cues.find(({ cue }) => cue === "face")?.threshold;
  if (threshold === undefined || strength(decision) < FACE) return false;
  return (faceScore(decision) ?? -1) >= threshold + ABOVE_THRESHOLD;
}
