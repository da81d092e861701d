import type { EventKind } from "../domain/events.ts";
import {
  DAEMON_ALIVE,
  DAEMON_ID,
  type DeviceDiscovery,
  type DiscoveryContext,
  MANUFACTURER,
} from "./discovery.ts";
import { placeSlug } from "./place-slugs.ts";
import { type PersonState, personEventTopic, personStateTopic } from "./topics.ts";

export interface PersonToAnnounce {
  readonly id: string;
  readonly name: string;
}

/** Beside the areas, what the area sensor says: nothing is left to an expiry, and nobody is called "unknown". */
export const AWAY = "away";
/** At home, but nobody can tell where. */
export const NOT_SEEN = "not_seen";

/** What of a person's events their own topic tells too; alarms are the house's. */
export const PERSON_EVENTS: readonly EventKind[] = [
  "person_in",
  "person_out",
  "face_matched",
  "identity_changed",
  "fall_suspected",
  "fall_confirmed",
  "fall_recovered",
  "on_floor",
  "long_lie",
  "bed_entry",
  "bed_edge",
  "bed_exit",
];

/**
 * Ids go by the person's id and outlive every renaming. What people write in automations begins with the name they had when
 * Home Assistant first heard of them; it keeps that.
 */
export function personDiscovery(
  person: PersonToAnnounce,
  areas: readonly string[],
  context: DiscoveryContext,
): DeviceDiscovery {
  const id = `${DAEMON_ID}_person_${person.id}`;
  const slug = placeSlug(person.name) || placeSlug(person.id);
  const state = (name: PersonState) => personStateTopic(person.id, name);
  const base = (domain: string, key: string, name: string) => ({
    unique_id: `${id}_${key}`,
    name,
    default_entity_id: `${domain}.${slug}_${key}`,
  });
  return {
    device: {
      identifiers: [id],
      name: person.name,
      manufacturer: MANUFACTURER,
      model: "Person",
      sw_version: context.version,
      via_device: DAEMON_ID,
      ...(context.panelUrl === null ? {} : { configuration_url: context.panelUrl }),
    },
    origin: { name: "Haven", sw_version: context.version },
    availability: [DAEMON_ALIVE],
    availability_mode: "all",
    components: {
      area: {
        ...base("sensor", "area", "Area"),
        platform: "sensor",
        device_class: "enum",
        options: [...new Set([...areas, AWAY, NOT_SEEN])],
        state_topic: state("area"),
        json_attributes_topic: state("attributes"),
        icon: "mdi:map-marker-account",
      },
      last_seen: {
        ...base("sensor", "last_seen", "Last seen"),
        platform: "sensor",
        device_class: "timestamp",
        state_topic: state("last_seen"),
      },
      presence: {
        ...base("device_tracker", "presence", "Presence"),
        platform: "device_tracker",
        state_topic: state("presence"),
        json_attributes_topic: state("attributes"),
        // A phone that is far away must not win over somebody who is seen in the kitchen.
        source_type: "router",
      },
      event: {
        ...base("event", "event", "Event"),
        platform: "event",
        state_topic: personEventTopic(person.id),
        event_types: PERSON_EVENTS,
      },
    },
  };
}
