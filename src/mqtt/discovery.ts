// What Home Assistant is told to create: one device for the daemon, one per camera and person. The builders beside this file are
// pure; these are the forms of their JSON. An unknown key on the outer level makes Home Assistant refuse the whole
// device, and an unknown key in a component is dropped without a word: so the types hold exactly what is used, in full
// words.
import { TOPICS } from "./topics.ts";

export interface DiscoveryContext {
  /** Of the daemon. */
  readonly version: string;
  /** Where the panel is: http(s)://, or homeassistant:// for ingress; null when it is not known. */
  readonly panelUrl: string | null;
}

export interface DeviceDiscovery {
  readonly device: {
    readonly identifiers: readonly string[];
    readonly name: string;
    readonly manufacturer: string;
    readonly model: string;
    readonly sw_version: string;
    readonly suggested_area?: string;
    readonly via_device?: string;
    readonly configuration_url?: string;
  };
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly availability?: readonly Availability[];
  readonly availability_mode?: "all";
  readonly components: Readonly<Record<string, Component | Removed>>;
}

interface Availability {
  readonly topic: string;
  readonly value_template?: string;
}

interface EntityBase {
  readonly unique_id: string;
  readonly name: string;
  readonly default_entity_id: string;
  readonly entity_category?: "diagnostic" | "config";
  readonly icon?: string;
  readonly enabled_by_default?: boolean;
  readonly json_attributes_topic?: string;
  readonly availability?: readonly Availability[];
  readonly availability_mode?: "all";
}

interface BinarySensor extends EntityBase {
  readonly platform: "binary_sensor";
  readonly state_topic: string;
  readonly device_class?: "safety" | "occupancy" | "connectivity";
  readonly value_template?: string;
  readonly payload_on?: string;
  readonly payload_off?: string;
}

interface Sensor extends EntityBase {
  readonly platform: "sensor";
  readonly state_topic: string;
  readonly device_class?: "enum" | "timestamp" | "data_size" | "duration";
  readonly options?: readonly string[];
  /** total_increasing: grows, and begins again at 0, as what is counted by the day does. */
  readonly state_class?: "measurement" | "total_increasing";
  readonly unit_of_measurement?: string;
  readonly suggested_display_precision?: number;
  readonly value_template?: string;
}

interface DeviceTracker extends EntityBase {
  readonly platform: "device_tracker";
  /** Attributes with `in_zones`, for Home Assistant from 2026.6 on. */
  readonly json_attributes_topic: string;
  /** home | not_home, for those before; the others warn of it and go by the zones. */
  readonly state_topic: string;
  readonly source_type: "router";
}

interface EventEntity extends EntityBase {
  readonly platform: "event";
  readonly state_topic: string;
  readonly event_types: readonly string[];
}

interface Switch extends EntityBase {
  readonly platform: "switch";
  readonly state_topic: string;
  readonly command_topic: string;
  readonly qos: 1;
}

interface Select extends EntityBase {
  readonly platform: "select";
  readonly state_topic: string;
  readonly command_topic: string;
  readonly options: readonly string[];
  readonly qos: 1;
}

interface Button extends EntityBase {
  readonly platform: "button";
  readonly command_topic: string;
  readonly payload_press: string;
  readonly qos: 1;
}

export type Component = BinarySensor | Sensor | DeviceTracker | EventEntity | Switch | Select | Button;

/** A component with nothing but its platform: Home Assistant deletes the entity. */
interface Removed {
  readonly platform: Component["platform"];
}

export const MANUFACTURER = "Haven";
/** Of the daemon's device; the cameras' devices refer to it. */
export const DAEMON_ID = "haven";
export const DAEMON_ALIVE: Availability = { topic: TOPICS.status };

/** How an entity of the daemon's device begins. */
export function daemonEntity(domain: string, key: string, name: string) {
  const id = `${DAEMON_ID}_${key}`;
  return { unique_id: id, name, default_entity_id: `${domain}.${id}` };
}

/** One that is unavailable while the daemon is away. */
export function livingEntity(domain: string, key: string, name: string) {
  return {
    ...daemonEntity(domain, key, name),
    availability: [DAEMON_ALIVE],
    availability_mode: "all" as const,
  };
}

/**
 * The same device with those components marked as removed that it does not have: sent once ahead of it, it makes Home
 * Assistant delete entities that an earlier configuration had. null when there is nothing to remove.
 */
export function withRemovals(
  discovery: DeviceDiscovery,
  removed: Readonly<Record<string, Removed["platform"]>>,
): DeviceDiscovery | null {
  const gone = Object.entries(removed).filter(([key]) => !(key in discovery.components));
  if (gone.length === 0) return null;
  const marks = Object.fromEntries(gone.map(([key, platform]): [string, Removed] => [key, { platform }]));
  return { ...discovery, components: { ...discovery.components, ...marks } };
}
