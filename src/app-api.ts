// What the api room asks of the daemon, answered from the house, the configuration file and the vision process.

import type { ApiDeps, HomeNews, SystemInfo } from "./api/deps.ts";
import { cameraAdmin } from "./app-cameras.ts";
import { careAdmin, dayList, householdSettings } from "./app-care.ts";
import type { LiveFrames } from "./app-live.ts";
import type { Recording } from "./app-recording.ts";
import type { Config } from "./config/config.ts";
import type { ConfigFile } from "./config/config-file.ts";
import { configJsonSchema } from "./config/config-schema.ts";
import { redactedConfig } from "./config/redacted-config.ts";
import type { Clock } from "./core/clock.ts";
import { AppError } from "./core/errors.ts";
import type { EventBus } from "./core/event-bus.ts";
import type { Logger } from "./core/logger.ts";
import type { BusEvents } from "./domain/bus.ts";
import type { DayBook } from "./history/day-book.ts";
import { EventLog } from "./history/event-log.ts";
import type { House } from "./pipeline/house.ts";
import type { HouseWatch } from "./pipeline/house-watch.ts";
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
  readonly recording: Pick<Recording, "alarms" | "care" | "clips">;
  readonly book: DayBook;
  readonly watch: HouseWatch;
  readonly live: LiveFrames;
  readonly persons: ApiDeps["persons"];
  /** Takes a changed configuration into use. */
  readonly apply: (config: Config) => void;
  readonly status: () => SystemInfo;
}

export function apiDeps(parts: ApiParts): ApiDeps {
  const { clock, log, file, bus, house, vision, live, apply, status } = parts;
  const { alarms, care, clips } = parts.recording;
  const events = new EventLog(parts.store, log);
  return {
    clock,
    log,
    cameras: cameraAdmin({ house, supervisor: vision, file, apply }),
    events: { list: (query) => events.list(query) },
    alarms: {
      list: () => alarms.list(),
      recent: (limit) => alarms.recent(limit),
      acknowledge: async (id, by) => alarms.acknowledge(id, by),
      answer: async (id, answer, by) => alarms.answer(id, answer, by),
      async clip(id) {
        if (alarms.find(id) === null)
          throw new AppError("not-found", `there is no alarm ${id}; the list of alarms may be out of date`);
        const clip = clips.find(id);
        if (clip === null) return null;
        const { cameraId, raisedAt, zones, recording } = clip;
        return { cameraId, raisedAt, zones, frames: recording.observations };
      },
    },
    care: careAdmin(care),
    persons: parts.persons,
    days: dayList({ clock, book: parts.book, watch: parts.watch }),
    ...householdSettings(file, apply),
    live: { subscribe: (cameraId, listener) => live.subscribe(cameraId, listener) },
    news: homeNews(bus),
    system: { info: status },
    config: { current: () => redactedConfig(file.config), schema: () => configJsonSchema() },
    health: { check: () => vision.state.kind !== "stopped" },
  };
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
        bus.on("care", (care) => listener({ kind: "care", care })),
        bus.on("day", (day) => listener({ kind: "day", day })),
        bus.on("persons", () => listener({ kind: "persons" })),
        bus.on("person_presence", () => listener({ kind: "presence" })),
        bus.on("person_gone", () => listener({ kind: "presence" })),
        bus.on("area_presence", () => listener({ kind: "presence" })),
      ];
      return {
        [Symbol.dispose]: () => {
          for (const subscription of subscriptions) subscription[Symbol.dispose]();
        },
      };
    },
  };
}
