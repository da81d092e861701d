// Persons in plain lists: `People` without a database, for tests of who asks it.
import { newId } from "../../src/core/ids.ts";
import { type Person, visitorLabel } from "../../src/domain/person.ts";
import type { Cue } from "../../src/domain/tracklet.ts";
import type { Example, Likeness, NewPerson, People, Scope, Sighting } from "../../src/identity/people.ts";
import type { TrackEvidence } from "../../src/reid/evidence.ts";
import { cosineToNegatives, cosineToPerson, queriesOf } from "../../src/reid/scoring.ts";
import type { TrackletRow } from "../../src/store/person-rows.ts";

export class PeopleInMemory implements People {
  readonly rows = new Map<string, TrackletRow>();
  readonly sightings = new Map<string, Sighting[]>();
  readonly #persons = new Map<string, Person>();
  readonly #examples = new Map<string, Example[]>();
  readonly #negatives = new Map<string, Example[]>();
  readonly #listeners = new Set<() => void>();
  #count = 0;

  person(id: string): Person | null {
    const person = this.#persons.get(id);
    if (person?.mergedInto != null) return this.person(person.mergedInto);
    return person ?? null;
  }

  persons(): readonly Person[] {
    return [...this.#persons.values()].filter(({ status }) => status === "active");
  }

  search(evidence: TrackEvidence, scope: Scope, limit: number): readonly Likeness[] {
    const queries = queriesOf(evidence);
    return this.persons()
      .filter(({ region }) => scope.region === null || region === null || region === scope.region)
      .map(({ id }): Likeness => {
        const scores: Partial<Record<Cue, number>> = {};
        for (const query of queries) {
          const own = this.learned(id).filter(({ cue }) => cue === query.cue);
          const cosine = cosineToPerson(query, own);
          if (cosine !== null) scores[query.cue] = cosine;
        }
        return {
          personId: id,
          scores,
          negative: cosineToNegatives(evidence.faces, this.#negatives.get(id) ?? []),
        };
      })
      .slice(0, limit);
  }

  create({ kind, name = null, scope, description = null, at }: NewPerson): Person {
    const person: Person = {
      id: `p_${newId(at).toLowerCase()}`,
      name,
      label: visitorLabel(this.#count),
      kind,
      status: "active",
      mergedInto: null,
      region: scope?.region ?? null,
      clientId: scope?.clientId ?? null,
      description,
      createdAt: at,
      firstSeenAt: null,
      lastSeenAt: null,
      lastCameraId: null,
      visits: 0,
      sizes: [],
      heightM: null,
      consent: null,
      retentionDays: null,
    };
    this.#count += 1;
    this.#persons.set(person.id, person);
    this.tell();
    return person;
  }

  learn(personId: string, examples: readonly Example[]): void {
    this.#examples.set(personId, [...this.learned(personId), ...examples]);
  }

  learned(personId: string): readonly Example[] {
    return this.#examples.get(personId) ?? [];
  }

  /** Somebody said that these are not the person. */
  refuse(personId: string, examples: readonly Example[]): void {
    this.#negatives.set(personId, [...(this.#negatives.get(personId) ?? []), ...examples]);
  }

  seen(personId: string, sighting: Sighting): void {
    this.sightings.set(personId, [...(this.sightings.get(personId) ?? []), sighting]);
    this.#change(personId, { lastSeenAt: sighting.at, lastCameraId: sighting.cameraId });
  }

  putTracklet(row: TrackletRow): void {
    this.rows.set(row.trackletId, row);
  }

  flush(): void {}

  merge(loserId: string, winnerId: string): void {
    const loser = this.person(loserId);
    const winner = this.person(winnerId);
    if (loser === null || winner === null) return;
    this.learn(winner.id, this.learned(loser.id));
    this.#change(loser.id, { status: "merged", mergedInto: winner.id });
    this.tell();
  }

  rename(personId: string, name: string): void {
    this.#change(personId, { name });
    this.tell();
  }

  forget(personId: string): void {
    this.#persons.delete(personId);
    this.tell();
  }

  alter<T>(_: readonly string[], change: () => { readonly result: T }): T {
    return change().result;
  }

  embeddings() {
    return [];
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #change(personId: string, change: Partial<Person>): void {
    const person = this.#persons.get(personId);
    if (person !== undefined) this.#persons.set(personId, { ...person, ...change });
  }
}
