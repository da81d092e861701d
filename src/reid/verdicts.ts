// What each cue says by itself, and all of them together: for whoever wants to know why.
import type { CueVerdict } from "../domain/identity.ts";
import { CUES, type Cue } from "../domain/tracklet.ts";
import type { Candidate } from "./candidate.ts";
import type { DecisionSettings } from "./decision-settings.ts";
import type { TrackEvidence } from "./evidence.ts";
import type { Ranked } from "./ranking.ts";

/** The specification's. */
const WEIGHTS: Readonly<Record<Cue, number>> = { face: 0.6, gait: 0.3, appearance: 0.1 };

/** Weighted mean of the cosines there are; null without any. Gait counts only where it may decide by itself. */
export function combinedScore(
  { scores }: Candidate,
  usable: ReadonlySet<Cue>,
  { gait }: DecisionSettings,
): number | null {
  let sum = 0;
  let weights = 0;
  for (const cue of CUES) {
    const score = scores[cue];
    if (score === undefined || !usable.has(cue) || (cue === "gait" && gait.mode !== "full")) continue;
    sum += WEIGHTS[cue] * score;
    weights += WEIGHTS[cue];
  }
  return weights > 0 ? sum / weights : null;
}

/** Cues that are switched on and of which the track has something, strongest first. */
export function verdictsOf(
  evidence: TrackEvidence,
  rankings: Readonly<Record<Cue, readonly Ranked[]>>,
  settings: DecisionSettings,
): readonly CueVerdict[] {
  const thresholds: Readonly<Record<Cue, number | null>> = {
    face: settings.face?.accept ?? null,
    gait: settings.gait.mode === "off" ? null : settings.gait.accept,
    appearance: settings.appearance?.alone ?? null,
  };
  const seen = {
    face: evidence.faces,
    gait: evidence.gait === null ? [] : [evidence.gait],
    appearance: evidence.appearances,
  };
  return CUES.flatMap((cue) => {
    const threshold = thresholds[cue];
    if (threshold === null || seen[cue].length === 0) return [];
    const [first, second] = rankings[cue];
    return {
      cue,
      personId: first?.candidate.personId ?? null,
      score: first?.score ?? null,
      runnerUpId: second?.candidate.personId ?? null,
      runnerUpScore: second?.score ?? null,
      threshold,
      quality: Math.max(...seen[cue].map(({ quality }) => quality)),
    };
  });
}
