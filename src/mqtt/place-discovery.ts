import { AREA_STATES, areaComponent } from "./area-states.ts";
import { type Component, livingEntity } from "./discovery.ts";
import { AREA_FACTS, DOOR_FACTS, type Place } from "./places.ts";
import { placeComponent, placeTopic } from "./topics.ts";

/** An entity for everything that is told of every place, by component id. */
export function placeComponents(places: readonly Place[]): Readonly<Record<string, Component>> {
  return Object.fromEntries(
    places.flatMap((place) => [
      ...(place.kind === "area" ? AREA_STATES : []).map((state): [string, Component] => {
        const topic = placeTopic("area", place.slug, state);
        const key = placeComponent(topic);
        return [key, areaComponent(state, { key, topic, name: capitalised(place.name) })];
      }),
      ...shapesOf(place).map(([fact, { label, icon, unit }]): [string, Component] => {
        const topic = placeTopic(place.kind, place.slug, fact);
        const key = placeComponent(topic);
        const name = `${capitalised(place.name)} ${label}`;
        return [
          key,
          {
            ...livingEntity("sensor", key, name),
            platform: "sensor",
            state_topic: topic,
            // Counted from midnight: the fall back to 0 begins a new day and takes nothing off the statistics' sum.
            state_class: "total_increasing",
            ...(unit === null
              ? {}
              : { device_class: "duration", unit_of_measurement: unit, suggested_display_precision: 0 }),
            icon,
          },
        ];
      }),
    ]),
  );
}

type Shape = (typeof AREA_FACTS)[keyof typeof AREA_FACTS] | (typeof DOOR_FACTS)[keyof typeof DOOR_FACTS];

function shapesOf(place: Place): readonly [string, Shape][] {
  return place.kind === "area"
    ? place.facts.map((fact) => [fact, AREA_FACTS[fact]])
    : place.facts.map((fact) => [fact, DOOR_FACTS[fact]]);
}

function capitalised(name: string): string {
  const [first = "", ...rest] = name;
  return first.toLocaleUpperCase("en") + rest.join("");
}
