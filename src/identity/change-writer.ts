// Writes a change by hand to the database and takes down what it was before, and takes such a change back. Used inside one
// transaction; the memory of the gallery is read anew after it.
import type { Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { displayName } from "../domain/person.ts";
import { meanDirection } from "../reid/unit-vector.ts";
import type { EmbeddingRow, PersonRow, ReviewRow, TrackletRow } from "../store/person-rows.ts";
import type { Store } from "../store/store.ts";
import {
  type Change,
  type ChangedRow,
  type ChangeLog,
  type Columns,
  type ColumnValue,
  gathered,
  stillSo,
} from "./person-changes.ts";
import { type Figures, figuresBack, type Size, sizeBack } from "./person-merge.ts";

/** Columns of a person that only people change. */
export type GivenFields = Partial<
  Pick<
    PersonRow,
    | "name"
    | "kind"
    | "status"
    | "mergedInto"
    | "region"
    | "clientId"
    | "description"
    | "consentBy"
    | "consentAt"
    | "retentionDays"
  >
>;

/** A body is told to have left a moment after it was last seen; no other track has its number so soon. */
const AFTERWARDS: Millis = 4000;

export class ChangeWriter {
  readonly #store: Store;
  readonly #changes: Change[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Everything that was written so far. */
  log(notes: Columns = {}): ChangeLog {
    return { changes: gathered(this.#changes), notes };
  }

  /** Throws AppError not-found. */
  personRow(personId: string): PersonRow {
    const row = this.#store.persons.find(personId);
    if (row === null) throw new AppError("not-found", `there is no person ${personId}`);
    return row;
  }

  createPerson(row: PersonRow): void {
    this.#store.persons.save(row);
    this.#note("person", row.personId, null, { label: row.label });
  }

  /** What they are called in events and alarms follows. */
  setPerson(personId: string, fields: GivenFields): void {
    const row = this.personRow(personId);
    if (!this.#changed("person", personId, row, fields)) return;
    this.#store.persons.save({ ...row, ...fields });
    if ("name" in fields) this.#rename(personId);
  }

  /** Taken down as a whole: what is counted back needs all of it. */
  setFigures(personId: string, figures: Figures): void {
    const row = this.personRow(personId);
    this.#store.persons.save({ ...row, ...figures });
    this.#note("figures", personId, { ...figuresOf(row) }, { ...figuresOf(figures) });
  }

  setSize(personId: string, cameraId: string, size: Size): void {
    const before = this.#sizeOf(personId, cameraId);
    this.#store.persons.saveSize({ personId, cameraId, ...size });
    this.#note("size", `${personId}/${cameraId}`, before === null ? null : { ...before }, { ...size });
  }

  addEmbedding(row: EmbeddingRow): void {
    this.#store.embeddings.insert(row);
    this.#note("embedding", row.embeddingId, null, { personId: row.personId, state: row.state });
  }

  setEmbedding(
    row: EmbeddingRow,
    fields: { readonly personId?: string; readonly state?: "prototype" | "set_aside" | "negative" },
  ): void {
    if (!this.#changed("embedding", row.embeddingId, row, fields)) return;
    if (fields.personId !== undefined) this.#store.embeddings.setPerson(row.embeddingId, fields.personId);
    if (fields.state !== undefined) this.#store.embeddings.setState(row.embeddingId, fields.state);
  }

  setTracklet(
    row: TrackletRow,
    fields: Partial<Pick<TrackletRow, "personId" | "cue" | "confidence" | "decision">>,
  ): void {
    if (this.#changed("tracklet", row.trackletId, row, fields))
      this.#store.tracklets.setPerson(row.trackletId, { ...row, ...fields });
  }

  /** Everything that happened to one person happened to another. */
  moveEvents(fromId: string, toId: string): void {
    for (const event of this.#store.eventOwners.ofPerson(fromId))
      this.#setEvent(event.eventId, { personId: toId });
  }

  /** What happened to a track happened to this person, or to nobody known; events of yet others are left alone. */
  setEventsOf(
    { cameraId, trackId, firstAt, lastAt }: TrackletRow,
    personId: string | null,
    ofThese: readonly (string | null)[],
  ): void {
    for (const event of this.#store.eventOwners.ofTrack({
      cameraId,
      trackId,
      from: firstAt,
      to: lastAt + AFTERWARDS,
    }))
      if (ofThese.includes(event.personId))
        this.#setEvent(event.eventId, personId === null ? { personId, identityCue: null } : { personId });
  }

  setReview(
    row: ReviewRow,
    fields: Partial<Pick<ReviewRow, "personId" | "candidateId" | "answer" | "answeredAt" | "answeredBy">>,
  ): void {
    if (this.#changed("review", row.reviewId, row, fields)) this.#store.reviews.save({ ...row, ...fields });
  }

  /**
   * Running means are made from prototypes, and are no change of their own: `anew`, all of a person's, after prototypes
   * came or went by hand; `missing`, those it has none of yet. Weighed by the square of quality, as a track's faces are.
   */
  settleMeans(personId: string, which: "anew" | "missing", at: Millis): void {
    const rows = this.#store.embeddings.looksOf(personId);
    const means = rows.filter(({ state }) => state === "mean");
    if (which === "anew") for (const { embeddingId } of means) this.#store.embeddings.delete(embeddingId);
    const groups = new Map<string, EmbeddingRow[]>();
    for (const row of rows.filter(({ state }) => state === "prototype")) {
      const key = JSON.stringify([row.cue, row.modelId, row.vector.length]);
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    for (const group of groups.values()) {
      const best = group.reduce((one, other) => (other.quality > one.quality ? other : one));
      const has = means.some(({ cue, modelId }) => cue === best.cue && modelId === best.modelId);
      const vector = meanDirection(
        group.map((row) => ({ vector: row.vector, weight: Math.max(row.quality, 0.01) ** 2 })),
      );
      if ((which === "missing" && has) || vector === null) continue;
      const row: EmbeddingRow = {
        ...best,
        embeddingId: newId(at),
        state: "mean",
        vector,
        facing: null,
        cameraId: null,
        trackletId: null,
        capturedAt: Math.max(...group.map(({ capturedAt }) => capturedAt)),
        picture: null,
      };
      this.#store.embeddings.insert(row);
      if (which === "missing") this.#note("embedding", row.embeddingId, null, { personId, state: "mean" });
    }
  }

  /**
   * Takes a change back, last step first. What has changed since by itself is left as it is. Throws AppError conflict when
   * a person that the change made has lived on since.
   */
  takeBack({ changes }: ChangeLog): void {
    const inOrder = [...changes].reverse();
    // Persons last: nothing may belong to somebody who is no longer there.
    for (const change of inOrder.filter(({ of }) => of !== "person")) this.#back(change);
    for (const change of inOrder.filter(({ of, from }) => of === "person" && from !== null))
      this.#back(change);
    for (const { ids } of inOrder.filter(({ of, from }) => of === "person" && from === null))
      for (const id of ids) this.#unmake(id);
  }

  #back(change: Change): void {
    for (const id of change.ids) {
      const row = this.#current(change.of, id);
      if (row === null) continue;
      const { from, to } = change;
      if (change.of === "figures") {
        const back = figuresBack(row as never, from as never, to as never);
        this.#store.persons.save({ ...this.personRow(id), ...back });
      } else if (change.of === "size") this.#sizeBack(id, row as never, from as never, to as never);
      else if (from === null) {
        if (change.of === "embedding" && row.personId === to.personId) this.#store.embeddings.delete(id);
      } else {
        const back = stillSo(row, change);
        if (back !== null) this.#put(change.of, id, back);
      }
    }
  }

  #put(of: ChangedRow, id: string, columns: Columns): void {
    const { persons, embeddings, tracklets, reviews, eventOwners } = this.#store;
    switch (of) {
      case "person":
        persons.save({ ...this.personRow(id), ...(columns as GivenFields) });
        if ("name" in columns) this.#rename(id);
        return;
      case "embedding": {
        const { personId, state } = columns;
        if (typeof personId === "string" && persons.find(personId) !== null)
          embeddings.setPerson(id, personId);
        if (state === "prototype" || state === "set_aside" || state === "negative")
          embeddings.setState(id, state);
        return;
      }
      case "tracklet": {
        const row = tracklets.find(id);
        if (row === null) return;
        tracklets.setPerson(id, { ...row, ...columns });
        if (row.personId !== null && columns.personId !== undefined)
          this.#handBack(id, row.personId, columns.personId as string | null);
        return;
      }
      case "event": {
        const event = eventOwners.find(id);
        if (event !== null) this.#writeEvent({ ...event, ...columns });
        return;
      }
      case "review": {
        const row = reviews.find(id);
        if (row !== null) reviews.save({ ...row, ...columns });
        return;
      }
      default:
        return;
    }
  }

  /** What was learned from a tracklet since, of somebody who it is not. */
  #handBack(trackletId: string, fromId: string, toId: string | null): void {
    const { embeddings } = this.#store;
    for (const { embeddingId, personId, state } of embeddings.ofTracklet(trackletId)) {
      if (personId !== fromId || state === "mean" || state === "negative") continue;
      if (toId === null) embeddings.delete(embeddingId);
      else embeddings.setPerson(embeddingId, toId);
    }
  }

  #current(of: ChangedRow, id: string): Columns | null {
    const { persons, embeddings, tracklets, reviews, eventOwners } = this.#store;
    switch (of) {
      case "person":
      case "figures":
        return asColumns(persons.find(id));
      case "size": {
        const [personId, cameraId] = idsOfSize(id);
        return asColumns(this.#sizeOf(personId, cameraId));
      }
      case "embedding": {
        const row = embeddings.find(id);
        return row === null ? null : { personId: row.personId, state: row.state };
      }
      case "tracklet":
        return asColumns(tracklets.find(id));
      case "event":
        return asColumns(eventOwners.find(id));
      case "review":
        return asColumns(reviews.find(id));
    }
  }

  #sizeBack(id: string, current: Size, from: Size | null, to: Size): void {
    const [personId, cameraId] = idsOfSize(id);
    const back = sizeBack(current, from, to);
    const others = this.#store.persons.sizes(personId).filter((size) => size.cameraId !== cameraId);
    if (back !== null) this.#store.persons.saveSize({ personId, cameraId, ...back });
    else {
      this.#store.persons.deleteSizes(personId);
      for (const other of others) this.#store.persons.saveSize(other);
    }
  }

  #unmake(personId: string): void {
    const row = this.#store.persons.find(personId);
    if (row === null) return;
    const { tracklets, embeddings, eventOwners, persons } = this.#store;
    const hasLived =
      tracklets.ofPerson({ personId, since: null, until: null, limit: 1 }).length > 0 ||
      embeddings.looksOf(personId).some(({ state }) => state !== "mean") ||
      eventOwners.ofPerson(personId).length > 0 ||
      persons.line(personId).length > 1;
    if (hasLived)
      throw new AppError(
        "conflict",
        `${displayName(row)} has been seen since and cannot simply be unmade; merge them into somebody, or forget them`,
      );
    persons.forget(personId);
  }

  #setEvent(
    eventId: string,
    fields: { readonly personId: string | null; readonly identityCue?: null },
  ): void {
    const event = this.#store.eventOwners.find(eventId);
    if (event !== null && this.#changed("event", eventId, event, fields))
      this.#writeEvent({ ...event, ...fields });
  }

  #writeEvent({
    eventId,
    personId,
    identityCue,
  }: {
    readonly eventId: string;
    readonly personId: string | null;
    readonly identityCue: string | null;
  }): void {
    const person = personId === null ? null : this.#store.persons.find(personId);
    this.#store.eventOwners.setOwner(eventId, {
      personId: person?.personId ?? null,
      personName: person === null ? null : displayName(person),
      identityCue: person === null ? null : identityCue,
    });
  }

  #rename(personId: string): void {
    this.#store.events.movePerson(personId, personId, displayName(this.personRow(personId)));
  }

  #sizeOf(personId: string, cameraId: string): Size | null {
    const row = this.#store.persons.sizes(personId).find((size) => size.cameraId === cameraId);
    return row === undefined ? null : { widthPx: row.widthPx, heightPx: row.heightPx, count: row.count };
  }

  /** Takes down the fields that differ; false when none does. */
  #changed(of: ChangedRow, id: string, row: object, fields: object): boolean {
    const before = row as Columns;
    const after = Object.entries(fields as Columns).filter(([column, value]) => before[column] !== value);
    if (after.length === 0) return false;
    const from = Object.fromEntries(after.map(([column]) => [column, before[column] as ColumnValue]));
    this.#note(of, id, from, Object.fromEntries(after));
    return true;
  }

  #note(of: ChangedRow, id: string, from: Columns | null, to: Columns): void {
    this.#changes.push({ of, ids: [id], from, to });
  }
}

function figuresOf({
  firstSeenAt,
  lastSeenAt,
  lastCameraId,
  visits,
  heightM,
  heightCount,
}: Figures): Figures {
  return { firstSeenAt, lastSeenAt, lastCameraId, visits, heightM, heightCount };
}

function asColumns(row: object | null): Columns | null {
  return row as Columns | null;
}

/** "p_01.../hall": neither id holds a slash. */
function idsOfSize(id: string): [personId: string, cameraId: string] {
  const slash = id.indexOf("/");
  return [id.slice(0, slash), id.slice(slash + 1)];
}
