import type { Millis } from "../core/clock.ts";
import type { Query, Sqlite } from "./sqlite.ts";

/** Where a track was at one moment: box 0..1, posture as the activity machines saw it. */
export interface ObservationRow {
  readonly cameraId: string;
  readonly capturedAt: Millis;
  readonly trackId: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly posture: string;
}

const COLUMNS =
  "camera_id AS cameraId, captured_at AS capturedAt, track_id AS trackId, x1, y1, x2, y2, posture";

export class ObservationRepository {
  readonly #db: Sqlite;
  readonly #insert: Query<never>;
  readonly #between: Query<ObservationRow>;
  readonly #prune: Query<never>;

  constructor(db: Sqlite) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO observations (camera_id, captured_at, track_id, x1, y1, x2, y2, posture)
       VALUES (:cameraId, :capturedAt, :trackId, :x1, :y1, :x2, :y2, :posture)`,
    );
    this.#between = db.prepare(
      `SELECT ${COLUMNS} FROM observations WHERE camera_id = :cameraId AND captured_at >= :since AND captured_at < :until
       ORDER BY captured_at, observation_id LIMIT :limit`,
    );
    // Rows were inserted in about the order of their time: looking at the first ones only spares an index.
    this.#prune = db.prepare(`DELETE FROM observations WHERE observation_id IN (
      SELECT observation_id FROM (
        SELECT observation_id, captured_at FROM observations ORDER BY observation_id LIMIT :limit
      ) WHERE captured_at < :before)`);
  }

  /** All of them or none. Not secured against a power cut: seconds of whereabouts may be lost, alarms may not. */
  insert(rows: readonly ObservationRow[]): void {
    this.#db.transaction(() => {
      for (const row of rows) this.#insert.run({ ...row });
    }, "process");
  }

  /** Oldest first. */
  list(range: {
    readonly cameraId: string;
    readonly since: Millis;
    readonly until: Millis;
    readonly limit: number;
  }): ObservationRow[] {
    return this.#between.all({ ...range });
  }

  /** Deletes up to `limit` of the oldest that lie before a time; answers how many went. */
  prune(before: Millis, limit: number): number {
    return this.#prune.run({ before, limit });
  }
}
