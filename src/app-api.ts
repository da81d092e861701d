// What the api room asks of the daemon, answered from the house, the configuration file and the vision process.

import type { AlarmService } from "./alarms/alarm-service.ts";
import type {
  ApiDeps,
  CameraAdmin,
  CameraPatch,
  CameraView,
  HomeNews,
  LiveFrame,
  SystemInfo,
  ZoneInput,
} from "./api/deps.ts";
import type { Config } from "./config/config.ts";
import type { ConfigFile } from "./config/config-file.ts";
import { configJsonSchema } from "./config/config-schema.ts";
import { redactedConfig } from "./config/redacted-config.ts";
import { uniqueSlug } from "./config/slug.ts";
import type { Clock } from "./core/clock.ts";
import { AppError } from "./core/errors.ts";
import type { EventBus } from "./core/event-bus.ts";
import type { Logger } from "./core/logger.ts";
import type { BusEvents } from "./domain/bus.ts";
import type { Camera } from "./domain/camera.ts";
import type { FrameObservation } from "./domain/track.ts";
import type { Zone } from "./domain/zone.ts";
import { EventLog } from "./history/event-log.ts";
import type { House } from "./pipeline/house.ts";
import type { VisionSupervisor } from "./pipeline/vision-supervisor.ts";
import type { Store } from "./store/store.ts";

export interface ApiParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly file: ConfigFile;
  readonly bus: EventBus<BusEvents>;
  readonly store: Store;
  readonly house: House;
  readonly vision: VisionSupervisor;
  readonly alarms: AlarmService;
  readonly live: LiveFrames;
  /** Takes a changed configuration into use. */
  readonly apply: (config: Config) => void;
  readonly status: () => SystemInfo;
}

export function apiDeps(parts: ApiParts): ApiDeps {
  const { clock, log, file, bus, house, vision, alarms, live, apply, status } = parts;
  const events = new EventLog(parts.store, log);
  return {
    clock,
    log,
    cameras: cameraAdmin({ house, supervisor: vision, file, apply }),
    events: { list: (query) => events.list(query) },
    alarms: {
      list: () => alarms.list(),
      acknowledge: async (id, by) => alarms.acknowledge(id, by),
    },
    live: { subscribe: (cameraId, listener) => live.subscribe(cameraId, listener) },
    news: homeNews(bus),
    system: { info: status },
    config: { current: () => redactedConfig(file.config), schema: () => configJsonSchema() },
    health: { check: () => vision.state.kind !== "stopped" },
  };
}

const SNAPSHOT_WIDTH = 1280;
/** Wide enough for a phone or a tile; a viewer pays for its own width only. */
const LIVE_WIDTH = 960;

function cameraAdmin(parts: {
  readonly house: House;
  readonly supervisor: VisionSupervisor;
  readonly file: ConfigFile;
  /** Takes the changed configuration into use. */
  readonly apply: (config: Config) => void;
}): CameraAdmin {
  const { house, supervisor, file, apply } = parts;
  const view = (camera: Camera): CameraView | null => {
    const status = house.status(camera.id);
    const room = house.room(camera.id);
    return status === null || room === null ? null : { camera, status, room };
  };
  const get = (id: string): CameraView | null => {
    const camera = house.cameras().find((other) => other.id === id);
    return camera === undefined ? null : view(camera);
  };
  const existing = (id: string): CameraView => {
    const found = get(id);
    if (found === null) throw new AppError("not-found", `there is no camera ${id}`);
    return found;
  };
  const change = async (edit: (cameras: readonly Camera[]) => readonly Camera[]): Promise<void> => {
    apply(await file.update((config) => ({ ...config, cameras: edit(config.cameras) })));
  };
  return {
    list: () => house.cameras().flatMap((camera) => view(camera) ?? []),
    get,
    async add(input) {
      let id = "";
      await change((cameras) => {
        id = uniqueSlug(input.name, new Set(cameras.map((other) => other.id)), "camera");
        return [...cameras, { ...input, id, zones: withIds(input.zones) }];
      });
      return existing(id);
    },
    async update(id: string, patch: CameraPatch) {
      await change((cameras) => {
        if (!cameras.some((other) => other.id === id))
          throw new AppError("not-found", `there is no camera ${id}`);
        const { zones, ...rest } = patch;
        const changes = zones === undefined ? rest : { ...rest, zones: withIds(zones) };
        return cameras.map((other) => (other.id === id ? { ...other, ...changes } : other));
      });
      return existing(id);
    },
    remove: (id) =>
      change((cameras) => {
        if (!cameras.some((other) => other.id === id))
          throw new AppError("not-found", `there is no camera ${id}`);
        return cameras.filter((other) => other.id !== id);
      }),
    test: (source) => supervisor.probe(source),
    async snapshot(id) {
      const { camera, status } = existing(id);
      if (camera.privacy)
        throw new AppError("conflict", `privacy is on for ${camera.name}: no picture is taken`);
      if (status.availability !== "online")
        throw new AppError(
          "source.unreachable",
          `${camera.name} is offline: ${status.reason ?? "no picture"}`,
        );
      return supervisor.snapshot(id, SNAPSHOT_WIDTH);
    },
  };
}

/** Zones that were just drawn get their ids from their names; ids that were given come first. */
function withIds(zones: readonly ZoneInput[]): readonly Zone[] {
  const taken = new Set(zones.flatMap((zone) => zone.id ?? []));
  return zones.map((zone) => {
    const id = zone.id ?? uniqueSlug(zone.name, taken, zone.kind);
    taken.add(id);
    return { ...zone, id };
  });
}

/** Pairs each picture with the observation of the same frame; both come from vision, in this order. */
export class LiveFrames implements Disposable {
  readonly #house: House;
  readonly #supervisor: VisionSupervisor;
  readonly #listeners = new Map<string, Set<(frame: LiveFrame) => void>>();
  readonly #latest = new Map<string, FrameObservation>();
  readonly #activity = new Map<string, LiveFrame["activity"]>();
  readonly #subscriptions: Disposable[];

  constructor(house: House, supervisor: VisionSupervisor) {
    this.#house = house;
    this.#supervisor = supervisor;
    this.#subscriptions = [
      supervisor.events.on("observation", (observation) => this.#observe(observation)),
      supervisor.events.on("picture", ({ stamp, jpeg }) => {
        const observation = this.#latest.get(stamp.cameraId);
        if (observation?.stamp.sequence !== stamp.sequence) return;
        const activity = this.#activity.get(stamp.cameraId) ?? new Map();
        for (const listener of this.#listeners.get(stamp.cameraId) ?? [])
          listener({ observation, activity, jpeg });
      }),
    ];
  }

  subscribe(cameraId: string, listener: (frame: LiveFrame) => void): Disposable {
    const set = this.#listeners.get(cameraId) ?? new Set();
    this.#listeners.set(cameraId, set);
    set.add(listener);
    const watching = this.#supervisor.watch(cameraId, LIVE_WIDTH);
    return {
      [Symbol.dispose]: () => {
        watching[Symbol.dispose]();
        set.delete(listener);
        if (set.size > 0) return;
        this.#listeners.delete(cameraId);
        this.#latest.delete(cameraId);
        this.#activity.delete(cameraId);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #observe(observation: FrameObservation): void {
    const { cameraId } = observation.stamp;
    if (!this.#listeners.has(cameraId)) return;
    this.#latest.set(cameraId, observation);
    const falls = this.#house.falls(cameraId);
    this.#activity.set(
      cameraId,
      new Map(
        [...this.#house.postures(cameraId)].map(([trackId, posture]) => [
          trackId,
          { posture, fall: falls.get(trackId) ?? null },
        ]),
      ),
    );
  }
}

/** The bus, as viewers hear it. */
function homeNews(bus: EventBus<BusEvents>): ApiDeps["news"] {
  return {
    subscribe(listener: (news: HomeNews) => void): Disposable {
      const subscriptions = [
        bus.on("event", (event) => listener({ kind: "event", event })),
        bus.on("camera_status", (status) => listener({ kind: "camera_status", status })),
        bus.on("room_state", (room) => listener({ kind: "room", room })),
        bus.on("cameras", () => listener({ kind: "cameras" })),
        bus.on("alarms", () => listener({ kind: "alarms" })),
      ];
      return {
        [Symbol.dispose]: () => {
          for (const subscription of subscriptions) subscription[Symbol.dispose]();
        },
      };
    },
  };
}
