// Tracklets in, identities out: gathers what is seen of each track, asks the gallery, decides, and revises what it decided
// as more is seen. The only place that gives a track a person. Times are those of the pictures.
import type { Clock, Millis } from "../core/clock.ts";
import { newId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import type { EventDraft } from "../domain/events.ts";
import type { TrackIdentity } from "../domain/identity.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Tracklet } from "../domain/tracklet.ts";
import { type Ways, waysBetween } from "../reid/whereabouts.ts";
import { CameraView } from "./camera-view.ts";
import type { Correction, LiveTracks } from "./correction.ts";
import { evidenceExamples, type FollowedTrack, followTrack, gather } from "./followed-track.ts";
import type { IdentitySettings } from "./identity-settings.ts";
import type { People } from "./people.ts";
import { Questions, type Reviews } from "./questions.ts";
import { type RememberedState, SiteMemory } from "./site-memory.ts";
import { keyOf, PastStays } from "./stays.ts";
import { isAnotherBody } from "./takeover.ts";
import { TrackIdentifier } from "./track-identifier.ts";

export interface IdentityServiceOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly people: People;
  readonly settings: IdentitySettings;
  readonly cameras: readonly Camera[];
  readonly record: (draft: EventDraft) => void;
  /** Called when what a track is taken for has changed. */
  readonly onIdentity: (identity: TrackIdentity) => void;
  readonly reviews: Reviews;
  readonly state: RememberedState;
  /**
   * Makes the entry that was made for one track part of a person it turned out to be, with what hangs on it. Throws
   * AppError; then nothing changed.
   */
  readonly absorb: (visitorId: string, personId: string, at: Millis) => void;
}

/** How often somebody in sight is noted as seen between checkpoints, and what was learned of the site is kept. */
const NOTE_EVERY_MS: Millis = 5000;
/** The last checkpoint of a track comes a little after its last frame; later than this it does not come. */
const LAST_CHECKPOINT_MS: Millis = 30_000;
/** A track that nobody says anything of any more, not even that it is lost. */
const SILENT_MS: Millis = 10 * 60_000;
/** Of all cameras together. */
const MAX_TRACKS = 500;

export class IdentityService implements Service, LiveTracks {
  readonly #options: IdentityServiceOptions;
  readonly #tracks = new Map<string, FollowedTrack>();
  readonly #views = new Map<string, CameraView>();
  readonly #past = new PastStays();
  readonly #site: SiteMemory;
  readonly #questions: Questions;
  readonly #identifier: TrackIdentifier;
  #cameras: ReadonlyMap<string, Camera> = new Map();
  #settings: IdentitySettings;
  #ways: Ways = () => 0;
  #timer: Disposable | null = null;
  #subscription: Disposable | null = null;

  constructor(options: IdentityServiceOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#site = new SiteMemory(options.state, options.log);
    this.#questions = new Questions(options.reviews, options.people, options.log);
    this.#identifier = new TrackIdentifier({
      ...options,
      settings: () => this.#settings,
      ways: (from, to) => this.#ways(from, to),
      camera: (id) => this.#cameras.get(id) ?? null,
      tracks: this.#tracks,
      views: this.#views,
      past: this.#past,
      site: this.#site,
    });
    this.#setCameras(options.cameras);
  }

  async start(): Promise<void> {
    this.#subscription ??= this.#options.people.onChange(() => this.#identifier.followPeople());
    this.#scheduleSync();
  }

  async stop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#subscription?.[Symbol.dispose]();
    this.#timer = this.#subscription = null;
    for (const track of [...this.#tracks.values()]) this.#release(track);
    this.#site.sync();
  }

  /** Tracks of cameras that are gone, switched off or in privacy end. */
  configure(settings: IdentitySettings, cameras: readonly Camera[]): void {
    this.#settings = settings;
    this.#setCameras(cameras);
    for (const track of [...this.#tracks.values()])
      if (!this.#cameras.has(track.cameraId)) this.#release(track);
    for (const id of [...this.#views.keys()]) if (!this.#cameras.has(id)) this.#views.delete(id);
  }

  /** Every frame: who is in sight, and whether two of them are. */
  seen(observation: FrameObservation): void {
    const { cameraId, capturedAt } = observation.stamp;
    if (!this.#cameras.has(cameraId)) return;
    const view = this.#view(cameraId);
    const detected = view.see(observation);
    const known: FollowedTrack[] = [];
    for (const id of detected) {
      const track = this.#tracks.get(keyOf(cameraId, id));
      if (track === undefined) continue;
      track.lastSeenAt = Math.max(track.lastSeenAt, capturedAt);
      track.mediaTimeS = observation.stamp.mediaTimeS;
      if (track.identity.personId !== null) known.push(track);
    }
    for (const track of known) {
      if (capturedAt - track.notedAt >= NOTE_EVERY_MS) this.#identifier.note(track);
      this.#identifier.tellUnknown(track);
    }
    if (known.length > 1) this.#identifier.separate(known);
    this.#letGo(capturedAt);
  }

  /** A checkpoint of a track. */
  observe(tracklet: Tracklet): void {
    const camera = this.#cameras.get(tracklet.cameraId);
    if (camera === undefined || !isSound(tracklet)) return;
    const standardise = this.#site.standardise(camera.id);
    const key = keyOf(tracklet.cameraId, tracklet.trackId);
    let track = this.#tracks.get(key);
    if (track !== undefined && isAnotherBody(track.evidence, tracklet, standardise)) {
      const before = track.identity;
      this.#release(track);
      track = this.#follow(tracklet, tracklet.samples[0]?.capturedAt ?? tracklet.lastSeenAt);
      track.takenOverFrom = before.personId;
    }
    track ??= this.#follow(tracklet, tracklet.firstSeenAt);
    track.area = areaOf(camera);
    gather(track, tracklet, {
      standardise,
      keepPictures: this.#settings.keepPictures,
      ...(camera.heightMarks === undefined ? {} : { heightMarks: camera.heightMarks }),
    });
    if (!track.taught) track.taught = this.#site.learnLook(tracklet);
    this.#identifier.consider(track);
    if (tracklet.ended) this.#release(track);
  }

  /** Who a track is taken for; still answered for minutes after its end. Null when it was never looked at. */
  identityOf(cameraId: string, trackId: number): TrackIdentity | null {
    return (
      this.#tracks.get(keyOf(cameraId, trackId))?.identity ??
      this.#past.of(cameraId, trackId)?.identity ??
      null
    );
  }

  /** Of the tracks that are followed now. */
  identities(cameraId: string): readonly TrackIdentity[] {
    return [...this.#tracks.values()]
      .filter((track) => track.cameraId === cameraId && !this.#hasEnded(track))
      .map(({ identity }) => identity);
  }

  /** The id under which a track's sighting is kept; null when it is not followed. */
  trackletIdOf(cameraId: string, trackId: number): string | null {
    return this.#tracks.get(keyOf(cameraId, trackId))?.trackletId ?? null;
  }

  correct({ kind, trackletId, personId }: Correction): void {
    const track = this.#byTracklet(trackletId);
    if (track === null) return;
    if (kind === "is") this.#identifier.assignByHand(track, personId);
    else this.#identifier.exclude(track, personId);
  }

  examples(trackletId: string) {
    const track = this.#byTracklet(trackletId);
    return track === null ? [] : evidenceExamples(track);
  }

  /** Tracks held in memory: for what the daemon says of itself. */
  get followed(): number {
    return this.#tracks.size;
  }

  #follow(tracklet: Tracklet, firstSeenAt: Millis): FollowedTrack {
    const track = followTrack({ ...tracklet, firstSeenAt }, newId(tracklet.lastSeenAt));
    this.#tracks.set(keyOf(track.cameraId, track.trackId), track);
    for (const oldest of this.#tracks.values()) {
      if (this.#tracks.size <= MAX_TRACKS) break;
      this.#release(oldest);
    }
    return track;
  }

  #release(track: FollowedTrack): void {
    const { cameraId, trackId, firstSeenAt, lastSeenAt, identity } = track;
    this.#identifier.finish(track);
    this.#questions.ask(track);
    for (const other of this.#companions(track)) this.#site.learnPair(track.evidence, other.evidence);
    this.#tracks.delete(keyOf(cameraId, trackId));
    this.#past.add({ cameraId, trackId, from: firstSeenAt, to: lastSeenAt, identity });
  }

  /** Tracks whose last checkpoint has not come in time, and those of cameras that fell silent. */
  #letGo(now: Millis): void {
    for (const track of [...this.#tracks.values()]) {
      if (now - track.lastSeenAt > (this.#hasEnded(track) ? LAST_CHECKPOINT_MS : SILENT_MS))
        this.#release(track);
    }
  }

  #hasEnded({ cameraId, trackId }: FollowedTrack): boolean {
    return this.#views.get(cameraId)?.sight(trackId)?.ended === true;
  }

  #companions(track: FollowedTrack): readonly FollowedTrack[] {
    const ids = this.#view(track.cameraId).companions(track.trackId);
    return ids.flatMap((id) => this.#tracks.get(keyOf(track.cameraId, id)) ?? []);
  }

  #view(cameraId: string): CameraView {
    const view = this.#views.get(cameraId) ?? new CameraView();
    this.#views.set(cameraId, view);
    return view;
  }

  #byTracklet(trackletId: string): FollowedTrack | null {
    for (const track of this.#tracks.values()) if (track.trackletId === trackletId) return track;
    return null;
  }

  #setCameras(cameras: readonly Camera[]): void {
    const watching = cameras.filter(({ enabled, privacy }) => enabled && !privacy);
    this.#cameras = new Map(watching.map((camera) => [camera.id, camera]));
    this.#ways = waysBetween(cameras, this.#settings.travel);
  }

  #scheduleSync(): void {
    this.#timer = this.#options.clock.schedule(NOTE_EVERY_MS, () => {
      this.#site.sync();
      this.#scheduleSync();
    });
  }
}

/** What is no number cannot be kept, and would keep everything else from being. */
function isSound({ firstSeenAt, lastSeenAt, frames, widthPx, heightPx }: Tracklet): boolean {
  return [firstSeenAt, lastSeenAt, frames, widthPx, heightPx].every(Number.isFinite);
}
