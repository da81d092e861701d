// Looks as they lie in the database: whose are read at the start, and means for those who have none.
import type { Millis } from "../core/clock.ts";
import { newId } from "../core/ids.ts";
import type { Person } from "../domain/person.ts";
import type { Store } from "../store/store.ts";
import { PersonLooks } from "./person-looks.ts";

/**
 * Whoever is active and has prototypes has means: without them nobody is found in the database; and no mean of clothes without
 * prototypes, which would never expire. For a transaction in which prototypes came or went by hand.
 */
export function settleMeans(store: Store, personIds: readonly string[], now: Millis): void {
  for (const id of new Set(personIds)) {
    if (store.persons.find(id)?.status !== "active") continue;
    const rows = store.embeddings.looksOf(id);
    const prototypes = rows.filter(({ cue, state }) => cue === "appearance" && state === "prototype");
    for (const { embeddingId, cue, state, modelId } of rows)
      if (cue === "appearance" && state === "mean" && !prototypes.some((one) => one.modelId === modelId))
        store.embeddings.delete(embeddingId);
    const looks = new PersonLooks(id, rows);
    for (const { row } of looks.missingMeans(() => newId(now)).means) store.embeddings.insert(row);
  }
}

/**
 * Whose looks are read at the start, those who are to leave first first: the named rather than others, those seen of late
 * rather than those seen long ago, and everybody whose clothes are still remembered. `persons`: those seen last first.
 */
export function chosenForMemory(
  persons: readonly Person[],
  most: number,
  dressed: ReadonlySet<string>,
): readonly string[] {
  const byUse = [...persons].reverse().sort((a, b) => Number(a.name !== null) - Number(b.name !== null));
  const first = byUse.length - most;
  return byUse.filter(({ id }, at) => at >= first || dressed.has(id)).map(({ id }) => id);
}
