import { EVENT_KINDS } from "../domain/events.ts";
import { careComponents } from "./care-discovery.ts";
import {
  DAEMON_ID,
  type DeviceDiscovery,
  type DiscoveryContext,
  daemonEntity,
  livingEntity,
  MANUFACTURER,
} from "./discovery.ts";
import { placeComponents } from "./place-discovery.ts";
import type { Place } from "./places.ts";
import { TOPICS } from "./topics.ts";

/** What models can run on. Home Assistant takes no empty value for one of a list, so there is a word for that too. */
const PROVIDERS = ["cpu", "webgpu", "cuda", "tensorrt", "none"];

/**
 * The device of the daemon itself: the alarm of the whole house, how it is cared for, who is at home and in each area, and how the
 * daemon is doing.
 */
export function daemonDiscovery(context: DiscoveryContext, places: readonly Place[] = []): DeviceDiscovery {
  const statistic = (key: string, name: string) => ({
    ...livingEntity("sensor", key, name),
    platform: "sensor" as const,
    state_topic: TOPICS.stats,
    value_template: `{{ value_json.${key} }}`,
    entity_category: "diagnostic" as const,
  });
  return {
    device: {
      identifiers: [DAEMON_ID],
      name: "Haven",
      manufacturer: MANUFACTURER,
      model: "Fall and presence detection",
      sw_version: context.version,
      ...(context.panelUrl === null ? {} : { configuration_url: context.panelUrl }),
    },
    origin: { name: "Haven", sw_version: context.version },
    // Availability stands in each component here: the connection sensor must say "off", not become unavailable.
    components: {
      connection: {
        ...daemonEntity("binary_sensor", "connection", "Connection"),
        platform: "binary_sensor",
        device_class: "connectivity",
        state_topic: TOPICS.status,
        payload_on: "online",
        payload_off: "offline",
        entity_category: "diagnostic",
      },
      alarm: {
        ...livingEntity("binary_sensor", "alarm", "Alarm"),
        platform: "binary_sensor",
        device_class: "safety",
        state_topic: TOPICS.alarmState,
        // On while somebody has to come; an acknowledged alarm is seen on the alarm state.
        value_template: "{{ 'ON' if value == 'raised' else 'OFF' }}",
        json_attributes_topic: TOPICS.alarmAttributes,
      },
      alarm_state: {
        ...livingEntity("sensor", "alarm_state", "Alarm state"),
        platform: "sensor",
        device_class: "enum",
        options: ["idle", "raised", "acknowledged"],
        state_topic: TOPICS.alarmState,
        icon: "mdi:alarm-light",
      },
      acknowledge: {
        ...livingEntity("button", "acknowledge", "Acknowledge alarm"),
        platform: "button",
        command_topic: TOPICS.alarmAcknowledge,
        payload_press: "PRESS",
        qos: 1,
        icon: "mdi:check-circle",
      },
      alarm_level: {
        ...livingEntity("sensor", "alarm_level", "Alarm level"),
        platform: "sensor",
        // How often nobody answered: what an automation that tells the next person waits for.
        state_topic: TOPICS.alarmAttributes,
        value_template: "{{ value_json.level }}",
        icon: "mdi:stairs-up",
      },
      event: {
        ...livingEntity("event", "event", "Event"),
        platform: "event",
        state_topic: TOPICS.event,
        event_types: EVENT_KINDS,
      },
      ...careComponents(),
      people_home: {
        ...livingEntity("sensor", "people_home", "People at home"),
        platform: "sensor",
        state_class: "measurement",
        state_topic: TOPICS.peopleHome,
        json_attributes_topic: TOPICS.peopleHomeAttributes,
        icon: "mdi:home-account",
      },
      ...placeComponents(places),
      cameras_online: {
        ...statistic("cameras_online", "Cameras online"),
        state_class: "measurement",
        icon: "mdi:cctv",
      },
      analysed_fps: {
        ...statistic("analysed_fps", "Analysed frames"),
        state_class: "measurement",
        unit_of_measurement: "fps",
      },
      events_waiting: {
        ...statistic("events_waiting", "Events waiting"),
        state_class: "measurement",
        icon: "mdi:tray-full",
      },
      memory: {
        ...statistic("memory_mib", "Memory"),
        device_class: "data_size",
        state_class: "measurement",
        unit_of_measurement: "MiB",
      },
      provider: {
        ...statistic("provider", "Models run on"),
        value_template: "{{ value_json.provider or 'none' }}",
        device_class: "enum",
        options: PROVIDERS,
        icon: "mdi:expansion-card",
      },
      event_loop_delay: {
        ...statistic("event_loop_delay_ms", "Event loop delay"),
        device_class: "duration",
        state_class: "measurement",
        unit_of_measurement: "ms",
      },
      started_at: { ...statistic("started_at", "Started"), device_class: "timestamp" },
    },
  };
}
