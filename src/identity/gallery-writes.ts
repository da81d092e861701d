// What the gallery has not written yet, and how it is written: all of it in one transaction or nothing.
import type { Millis } from "../core/clock.ts";
import { displayName } from "../domain/person.ts";
import type { EmbeddingRow, PersonRow, PersonSizeRow, TrackletRow } from "../store/person-rows.ts";
import type { Store } from "../store/store.ts";
import type { LooksChange } from "./person-looks.ts";

/** While the database cannot be written to, tracklets beyond these are let go, oldest first. */
const MOST_TRACKLETS = 5000;
/** A body is told to have left a moment after it was last seen; no other track has its number so soon. */
const AFTERWARDS: Millis = 4000;
/** Deleting some hundred rows takes a few milliseconds; the next sync goes on. */
const EXPIRED_AT_ONCE = 200;

export interface PersonChanges {
  readonly persons: readonly PersonRow[];
  readonly sizes: readonly PersonSizeRow[];
}

export class GalleryWrites {
  readonly #store: Store;
  readonly #inserts = new Map<string, EmbeddingRow>();
  readonly #deletes = new Set<string>();
  readonly #means = new Map<string, { readonly row: EmbeddingRow; readonly isNew: boolean }>();
  readonly #tracklets = new Map<string, TrackletRow>();

  constructor(store: Store) {
    this.#store = store;
  }

  get waiting(): number {
    return this.#inserts.size + this.#deletes.size + this.#means.size + this.#tracklets.size;
  }

  takeIn({ added, removed, means }: LooksChange): void {
    for (const row of added) this.#inserts.set(row.embeddingId, row);
    for (const { row, isNew } of means) {
      const wasNew = this.#means.get(row.embeddingId)?.isNew === true;
      this.#means.set(row.embeddingId, { row, isNew: isNew || wasNew });
    }
    for (const id of removed) {
      const neverWritten = this.#inserts.delete(id) || this.#means.get(id)?.isNew === true;
      this.#means.delete(id);
      if (!neverWritten) this.#deletes.add(id);
    }
  }

  /** False when an older tracklet had to go for it. */
  putTracklet(row: TrackletRow): boolean {
    this.#tracklets.delete(row.trackletId);
    this.#tracklets.set(row.trackletId, row);
    const [oldest] = this.#tracklets.keys();
    if (this.#tracklets.size <= MOST_TRACKLETS || oldest === undefined) return true;
    this.#tracklets.delete(oldest);
    return false;
  }

  /** The rows as they will be, with pictures. */
  overlay(personId: string, written: readonly EmbeddingRow[]): EmbeddingRow[] {
    const isTheirs = (row: EmbeddingRow) => row.personId === personId;
    const means = [...this.#means.values()].filter(({ row }) => isTheirs(row));
    return [
      ...written
        .filter(({ embeddingId }) => !this.#deletes.has(embeddingId))
        .map((row) => this.#means.get(row.embeddingId)?.row ?? row),
      ...[...this.#inserts.values()].filter(isTheirs),
      ...means.filter(({ isNew }) => isNew).map(({ row }) => row),
    ];
  }

  /**
   * All that waits, with `changes`, and what has expired. `living`: whom an id stands for by now. Throws AppError store.*;
   * then everything still waits.
   */
  write({ persons, sizes }: PersonChanges, { now, appearanceTtl, living }: WriteOptions): void {
    const { embeddings, persons: people } = this.#store;
    this.#store.transaction(() => {
      for (const row of persons) people.save(row);
      for (const row of sizes) people.saveSize(row);
      for (const id of this.#deletes) embeddings.delete(id);
      const expired = embeddings.expired("appearance", now - appearanceTtl, EXPIRED_AT_ONCE);
      for (const id of expired) embeddings.delete(id);
      for (const row of this.#inserts.values())
        if (living(row.personId) === row.personId) embeddings.insert(row);
      for (const { row, isNew } of this.#means.values()) {
        if (living(row.personId) !== row.personId) continue;
        if (isNew) embeddings.insert(row);
        else embeddings.updateMean(row);
      }
      // In memory the mean goes with the last of its prototypes; here it is looked for where some went.
      if (expired.length > 0) for (const id of embeddings.orphanMeans("appearance")) embeddings.delete(id);
      for (const row of this.#tracklets.values()) this.#writeTracklet(row, living);
    }, "process");
    this.clear();
  }

  clear(): void {
    this.#inserts.clear();
    this.#deletes.clear();
    this.#means.clear();
    this.#tracklets.clear();
  }

  #writeTracklet(row: TrackletRow, living: (personId: string) => string | null): void {
    const { tracklets, events, persons } = this.#store;
    const { trackletId, cameraId, trackId, firstAt, lastAt, cue } = row;
    const personId = row.personId === null ? null : living(row.personId);
    const before = tracklets.find(trackletId)?.personId ?? null;
    tracklets.put(
      personId === null ? { ...row, personId, cue: null, confidence: null } : { ...row, personId },
    );
    if (before === personId) return;
    const person = personId === null ? null : persons.find(personId);
    events.reassign(
      { cameraId, trackId, from: firstAt, to: lastAt + AFTERWARDS },
      {
        personId,
        personName: person === null ? null : displayName(person),
        identityCue: personId === null ? null : cue,
      },
    );
  }
}

export interface WriteOptions {
  readonly now: Millis;
  readonly appearanceTtl: Millis;
  readonly living: (personId: string) => string | null;
}
