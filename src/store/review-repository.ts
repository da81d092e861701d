import type { Millis } from "../core/clock.ts";
import type { ReviewRow } from "./person-rows.ts";
import type { Query, Sqlite } from "./sqlite.ts";

const COLUMNS = `review_id AS reviewId, created_at AS createdAt, tracklet_id AS trackletId, person_id AS personId,
  candidate_id AS candidateId, cue, score, decision, answer, answered_at AS answeredAt, answered_by AS answeredBy`;

export class ReviewRepository {
  readonly #save: Query<never>;
  readonly #find: Query<ReviewRow>;
  readonly #list: Query<ReviewRow>;
  readonly #between: Query<ReviewRow>;
  readonly #openedSince: Query<{ readonly count: number }>;
  readonly #deleteOf: Query<never>;
  readonly #delete: Query<never>;
  readonly #prune: Query<never>;

  constructor(db: Sqlite) {
    this.#save =
      db.prepare(`INSERT INTO reviews VALUES (:reviewId, :createdAt, :trackletId, :personId, :candidateId, :cue,
        :score, :decision, :answer, :answeredAt, :answeredBy)
      ON CONFLICT (review_id) DO UPDATE SET person_id = excluded.person_id, candidate_id = excluded.candidate_id,
        cue = excluded.cue, score = excluded.score, decision = excluded.decision, answer = excluded.answer,
        answered_at = excluded.answered_at, answered_by = excluded.answered_by`);
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM reviews WHERE review_id = :reviewId`);
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM reviews WHERE (:open = 1) = (answer IS NULL)
      ORDER BY review_id DESC LIMIT :limit`);
    this.#between = db.prepare(`SELECT ${COLUMNS} FROM reviews WHERE person_id = :a AND candidate_id = :b
      UNION SELECT ${COLUMNS} FROM reviews WHERE person_id = :b AND candidate_id = :a ORDER BY reviewId DESC`);
    this.#openedSince = db.prepare("SELECT count(*) AS count FROM reviews WHERE created_at >= :since");
    this.#deleteOf = db.prepare(
      "DELETE FROM reviews WHERE person_id = :personId OR candidate_id = :personId",
    );
    this.#delete = db.prepare("DELETE FROM reviews WHERE review_id = :reviewId");
    this.#prune = db.prepare(`DELETE FROM reviews WHERE review_id IN (
      SELECT review_id FROM reviews WHERE created_at < :before ORDER BY created_at LIMIT :limit)`);
  }

  /** A new question, or its answer. */
  save(row: ReviewRow): void {
    this.#save.run({ ...row });
  }

  find(reviewId: string): ReviewRow | null {
    return this.#find.get({ reviewId }) ?? null;
  }

  /** Newest first. */
  list(which: "open" | "answered", limit: number): ReviewRow[] {
    return this.#list.all({ open: which === "open" ? 1 : 0, limit });
  }

  /** All about these two, whichever is the candidate, newest first. */
  between(a: string, b: string): ReviewRow[] {
    return this.#between.all({ a, b });
  }

  openedSince(since: Millis): number {
    return this.#openedSince.get({ since })?.count ?? 0;
  }

  delete(reviewId: string): void {
    this.#delete.run({ reviewId });
  }

  /** Those about a person, on either side; answers how many went. */
  deleteOf(personId: string): number {
    return this.#deleteOf.run({ personId });
  }

  /** Deletes up to `limit` of the oldest from before a time; answers how many went. */
  prune(before: Millis, limit: number): number {
    return this.#prune.run({ before, limit });
  }
}
