import type { Query, Sqlite } from "./sqlite.ts";

/** One value of what a room of the program has to remember over a restart. */
export interface StateRow {
  readonly key: string;
  /** Anything JSON can hold; who reads it back parses it. */
  readonly value: unknown;
}

/**
 * Small things to remember, each as JSON under a name of its own: the mode, a day so far, a learned floor. A write
 * survives a crash of ours; within a transaction it lasts as long as that.
 */
export class StateRepository {
  readonly #get: Query<{ readonly value: string }>;
  readonly #set: Query<never>;
  readonly #delete: Query<never>;

  constructor(db: Sqlite) {
    this.#get = db.prepare("SELECT value FROM state WHERE key = :key");
    this.#set = db.prepare(
      "INSERT INTO state VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    this.#delete = db.prepare("DELETE FROM state WHERE key = :key");
  }

  /** null when nothing is remembered under this name. Throws AppError store.*. */
  get(key: string): unknown {
    const row = this.#get.get({ key });
    return row === undefined ? null : (JSON.parse(row.value) as unknown);
  }

  /** Throws AppError store.*. */
  set(key: string, value: unknown): void {
    this.#set.run({ key, value: JSON.stringify(value) });
  }

  delete(key: string): void {
    this.#delete.run({ key });
  }
}
