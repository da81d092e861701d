import { EVENT_KINDS } from "../domain/events.ts";
import {
  DAEMON_ALIVE,
  DAEMON_ID,
  type DeviceDiscovery,
  type DiscoveryContext,
  MANUFACTURER,
} from "./discovery.ts";
import { TOPICS } from "./topics.ts";

/** What models can run on. Home Assistant takes no empty value for one of a list, so there is a word for that too. */
const PROVIDERS = ["cpu", "webgpu", "cuda", "tensorrt", "none"];

/** The device of the daemon itself: the alarm of the whole house, and how the daemon is doing. */
export function daemonDiscovery(context: DiscoveryContext): DeviceDiscovery {
  const id = (key: string) => `${DAEMON_ID}_${key}`;
  const alive = { availability: [DAEMON_ALIVE], availability_mode: "all" } as const;
  const base = (domain: string, key: string, name: string) => ({
    unique_id: id(key),
    name,
    default_entity_id: `${domain}.${id(key)}`,
  });
  const statistic = (key: string, name: string) => ({
    ...base("sensor", key, name),
    ...alive,
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
        ...base("binary_sensor", "connection", "Connection"),
        platform: "binary_sensor",
        device_class: "connectivity",
        state_topic: TOPICS.status,
        payload_on: "online",
        payload_off: "offline",
        entity_category: "diagnostic",
      },
      alarm: {
        ...base("binary_sensor", "alarm", "Alarm"),
        ...alive,
        platform: "binary_sensor",
        device_class: "safety",
        state_topic: TOPICS.alarmState,
        // On while somebody has to come; an acknowledged alarm is seen on the alarm state.
        value_template: "{{ 'ON' if value == 'raised' else 'OFF' }}",
        json_attributes_topic: TOPICS.alarmAttributes,
      },
      alarm_state: {
        ...base("sensor", "alarm_state", "Alarm state"),
        ...alive,
        platform: "sensor",
        device_class: "enum",
        options: ["idle", "raised", "acknowledged"],
        state_topic: TOPICS.alarmState,
        icon: "mdi:alarm-light",
      },
      acknowledge: {
        ...base("button", "acknowledge", "Acknowledge alarm"),
        ...alive,
        platform: "button",
        command_topic: TOPICS.alarmAcknowledge,
        payload_press: "PRESS",
        qos: 1,
        icon: "mdi:check-circle",
      },
      event: {
        ...base("event", "event", "Event"),
        ...alive,
        platform: "event",
        state_topic: TOPICS.event,
        event_types: EVENT_KINDS,
      },
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
