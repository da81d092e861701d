import type { Millis } from "../core/clock.ts";
import type { AuditRow } from "./person-rows.ts";
import type { Query, Sqlite } from "./sqlite.ts";

export interface AuditFilter {
  /** null: about anybody, and about nobody. */
  readonly personId: string | null;
  /** Done before the entry of this id: the last one of the previous page. */
  readonly before: string | null;
  readonly limit: number;
}

const COLUMNS = `audit_id AS auditId, at, done_by AS "by", action, person_id AS personId, details, undone_at AS undoneAt`;

export class AuditRepository {
  readonly #insert: Query<never>;
  readonly #find: Query<AuditRow>;
  readonly #list: Query<AuditRow>;
  readonly #setUndone: Query<never>;
  readonly #redact: Query<never>;
  readonly #prune: Query<never>;

  constructor(db: Sqlite) {
    this.#insert = db.prepare(
      "INSERT INTO audit VALUES (:auditId, :at, :by, :action, :personId, :details, :undoneAt)",
    );
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM audit WHERE audit_id = :auditId`);
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM audit WHERE (:personId IS NULL OR person_id = :personId)
      AND (:before IS NULL OR audit_id < :before) ORDER BY audit_id DESC LIMIT :limit`);
    this.#setUndone = db.prepare("UPDATE audit SET undone_at = :undoneAt WHERE audit_id = :auditId");
    this.#redact = db.prepare("UPDATE audit SET details = '{}' WHERE audit_id = :auditId");
    this.#prune = db.prepare(`DELETE FROM audit WHERE audit_id IN (
      SELECT audit_id FROM audit WHERE at < :before ORDER BY at LIMIT :limit)`);
  }

  insert(row: AuditRow): void {
    this.#insert.run({ ...row });
  }

  find(auditId: string): AuditRow | null {
    return this.#find.get({ auditId }) ?? null;
  }

  /** Newest first. */
  list(filter: AuditFilter): AuditRow[] {
    return this.#list.all({ ...filter });
  }

  setUndone(auditId: string, undoneAt: Millis | null): void {
    this.#setUndone.run({ auditId, undoneAt });
  }

  /** That it was done stays; what has to be known to tell or undo it goes. */
  redact(auditId: string): void {
    this.#redact.run({ auditId });
  }

  /** Deletes up to `limit` of the oldest from before a time; answers how many went. */
  prune(before: Millis, limit: number): number {
    return this.#prune.run({ before, limit });
  }
}
