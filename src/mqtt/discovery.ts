// What Home Assistant is told to create: one device for the daemon, one per camera. The builders beside this file are
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
  readonly device_class: "safety" | "occupancy" | "connectivity";
  readonly value_template?: string;
  readonly payload_on?: string;
  readonly payload_off?: string;
}

interface Sensor extends EntityBase {
  readonly platform: "sensor";
  readonly state_topic: string;
  readonly device_class?: "enum" | "timestamp" | "data_size" | "duration";
  readonly options?: readonly string[];
  readonly state_class?: "measurement";
  readonly unit_of_measurement?: string;
  readonly value_template?: string;
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

interface Button extends EntityBase {
  readonly platform: "button";
  readonly command_topic: string;
  readonly payload_press: "PRESS";
  readonly qos: 1;
}

type Component = BinarySensor | Sensor | EventEntity | Switch | Button;

/** A component with nothing but its platform: Home Assistant deletes the entity. */
interface Removed {
  readonly platform: Component["platform"];
}

export const MANUFACTURER = "Haven";
/** Of the daemon's device; the cameras' devices refer to it. */
export const DAEMON_ID = "haven";
export const DAEMON_ALIVE: Availability = { topic: TOPICS.status };

/** What a device may stop having while it goes on existing, by component id. */
const OPTIONAL_COMPONENTS: Readonly<Record<string, Removed>> = { bed: { platform: "binary_sensor" } };

/**
 * The same device with every optional component it does not have marked as removed: sent once ahead of it, it makes
 * Home Assistant delete an entity that an earlier configuration had. null when there is nothing to remove.
 */
export function withRemovals(discovery: DeviceDiscovery): DeviceDiscovery | null {
  const gone = Object.entries(OPTIONAL_COMPONENTS).filter(([key]) => !(key in discovery.components));
  if (gone.length === 0) return null;
  return { ...discovery, components: { ...discovery.components, ...Object.fromEntries(gone) } };
}
