// The tracks of all cameras that are in sight or were a moment ago, each with whoever it is taken for: who is seen where.
import { isInDoorway } from "../adl/door-watch.ts";
import type { Clock, Millis } from "../core/clock.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import { type Box, boxHeight } from "../domain/geometry.ts";
import type { TrackIdentity } from "../domain/identity.ts";
import type { FrameObservation } from "../domain/track.ts";
import { OUTSIDE, type Zone } from "../domain/zone.ts";
import type { PersonSighting } from "../presence/person-place.ts";

/** A track may be told apart only when it has ended. */
const KEEP: Millis = 60_000;

export interface SeenTrack {
  readonly cameraId: string;
  readonly trackId: number;
  /** Wall time, and monotonic. */
  at: Millis;
  run: Millis;
  box: Box | null;
  identity: TrackIdentity | null;
  /** The person the identity's id stands for today. */
  personId: string | null;
  /** Nobody the household has named. */
  stranger: boolean;
}

interface View {
  readonly area: string;
  readonly exits: readonly Zone[];
  readonly tracks: Map<number, SeenTrack>;
}

export class TracksInSight {
  readonly #clock: Clock;
  readonly #views = new Map<string, View>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Who was seen by a camera that is no more, or must not look, is in sight of it no more. */
  configure(cameras: readonly Camera[]): void {
    const before = new Map(this.#views);
    this.#views.clear();
    for (const camera of cameras) {
      const looks = camera.enabled && !camera.privacy;
      this.#views.set(camera.id, {
        area: areaOf(camera),
        exits: camera.zones.filter(({ kind, leadsTo }) => kind === "door" && leadsTo === OUTSIDE),
        tracks: looks ? (before.get(camera.id)?.tracks ?? new Map()) : new Map(),
      });
    }
  }

  observe({ stamp, tracks }: FrameObservation): void {
    const view = this.#views.get(stamp.cameraId);
    if (view === undefined) return;
    const run = this.#clock.monotonic();
    for (const track of tracks) {
      if (!track.detected || track.state !== "confirmed") continue;
      const seen = view.tracks.get(track.id) ?? blank(stamp.cameraId, track.id);
      seen.at = stamp.capturedAt;
      seen.run = run;
      seen.box = track.box;
      view.tracks.set(track.id, seen);
    }
  }

  /** The track an identity is of; made where it has not been seen yet. null for a camera there is not. */
  identified(identity: TrackIdentity): SeenTrack | null {
    const { cameraId, trackId } = identity;
    const view = this.#views.get(cameraId);
    if (view === undefined) return null;
    const track = view.tracks.get(trackId) ?? { ...blank(cameraId, trackId), run: this.#clock.monotonic() };
    view.tracks.set(trackId, track);
    track.identity = identity;
    return track;
  }

  /** All that are remembered, seen or not. */
  *all(): Iterable<SeenTrack> {
    for (const { tracks } of this.#views.values()) yield* tracks.values();
  }

  isInSight({ run, box }: SeenTrack, seenFor: Millis): boolean {
    return box !== null && this.#clock.monotonic() - run <= seenFor;
  }

  /** Those of a camera seen within the last `seenFor`. */
  inSight(cameraId: string, seenFor: Millis): readonly SeenTrack[] {
    const tracks = [...(this.#views.get(cameraId)?.tracks.values() ?? [])];
    return tracks.filter((track) => this.isInSight(track, seenFor));
  }

  /** What its camera shows of whoever the track is; null when it was never seen, or is nobody's. */
  sightingOf({ cameraId, at, box, identity }: SeenTrack): PersonSighting | null {
    const view = this.#views.get(cameraId);
    if (view === undefined || box === null || identity === null) return null;
    const { cue, decision } = identity;
    return {
      cameraId,
      area: view.area,
      at,
      // The nearer camera shows them larger.
      evidence: decision.confidence * Math.min(1, boxHeight(box)),
      cue,
      confidence: decision.confidence,
      leaving: view.exits.some((zone) => isInDoorway(zone, box)),
    };
  }

  forgetOld(): void {
    const until = this.#clock.monotonic() - KEEP;
    for (const { tracks } of this.#views.values())
      for (const [id, { run }] of tracks) if (run < until) tracks.delete(id);
  }
}

function blank(cameraId: string, trackId: number): SeenTrack {
  return { cameraId, trackId, at: 0, run: 0, box: null, identity: null, personId: null, stranger: false };
}
