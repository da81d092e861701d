import { type AnalysisPace, CAMERA_AVAILABILITY } from "../domain/camera-status.ts";
import { EVENT_KINDS } from "../domain/events.ts";
import {
  DAEMON_ALIVE,
  DAEMON_ID,
  type DeviceDiscovery,
  type DiscoveryContext,
  MANUFACTURER,
} from "./discovery.ts";
import { type CameraState, cameraEventTopic, cameraStateTopic, privacyCommandTopic } from "./topics.ts";

export interface CameraToAnnounce {
  readonly id: string;
  readonly name: string;
  readonly area: string | null;
  readonly hasBed: boolean;
}

/** What a camera may stop having while it goes on existing. */
export const OPTIONAL_CAMERA_COMPONENTS = { bed: "binary_sensor" } as const;

/** How much of a camera's pictures is analysed; `reduced` is worth an automation: the machine cannot keep up. */
const PACES: readonly AnalysisPace[] = ["full", "resting", "reduced"];

/**
 * The fall latch, the events, the status and the privacy switch are there as long as the daemon is: a fall that nobody
 * has acknowledged must not vanish because the camera lost power, and privacy must end by the same switch. What needs
 * eyes on the room (occupancy, count, bed) is unavailable while there are none, rather than repeating the last look.
 */
export function cameraDiscovery(camera: CameraToAnnounce, context: DiscoveryContext): DeviceDiscovery {
  const id = `${DAEMON_ID}_cam_${camera.id}`;
  const slug = camera.id.replaceAll("-", "_");
  const state = (name: CameraState) => cameraStateTopic(camera.id, name);
  const base = (domain: string, key: string, name: string) => ({
    unique_id: `${id}_${key}`,
    name,
    default_entity_id: `${domain}.${slug}_${key}`,
  });
  // Without the template, "privacy" and "blind" would be neither available nor unavailable, and change nothing.
  const watching = {
    availability: [
      DAEMON_ALIVE,
      { topic: state("status"), value_template: "{{ 'online' if value == 'online' else 'offline' }}" },
    ],
  };
  return {
    device: {
      identifiers: [id],
      name: camera.name,
      manufacturer: MANUFACTURER,
      model: "Camera",
      sw_version: context.version,
      via_device: DAEMON_ID,
      ...(camera.area === null ? {} : { suggested_area: camera.area }),
      ...(context.panelUrl === null ? {} : { configuration_url: context.panelUrl }),
    },
    origin: { name: "Haven", sw_version: context.version },
    availability: [DAEMON_ALIVE],
    availability_mode: "all",
    components: {
      fall: {
        ...base("binary_sensor", "fall", "Fall"),
        platform: "binary_sensor",
        device_class: "safety",
        state_topic: state("fall"),
        json_attributes_topic: state("fall_attributes"),
      },
      event: {
        ...base("event", "event", "Event"),
        platform: "event",
        state_topic: cameraEventTopic(camera.id),
        // All kinds: Home Assistant drops an event whose type is not listed, and a dropped alarm is the worst outcome.
        event_types: EVENT_KINDS,
      },
      occupancy: {
        ...base("binary_sensor", "occupancy", "Occupancy"),
        ...watching,
        platform: "binary_sensor",
        device_class: "occupancy",
        state_topic: state("occupancy"),
      },
      person_count: {
        ...base("sensor", "person_count", "Person count"),
        ...watching,
        platform: "sensor",
        state_class: "measurement",
        state_topic: state("person_count"),
        icon: "mdi:account-multiple",
      },
      ...(camera.hasBed
        ? {
            bed: {
              ...base("binary_sensor", "bed", "Bed"),
              ...watching,
              platform: "binary_sensor",
              device_class: "occupancy",
              state_topic: state("bed"),
              icon: "mdi:bed",
            },
          }
        : {}),
      privacy: {
        ...base("switch", "privacy", "Privacy"),
        platform: "switch",
        state_topic: state("privacy"),
        command_topic: privacyCommandTopic(camera.id),
        qos: 1,
        icon: "mdi:eye-off",
      },
      status: {
        ...base("sensor", "status", "Status"),
        platform: "sensor",
        device_class: "enum",
        options: CAMERA_AVAILABILITY,
        state_topic: state("status"),
        json_attributes_topic: state("status_attributes"),
        entity_category: "diagnostic",
      },
      pace: {
        ...base("sensor", "pace", "Analysis"),
        ...watching,
        platform: "sensor",
        device_class: "enum",
        options: PACES,
        state_topic: state("status_attributes"),
        value_template: "{{ value_json.pace }}",
        entity_category: "diagnostic",
        icon: "mdi:speedometer",
      },
      fps: {
        ...base("sensor", "fps", "Analysed frames"),
        ...watching,
        platform: "sensor",
        state_class: "measurement",
        unit_of_measurement: "fps",
        state_topic: state("fps"),
        entity_category: "diagnostic",
        // Changes all the time: of use while setting up, ballast in a recorder's database afterwards.
        enabled_by_default: false,
      },
      false_alarms: {
        ...base("sensor", "false_alarms", "False alarms this week"),
        platform: "sensor",
        // The last seven days at any moment: it goes down as well as up, and is not added up.
        state_class: "measurement",
        state_topic: state("false_alarms"),
        json_attributes_topic: state("false_alarms_attributes"),
        entity_category: "diagnostic",
        icon: "mdi:bell-cancel",
      },
    },
  };
}
