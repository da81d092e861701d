// Who is where, put together in the daemon: from the gallery and the cameras to MQTT, to whoever cares, and to the database.
import type { CareService } from "./alarms/care-service.ts";
import type { Config } from "./config/config.ts";
import type { Clock } from "./core/clock.ts";
import type { EventBus } from "./core/event-bus.ts";
import type { Logger } from "./core/logger.ts";
import type { BusEvents } from "./domain/bus.ts";
import type { People } from "./identity/people.ts";
import type { HavenMqtt } from "./mqtt/haven-mqtt.ts";
import { PresenceService, type PresenceSettings } from "./pipeline/presence-service.ts";
import type { Store } from "./store/store.ts";

const KEY = "presence";

export function presenceSettings({ presence }: Config): PresenceSettings {
  return {
    seenFor: presence.personTimeoutS * 1000,
    awayAfterLeaving: presence.awayAfterLeavingS * 1000,
    awayAfterUnseen: presence.awayAfterHours * 3_600_000,
  };
}

/**
 * The service, not started. To be configured and started before the house is configured, which tells how its rooms are, and
 * before MQTT's `removeUnknownPersons`.
 */
export function createPresence(parts: {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly bus: EventBus<BusEvents>;
  readonly store: Pick<Store, "state">;
  readonly people: Pick<People, "person" | "persons">;
  readonly care: Pick<CareService, "setCarers">;
}): PresenceService {
  const { config, clock, log, bus, store, people, care } = parts;
  return new PresenceService({
    clock,
    log,
    bus,
    people,
    settings: presenceSettings(config),
    memory: { get: () => store.state.get(KEY), set: (value) => store.state.set(KEY, value) },
    carers: (area, names) => care.setCarers(area, names),
  });
}

/** Tells Home Assistant whatever the bus tells of persons and areas. */
export function tellPresence(bus: EventBus<BusEvents>, mqtt: HavenMqtt): void {
  bus.on("person_presence", (presence) => mqtt.setPersonPresence(presence));
  bus.on("person_gone", ({ personId }) => mqtt.removePerson(personId));
  bus.on("area_presence", (presence) => mqtt.setAreaPresence(presence));
}
