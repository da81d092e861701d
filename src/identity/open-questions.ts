// Which cases somebody in the household should look at: those that were close, and were decided for the lesser harm. Pure.
import type { IdentityDecision } from "../domain/identity.ts";
import type { Cue } from "../domain/tracklet.ts";

/** Within this much below what is asked for, a cosine is close: half the margin that faces of two people keep. */
const NEAR = 0.08;

/** Is the tracklet's person, if it has one, this one? */
export interface Question {
  readonly candidateId: string;
  readonly cue: Cue;
  readonly score: number;
}

/**
 * What to ask of a decision once no better one is to be expected.
 * @param takenFor who the track is taken for; null for nobody
 * @param isNamed whether a household would know the person by name
 */
export function questionOf(
  decision: IdentityDecision,
  takenFor: string | null,
  isNamed: (personId: string) => boolean,
): Question | null {
  const face = decision.cues.find(({ cue }) => cue === "face");
  if (face !== undefined && face.personId !== null && face.score !== null) {
    const blocked = decision.reasons.some(
      (reason) => reason === "same_camera" || reason === "not_them" || reason === "elsewhere",
    );
    const close = face.score >= face.threshold - NEAR && face.personId !== takenFor && !blocked;
    const between =
      decision.reasons.includes("face_margin") &&
      (isNamed(face.personId) || (face.runnerUpId !== null && isNamed(face.runnerUpId)));
    if (close || (between && face.personId !== takenFor))
      return { candidateId: face.personId, cue: "face", score: face.score };
  }
  if (decision.outcome !== "tentative" || decision.personId === null) return null;
  const appearance = decision.cues.find(({ cue }) => cue === "appearance");
  if (appearance?.score == null || !isNamed(decision.personId) || decision.personId === takenFor) return null;
  return { candidateId: decision.personId, cue: "appearance", score: appearance.score };
}
