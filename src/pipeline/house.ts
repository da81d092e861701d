// All cameras as the daemon knows them: joins what vision reports with what is configured, keeps each camera's status
// and room state, and turns observations into event drafts. What cameras that see the same place find out is put together
// here before it is told. It draws no conclusions of its own.

import type { FloorMapRecord } from "../adl/floor-map.ts";
import type { Sleeper } from "../adl/sleepers.ts";
import type { Clock } from "../core/clock.ts";
import type { EventBus } from "../core/event-bus.ts";
import type { Logger } from "../core/logger.ts";
import { every } from "../core/periodic.ts";
import type { Posture } from "../domain/activity.ts";
import type { BusEvents } from "../domain/bus.ts";
import type { Camera } from "../domain/camera.ts";
import {
  type Blindness,
  type CameraAvailability,
  type CameraHealth,
  type CameraStatus,
  NO_HEALTH,
  type RoomState,
  type StreamInfo,
} from "../domain/camera-status.ts";
import type { EventDraft } from "../domain/events.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { ActivitySettings, ActivityUpdate } from "./camera-activity.ts";
import { availabilityDraft, healthOf } from "./camera-availability.ts";
import { JointRooms } from "./joint-rooms.ts";
import { newRoom, type Room } from "./room.ts";
import type { ConnectionState } from "./vision-contract.ts";
import type { VisionEvents, VisionState } from "./vision-supervisor.ts";

export interface HouseOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly bus: EventBus<BusEvents>;
  /** What vision reports. */
  readonly vision: EventBus<VisionEvents>;
  readonly settings: ActivitySettings;
  readonly record: (draft: EventDraft) => void;
  /** A frame was looked at, and what came of it. */
  readonly onObserved: (observation: FrameObservation, update: ActivityUpdate) => void;
  readonly memory: RoomMemory;
  /** Whether an alarm of a fall in this camera's room stands. */
  readonly fallLatched: (cameraId: string) => boolean;
  /** Somebody lies, or was last seen lying, in this camera's room; or no longer. */
  readonly onLying: (cameraId: string, lying: boolean) => void;
}

/** Where what has to outlive a restart is kept of a room. */
export interface RoomMemory {
  /** Null where nothing was kept. */
  loadFloor(cameraId: string): FloorMapRecord | null;
  saveFloor(cameraId: string, floor: FloorMapRecord): void;
  forgetFloor(cameraId: string): void;
  /** Nobody, where that was kept too long ago to be true. */
  loadSleepers(cameraId: string): readonly Sleeper[];
  saveSleepers(cameraId: string, sleepers: readonly Sleeper[]): void;
  /** The camera is no more. */
  forget(cameraId: string): void;
}

/** Time goes on for whoever went down while their camera is away. */
const AWAY_TICK = 1000;
/** A floor is learned over days, and people lie in bed for hours: what is lost of it with a crash is no more than this. */
const SAVE_EVERY = 15 * 60_000;

/** After this long without a picture nobody can be said to be there; shorter gaps are hiccups. */
const ROOM_UNKNOWN_AFTER = 10_000;

export class House implements Disposable {
  readonly #options: HouseOptions;
  readonly #rooms = new Map<string, Room>();
  #settings: ActivitySettings;
  #subscriptions: Disposable[] = [];
  readonly #joint = new JointRooms(this.#rooms);

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  start(): void {
    const { vision: events, clock, log } = this.#options;
    const onError = (error: unknown) => log.error({ err: error }, "a periodic task of the house failed");
    this.#subscriptions = [
      events.on("observation", (observation) => this.#observe(observation)),
      events.on("connection", ({ cameraId, state }) => this.#connection(cameraId, state)),
      events.on("health", ({ cameraId, health }) => this.#health(cameraId, health)),
      events.on("sight", ({ cameraId, blind }) => this.#sight(cameraId, blind)),
      events.on("state", (state) => this.#vision(state)),
      this.#options.bus.on("alarms", () => this.#alarmsChanged()),
      every(clock, AWAY_TICK, () => this.#tickAway(), onError),
      every(clock, SAVE_EVERY, () => this.#save(), onError),
    ];
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    for (const room of this.#rooms.values()) room.closing?.[Symbol.dispose]();
    this.#save();
  }

  /** Cameras and settings as they are now; who is in view of a camera that stays is not forgotten. */
  configure(cameras: readonly Camera[], settings: ActivitySettings): void {
    this.#settings = settings;
    const ids = new Set(cameras.map((camera) => camera.id));
    for (const [id, room] of this.#rooms) {
      if (ids.has(id)) continue;
      this.#endVisits(room);
      this.#rooms.delete(id);
      this.#options.memory.forget(id);
    }
    for (const camera of cameras) {
      const room = this.#rooms.get(camera.id);
      if (room === undefined) this.#rooms.set(camera.id, this.#newRoom(camera));
      else {
        room.camera = camera;
        room.activity.configure(camera, settings);
        // Said at once, whether or not vision is there to confirm it.
        if (!camera.enabled) this.#setAvailability(room, "offline", "the camera is switched off", null);
        else if (camera.privacy) this.#setAvailability(room, "privacy", "privacy is on", null);
        else if (room.status.availability === "privacy")
          this.#setAvailability(room, "offline", "connecting", null);
      }
    }
    this.#options.bus.emit("cameras", cameras);
    for (const room of this.#rooms.values()) this.#publishRoom(room, true);
  }

  cameras(): readonly Camera[] {
    return [...this.#rooms.values()].map((room) => room.camera);
  }

  status(id: string): CameraStatus | null {
    return this.#rooms.get(id)?.status ?? null;
  }

  room(id: string): RoomState | null {
    return this.#rooms.get(id)?.state ?? null;
  }

  postures(id: string): ReadonlyMap<number, Posture> {
    return this.#rooms.get(id)?.postures ?? new Map();
  }

  /** Tracks with a fall under way or on the ground after one. */
  falls(id: string): ReadonlyMap<number, "suspected" | "confirmed"> {
    return this.#rooms.get(id)?.falls ?? new Map();
  }

  #newRoom(camera: Camera): Room {
    const { clock, memory, fallLatched } = this.#options;
    const room = newRoom(camera, this.#settings, { now: clock.now(), fall: fallLatched(camera.id) });
    const floor = memory.loadFloor(camera.id);
    if (floor !== null) room.activity.floor = floor;
    room.activity.sleepers = memory.loadSleepers(camera.id);
    // Those whose bed is still drawn.
    const personCount = room.activity.sleepers.length;
    if (personCount === 0) return room;
    room.occupancy = { occupied: true, personCount, bedOccupied: true };
    room.state = { ...room.state, ...room.occupancy };
    return room;
  }

  #observe(observation: FrameObservation): void {
    const room = this.#rooms.get(observation.stamp.cameraId);
    // A frame that was under way when privacy was switched on, or the camera removed, is not looked at.
    if (room === undefined || room.camera.privacy || !room.camera.enabled) return;
    const update = room.activity.observe(observation);
    // Before anything is told of it: who asks what was seen before the alarm finds this frame too.
    this.#options.onObserved(observation, update);
    this.#take(room, update, observation);
  }

  #take(room: Room, update: ActivityUpdate, observation: FrameObservation | null): void {
    room.postures = update.postures;
    room.falls = update.falls;
    this.#noteLying(room, update.lying);
    this.#noteInBed(room, update.inBed);
    for (const draft of this.#draftsOf(room, update, observation)) this.#options.record(draft);
    // Of a room nobody looks into, nothing new is claimed.
    if (observation !== null) room.occupancy = update.room;
    this.#publishRoom(room, false);
  }

  /** What is to be told; of cameras that see the same place, together. */
  #draftsOf(room: Room, update: ActivityUpdate, observation: FrameObservation | null): readonly EventDraft[] {
    if (observation === null) return update.drafts;
    const minGround = this.#settings.adl.minGroundDurationS * 1000;
    return this.#joint.draftsOf(room, { observation, update, minGround });
  }

  /** Whoever went down before their camera went away stays down: the fall is confirmed, and a long lie still comes. */
  #tickAway(): void {
    const now = this.#options.clock.now();
    for (const room of this.#rooms.values()) {
      if (room.status.availability !== "offline" || !room.camera.enabled) continue;
      const update = room.activity.tick(now);
      if (update !== null) this.#take(room, update, null);
    }
  }

  #save(): void {
    const { memory } = this.#options;
    for (const room of this.#rooms.values()) {
      const { floor } = room.activity;
      if (floor !== null) memory.saveFloor(room.camera.id, floor);
      if (room.inBed.size > 0) memory.saveSleepers(room.camera.id, room.activity.sleepers);
    }
  }

  /** At once: whoever gets up an hour after a crash must be known to have been in bed. */
  #noteInBed(room: Room, inBed: ReadonlySet<number>): void {
    const same = inBed.size === room.inBed.size && [...inBed].every((trackId) => room.inBed.has(trackId));
    room.inBed = inBed;
    if (!same) this.#options.memory.saveSleepers(room.camera.id, room.activity.sleepers);
  }

  /** Null: nobody was seen, so what was seen last stands. */
  #noteLying(room: Room, lying: boolean | null): void {
    if (lying === null || lying === room.lying) return;
    room.lying = lying;
    this.#options.onLying(room.camera.id, lying);
  }

  #sight(cameraId: string, blind: Blindness | null): void {
    const room = this.#rooms.get(cameraId);
    if (room === undefined) return;
    // What was learned of the floor was learned of another picture.
    if (blind?.cause === "moved") {
      room.activity.floor = null;
      this.#options.memory.forgetFloor(cameraId);
    }
    room.blind = blind;
    if (room.connected !== null) this.#seeing(room, room.connected.stream);
  }

  /** Online, or blind: it sends pictures in which nothing can be seen. */
  #seeing(room: Room, stream: StreamInfo): void {
    room.connected = { stream };
    if (room.blind === null) this.#setAvailability(room, "online", null, stream);
    else this.#setAvailability(room, "blind", room.blind.reason, stream);
  }

  #connection(cameraId: string, state: ConnectionState): void {
    const room = this.#rooms.get(cameraId);
    if (room === undefined) return;
    switch (state.kind) {
      case "connecting":
        if (room.status.availability === "privacy")
          this.#setAvailability(room, "offline", "connecting", null);
        return;
      case "online":
        this.#seeing(room, state.stream);
        return;
      case "offline":
      case "failed":
        this.#setAvailability(room, "offline", state.reason, null);
        return;
      case "ended":
        this.#setAvailability(room, "offline", "the file has been played to its end", null);
        return;
      case "privacy":
        this.#setAvailability(room, "privacy", "privacy is on", null);
        return;
    }
  }

  #vision(state: VisionState): void {
    if (state.kind !== "down" && state.kind !== "fatal") return;
    for (const room of this.#rooms.values()) {
      // The next process judges the pictures anew.
      room.blind = null;
      if (room.camera.enabled && !room.camera.privacy)
        this.#setAvailability(room, "offline", state.reason, null);
    }
  }

  #health(cameraId: string, health: CameraHealth): void {
    const room = this.#rooms.get(cameraId);
    if (room === undefined) return;
    if (health.pace !== room.status.pace && (health.pace === "reduced" || room.status.pace === "reduced"))
      this.#options.log.info({ cameraId, pace: health.pace }, "a camera's rate of analysis changed");
    room.status = {
      ...room.status,
      ...health,
      analysedFps: Math.round(health.analysedFps * 10) / 10,
    };
    this.#options.bus.emit("camera_status", room.status);
  }

  #setAvailability(
    room: Room,
    availability: CameraAvailability,
    reason: string | null,
    stream: StreamInfo | null,
  ): void {
    const { clock, bus, log } = this.#options;
    const before = room.status;
    const changed = before.availability !== availability || !room.announced;
    if (stream === null) room.connected = null;
    if (!changed && before.reason === reason) return;
    const now = clock.now();
    room.status = {
      cameraId: room.camera.id,
      availability,
      reason,
      blind: availability === "blind" ? (room.blind?.cause ?? null) : null,
      since: changed ? now : before.since,
      stream,
      ...(stream === null ? NO_HEALTH : healthOf(before)),
    };
    bus.emit("camera_status", room.status);
    if (changed) {
      log.info({ cameraId: room.camera.id, availability, reason }, "a camera's availability changed");
      const offlineS = room.announced ? (now - before.since) / 1000 : null;
      const draft = availabilityDraft(room.camera, room.status, { offlineS, at: now });
      if (draft !== null) this.#options.record(draft);
    }
    room.announced = true;
    this.#watchForAbsence(room);
  }

  /** A room nobody can look into is not occupied for ever by whoever was there last. */
  #watchForAbsence(room: Room): void {
    const { availability } = room.status;
    if (availability === "offline") {
      // Armed once: every failed attempt to reconnect brings another reason.
      room.closing ??= this.#options.clock.schedule(ROOM_UNKNOWN_AFTER, () => this.#endVisits(room));
      return;
    }
    room.closing?.[Symbol.dispose]();
    room.closing = null;
    if (availability === "privacy") this.#endVisits(room);
  }

  #endVisits(room: Room): void {
    const update = room.activity.close(this.#options.clock.now());
    for (const draft of update.drafts) this.#options.record(draft);
    room.occupancy = { ...update.room, bedOccupied: room.occupancy.bedOccupied === null ? null : false };
    room.postures = new Map();
    room.falls = new Map();
    this.#publishRoom(room, false);
  }

  #alarmsChanged(): void {
    for (const room of this.#rooms.values()) this.#publishRoom(room, false);
  }

  #publishRoom(room: Room, always: boolean): void {
    const state: RoomState = {
      cameraId: room.camera.id,
      ...room.occupancy,
      fall: this.#options.fallLatched(room.camera.id),
    };
    const before = room.state;
    room.state = state;
    if (
      always ||
      before.occupied !== state.occupied ||
      before.personCount !== state.personCount ||
      before.fall !== state.fall ||
      before.bedOccupied !== state.bedOccupied
    )
      this.#options.bus.emit("room_state", state);
  }
}
