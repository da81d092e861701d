// What a new decision makes of who a track was taken for so far. Pure. A face outweighs everything weaker; what a face has
// decided, or a person, no later checkpoint overturns by itself: that is asked about instead.
import type { IdentityDecision } from "../domain/identity.ts";

export interface Standing {
  /** null while the track is nobody. */
  readonly personId: string | null;
  /** What that rests on; null with `personId`, and when it was said by hand. */
  readonly decision: IdentityDecision | null;
  readonly byHand: boolean;
  /** The person is an entry that was made for this very track and has been seen nowhere else. */
  readonly ownVisitor: boolean;
}

export type Revision =
  /** Nothing changes. */
  | { readonly kind: "keep" }
  /** The same person, by evidence at least as good. */
  | { readonly kind: "confirm" }
  /** Nobody yet; now this person. */
  | { readonly kind: "take"; readonly personId: string }
  /** Somebody nobody knows. */
  | { readonly kind: "create" }
  /** The entry made for this track turns out to be this person. */
  | { readonly kind: "absorb"; readonly personId: string }
  /** Taken for the wrong person until now. */
  | { readonly kind: "change"; readonly personId: string }
  /** It may be this person after all: a question for somebody. */
  | { readonly kind: "doubt"; readonly personId: string }
  /** Likely this person; not told. */
  | { readonly kind: "suppose"; readonly personId: string };

/** @param decision made without the track's own visitor among the candidates */
export function revise(standing: Standing, decision: IdentityDecision): Revision {
  if (standing.byHand) return { kind: "keep" };
  const { outcome, personId } = decision;
  if (standing.personId === null) {
    if (outcome === "new") return { kind: "create" };
    if (personId === null || outcome === "unknown") return { kind: "keep" };
    return outcome === "matched" ? { kind: "take", personId } : { kind: "suppose", personId };
  }
  if (outcome !== "matched" || personId === null) return { kind: "keep" };
  const standingStrength = standing.decision === null ? 0 : strength(standing.decision);
  if (personId === standing.personId)
    return strength(decision) >= standingStrength ? { kind: "confirm" } : { kind: "keep" };
  if (strength(decision) < FACE) return { kind: "keep" };
  if (standing.ownVisitor) return { kind: "absorb", personId };
  return standingStrength < FACE ? { kind: "change", personId } : { kind: "doubt", personId };
}

/** A face that decided by itself. */
export const FACE = 3;

/** How much a decision for somebody weighs: a face, a face with gait's help, gait or clothes. */
export function strength(decision: IdentityDecision): 0 | 1 | 2 | 3 {
  if (decision.reasons.includes("gait_tie_break")) return 2;
  if (decision.cue === "face") return FACE;
  return decision.cue === null ? 0 : 1;
}

/** The face's cosine to the person decided for; null when it had no say. */
export function faceScore(decision: IdentityDecision): number | null {
  return decision.cues.find(({ cue }) => cue === "face")?.score ?? null;
}
