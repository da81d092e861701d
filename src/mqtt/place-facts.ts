// The areas and doors on MQTT, who is in each area now and what its day was like so far: which sensors there have to be, their
// values, and what to take away when an area or a door is no more, also when that happened while the daemon was not running.
import { isDeepStrictEqual } from "node:util";
import type { Camera } from "../domain/camera.ts";
import type { DaySummary } from "../domain/care.ts";
import type { AreaPresence } from "../domain/identity.ts";
import { AREA_STATES, areaValues, platformOfFact } from "./area-states.ts";
import type { Component } from "./discovery.ts";
import { type Place, placesOf, placeValues } from "./places.ts";
import type { StatePublisher } from "./state-publisher.ts";
import { placeComponent, placeTopic } from "./topics.ts";

export interface PlacesChange {
  readonly places: readonly Place[];
  /** Components of the daemon's device that Home Assistant may still have, and that are not there any more. */
  readonly gone: Readonly<Record<string, Component["platform"]>>;
}

export class PlaceFacts {
  readonly #states: Pick<StatePublisher, "set" | "clear">;
  /** Called with what to announce, before values are set or cleared: Home Assistant loses entities before their values. */
  readonly #onChange: (change: PlacesChange) => void;
  #places: readonly Place[] = [];
  #topics: ReadonlySet<string> = new Set();
  #day: DaySummary | null = null;
  /** By area. */
  readonly #presences = new Map<string, AreaPresence>();
  /** Every component that was taken away in this run: one change may follow another before the first was sent. */
  readonly #gone = new Map<string, Component["platform"]>();
  /** Topics found on the broker that none of our places has. */
  readonly #strangers = new Set<string>();
  #allKnown = false;

  constructor(states: Pick<StatePublisher, "set" | "clear">, onChange: (change: PlacesChange) => void) {
    this.#states = states;
    this.#onChange = onChange;
  }

  setCameras(cameras: Iterable<Camera>): void {
    const places = placesOf(cameras);
    if (isDeepStrictEqual(places, this.#places)) return;
    const before = this.#topics;
    this.#places = places;
    this.#topics = new Set(this.#places.flatMap(topicsOf));
    for (const topic of this.#topics) {
      this.#gone.delete(placeComponent(topic));
      this.#strangers.delete(topic);
    }
    this.#remove([...before].filter((topic) => !this.#topics.has(topic)));
    this.#setValues();
    this.#setPresences();
  }

  /** Who is in an area; one that no camera is configured for is left out. */
  setPresence(presence: AreaPresence): void {
    this.#presences.set(presence.area, presence);
    this.#setPresences();
  }

  setDay(day: DaySummary): void {
    this.#day = day;
    this.#setValues();
  }

  /** Says that every camera has been set: facts of other places are removed, now and whenever the broker shows some. */
  removeUnknown(): void {
    this.#allKnown = true;
    const strangers = [...this.#strangers];
    this.#strangers.clear();
    if (strangers.length > 0) this.#remove(strangers);
  }

  /** A value was found on the broker that an earlier run may have left. */
  found(topic: string): void {
    if (this.#topics.has(topic)) return;
    if (this.#allKnown) this.#remove([topic]);
    else this.#strangers.add(topic);
  }

  #remove(topics: readonly string[]): void {
    for (const topic of topics)
      this.#gone.set(placeComponent(topic), platformOfFact(topic.split("/").at(-1) ?? ""));
    this.#onChange({ places: this.#places, gone: Object.fromEntries(this.#gone) });
    for (const topic of topics) this.#states.clear(topic, "state");
  }

  #setPresences(): void {
    for (const place of this.#places)
      if (place.kind === "area")
        for (const [state, value] of areaValues(this.#presences.get(place.name)))
          this.#states.set(placeTopic("area", place.slug, state), "state", value);
  }

  #setValues(): void {
    const day = this.#day;
    if (day === null) return;
    // "None" is Home Assistant's word for "not known".
    for (const place of this.#places)
      for (const [fact, value] of placeValues(place, day))
        this.#states.set(
          placeTopic(place.kind, place.slug, fact),
          "state",
          value === null ? "None" : String(value),
        );
  }
}

function topicsOf({ kind, slug, facts }: Place): readonly string[] {
  const all = kind === "area" ? [...AREA_STATES, ...facts] : facts;
  return all.map((fact) => placeTopic(kind, slug, fact));
}
