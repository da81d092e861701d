import type { FrameStamp } from "./frame.ts";
import type { Box } from "./geometry.ts";
import type { Pose } from "./pose.ts";

/** tentative: seen too briefly to act on; lost: not seen now, still looked for; ended: given up. */
export type TrackState = "tentative" | "confirmed" | "lost" | "ended";

/** The same body followed in one camera. The id is local to a camera and a run; it is never a person. */
export interface Track {
  readonly id: number;
  readonly state: TrackState;
  /** Filtered position; predicted when `detected` is false. */
  readonly box: Box;
  /** Confidence of the last detection, 0..1. */
  readonly confidence: number;
  /** Of this frame's detection; null when nothing was detected or the model has no pose. */
  readonly pose: Pose | null;
  /** Whether a detection of this very frame belongs to it. */
  readonly detected: boolean;
  /** Media time of the first and the latest detection, seconds. */
  readonly firstSeenS: number;
  readonly lastSeenS: number;
}

/**
 * A place in a fixed camera's picture that something person-sized covers which does not belong to the room: it went there,
 * does not move, and no track that is seen explains it.
 */
export interface ForegroundRegion {
  readonly box: Box;
  /** Media time since when it has not changed, seconds. */
  readonly sinceS: number;
  /** Share of the picture that differs from the background, 0..1. */
  readonly share: number;
}

/** Everything vision has to say about one analysed frame. */
export interface FrameObservation {
  readonly stamp: FrameStamp;
  /** Width over height of the picture: normalised lengths are not square without it. */
  readonly aspect: number;
  /** Confirmed, lost and just ended tracks, tentative ones included; ordered by id. */
  readonly tracks: readonly Track[];
  /** Set when the frame was not analysed: nothing moved in it and nobody was followed. */
  readonly resting?: true;
  /** What stands or lies in the room unexplained; left out where no background has been learned yet. */
  readonly foreground?: readonly ForegroundRegion[];
}
