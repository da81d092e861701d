// Candidates in order of how like they are by one cue, the same whatever order they came in.
import { CUES, type Cue } from "../domain/tracklet.ts";
import type { Candidate } from "./candidate.ts";
import type { DecisionSettings } from "./decision-settings.ts";

export interface Ranked {
  readonly candidate: Candidate;
  readonly score: number;
}

/** Likest first; those that cannot be compared by this cue are left out. */
export function rankedBy(cue: Cue, candidates: readonly Candidate[]): readonly Ranked[] {
  return candidates
    .flatMap((candidate) => {
      const score = candidate.scores[cue];
      return score === undefined ? [] : [{ candidate, score }];
    })
    .toSorted((a, b) => b.score - a.score || (a.candidate.personId < b.candidate.personId ? -1 : 1));
}

/** By how much the first leads; 2, more than any cosine can, when there is no second. */
export function leadOf([first, second]: readonly Ranked[]): number {
  if (first === undefined) return 0;
  return second === undefined ? 2 : first.score - second.score;
}

/**
 * One entry a person, with finite scores only, the face's as the mean of what each of the track's faces has: `faceAgreement`. A negative that is not a number is taken for the worst: somebody did say that it
 * is not them.
 */
export function soundCandidates(candidates: readonly Candidate[], agreement: number): readonly Candidate[] {
  const byPerson = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const known = byPerson.get(candidate.personId);
    const sound = {
      ...candidate,
      scores: soundScores(candidate, agreement),
      negative: soundNegative(candidate),
    };
    byPerson.set(candidate.personId, known === undefined ? sound : joined(known, sound));
  }
  return [...byPerson.values()];
}

function soundScores({ scores }: Candidate, agreement: number): Candidate["scores"] {
  const sound: Partial<Record<Cue, number>> = {};
  for (const cue of CUES) {
    const score = scores[cue];
    if (score === undefined || !Number.isFinite(score)) continue;
    sound[cue] = Math.max(-1, Math.min(1, score)) * (cue === "face" ? agreement : 1);
  }
  return sound;
}

function soundNegative({ negative }: Candidate): number | null {
  if (negative === null) return null;
  return Number.isNaN(negative) ? 1 : Math.max(-1, Math.min(1, negative));
}

function joined(a: Candidate, b: Candidate): Candidate {
  const scores: Partial<Record<Cue, number>> = { ...a.scores };
  for (const cue of CUES) {
    const score = b.scores[cue];
    if (score !== undefined) scores[cue] = Math.max(score, scores[cue] ?? -1);
  }
  return {
    ...a,
    scores,
    negative: a.negative === null ? b.negative : Math.max(a.negative, b.negative ?? -1),
    blocked: a.blocked === "same_camera" ? a.blocked : (b.blocked ?? a.blocked),
    sinceSeenHereS: a.sinceSeenHereS ?? b.sinceSeenHereS,
  };
}

/**
 * Somebody said of a face like this that it is not this person's. It is a rival like any other person: it rules them out
 * unless they are more like the track than it is by the face's margin. For somebody whose own face is not known, it is enough
 * that it would have been accepted.
 */
export function isRuledOut({ negative, scores }: Candidate, face: DecisionSettings["face"]): boolean {
  if (negative === null || face === null) return false;
  return scores.face === undefined ? negative >= face.accept : negative > scores.face - face.margin;
}
