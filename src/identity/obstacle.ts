// What keeps a track from being somebody who is, or just was, somewhere else. Pure.
import type { Candidate } from "../reid/candidate.ts";
import {
  blockedPersons,
  isSeenBeside,
  type TrackSpan,
  type Ways,
  type Whereabout,
} from "../reid/whereabouts.ts";

/**
 * @param together whether the two were seen as two bodies in one picture; null where no picture tells, so that their times
 * have to
 */
export function obstacle(
  track: TrackSpan,
  other: Whereabout,
  ways: Ways,
  together: boolean | null,
): Candidate["blocked"] {
  if (track.cameraId !== other.cameraId)
    return blockedPersons(track, [other], ways).get(other.personId) ?? null;
  return (together ?? isSeenBeside(track, other)) ? "same_camera" : null;
}
