// Where everybody is and who is in each area, from what all cameras see: looks twice a second, tells what changed, and
// remembers it over restarts.
import type { Clock, Millis } from "../core/clock.ts";
import type { EventBus } from "../core/event-bus.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { BusEvents } from "../domain/bus.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import type { CameraStatus, RoomState } from "../domain/camera-status.ts";
import type { AreaPresence, PersonPresence, TrackIdentity } from "../domain/identity.ts";
import { displayName, type Person } from "../domain/person.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { People } from "../identity/people.ts";
import { NO_STRANGER, type StrangerState, stepArea } from "../presence/area-people.ts";
import {
  NEVER_SEEN,
  type PersonPlace,
  type PersonSighting,
  type PlaceSettings,
  placeAfter,
  stepPlace,
  toldArea,
} from "../presence/person-place.ts";
import { isAreaNews, isPersonNews, isStranger, presenceOf, REFRESH } from "../presence/presence-news.ts";
import { CarersInSight } from "./carers-in-sight.ts";
import { type PresenceKeeper, PresenceMemory } from "./presence-memory.ts";
import { type SeenTrack, TracksInSight } from "./tracks-in-sight.ts";

export interface PresenceSettings extends PlaceSettings {
  /** Somebody who has not been detected for longer is not in sight. */
  readonly seenFor: Millis;
}

export interface PresenceServiceOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly bus: EventBus<BusEvents>;
  readonly people: Pick<People, "person" | "persons">;
  readonly settings: PresenceSettings;
  /** Where the places are kept over a restart, as JSON. */
  readonly memory: PresenceKeeper;
  /** The carers in sight in an area: at every change, and again while somebody is there. */
  readonly carers: (area: string, names: readonly string[]) => void;
}

const LOOK_EVERY: Millis = 500;
/** A clock that stood still, as a laptop's does, adds no more to how long nobody was seen. */
const MOST_ELAPSED: Millis = 10_000;

/** One person who is followed. */
interface Followed {
  person: Person;
  place: PersonPlace;
  /** What was last told; null before the first time. */
  told: PersonPresence | null;
  /** While in sight, and until they are seen again: how it stood before, and the tracks that were taken for them since. */
  since: { readonly before: PersonPlace; readonly tracks: Set<SeenTrack> } | null;
}

interface CameraView {
  readonly camera: Camera;
  status: CameraStatus | null;
  room: RoomState | null;
}

export class PresenceService implements Service {
  readonly #options: PresenceServiceOptions;
  #settings: PresenceSettings;
  readonly #tracks: TracksInSight;
  #views: ReadonlyMap<string, CameraView> = new Map();
  readonly #followed = new Map<string, Followed>();
  readonly #areas = new Map<string, { presence: AreaPresence | null; stranger: StrangerState }>();
  readonly #carers: CarersInSight;
  readonly #memory: PresenceMemory;
  #subscriptions: Disposable[] = [];
  #timer: Disposable | null = null;
  #lookedAt: Millis | null = null;
  #keptAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(options: PresenceServiceOptions) {
    this.#options = options;
    this.#settings = options.settings;
    const { clock, log, memory: keeper, carers } = options;
    this.#tracks = new TracksInSight(clock);
    this.#carers = new CarersInSight(clock, carers);
    this.#memory = new PresenceMemory({ keeper, clock, log });
  }

  /** Takes up where everybody was before the restart, and tells all of it. */
  async start(): Promise<void> {
    const { bus, people } = this.#options;
    const kept = this.#memory.load();
    for (const person of people.persons()) {
      const place = kept.get(person.id) ?? this.#placeOf(person);
      if (isWorthFollowing(person, place)) this.#follow(person, place);
    }
    this.#subscriptions = [
      bus.on("identity", (identity) => this.#identified(identity)),
      bus.on("persons", () => this.#personsChanged()),
      bus.on("camera_status", (status) => this.#note(status.cameraId, { status })),
      bus.on("room_state", (room) => this.#note(room.cameraId, { room })),
    ];
    this.#lookAgain();
  }

  async stop(): Promise<void> {
    const running = this.#subscriptions.length > 0;
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#subscriptions = [];
    this.#timer?.[Symbol.dispose]();
    if (running) this.#keep();
  }

  /** Cameras and settings as they are now. To be called before `start`, too. */
  configure(cameras: readonly Camera[], settings: PresenceSettings): void {
    this.#settings = settings;
    const before = this.#views;
    this.#views = new Map(
      cameras.map((camera) => {
        const view = before.get(camera.id);
        return [camera.id, { camera, status: view?.status ?? null, room: view?.room ?? null }];
      }),
    );
    this.#tracks.configure(cameras);
    const areas = new Set(cameras.map(areaOf));
    for (const area of this.#areas.keys()) {
      if (areas.has(area)) continue;
      this.#areas.delete(area);
      this.#carers.set(area, []);
    }
    for (const area of areas)
      if (!this.#areas.has(area)) this.#areas.set(area, { presence: null, stranger: NO_STRANGER });
    // A room may have been given another name.
    for (const followed of this.#followed.values()) {
      const view = this.#views.get(followed.place.cameraId ?? "");
      if (view !== undefined) followed.place = { ...followed.place, area: areaOf(view.camera) };
    }
    if (this.#subscriptions.length > 0) this.#look();
  }

  /** A frame was looked at. */
  observe(observation: FrameObservation): void {
    this.#tracks.observe(observation);
  }

  /** Everybody who is followed: those with a name, and others while they are at home. */
  persons(): readonly PersonPresence[] {
    return [...this.#followed.values()].map(({ person, place }) => presenceOf(person, place));
  }

  areas(): readonly AreaPresence[] {
    return [...this.#areas.values()].flatMap(({ presence }) => presence ?? []);
  }

  #note(cameraId: string, news: Partial<Pick<CameraView, "status" | "room">>): void {
    const view = this.#views.get(cameraId);
    if (view !== undefined) Object.assign(view, news);
  }

  #identified(identity: TrackIdentity): void {
    const track = this.#tracks.identified(identity);
    if (track === null) return;
    const before = track.personId;
    this.#resolve(track);
    if (before !== null && before !== track.personId) this.#takeBack(before, track);
    if (!this.#tracks.isInSight(track, this.#settings.seenFor)) this.#placeAfterwards(track);
    this.#look();
  }

  /** Whom the track's identity stands for today. */
  #resolve(track: SeenTrack): void {
    const { identity } = track;
    if (identity === null) return;
    const person = identity.personId === null ? null : this.#options.people.person(identity.personId);
    const active = person?.status === "active" ? person : null;
    track.personId = active?.id ?? null;
    track.stranger = isStranger(identity, active);
  }

  /** A track was not them after all: if nothing else was, all is as it was before. */
  #takeBack(personId: string, track: SeenTrack): void {
    const followed = this.#followed.get(personId);
    if (followed?.since?.tracks.delete(track) !== true || followed.since.tracks.size > 0) return;
    followed.place = { ...followed.since.before, visible: false, rival: null };
    followed.since = null;
  }

  /** Somebody who has passed by already is recognised: they were there then. */
  #placeAfterwards(track: SeenTrack): void {
    const sighting = this.#tracks.sightingOf(track);
    const followed = track.personId === null ? null : this.#followedBy(track.personId);
    if (followed === null || sighting === null || followed.place.visible) return;
    if (sighting.at <= (followed.place.lastSeenAt ?? Number.NEGATIVE_INFINITY)) return;
    followed.since = { before: followed.place, tracks: new Set([track]) };
    followed.place = placeAfter(followed.place, sighting, { ...this.#lookAround(0), sightings: [] });
  }

  #personsChanged(): void {
    const { people } = this.#options;
    const active = new Map(people.persons().map((person) => [person.id, person]));
    for (const [id, followed] of this.#followed) {
      const person = active.get(id);
      if (person === undefined) {
        this.#unfollow(id);
        this.#merge(followed, people.person(id));
      } else {
        if (followed.person.name !== null && person.name === null)
          this.#options.bus.emit("person_gone", { personId: id });
        followed.person = person;
      }
    }
    for (const person of active.values())
      if (person.name !== null && !this.#followed.has(person.id)) this.#follow(person, this.#placeOf(person));
    for (const track of this.#tracks.all()) this.#resolve(track);
    this.#look();
    // Who was forgotten must not be kept a minute longer.
    this.#keep();
  }

  /** Where somebody was last counts for the person they were merged into. */
  #merge({ place }: Followed, into: Person | null): void {
    const followed = into?.status === "active" ? this.#followedBy(into.id) : null;
    if (followed !== null && (place.lastSeenAt ?? 0) > (followed.place.lastSeenAt ?? 0))
      followed.place = place;
  }

  /** Followed from now on, if they were not; null for nobody there is. */
  #followedBy(personId: string): Followed | null {
    const followed = this.#followed.get(personId);
    if (followed !== undefined) return followed;
    const person = this.#options.people.person(personId);
    return person === null ? null : this.#follow(person, this.#placeOf(person));
  }

  #follow(person: Person, place: PersonPlace): Followed {
    const followed: Followed = { person, place, told: null, since: null };
    this.#followed.set(person.id, followed);
    return followed;
  }

  #unfollow(personId: string): void {
    this.#followed.delete(personId);
    this.#options.bus.emit("person_gone", { personId });
  }

  /** As far as the gallery knows: seen lately is at home. */
  #placeOf({ lastSeenAt, lastCameraId }: Person): PersonPlace {
    const camera = lastCameraId === null ? undefined : this.#views.get(lastCameraId)?.camera;
    const unseen = lastSeenAt === null ? Number.POSITIVE_INFINITY : this.#options.clock.now() - lastSeenAt;
    return {
      ...NEVER_SEEN,
      home: unseen < this.#settings.awayAfterUnseen,
      area: camera === undefined ? null : areaOf(camera),
      cameraId: lastCameraId,
      lastSeenAt,
      since: lastSeenAt,
      unseen: 0,
    };
  }

  #lookAgain(): void {
    const { clock, log } = this.#options;
    try {
      this.#look();
    } catch (error) {
      log.error({ err: error }, "the look at who is where failed");
    }
    this.#timer = clock.schedule(LOOK_EVERY, () => this.#lookAgain());
  }

  #look(): void {
    const { clock } = this.#options;
    const run = clock.monotonic();
    const look = this.#lookAround(Math.min(MOST_ELAPSED, run - (this.#lookedAt ?? run)));
    this.#lookedAt = run;
    this.#tracks.forgetOld();
    const sightings = this.#sightings();
    for (const id of sightings.keys()) this.#followedBy(id);
    for (const [id, followed] of this.#followed) {
      const seen = sightings.get(id) ?? [];
      this.#remember(followed, seen);
      followed.place = stepPlace(
        followed.place,
        { ...look, sightings: seen.map(({ sighting }) => sighting) },
        this.#settings,
      );
      this.#tell(followed);
      if (!isWorthFollowing(followed.person, followed.place)) this.#followed.delete(id);
    }
    for (const area of this.#areas.keys()) this.#lookAtArea(area, run);
    if (run - this.#keptAt >= REFRESH) this.#keep();
  }

  #lookAround(elapsed: Millis) {
    const { clock } = this.#options;
    const watched = new Set([...this.#views.values()].filter(isWatching).map(({ camera }) => areaOf(camera)));
    const areas = new Set(this.#areas.keys());
    return { now: clock.now(), run: clock.monotonic(), elapsed, watched, areas };
  }

  #sightings(): ReadonlyMap<string, readonly Sighted[]> {
    const all = new Map<string, Sighted[]>();
    for (const cameraId of this.#views.keys())
      for (const track of this.#tracks.inSight(cameraId, this.#settings.seenFor)) {
        const sighting = track.personId === null ? null : this.#tracks.sightingOf(track);
        if (track.personId === null || sighting === null) continue;
        all.set(track.personId, [...(all.get(track.personId) ?? []), { track, sighting }]);
      }
    return all;
  }

  #remember(followed: Followed, seen: readonly Sighted[]): void {
    if (seen.length === 0) return;
    if (followed.since === null || !followed.place.visible)
      followed.since = { before: followed.place, tracks: new Set() };
    for (const { track } of seen) followed.since.tracks.add(track);
  }

  #lookAtArea(area: string, run: Millis): void {
    const state = this.#areas.get(area);
    if (state === undefined) return;
    const views = [...this.#views.values()].filter(({ camera }) => areaOf(camera) === area);
    const { presence, stranger } = stepArea(state.stranger, {
      area,
      run,
      cameras: views.map((view) => this.#peopleOf(view)),
      overlap: (one, other) => this.#overlap(one, other) || this.#overlap(other, one),
      areaOf: (personId) => this.#areaOfVisible(personId),
    });
    const before = state.presence;
    this.#areas.set(area, { presence, stranger });
    if (before === null || isAreaNews(before, presence)) this.#options.bus.emit("area_presence", presence);
    const carers = presence.personIds.flatMap((id) => this.#followed.get(id)?.person ?? []);
    this.#carers.set(area, carers.filter(({ kind }) => kind === "carer").map(displayName));
  }

  #peopleOf({ camera, status, room }: CameraView) {
    const tracks = this.#tracks.inSight(camera.id, this.#settings.seenFor);
    return {
      cameraId: camera.id,
      watching: isWatching({ camera, status }),
      occupied: room?.occupied ?? false,
      count: room?.personCount ?? 0,
      personIds: [...new Set(tracks.flatMap(({ personId }) => personId ?? []))],
      stranger: tracks.some((track) => track.stranger),
    };
  }

  #overlap(one: string, other: string): boolean {
    return this.#views.get(one)?.camera.overlaps.includes(other) === true;
  }

  #areaOfVisible(personId: string): string | null {
    const place = this.#followed.get(personId)?.place;
    return place?.visible === true ? toldArea(place) : null;
  }

  #tell(followed: Followed): void {
    const presence = presenceOf(followed.person, followed.place);
    if (followed.told !== null && !isPersonNews(followed.told, presence)) return;
    const moved = followed.told?.home !== presence.home || followed.told.area !== presence.area;
    followed.told = presence;
    this.#options.bus.emit("person_presence", presence);
    if (moved) this.#keep();
  }

  #keep(): void {
    this.#keptAt = this.#options.clock.monotonic();
    this.#memory.save(new Map([...this.#followed].map(([id, { place }]) => [id, place])));
  }
}

interface Sighted {
  readonly track: SeenTrack;
  readonly sighting: PersonSighting;
}

/** Of the many who came once, only those who may be in the house. */
function isWorthFollowing({ name }: Person, { home }: PersonPlace): boolean {
  return name !== null || home;
}

function isWatching({ camera, status }: Pick<CameraView, "camera" | "status">): boolean {
  return camera.enabled && !camera.privacy && status?.availability === "online";
}
