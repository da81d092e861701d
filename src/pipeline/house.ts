// All cameras as the daemon knows them: joins what vision reports with what is configured, keeps each camera's status
// and room state, and turns observations into event drafts. It draws no conclusions of its own.
import type { Clock } from "../core/clock.ts";
import type { EventBus } from "../core/event-bus.ts";
import type { Logger } from "../core/logger.ts";
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
import { type ActivitySettings, CameraActivity, type RoomOccupancy } from "./camera-activity.ts";
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
  readonly recordObservation: (observation: FrameObservation, postures: ReadonlyMap<number, Posture>) => void;
  /** Whether an alarm of a fall in this camera's room stands. */
  readonly fallLatched: (cameraId: string) => boolean;
  /** Somebody lies, or was last seen lying, in this camera's room; or no longer. */
  readonly onLying: (cameraId: string, lying: boolean) => void;
}

/** After this long without a picture nobody can be said to be there; shorter gaps are hiccups. */
const ROOM_UNKNOWN_AFTER = 10_000;

const EMPTY: RoomOccupancy = { occupied: false, personCount: 0, bedOccupied: null };

interface Room {
  camera: Camera;
  readonly activity: CameraActivity;
  status: CameraStatus;
  occupancy: RoomOccupancy;
  state: RoomState;
  postures: ReadonlyMap<number, Posture>;
  falls: ReadonlyMap<number, "suspected" | "confirmed">;
  /** Whether whoever was seen last lay. */
  lying: boolean;
  /** What the connection says; whether the pictures show anything is another matter. */
  connected: { readonly stream: StreamInfo } | null;
  blind: Blindness | null;
  closing: Disposable | null;
  /** Whether the camera was said to be online or offline before: the first connecting is not news. */
  announced: boolean;
}

export class House implements Disposable {
  readonly #options: HouseOptions;
  readonly #rooms = new Map<string, Room>();
  #settings: ActivitySettings;
  #subscriptions: Disposable[] = [];

  constructor(options: HouseOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  start(): void {
    const { vision: events } = this.#options;
    this.#subscriptions = [
      events.on("observation", (observation) => this.#observe(observation)),
      events.on("connection", ({ cameraId, state }) => this.#connection(cameraId, state)),
      events.on("health", ({ cameraId, health }) => this.#health(cameraId, health)),
      events.on("sight", ({ cameraId, blind }) => this.#sight(cameraId, blind)),
      events.on("state", (state) => this.#vision(state)),
      this.#options.bus.on("alarms", () => this.#alarmsChanged()),
    ];
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    for (const room of this.#rooms.values()) room.closing?.[Symbol.dispose]();
  }

  /** Cameras and settings as they are now; who is in view of a camera that stays is not forgotten. */
  configure(cameras: readonly Camera[], settings: ActivitySettings): void {
    this.#settings = settings;
    const ids = new Set(cameras.map((camera) => camera.id));
    for (const [id, room] of this.#rooms) {
      if (ids.has(id)) continue;
      this.#endVisits(room);
      this.#rooms.delete(id);
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
    const occupancy = camera.zones.some((zone) => zone.kind === "bed")
      ? { ...EMPTY, bedOccupied: false }
      : EMPTY;
    return {
      camera,
      activity: new CameraActivity(camera, this.#settings),
      status: {
        cameraId: camera.id,
        availability: camera.privacy ? "privacy" : "offline",
        reason: camera.privacy
          ? "privacy is on"
          : camera.enabled
            ? "connecting"
            : "the camera is switched off",
        since: this.#options.clock.now(),
        blind: null,
        stream: null,
        ...NO_HEALTH,
      },
      occupancy,
      state: { cameraId: camera.id, ...occupancy, fall: this.#options.fallLatched(camera.id) },
      postures: new Map(),
      falls: new Map(),
      lying: false,
      connected: null,
      blind: null,
      closing: null,
      announced: false,
    };
  }

  #observe(observation: FrameObservation): void {
    const room = this.#rooms.get(observation.stamp.cameraId);
    // A frame that was under way when privacy was switched on, or the camera removed, is not looked at.
    if (room === undefined || room.camera.privacy || !room.camera.enabled) return;
    const update = room.activity.observe(observation);
    room.postures = update.postures;
    room.falls = update.falls;
    this.#noteLying(room, update.lying);
    for (const draft of update.drafts) this.#options.record(draft);
    this.#options.recordObservation(observation, update.postures);
    room.occupancy = update.room;
    this.#publishRoom(room, false);
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
      this.#recordAvailability(room, before, now);
    }
    room.announced = true;
    this.#watchForAbsence(room);
  }

  #recordAvailability(room: Room, before: CameraStatus, now: number): void {
    const base = {
      cameraId: room.camera.id,
      area: room.camera.area,
      zone: null,
      trackId: null,
      personId: null,
      personName: null,
      identityCue: null,
      capturedAt: now,
      mediaTimeS: null,
      confidence: null,
    };
    if (room.status.availability === "online")
      this.#options.record({
        ...base,
        kind: "camera_online",
        evidence: { offlineS: room.announced ? (now - before.since) / 1000 : null },
      });
    else if (room.status.availability === "blind")
      this.#options.record({
        ...base,
        kind: "camera_blind",
        evidence: { reason: room.status.reason ?? "unknown" },
      });
    else if (room.status.availability === "offline")
      this.#options.record({
        ...base,
        kind: "camera_offline",
        evidence: { reason: room.status.reason ?? "unknown" },
      });
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

function healthOf(status: CameraStatus): CameraHealth {
  const { analysedFps, dropped, pace, inputSize, decoder, damagedPackets } = status;
  return { analysedFps, dropped, pace, inputSize, decoder, damagedPackets };
}
