// A person somebody may be: how like they are by each cue, and what speaks against it.
import type { Cue } from "../domain/tracklet.ts";

export interface Candidate {
  readonly personId: string;
  /** Cosine by cue: the best over the person's prototypes and running mean. Cues that cannot be compared are left out. */
  readonly scores: Readonly<Partial<Record<Cue, number>>>;
  /** The highest cosine of the track's face to one that somebody said is not this person's; null without any. */
  readonly negative: number | null;
  /** Why it cannot be them, whatever they look like; null when nothing speaks against it. */
  readonly blocked: "same_camera" | "elsewhere" | null;
  /** Since they were last seen in this very camera; null when never, or not lately. Seconds. */
  readonly sinceSeenHereS: number | null;
}
