// What somebody said about a tracklet, told to whoever follows the track, so that the live picture agrees at once.
import type { Example } from "./people.ts";

/** `is`: this is `personId`. `is_not`: whoever it is, it is not `personId`. */
export interface Correction {
  readonly kind: "is" | "is_not";
  readonly trackletId: string;
  readonly personId: string;
}

/** The tracks that are followed right now. */
export interface LiveTracks {
  /** The correction is in the database already; a tracklet whose track is no longer followed is passed over. */
  correct(correction: Correction): void;
  /** What the track looks like by every cue, best first; empty when it is no longer followed. */
  examples(trackletId: string): readonly Example[];
}
