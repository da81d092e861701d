// What there is to tell of a day, by area and by door, and which of it a household's cameras can tell: from here come the
// topics, the sensors and their values.
import { areaOf, type Camera } from "../domain/camera.ts";
import type { AreaDay, DaySummary, DoorDay } from "../domain/care.ts";
import { placeSlug, placeSlugs } from "./place-slugs.ts";

interface Fact<Day> {
  /** After the place's name: "Bedroom in bed today". */
  readonly label: string;
  readonly icon: string;
  /** Minutes, or how often. */
  readonly unit: "min" | null;
  /** null while it is not known. */
  readonly value: (day: Day) => number | null;
}

export const AREA_FACTS = {
  blind_minutes: {
    label: "unwatched today",
    icon: "mdi:eye-off",
    unit: "min",
    value: (day) => minutes(day.blindS),
  },
  occupied_minutes: {
    label: "occupied today",
    icon: "mdi:home-clock",
    unit: "min",
    value: (day) => minutes(day.occupiedS),
  },
  in_bed_minutes: {
    label: "in bed today",
    icon: "mdi:bed-clock",
    unit: "min",
    value: (day) => (day.inBedS === null ? null : minutes(day.inBedS)),
  },
  bed_exits: {
    label: "bed exits today",
    icon: "mdi:bed-empty",
    unit: null,
    value: (day) => (day.inBedS === null ? null : day.bedExits),
  },
} as const satisfies Readonly<Record<string, Fact<AreaDay>>>;

export const DOOR_FACTS = {
  visits: { label: "visits today", icon: "mdi:door-open", unit: null, value: (day) => day.visits },
  minutes: {
    label: "time today",
    icon: "mdi:timer-outline",
    unit: "min",
    value: (day) => minutes(day.seconds),
  },
} as const satisfies Readonly<Record<string, Fact<DoorDay>>>;

export type AreaFact = keyof typeof AREA_FACTS;
export type DoorFact = keyof typeof DOOR_FACTS;

/** An area the cameras watch, or what lies behind a door they see. */
export type Place =
  | {
      readonly kind: "area";
      readonly slug: string;
      readonly name: string;
      readonly facts: readonly AreaFact[];
    }
  | {
      readonly kind: "door";
      readonly slug: string;
      readonly name: string;
      readonly facts: readonly DoorFact[];
    };

const WITHOUT_BED: readonly AreaFact[] = ["blind_minutes", "occupied_minutes"];
const WITH_BED: readonly AreaFact[] = [...WITHOUT_BED, "in_bed_minutes", "bed_exits"];

/** The places of a household: from its cameras and not from its days, as nothing may come and go with what happened. */
export function placesOf(cameras: Iterable<Camera>): readonly Place[] {
  const beds = new Map<string, boolean>();
  const doors = new Set<string>();
  for (const camera of cameras) {
    const { zones } = camera;
    // As the day counts them: a door that leads nowhere leads to its name.
    const areaName = areaOf(camera);
    const hasBed = zones.some(({ kind }) => kind === "bed");
    beds.set(areaName, hasBed || beds.get(areaName) === true);
    for (const { kind, leadsTo, name } of zones) if (kind === "door") doors.add(leadsTo ?? name);
  }
  const areaSlugs = placeSlugs(beds.keys());
  const doorSlugs = placeSlugs(doors);
  return [
    ...[...areaSlugs].map(([name, slug]): Place => {
      return { kind: "area", name, slug, facts: beds.get(name) === true ? WITH_BED : WITHOUT_BED };
    }),
    ...[...doorSlugs].map(([name, slug]): Place => {
      return { kind: "door", name, slug, facts: ["visits", "minutes"] };
    }),
  ];
}

/** The area that somebody means, by its name or its slug; null when no camera is in one of that name. */
export function areaNamed(cameras: Iterable<Camera>, meant: string): string | null {
  const areas = [...cameras].map(areaOf);
  const slug = placeSlug(meant);
  const bySlug = slug === "" ? undefined : areas.find((area) => placeSlug(area) === slug);
  return areas.find((area) => area === meant) ?? bySlug ?? null;
}

/** What the day says of each fact of a place; null where it says nothing. A door nobody went through had no visits. */
export function placeValues(place: Place, day: DaySummary): ReadonlyMap<string, number | null> {
  if (place.kind === "area") {
    const area = day.areas.find((entry) => entry.area === place.name);
    return new Map(
      place.facts.map((fact) => [fact, area === undefined ? null : AREA_FACTS[fact].value(area)]),
    );
  }
  const door = day.doors.find((entry) => entry.leadsTo === place.name);
  return new Map(place.facts.map((fact) => [fact, door === undefined ? 0 : DOOR_FACTS[fact].value(door)]));
}

/** Rounded down, so that a day's sum never takes anything back. */
function minutes(seconds: number): number {
  return Math.floor(seconds / 6) / 10;
}
