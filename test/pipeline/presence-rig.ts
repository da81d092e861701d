import { ManualClock } from "../../src/core/clock.ts";
import { EventBus } from "../../src/core/event-bus.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { BusEvents } from "../../src/domain/bus.ts";
import type { Camera } from "../../src/domain/camera.ts";
import { type CameraAvailability, NO_HEALTH } from "../../src/domain/camera-status.ts";
import type { Box } from "../../src/domain/geometry.ts";
import type { AreaPresence, PersonPresence, TrackIdentity } from "../../src/domain/identity.ts";
import type { Person } from "../../src/domain/person.ts";
import type { Track } from "../../src/domain/track.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { PresenceService, type PresenceSettings } from "../../src/pipeline/presence-service.ts";

export const AT = Date.parse("2026-11-20T08:00:00Z");
export const SETTINGS: PresenceSettings = {
  seenFor: 2_000,
  awayAfterLeaving: 120_000,
  awayAfterUnseen: 16 * 3_600_000,
};

export const NEAR: Box = { x1: 0.3, y1: 0.1, x2: 0.6, y2: 0.9 };
export const FAR: Box = { x1: 0.45, y1: 0.3, x2: 0.55, y2: 0.6 };
export const IN_THE_DOOR: Box = { x1: 0.82, y1: 0.2, x2: 0.95, y2: 0.9 };
export const EXIT: Zone = {
  id: "exit",
  name: "front door",
  kind: "door",
  leadsTo: "outside",
  polygon: [
    { x: 0.8, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0.8, y: 1 },
  ],
};

export function camera(id: string, area: string, changes: Partial<Camera> = {}): Camera {
  return {
    id,
    name: id,
    area,
    source: "rtsp://camera.invalid/stream",
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps: [],
    ...changes,
  };
}

export function person(id: string, name: string | null, changes: Partial<Person> = {}): Person {
  return {
    id,
    name,
    label: "Visitor-A",
    kind: name === null ? "visitor" : "resident",
    status: "active",
    mergedInto: null,
    region: null,
    clientId: null,
    description: null,
    createdAt: AT,
    firstSeenAt: null,
    lastSeenAt: null,
    lastCameraId: null,
    visits: 0,
    sizes: [],
    heightM: null,
    consent: null,
    retentionDays: null,
    ...changes,
  };
}

export function identity(
  cameraId: string,
  trackId: number,
  who: Person | null,
  changes: Partial<TrackIdentity> = {},
): TrackIdentity {
  return {
    cameraId,
    trackId,
    personId: who?.id ?? null,
    personName: who === null ? null : (who.name ?? who.label),
    kind: who?.kind ?? null,
    cue: who === null ? null : "face",
    tentativeId: null,
    since: AT,
    decision: {
      outcome: who === null ? "unknown" : "matched",
      personId: who?.id ?? null,
      cue: who === null ? null : "face",
      confidence: who === null ? 0 : 0.9,
      combined: null,
      cues: [],
      reasons: who === null ? ["no_face"] : ["face"],
    },
    ...changes,
  };
}

/** Who stands where in front of one camera, by track id. */
export type Scene = Readonly<Record<string, Readonly<Record<number, Box>>>>;

/** A house with the real service in it: scenes are played, what it tells is collected. */
export class PresenceRig {
  readonly clock = new ManualClock(AT);
  readonly bus = new EventBus<BusEvents>(silentLogger);
  readonly told: PersonPresence[] = [];
  readonly areas: AreaPresence[] = [];
  readonly gone: string[] = [];
  readonly carers: { readonly area: string; readonly names: readonly string[]; readonly at: number }[] = [];
  readonly service: PresenceService;
  everybody: Person[];
  /** Where merged persons live on. */
  readonly merged = new Map<string, string>();
  cameras: readonly Camera[];
  kept: unknown;
  readonly #rooms = new Map<string, number>();

  constructor(cameras: readonly Camera[], everybody: Person[], kept: unknown = null) {
    this.everybody = everybody;
    this.cameras = cameras;
    this.kept = kept;
    this.service = new PresenceService({
      clock: this.clock,
      log: silentLogger,
      bus: this.bus,
      people: {
        persons: () => this.everybody,
        person: (id) => this.everybody.find((one) => one.id === (this.merged.get(id) ?? id)) ?? null,
      },
      settings: SETTINGS,
      memory: {
        get: () => this.kept,
        set: (value) => {
          this.kept = JSON.parse(JSON.stringify(value));
        },
      },
      carers: (area, names) => this.carers.push({ area, names, at: this.clock.now() }),
    });
    this.bus.on("person_presence", (presence) => this.told.push(presence));
    this.bus.on("area_presence", (presence) => this.areas.push(presence));
    this.bus.on("person_gone", ({ personId }) => this.gone.push(personId));
  }

  async start(): Promise<this> {
    this.service.configure(this.cameras, SETTINGS);
    await this.service.start();
    for (const { id } of this.cameras) this.camera(id, "online");
    return this;
  }

  configure(cameras: readonly Camera[]): void {
    this.cameras = cameras;
    this.service.configure(cameras, SETTINGS);
  }

  camera(cameraId: string, availability: CameraAvailability): void {
    this.bus.emit("camera_status", {
      cameraId,
      availability,
      reason: null,
      blind: null,
      since: this.clock.now(),
      stream: null,
      ...NO_HEALTH,
    });
  }

  /** Plays a scene, five frames a second; rooms count at once whom they see. */
  play(scene: Scene, seconds: number): this {
    for (let frame = 0; frame < Math.round(seconds * 5); frame += 1) {
      for (const { id } of this.cameras) this.#frame(id, scene[id] ?? {});
      this.clock.advance(200);
    }
    return this;
  }

  /** Time without a picture of anybody. */
  wait(seconds: number): this {
    this.play({}, 3);
    this.clock.advance((seconds - 3) * 1000);
    return this;
  }

  is(cameraId: string, trackId: number, who: Person | null, changes: Partial<TrackIdentity> = {}): this {
    this.bus.emit("identity", identity(cameraId, trackId, who, changes));
    return this;
  }

  of(who: Person): PersonPresence {
    const found = this.service.persons().find(({ personId }) => personId === who.id);
    if (found === undefined) throw new Error(`${who.id} is not followed`);
    return found;
  }

  area(name: string): AreaPresence {
    const found = this.service.areas().find(({ area }) => area === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }

  /** The areas somebody was told to be in, each once for every stay. */
  path(who: Person): readonly (string | null)[] {
    const areas = this.told.filter(({ personId }) => personId === who.id).map(({ area }) => area);
    return areas.filter((area, index) => index === 0 || area !== areas[index - 1]);
  }

  #frame(cameraId: string, people: Readonly<Record<number, Box>>): void {
    const tracks = Object.entries(people).map(
      ([id, box]): Track => ({
        id: Number(id),
        state: "confirmed",
        box,
        confidence: 0.9,
        pose: null,
        detected: true,
        firstSeenS: 0,
        lastSeenS: 0,
      }),
    );
    const stamp = { cameraId, sequence: 0, capturedAt: this.clock.now(), mediaTimeS: 0 };
    this.service.observe({ stamp, aspect: 16 / 9, tracks });
    if (this.#rooms.get(cameraId) === tracks.length) return;
    this.#rooms.set(cameraId, tracks.length);
    this.bus.emit("room_state", {
      cameraId,
      occupied: tracks.length > 0,
      personCount: tracks.length,
      fall: false,
      bedOccupied: null,
    });
  }
}
