// What must be true of everything stored about persons, whatever was done and whenever it was cut off.
import { isUnit } from "../../src/reid/unit-vector.ts";
import type { Store } from "../../src/store/store.ts";

const EVERYTHING = {
  kinds: null,
  cameraId: null,
  personId: null,
  since: null,
  until: null,
  before: null,
  limit: 1_000_000,
};

/** Sentences about what does not hold; none when all does. */
export function brokenPromises(store: Store): string[] {
  const broken: string[] = [];
  const rows = store.persons.all();
  const persons = new Map(rows.map((row) => [row.personId, row]));
  for (const { personId, status, mergedInto } of rows) {
    if ((status === "merged") !== (mergedInto !== null))
      broken.push(`${personId} is ${status} into ${mergedInto}`);
    const passed = new Set([personId]);
    for (let next = mergedInto; next !== null; next = persons.get(next)?.mergedInto ?? null) {
      if (!persons.has(next)) broken.push(`${personId} lives on in ${next}, who is not there`);
      if (passed.has(next)) {
        broken.push(`${personId} is merged in a circle`);
        break;
      }
      passed.add(next);
    }
    const embeddings = store.embeddings.looksOf(personId);
    // A merged person keeps the running means it had, and nothing else.
    if (status === "merged" && embeddings.some(({ state }) => state !== "mean"))
      broken.push(`${personId} is merged and has examples of its own`);
    for (const { embeddingId, vector } of embeddings)
      if (!isUnit(vector)) broken.push(`${embeddingId} is not of unit length`);
    for (const mean of embeddings.filter(({ state, cue }) => state === "mean" && cue === "face")) {
      const { cue, modelId, vector } = mean;
      const nearest = store.embeddings.nearest({
        cue,
        modelId,
        vector,
        scope: { region: null, clientId: null },
        count: 1,
      });
      const isFound = nearest.some((found) => found.personId === personId);
      if (isFound !== (status === "active")) broken.push(`${personId} is ${status}, and found: ${isFound}`);
    }
    if (status === "active")
      for (const { cue, modelId, state } of embeddings)
        if (
          state === "prototype" &&
          !embeddings.some(
            (other) => other.state === "mean" && other.cue === cue && other.modelId === modelId,
          )
        )
          broken.push(`${personId} has a ${cue} example and no mean`);
  }
  const owner = (id: string | null) => (id === null ? undefined : persons.get(id));
  for (const { trackletId, personId } of store.tracklets.recent(1_000_000))
    if (personId !== null && owner(personId)?.status !== "active" && owner(personId)?.status !== "archived")
      broken.push(`${trackletId} is of ${personId}, who is ${owner(personId)?.status}`);
  for (const { eventId, personId, personName } of store.events.list(EVERYTHING)) {
    const person = owner(personId);
    if (personId === null ? personName !== null : personName !== (person?.name ?? person?.label))
      broken.push(`${eventId} is told of ${personName}, who is called ${person?.name ?? person?.label}`);
  }
  const labels = rows.map(({ label }) => label);
  if (new Set(labels).size !== labels.length) broken.push("a label was given twice");
  return broken;
}
