import type { Millis } from "../core/clock.ts";
import { EMBEDDING_STATES, type EmbeddingRow, type EmbeddingState } from "./person-rows.ts";
import type { Query, Sqlite } from "./sqlite.ts";
import { bytesOf, type VectorIndex, type VectorScope, vectorOf } from "./vector-index.ts";

interface Columns extends Omit<EmbeddingRow, "vector"> {
  readonly vector: Uint8Array;
}

interface Indexed {
  readonly no: number;
  readonly cue: string;
  readonly modelId: string;
  readonly vector: Uint8Array;
  readonly region: string | null;
  readonly clientId: string | null;
  /** Of the person. */
  readonly status: string;
}

/** A person whose running mean is among the nearest, with that mean. */
export interface NearestMean {
  readonly personId: string;
  readonly mean: Float32Array;
}

export interface EmbeddingQuery {
  readonly cue: string;
  readonly modelId: string;
  /** Of unit length. */
  readonly vector: Float32Array;
  readonly scope: VectorScope;
  readonly count: number;
}

const OF = `e.embedding_id AS embeddingId, e.person_id AS personId, e.cue, e.model_id AS modelId, e.state, e.vector,
  e.quality, e.facing, e.source, e.camera_id AS cameraId, e.tracklet_id AS trackletId, e.captured_at AS capturedAt`;
const FROM = "FROM embeddings e LEFT JOIN embedding_pictures i USING (embedding_id)";
const WITH_PICTURE = `SELECT ${OF}, i.picture ${FROM}`;
const WITHOUT_PICTURE = `SELECT ${OF}, NULL AS picture FROM embeddings e`;
const IN_ORDER = "ORDER BY e.cue, e.model_id, e.state, e.captured_at, e.embedding_id";

export class EmbeddingRepository {
  readonly #index: VectorIndex;
  readonly #insert: Query<never>;
  readonly #insertPicture: Query<never>;
  readonly #updateVector: Query<never>;
  readonly #setState: Query<never>;
  readonly #setPerson: Query<never>;
  readonly #setCaptured: Query<never>;
  readonly #delete: Query<never>;
  readonly #find: Query<Columns>;
  readonly #ofPerson: Query<Columns>;
  readonly #looksOf: Query<Columns>;
  readonly #looksOfMany: Query<Columns>;
  readonly #ofTracklet: Query<Columns>;
  readonly #ofCamera: Query<{ readonly embeddingId: string }>;
  readonly #expired: Query<{ readonly embeddingId: string }>;
  readonly #orphanMeans: Query<{ readonly embeddingId: string }>;
  readonly #picture: Query<{ readonly picture: Uint8Array }>;
  readonly #deletePictures: Query<never>;
  readonly #means: Query<Indexed>;
  readonly #indexed: Query<Indexed>;
  readonly #personOf: Query<{ readonly personId: string; readonly vector: Uint8Array }>;
  readonly #counts: Query<{ readonly state: EmbeddingState; readonly count: number }>;
  readonly #personsWith: Query<{ readonly personId: string }>;

  constructor(db: Sqlite, index: VectorIndex) {
    this.#index = index;
    this.#insert =
      db.prepare(`INSERT INTO embeddings (embedding_id, person_id, cue, model_id, state, vector, quality, facing,
        source, camera_id, tracklet_id, captured_at)
      VALUES (:embeddingId, :personId, :cue, :modelId, :state, :vector, :quality, :facing, :source, :cameraId, :trackletId,
        :capturedAt)`);
    this.#insertPicture = db.prepare("INSERT INTO embedding_pictures VALUES (:embeddingId, :picture)");
    this.#updateVector =
      db.prepare(`UPDATE embeddings SET vector = :vector, quality = :quality, captured_at = :capturedAt
      WHERE embedding_id = :embeddingId`);
    this.#setState = db.prepare("UPDATE embeddings SET state = :state WHERE embedding_id = :embeddingId");
    this.#setPerson = db.prepare(
      "UPDATE embeddings SET person_id = :personId WHERE embedding_id = :embeddingId",
    );
    this.#setCaptured = db.prepare(
      "UPDATE embeddings SET captured_at = :capturedAt WHERE embedding_id = :embeddingId",
    );
    this.#delete = db.prepare("DELETE FROM embeddings WHERE embedding_id = :embeddingId");
    this.#find = db.prepare(`${WITH_PICTURE} WHERE e.embedding_id = :embeddingId`);
    this.#ofPerson = db.prepare(`${WITH_PICTURE} WHERE e.person_id = :personId ${IN_ORDER}`);
    this.#looksOf = db.prepare(`${WITHOUT_PICTURE} WHERE e.person_id = :personId ${IN_ORDER}`);
    this.#looksOfMany = db.prepare(`${WITHOUT_PICTURE}
      WHERE e.person_id IN (SELECT value FROM json_each(:personIds)) ORDER BY e.person_id`);
    this.#ofTracklet = db.prepare(`${WITH_PICTURE} WHERE e.tracklet_id = :trackletId ${IN_ORDER}`);
    this.#ofCamera = db.prepare(
      "SELECT embedding_id AS embeddingId FROM embeddings WHERE camera_id = :cameraId ORDER BY embedding_no",
    );
    this.#expired = db.prepare(`SELECT embedding_id AS embeddingId FROM embeddings
      WHERE cue = :cue AND captured_at < :before AND state IN ('prototype', 'set_aside')
      ORDER BY captured_at LIMIT :limit`);
    this.#orphanMeans = db.prepare(`SELECT e.embedding_id AS embeddingId FROM embeddings e
      WHERE e.cue = :cue AND e.state = 'mean' AND NOT EXISTS (SELECT 1 FROM embeddings o
        WHERE o.person_id = e.person_id AND o.cue = e.cue AND o.model_id = e.model_id AND o.state = 'prototype')`);
    this.#picture = db.prepare("SELECT picture FROM embedding_pictures WHERE embedding_id = :embeddingId");
    this.#deletePictures = db.prepare(`DELETE FROM embedding_pictures WHERE embedding_id IN
      (SELECT embedding_id FROM embedding_pictures LIMIT :limit)`);
    const indexed = `SELECT e.embedding_no AS no, e.cue, e.model_id AS modelId, e.vector, p.region, p.client_id AS clientId,
      p.status FROM embeddings e JOIN persons p USING (person_id) WHERE e.state = 'mean' AND e.cue <> 'appearance'`;
    this.#means = db.prepare(`${indexed} AND e.person_id = :personId`);
    this.#indexed = db.prepare(`${indexed} AND e.embedding_id = :embeddingId`);
    this.#personOf = db.prepare(
      "SELECT person_id AS personId, vector FROM embeddings WHERE embedding_no = :no",
    );
    this.#counts = db.prepare(
      "SELECT state, count(*) AS count FROM embeddings WHERE person_id = :personId GROUP BY state",
    );
    this.#personsWith = db.prepare(`SELECT DISTINCT person_id AS personId FROM embeddings
      WHERE cue = :cue AND state = 'prototype' AND captured_at >= :since`);
  }

  /** Whether faces are searched with sqlite-vec, or one by one. */
  get indexed(): boolean {
    return this.#index.available;
  }

  insert({ picture, ...row }: EmbeddingRow): void {
    this.#insert.run({ ...row, vector: bytesOf(row.vector) });
    if (picture !== null) this.#insertPicture.run({ embeddingId: row.embeddingId, picture });
    if (row.state === "mean") this.#putIndexed(row.embeddingId);
  }

  /** A mean that has moved. */
  updateMean(
    row: Pick<EmbeddingRow, "embeddingId" | "quality" | "capturedAt"> & { readonly vector: Float32Array },
  ): void {
    const { embeddingId, quality, capturedAt } = row;
    this.#updateVector.run({ embeddingId, quality, capturedAt, vector: bytesOf(row.vector) });
    const indexed = this.#indexed.get({ embeddingId });
    if (indexed === undefined) return;
    const { cue, modelId, no, status } = indexed;
    const kind = { cue, modelId, dimensions: row.vector.length };
    if (status !== "active" || !this.#index.move(kind, no, row.vector)) this.#put(indexed);
  }

  /** Prototypes, negatives and those set aside; a mean is neither made nor unmade by hand. */
  setState(embeddingId: string, state: Exclude<EmbeddingState, "mean">): void {
    this.#setState.run({ embeddingId, state });
  }

  /** To another person; whose means have to be settled then. */
  setPerson(embeddingId: string, personId: string): void {
    this.#dropIndexed(embeddingId);
    this.#setPerson.run({ embeddingId, personId });
    this.#putIndexed(embeddingId);
  }

  /** Seen again: it lives as long as if it were new. */
  setCaptured(embeddingId: string, capturedAt: Millis): void {
    this.#setCaptured.run({ embeddingId, capturedAt });
  }

  delete(embeddingId: string): void {
    this.#dropIndexed(embeddingId);
    this.#delete.run({ embeddingId });
  }

  deleteOf(personId: string): void {
    for (const { embeddingId } of this.#looksOf.all({ personId })) this.delete(embeddingId);
  }

  find(embeddingId: string): EmbeddingRow | null {
    const found = this.#find.get({ embeddingId });
    return found === undefined ? null : rowOf(found);
  }

  /** Of every state, with pictures. */
  ofPerson(personId: string): EmbeddingRow[] {
    return this.#ofPerson.all({ personId }).map(rowOf);
  }

  /** The same without their pictures. */
  looksOf(personId: string): EmbeddingRow[] {
    return this.#looksOf.all({ personId }).map(rowOf);
  }

  /** The same of several persons at once, by person. */
  looksOfMany(personIds: readonly string[]): Map<string, EmbeddingRow[]> {
    const found = new Map<string, EmbeddingRow[]>(personIds.map((id) => [id, []]));
    if (personIds.length === 0) return found;
    for (const columns of this.#looksOfMany.all({ personIds: JSON.stringify(personIds) }))
      found.get(columns.personId)?.push(rowOf(columns));
    return found;
  }

  /** Of every state and person, with pictures. */
  ofTracklet(trackletId: string): EmbeddingRow[] {
    return this.#ofTracklet.all({ trackletId }).map(rowOf);
  }

  /** Ids of those that were seen by one camera, oldest first. */
  ofCamera(cameraId: string): string[] {
    return this.#ofCamera.all({ cameraId }).map((row) => row.embeddingId);
  }

  /** Ids of means of one cue none of whose prototypes is left. */
  orphanMeans(cue: string): string[] {
    return this.#orphanMeans.all({ cue }).map((row) => row.embeddingId);
  }

  /** Ids of at most `limit` of one cue from before a time, means and negatives left out; oldest first. */
  expired(cue: string, before: Millis, limit: number): string[] {
    return this.#expired.all({ cue, before, limit }).map((row) => row.embeddingId);
  }

  /** Ids of those who have a prototype of this cue that is not older. */
  personsWith(cue: string, since: Millis): string[] {
    return this.#personsWith.all({ cue, since }).map((row) => row.personId);
  }

  /** JPEG. */
  picture(embeddingId: string): Uint8Array | null {
    return this.#picture.get({ embeddingId })?.picture ?? null;
  }

  /** Up to `limit`, in no particular order; answers how many went. */
  deletePictures(limit: number): number {
    return this.#deletePictures.run({ limit });
  }

  counts(personId: string): Readonly<Record<EmbeddingState, number>> {
    const counted = new Map(this.#counts.all({ personId }).map(({ state, count }) => [state, count]));
    return Object.fromEntries(EMBEDDING_STATES.map((state) => [state, counted.get(state) ?? 0])) as Record<
      EmbeddingState,
      number
    >;
  }

  /** Active persons whose running means are most like `vector`, most like first. Faces and gait only. */
  nearest({ cue, modelId, vector, scope, count }: EmbeddingQuery): NearestMean[] {
    const kind = { cue, modelId, dimensions: vector.length };
    return this.#index.nearest(kind, vector, scope, count).flatMap((no) => {
      const row = this.#personOf.get({ no });
      return row === undefined ? [] : [{ personId: row.personId, mean: vectorOf(row.vector) }];
    });
  }

  /** After a person's status, region or client changed. */
  reindex(personId: string): void {
    for (const row of this.#means.all({ personId })) this.#put(row);
  }

  #putIndexed(embeddingId: string): void {
    const row = this.#indexed.get({ embeddingId });
    if (row !== undefined) this.#put(row);
  }

  #put({ status, ...row }: Indexed): void {
    const vector = vectorOf(row.vector);
    const kind = { cue: row.cue, modelId: row.modelId, dimensions: vector.length };
    if (status === "active") this.#index.put(kind, { ...row, vector });
    else this.#index.remove(kind, row.no);
  }

  #dropIndexed(embeddingId: string): void {
    const row = this.#indexed.get({ embeddingId });
    if (row === undefined) return;
    const { cue, modelId, vector, no } = row;
    this.#index.remove({ cue, modelId, dimensions: vector.byteLength / 4 }, no);
  }
}

function rowOf({ vector, ...columns }: Columns): EmbeddingRow {
  return { ...columns, vector: vectorOf(vector) };
}
