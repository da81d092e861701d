import type { AreaPresence } from "../domain/identity.ts";
import { type Component, livingEntity } from "./discovery.ts";

/** Who is in an area right now. */
export const AREA_STATES = ["occupancy", "person_count", "unknown_person"] as const;
export type AreaState = (typeof AREA_STATES)[number];

const PLATFORMS = {
  occupancy: "binary_sensor",
  person_count: "sensor",
  unknown_person: "binary_sensor",
} as const satisfies Readonly<Record<AreaState, Component["platform"]>>;

/** What kind of entity shows a fact of a place: those of the day are numbers. */
export function platformOfFact(fact: string): Component["platform"] {
  return (PLATFORMS as Readonly<Record<string, Component["platform"]>>)[fact] ?? "sensor";
}

/** "None", Home Assistant's word for "not known", while no camera looks into the area: the last look says nothing of now. */
export function areaValues(presence: AreaPresence | undefined): ReadonlyMap<AreaState, string> {
  return new Map(AREA_STATES.map((state) => [state, presence?.watched ? stateOf(presence, state) : "None"]));
}

function stateOf({ occupied, count, unknownPresent }: AreaPresence, state: AreaState): string {
  if (state === "person_count") return String(count);
  return (state === "occupancy" ? occupied : unknownPresent) ? "ON" : "OFF";
}

/** `key` is the component's id, `name` the area's. */
export function areaComponent(state: AreaState, at: { key: string; name: string; topic: string }): Component {
  const { key, name, topic } = at;
  switch (state) {
    case "occupancy":
      return {
        ...livingEntity("binary_sensor", key, `${name} occupancy`),
        platform: "binary_sensor",
        device_class: "occupancy",
        state_topic: topic,
      };
    case "person_count":
      return {
        ...livingEntity("sensor", key, `${name} person count`),
        platform: "sensor",
        state_class: "measurement",
        state_topic: topic,
        icon: "mdi:account-multiple",
      };
    case "unknown_person":
      return {
        ...livingEntity("binary_sensor", key, `${name} unknown person`),
        platform: "binary_sensor",
        state_topic: topic,
        icon: "mdi:account-question",
      };
  }
}
