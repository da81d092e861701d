// The nearest vectors of the database: one vec0 table for each cue, model and length, split by region and client, or, where
// the extension cannot be loaded, every row looked at. Holds the running means of active persons.
import { getLoadablePath } from "sqlite-vec";
import { AppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Query, Sqlite } from "./sqlite.ts";

/** Rows of this region and of none; likewise of the client. null: of all. */
export interface VectorScope {
  readonly region: string | null;
  readonly clientId: string | null;
}

export interface VectorKind {
  readonly cue: string;
  readonly modelId: string;
  readonly dimensions: number;
}

export interface IndexedVector {
  readonly no: number;
  readonly vector: Float32Array;
  readonly region: string | null;
  readonly clientId: string | null;
}

interface Table {
  readonly insert: Query<never>;
  readonly move: Query<never>;
  readonly remove: Query<never>;
  /** By which parts of a scope are asked for. */
  readonly nearest: ReadonlyMap<string, Query<{ readonly no: number }>>;
}

/** Vectors of a chunk that is read as one. Each pair of region and client takes at least one chunk of the file. */
const CHUNK = 256;
/** vec0's own limit. */
const MOST = 4096;

/** As many of each region and client come; the order is over all of them. */
const SCOPES = {
  "": "",
  region: "AND region IN ('', :region)",
  client: "AND client IN ('', :clientId)",
  "region client": "AND region IN ('', :region) AND client IN ('', :clientId)",
} as const;

const WHERE_INDEXED = `e.state = 'mean' AND e.cue = :cue AND e.model_id = :modelId AND length(e.vector) = :dimensions * 4
  AND p.status = 'active'`;

/** Loads sqlite-vec; false, and said once, where that cannot be. `path`: another library than the package's own. */
export function loadVectorSearch(db: Sqlite, log: Logger, path?: string): boolean {
  try {
    db.loadExtension(path ?? getLoadablePath());
    return true;
  } catch (error) {
    log.warn(
      { reason: messageOf(error) },
      "sqlite-vec cannot be used on this machine: faces in the database are compared one by one, which is slower beyond some thousand persons",
    );
    return false;
  }
}

export class VectorIndex {
  readonly #db: Sqlite;
  readonly #available: boolean;
  readonly #tables = new Map<number, Table>();
  readonly #numberOf: Query<{ readonly number: number }>;
  readonly #scan: Query<{ readonly no: number; readonly vector: Uint8Array }>;

  /** `available`: whether the extension is loaded in this connection. */
  constructor(db: Sqlite, available: boolean) {
    this.#db = db;
    this.#available = available;
    this.#numberOf = db.prepare(
      "SELECT index_no AS number FROM vector_indexes WHERE cue = :cue AND model_id = :modelId AND dimensions = :dimensions",
    );
    this.#scan =
      db.prepare(`SELECT e.embedding_no AS no, e.vector FROM embeddings e JOIN persons p USING (person_id)
      WHERE ${WHERE_INDEXED} AND (:region IS NULL OR p.region IS NULL OR p.region = :region)
        AND (:clientId IS NULL OR p.client_id IS NULL OR p.client_id = :clientId)`);
    if (available) this.#refreshStale();
  }

  get available(): boolean {
    return this.#available;
  }

  put(kind: VectorKind, { no, vector, region, clientId }: IndexedVector): void {
    if (!this.#available) {
      this.#markStale(kind);
      return;
    }
    const table = this.#tableOf(kind, true);
    table?.remove.run({ no: BigInt(no) });
    table?.insert.run({
      no: BigInt(no),
      region: region ?? "",
      client: clientId ?? "",
      vector: bytesOf(vector),
    });
  }

  /** One whose region and client stay as they are; false where it is not in the index. */
  move(kind: VectorKind, no: number, vector: Float32Array): boolean {
    if (!this.#available) return false;
    const table = this.#tableOf(kind, false);
    return table !== null && table.move.run({ no: BigInt(no), vector: bytesOf(vector) }) > 0;
  }

  /** Does nothing where it is not in the index. */
  remove(kind: VectorKind, no: number): void {
    if (!this.#available) this.#markStale(kind);
    else this.#tableOf(kind, false)?.remove.run({ no: BigInt(no) });
  }

  /** Rows of the `count` vectors that are most like `vector`, which has unit length; exact, most like first. */
  nearest(kind: VectorKind, vector: Float32Array, scope: VectorScope, count: number): number[] {
    const k = Math.min(count, MOST);
    if (!this.#available) return this.#scanFor(kind, vector, scope, k);
    const table = this.#tableOf(kind, false);
    if (table === null) return [];
    const { region, clientId } = scope;
    const parts = [region === null ? [] : ["region"], clientId === null ? [] : ["client"]].flat();
    const rows =
      table.nearest.get(parts.join(" "))?.all({
        vector: bytesOf(vector),
        k,
        ...(region === null ? {} : { region }),
        ...(clientId === null ? {} : { clientId }),
      }) ?? [];
    return rows.slice(0, k).map(({ no }) => no);
  }

  #scanFor(kind: VectorKind, vector: Float32Array, scope: VectorScope, k: number): number[] {
    const found: { readonly no: number; readonly likeness: number }[] = [];
    for (const row of this.#scan.all({ ...kind, ...scope })) {
      const other = vectorOf(row.vector);
      let likeness = 0;
      for (let at = 0; at < vector.length; at += 1) likeness += (vector[at] ?? 0) * (other[at] ?? 0);
      found.push({ no: row.no, likeness });
    }
    return found
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, k)
      .map(({ no }) => no);
  }

  #tableOf(kind: VectorKind, make: boolean): Table | null {
    const { cue, modelId, dimensions } = kind;
    // Asked each time: a table that was made in a transaction that failed is not there.
    const number =
      this.#numberOf.get({ cue, modelId, dimensions })?.number ?? (make ? this.#create(kind) : null);
    if (number === null) return null;
    const known = this.#tables.get(number);
    if (known !== undefined) return known;
    const name = nameOf(number);
    const nearest = Object.entries(SCOPES).map(([parts, where]) => {
      const sql = `SELECT rowid AS no FROM ${name} WHERE vector MATCH :vector AND k = :k ${where} ORDER BY distance`;
      return [parts, this.#db.prepare<{ readonly no: number }>(sql)] as const;
    });
    const table: Table = {
      insert: this.#db.prepare(
        `INSERT INTO ${name} (rowid, region, client, vector) VALUES (:no, :region, :client, :vector)`,
      ),
      move: this.#db.prepare(`UPDATE ${name} SET vector = :vector WHERE rowid = :no`),
      remove: this.#db.prepare(`DELETE FROM ${name} WHERE rowid = :no`),
      nearest: new Map(nearest),
    };
    this.#tables.set(number, table);
    return table;
  }

  #create({ cue, modelId, dimensions }: VectorKind): number {
    const row = this.#db
      .prepare<{ readonly number: number }>(
        `INSERT INTO vector_indexes (cue, model_id, dimensions) VALUES (:cue, :modelId, :dimensions)
        RETURNING index_no AS number`,
      )
      .get({ cue, modelId, dimensions });
    if (row === undefined) throw new AppError("internal", "the database gave a new vector index no number");
    // On vectors of unit length the order by distance is the order by cosine, and is found faster.
    this.#db.execute(`CREATE VIRTUAL TABLE ${nameOf(row.number)} USING vec0(
      region TEXT partition key, client TEXT partition key, vector float[${dimensions}], chunk_size=${CHUNK})`);
    return row.number;
  }

  #markStale({ cue, modelId, dimensions }: VectorKind): void {
    this.#db
      .prepare(
        "UPDATE vector_indexes SET stale = 1 WHERE cue = :cue AND model_id = :modelId AND dimensions = :dimensions",
      )
      .run({ cue, modelId, dimensions });
  }

  /** Fills what a Haven without the extension could not write to, or has never made. */
  #refreshStale(): void {
    this.#db.transaction(() => {
      const kinds = this.#db
        .prepare<VectorKind>(
          `SELECT DISTINCT e.cue, e.model_id AS modelId, length(e.vector) / 4 AS dimensions FROM embeddings e
          WHERE e.state = 'mean' AND e.cue <> 'appearance' AND NOT EXISTS (SELECT 1 FROM vector_indexes v
            WHERE v.cue = e.cue AND v.model_id = e.model_id AND v.dimensions = length(e.vector) / 4 AND v.stale = 0)
          UNION SELECT cue, model_id, dimensions FROM vector_indexes WHERE stale = 1`,
        )
        .all();
      for (const kind of kinds) this.#refill(kind);
      this.#db.execute("UPDATE vector_indexes SET stale = 0 WHERE stale = 1");
    }, "process");
  }

  #refill(kind: VectorKind): void {
    this.#tableOf(kind, true);
    const number = this.#numberOf.get({ ...kind })?.number;
    if (number === undefined) return;
    this.#db.execute(`DELETE FROM ${nameOf(number)}`);
    const rows = this.#db
      .prepare<Omit<IndexedVector, "vector"> & { readonly vector: Uint8Array }>(
        `SELECT e.embedding_no AS no, e.vector, p.region, p.client_id AS clientId
        FROM embeddings e JOIN persons p USING (person_id) WHERE ${WHERE_INDEXED}`,
      )
      .all({ cue: kind.cue, modelId: kind.modelId, dimensions: kind.dimensions });
    for (const row of rows) this.put(kind, { ...row, vector: vectorOf(row.vector) });
  }
}

function nameOf(number: number): string {
  return `vectors_${number}`;
}

export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** A copy: what SQLite hands out need not lie where floats may. */
export function vectorOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}
