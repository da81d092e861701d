import type { Millis } from "../core/clock.ts";
import { EVENT_COLUMNS, type EventColumns, type EventRow, eventRow } from "./event-repository.ts";
import type { Query, Sqlite } from "./sqlite.ts";

export interface OutboxRow {
  /** Rises in the order in which messages have to leave. */
  readonly outboxId: number;
  readonly createdAt: Millis;
  /** How often it was begun to be sent; above 0 it may have arrived. */
  readonly attempts: number;
  readonly event: EventRow;
}

type OutboxColumns = EventColumns & Pick<OutboxRow, "outboxId" | "createdAt" | "attempts">;

export class OutboxRepository {
  readonly #db: Sqlite;
  readonly #insert: Query<never>;
  readonly #next: Query<OutboxColumns>;
  readonly #attempt: Query<never>;
  readonly #delivered: Query<never>;
  readonly #pending: Query<{ readonly count: number }>;
  readonly #prune: Query<never>;

  constructor(db: Sqlite) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO outbox (event_id, created_at, attempts, delivered_at)
       VALUES (:eventId, :createdAt, :attempts, :deliveredAt)`,
    );
    this.#next =
      db.prepare(`SELECT o.outbox_id AS outboxId, o.created_at AS createdAt, o.attempts, ${EVENT_COLUMNS}
      FROM outbox o JOIN events e USING (event_id)
      WHERE o.delivered_at IS NULL AND o.outbox_id > :after ORDER BY o.outbox_id LIMIT 1`);
    this.#attempt = db.prepare("UPDATE outbox SET attempts = :attempts WHERE outbox_id = :outboxId");
    this.#delivered = db.prepare("UPDATE outbox SET delivered_at = :at WHERE event_id = :eventId");
    this.#pending = db.prepare("SELECT count(*) AS count FROM outbox WHERE delivered_at IS NULL");
    this.#prune = db.prepare(`DELETE FROM outbox WHERE outbox_id IN (
      SELECT outbox_id FROM outbox WHERE delivered_at < :before ORDER BY delivered_at LIMIT :limit)`);
  }

  /** Belongs into the transaction that writes the event. */
  insert(row: {
    readonly eventId: string;
    readonly createdAt: Millis;
    readonly attempts: number;
    readonly deliveredAt: Millis | null;
  }): void {
    this.#insert.run({ ...row });
  }

  /** The first undelivered message behind `after` (an outboxId; 0 for the very first); null when there is none. */
  next(after: number): OutboxRow | null {
    const found = this.#next.get({ after });
    if (found === undefined) return null;
    const { outboxId, createdAt, attempts, ...event } = found;
    return { outboxId, createdAt, attempts, event: eventRow(event) };
  }

  /** Survives a power cut: whether a message may have left decides whether it may leave again as new. */
  setAttempts(outboxId: number, attempts: number): void {
    this.#db.transaction(() => this.#attempt.run({ outboxId, attempts }), "power");
  }

  /** A mark lost to a power cut costs a repetition that says that it is late. */
  setDelivered(eventId: string, at: Millis): void {
    this.#delivered.run({ eventId, at });
  }

  pending(): number {
    return this.#pending.get()?.count ?? 0;
  }

  /** Forgets up to `limit` messages delivered before a time; answers how many. */
  prune(before: Millis, limit: number): number {
    return this.#prune.run({ before, limit });
  }
}
