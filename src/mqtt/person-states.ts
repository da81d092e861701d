import type { HavenEvent } from "../domain/events.ts";
import type { PersonPresence } from "../domain/identity.ts";
import type { DiscoveryContext } from "./discovery.ts";
import { AWAY, NOT_SEEN, PERSON_EVENTS, personDiscovery } from "./person-discovery.ts";
import type { StatePublisher } from "./state-publisher.ts";
import {
  PERSON_STATES,
  type PersonState,
  personDiscoveryTopic,
  personEventTopic,
  personStateTopic,
  TOPICS,
} from "./topics.ts";

/** Home Assistant's own zone around the house; it is always there. */
const HOME_ZONE = "zone.home";

/**
 * What is retained and discovered about each person the household has named, and how many of them are at home. Those without
 * a name come and go: nothing is said of them.
 */
export class PersonStates {
  readonly #states: Pick<StatePublisher, "set" | "clear">;
  readonly #context: DiscoveryContext;
  readonly #persons = new Map<string, PersonPresence>();
  #areas: readonly string[] = [];
  /** Persons found on the broker that nobody has set, and the topics that were found of them. */
  readonly #strangers = new Map<string, Set<string>>();
  #allKnown = false;

  constructor(states: Pick<StatePublisher, "set" | "clear">, context: DiscoveryContext) {
    this.#states = states;
    this.#context = context;
  }

  /** A new person, a changed one, or one who has no name any more and is removed. */
  set(presence: PersonPresence): void {
    const { personId, named } = presence;
    if (!named) {
      if (this.#persons.has(personId)) this.remove(personId);
      return;
    }
    this.#strangers.delete(personId);
    this.#persons.set(personId, presence);
    this.#announce(presence);
    const attributes = {
      kind: presence.kind,
      visible: presence.visible,
      since: isoTime(presence.since),
      camera: presence.cameraId,
      cue: presence.cue,
      confidence: presence.confidence === null ? null : Math.round(presence.confidence * 100) / 100,
      in_zones: presence.home ? [HOME_ZONE] : [],
    };
    this.#set(personId, "attributes", JSON.stringify(attributes));
    this.#set(personId, "area", areaState(presence));
    // "None" is Home Assistant's word for "not known".
    this.#set(personId, "last_seen", isoTime(presence.lastSeenAt) ?? "None");
    this.#set(personId, "presence", presence.home ? "home" : "not_home");
    this.#tellWhoIsHome();
  }

  /** Takes the person's device out of Home Assistant, and everything retained about them from the broker. */
  remove(personId: string): void {
    this.#persons.delete(personId);
    const found = this.#strangers.get(personId) ?? [];
    this.#strangers.delete(personId);
    const discovery = personDiscoveryTopic(personId);
    this.#states.clear(discovery, "discovery");
    const topics = new Set([...PERSON_STATES.map((state) => personStateTopic(personId, state)), ...found]);
    topics.delete(discovery);
    for (const topic of topics) this.#states.clear(topic, "state");
    this.#tellWhoIsHome();
  }

  /** The areas there are now: what the area sensors may say. */
  setAreas(areas: readonly string[]): void {
    this.#areas = [...new Set(areas)].sort();
    for (const presence of this.#persons.values()) this.#announce(presence);
  }

  /** Says that every person has been set: others are removed, now and whenever the broker shows some. */
  removeUnknown(): void {
    this.#allKnown = true;
    for (const personId of [...this.#strangers.keys()]) this.remove(personId);
    this.#tellWhoIsHome();
  }

  /** Something was found on the broker that an earlier run may have left. */
  found(personId: string, topic: string): void {
    if (this.#persons.has(personId)) return;
    const topics = this.#strangers.get(personId) ?? new Set();
    this.#strangers.set(personId, topics.add(topic));
    if (this.#allKnown) this.remove(personId);
  }

  /** Where else an event is told; null when it is nobody's, or nothing of theirs. */
  eventTopicOf({ kind, personId }: HavenEvent): string | null {
    if (personId === null || !this.#persons.has(personId) || !PERSON_EVENTS.includes(kind)) return null;
    return personEventTopic(personId);
  }

  /** An area that is no more stays among the options for as long as it is said: anything else is an error there. */
  #announce(presence: PersonPresence): void {
    const { personId, name, area } = presence;
    const areas = area === null || this.#areas.includes(area) ? this.#areas : [...this.#areas, area];
    const discovery = personDiscovery({ id: personId, name }, areas, this.#context);
    this.#states.set(personDiscoveryTopic(personId), "discovery", JSON.stringify(discovery));
  }

  #set(personId: string, state: PersonState, payload: string): void {
    this.#states.set(personStateTopic(personId, state), "state", payload);
  }

  /** Nothing until everybody is known: a house is not empty because Haven has just started. */
  #tellWhoIsHome(): void {
    if (!this.#allKnown) return;
    const home = [...this.#persons.values()].filter((person) => person.home);
    const people = home.map(({ name }) => name).sort();
    this.#states.set(TOPICS.peopleHomeAttributes, "state", JSON.stringify({ people }));
    this.#states.set(TOPICS.peopleHome, "state", String(people.length));
  }
}

function areaState({ home, area }: PersonPresence): string {
  if (!home) return AWAY;
  return area ?? NOT_SEEN;
}

function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
