// What is told over MQTT by the clock and not by what happens: how the daemon is, and how often it alarmed for nothing.
import type { EventDelivery } from "./app-delivery.ts";
import type { Recording } from "./app-recording.ts";
import type { DaemonVitals } from "./app-vitals.ts";
import type { Config } from "./config/config.ts";
import { isAppError } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { EventKind } from "./domain/events.ts";
import type { HavenMqtt } from "./mqtt/haven-mqtt.ts";
import type { House } from "./pipeline/house.ts";

export interface ReportParts {
  readonly config: () => Config;
  readonly house: House;
  readonly recording: Recording;
  readonly delivery: EventDelivery;
  readonly vitals: DaemonVitals;
  readonly mqtt: HavenMqtt;
  readonly log: Logger;
}

const FALSE_ALARMS_CHANGE: ReadonlySet<EventKind> = new Set<EventKind>(["alarm_raised", "alarm_answered"]);

export class Reports {
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  stats(): void {
    const { config, house, recording, delivery, vitals, mqtt } = this.#parts;
    const statuses = config().cameras.flatMap((camera) => house.status(camera.id) ?? []);
    mqtt.setStats(vitals.stats(statuses, delivery.waiting() + recording.unwritten));
  }

  /** A week passes: also when nothing happens. */
  falseAlarms(): void {
    const { config, recording, mqtt, log } = this.#parts;
    try {
      for (const { id } of config().cameras) mqtt.setFalseAlarms(id, recording.alarms.falseAlarms(id));
    } catch (error) {
      if (!isAppError(error)) throw error;
      log.debug({ err: error }, "false alarms cannot be counted now");
    }
  }

  heard(kind: EventKind): void {
    if (FALSE_ALARMS_CHANGE.has(kind)) this.falseAlarms();
  }
}
