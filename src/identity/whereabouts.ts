// Who was where lately, by all tracks of all cameras: what keeps a track from being somebody, and who would have to give way.
import type { Candidate } from "../reid/candidate.ts";
import type { TrackSpan, Ways } from "../reid/whereabouts.ts";
import type { CameraView } from "./camera-view.ts";
import type { FollowedTrack } from "./followed-track.ts";
import { obstacle } from "./obstacle.ts";
import type { Likeness, People } from "./people.ts";
import { keyOf, type PastStays, type Stay } from "./stays.ts";

export interface WhereaboutsOptions {
  readonly people: People;
  readonly tracks: ReadonlyMap<string, FollowedTrack>;
  readonly views: ReadonlyMap<string, CameraView>;
  readonly past: PastStays;
  readonly ways: Ways;
}

export class Whereabouts {
  readonly #options: WhereaboutsOptions;

  constructor(options: WhereaboutsOptions) {
    this.#options = options;
  }

  /** What speaks for and against a track's being this person. */
  candidate(track: FollowedTrack, { personId, scores, negative }: Likeness): Candidate {
    const stays = this.#stays(track, personId);
    const before = stays
      .filter((stay) => stay.cameraId === track.cameraId && stay.to <= track.firstSeenAt)
      .map((stay) => track.firstSeenAt - stay.to);
    return {
      personId,
      scores,
      // Whoever said so is not to be asked again by the same face.
      negative: track.never.has(personId) ? 1 : negative,
      blocked: stays.map((stay) => this.#obstacle(track, stay)).find((reason) => reason !== null) ?? null,
      sinceSeenHereS: before.length === 0 ? null : Math.min(...before) / 1000,
    };
  }

  /** Where the person is and was lately, by other tracks than this one. */
  #stays(track: FollowedTrack, personId: string): readonly Stay[] {
    const { tracks, past, people } = this.#options;
    const own = keyOf(track.cameraId, track.trackId);
    const stays = [...[...tracks.values()].map(stayOf), ...past.all()].filter(
      ({ cameraId, trackId, identity }) => identity.personId === personId && keyOf(cameraId, trackId) !== own,
    );
    if (stays.length > 0) return stays;
    // Before a restart, perhaps.
    const person = people.person(personId);
    if (person?.lastSeenAt == null || person.lastCameraId === null || track.identity.personId === personId)
      return [];
    const { lastSeenAt: at, lastCameraId: cameraId } = person;
    // Seen here while the track lasts, and by no other track: that was this one, when it was taken for them.
    if (cameraId === track.cameraId && at >= track.firstSeenAt) return [];
    return [{ cameraId, trackId: -1, from: at, to: at, identity: track.identity }];
  }

  #obstacle(track: FollowedTrack, stay: Stay): Candidate["blocked"] {
    const view = this.#options.views.get(track.cameraId) ?? null;
    const personId = stay.identity.personId ?? "";
    return obstacle(
      spanOf(stayOf(track), view),
      { ...spanOf(stay, view), personId },
      this.#options.ways,
      view?.together(track.trackId, stay.trackId) ?? null,
    );
  }

  /** Those that claim a person whom this track cannot be as long as they do; null for one that is over. */
  rivals(track: FollowedTrack, personId: string): readonly (FollowedTrack | null)[] {
    return this.#stays(track, personId)
      .filter((stay) => this.#obstacle(track, stay) !== null)
      .map(({ cameraId, trackId }) => this.#options.tracks.get(keyOf(cameraId, trackId)) ?? null);
  }
}

function stayOf({ cameraId, trackId, firstSeenAt: from, lastSeenAt: to, identity }: FollowedTrack): Stay {
  return { cameraId, trackId, from, to, identity };
}

function spanOf({ cameraId, trackId, from, to }: Stay, view: CameraView | null): TrackSpan {
  return { cameraId, trackId, from, to, box: view?.sight(trackId)?.box ?? null };
}
