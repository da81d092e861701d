// Who a track may be. In two steps: running means screen everybody, prototypes refine those who are likest. Who is in memory
// and who in the database makes no difference to the answer.
import type { Millis } from "../core/clock.ts";
import type { Cue } from "../domain/tracklet.ts";
import type { TrackEvidence } from "../reid/evidence.ts";
import type { MemoryRules } from "../reid/prototype-memory.ts";
import { queriesOf, type TrackQuery } from "../reid/scoring.ts";
import { dot } from "../reid/unit-vector.ts";
import type { PersonRow } from "../store/person-rows.ts";
import type { Store } from "../store/store.ts";
import type { LooksMemory } from "./looks-memory.ts";
import type { Screened } from "./mean-matrix.ts";
import type { Likeness, Scope } from "./people.ts";
import { PersonLooks } from "./person-looks.ts";

/**
 * Persons of each cue who are looked at more closely. Of 10,000 in groups of 50 look-alikes the likest by any prototype was
 * among them every time (`haven bench identity` counts it).
 */
const SCREENED = 32;

export interface SearchOptions {
  readonly memory: LooksMemory;
  readonly store: Store;
  /** Whether somebody active is not in memory. */
  readonly isAllInMemory: boolean;
  /** Of an active person; null otherwise. */
  readonly row: (personId: string) => PersonRow | null;
  readonly rules: Pick<MemoryRules, "appearanceTtl">;
  readonly now: Millis;
}

/**
 * The `limit` likest persons: by turns the first, second and so on of each cue. A walk names nobody where there is a face to go
 * by, but what it says of those who are named is told. Clothes name only persons in memory: there everybody is whose clothes
 * are remembered.
 */
export function searchGallery(
  evidence: TrackEvidence,
  scope: Scope,
  limit: number,
  options: SearchOptions,
): readonly Likeness[] {
  const queries = queriesOf(evidence);
  const hasFace = queries.some(({ cue }) => cue === "face");
  const naming = queries.filter(({ cue }) => cue !== "gait" || !hasFace);
  const inScope = scopeTest(scope, options.row);
  const named = new Set(
    naming.flatMap((query) => screen(query, scope, inScope, options)).map(({ personId }) => personId),
  );
  const found = looksOf([...named], options).map((looks): Likeness => {
    const scores: Partial<Record<Cue, number>> = {};
    for (const query of queries) {
      const cosine = looks.cosine(query);
      if (cosine !== null) scores[query.cue] = cosine;
    }
    return { personId: looks.personId, scores, negative: looks.negative(evidence.faces) };
  });
  return byTurns(
    found.filter(({ scores }) => Object.keys(scores).length > 0),
    naming.map(({ cue }) => cue),
    limit,
  );
}

function screen(
  query: TrackQuery,
  scope: Scope,
  inScope: (personId: string) => boolean,
  { memory, store, isAllInMemory, row }: SearchOptions,
): Screened[] {
  const found = memory.nearest(query, SCREENED, inScope);
  if (isAllInMemory || query.cue === "appearance") return found;
  const { cue, modelId, vector } = query;
  for (const { personId, mean } of store.embeddings.nearest({
    cue,
    modelId,
    vector,
    scope,
    count: SCREENED,
  })) {
    // Of those in memory the memory knows more.
    if (memory.get(personId) !== null || row(personId) === null) continue;
    found.push({ personId, score: dot(vector, mean) });
  }
  return found.sort((a, b) => b.score - a.score || (a.personId < b.personId ? -1 : 1)).slice(0, SCREENED);
}

function looksOf(
  personIds: readonly string[],
  { memory, store, now, rules }: SearchOptions,
): readonly PersonLooks[] {
  const missing = personIds.filter((id) => memory.get(id) === null);
  const rows = store.embeddings.looksOfMany(missing);
  return personIds.flatMap((id) => {
    const kept = memory.get(id);
    if (kept !== null) return [kept];
    const looks = new PersonLooks(id, rows.get(id) ?? []);
    looks.expire(now, rules);
    return [looks];
  });
}

function scopeTest(
  { region, clientId }: Scope,
  row: (personId: string) => PersonRow | null,
): (personId: string) => boolean {
  if (region === null && clientId === null) return () => true;
  return (personId) => {
    const person = row(personId);
    if (person === null) return false;
    return (
      (region === null || person.region === null || person.region === region) &&
      (clientId === null || person.clientId === null || person.clientId === clientId)
    );
  };
}

/** Cues have scales of their own: places in their orders can be compared, scores cannot. */
function byTurns(found: readonly Likeness[], cues: readonly Cue[], limit: number): readonly Likeness[] {
  if (found.length <= limit) return found;
  const place = new Map<string, number>();
  for (const cue of cues) {
    const ordered = found
      .filter(({ scores }) => scores[cue] !== undefined)
      .sort((a, b) => (b.scores[cue] ?? 0) - (a.scores[cue] ?? 0) || (a.personId < b.personId ? -1 : 1));
    for (const [at, { personId }] of ordered.entries())
      place.set(personId, Math.min(place.get(personId) ?? at, at));
  }
  const placeOf = ({ personId }: Likeness) => place.get(personId) ?? Number.POSITIVE_INFINITY;
  return [...found]
    .sort((a, b) => placeOf(a) - placeOf(b) || (a.personId < b.personId ? -1 : 1))
    .slice(0, Math.max(0, limit));
}
