// Follows bodies through one camera's frames: detections in, tracks out. Which detection belongs to which body is
// decided frame by frame, from where the body should be by now.
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";

/** Confidences are on the scale of the model that makes the detections. */
export interface TrackerSettings {
  /** botsort: looks count beside places, where detections carry them. */
  readonly kind: "bytetrack" | "botsort";
  /** Detections from here on are matched first and may bring back a lost track. */
  readonly high: number;
  /** Weaker ones down to here may still carry on a track. */
  readonly low: number;
  /** What it takes, beside `high`, to start a track. */
  readonly newTrack: number;
  /** Seconds a lost track is looked for. */
  readonly lostS: number;
}

export interface Tracker {
  /**
   * Takes the detections of one frame, normalised to the picture, with the frame's media time in seconds and the
   * picture's width over its height. Returns every track that is alive, and once more each that ended with this
   * frame, ordered by id. Ids count up from 1 and are never used again.
   */
  update(detections: readonly Detection[], timeS: number, aspect: number): readonly Track[];
  /**
   * Adds to the frame of the last `update` a detection that was looked for where this track should be, whatever its
   * confidence: the look was asked for. The track is confirmed by it, were it lost or given up in that frame after a first
   * sight. Returns the track as it is now; null when there is no such track, it was detected in that frame anyway, the
   * box is no box, or it is the box of another track that was detected there.
   */
  amend(trackId: number, detection: Detection, aspect: number): Track | null;
}
