import type { Millis } from "../core/clock.ts";
import type { EmbeddingRepository } from "./embedding-repository.ts";
import type { PersonRow, PersonSizeRow } from "./person-rows.ts";
import type { Query, Sqlite } from "./sqlite.ts";

/** What one camera, or all of them together, know. */
export interface PersonStatisticsRow {
  /** null: all cameras together. */
  readonly cameraId: string | null;
  /** Active ones it has seen. */
  readonly persons: number;
  /** Prototypes, those from photos only in the row of all cameras. */
  readonly embeddings: number;
  /** null where there is nobody. */
  readonly meanVisits: number | null;
}

const COLUMNS = `person_id AS personId, name, label, kind, status, merged_into AS mergedInto, region, client_id AS clientId,
  description, created_at AS createdAt, first_seen_at AS firstSeenAt, last_seen_at AS lastSeenAt,
  last_camera_id AS lastCameraId, visits, height_m AS heightM, height_count AS heightCount, consent_by AS consentBy,
  consent_at AS consentAt, retention_days AS retentionDays`;

/** Of a merged person's chain: itself and all who live on in it. */
const LINE = `WITH RECURSIVE line (person_id) AS (
  SELECT :personId UNION SELECT p.person_id FROM persons p JOIN line ON p.merged_into = line.person_id)`;

export class PersonRepository {
  readonly #embeddings: EmbeddingRepository;
  readonly #save: Query<never>;
  readonly #find: Query<PersonRow>;
  readonly #all: Query<PersonRow>;
  readonly #ids: Query<{ readonly personId: string }>;
  readonly #ofStatus: Query<PersonRow>;
  readonly #idle: Query<PersonRow>;
  readonly #line: Query<{ readonly personId: string }>;
  readonly #saveSize: Query<never>;
  readonly #sizes: Query<PersonSizeRow>;
  readonly #deleteSize: Query<never>;
  readonly #deleteSizes: Query<never>;
  readonly #deleteSizesOfCamera: Query<never>;
  readonly #statistics: Query<PersonStatisticsRow>;
  readonly #label: Query<{ readonly number: number }>;
  readonly #forget: readonly Query<never>[];
  readonly #noteUnerased: Query<never>;
  readonly #unerased: Query<{ readonly next: number }>;
  readonly #noteErased: Query<never>;

  constructor(db: Sqlite, embeddings: EmbeddingRepository) {
    this.#embeddings = embeddings;
    this.#save =
      db.prepare(`INSERT INTO persons VALUES (:personId, :name, :label, :kind, :status, :mergedInto, :region,
        :clientId, :description, :createdAt, :firstSeenAt, :lastSeenAt, :lastCameraId, :visits, :heightM, :heightCount,
        :consentBy, :consentAt, :retentionDays)
      ON CONFLICT (person_id) DO UPDATE SET name = excluded.name, label = excluded.label, kind = excluded.kind,
        status = excluded.status, merged_into = excluded.merged_into, region = excluded.region,
        client_id = excluded.client_id, description = excluded.description, first_seen_at = excluded.first_seen_at,
        last_seen_at = excluded.last_seen_at, last_camera_id = excluded.last_camera_id, visits = excluded.visits,
        height_m = excluded.height_m, height_count = excluded.height_count, consent_by = excluded.consent_by,
        consent_at = excluded.consent_at, retention_days = excluded.retention_days`);
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM persons WHERE person_id = :personId`);
    this.#all = db.prepare(`SELECT ${COLUMNS} FROM persons ORDER BY person_id`);
    this.#ids = db.prepare("SELECT person_id AS personId FROM persons ORDER BY person_id");
    this.#ofStatus = db.prepare(
      `SELECT ${COLUMNS} FROM persons WHERE status = :status ORDER BY last_seen_at DESC, person_id DESC`,
    );
    this.#idle = db.prepare(`SELECT ${COLUMNS} FROM persons
      WHERE coalesce(last_seen_at, created_at) < :before AND (:kind IS NULL OR kind = :kind)
      ORDER BY coalesce(last_seen_at, created_at) LIMIT :limit`);
    this.#line = db.prepare(`${LINE} SELECT person_id AS personId FROM line`);
    this.#saveSize =
      db.prepare(`INSERT INTO person_sizes VALUES (:personId, :cameraId, :widthPx, :heightPx, :count)
      ON CONFLICT (person_id, camera_id) DO UPDATE SET width_px = excluded.width_px, height_px = excluded.height_px,
        count = excluded.count`);
    this.#sizes = db.prepare(`SELECT person_id AS personId, camera_id AS cameraId, width_px AS widthPx,
        height_px AS heightPx, count
      FROM person_sizes WHERE :personId IS NULL OR person_id = :personId ORDER BY person_id, camera_id`);
    this.#deleteSize = db.prepare(
      "DELETE FROM person_sizes WHERE person_id = :personId AND camera_id = :cameraId",
    );
    this.#deleteSizes = db.prepare("DELETE FROM person_sizes WHERE person_id = :personId");
    this.#deleteSizesOfCamera = db.prepare("DELETE FROM person_sizes WHERE camera_id = :cameraId");
    this.#statistics =
      db.prepare(`SELECT s.camera_id AS cameraId, count(*) AS persons, avg(p.visits) AS meanVisits,
        (SELECT count(*) FROM embeddings e JOIN persons q USING (person_id)
          WHERE e.camera_id = s.camera_id AND e.state = 'prototype' AND q.status = 'active') AS embeddings
      FROM person_sizes s JOIN persons p USING (person_id) WHERE p.status = 'active' GROUP BY s.camera_id
      UNION ALL SELECT NULL, count(*), avg(visits),
        (SELECT count(*) FROM embeddings e JOIN persons q USING (person_id)
          WHERE e.state = 'prototype' AND q.status = 'active')
      FROM persons WHERE status = 'active' ORDER BY 1`);
    this.#label = db.prepare(`INSERT INTO counters VALUES ('visitor_label', 1)
      ON CONFLICT (name) DO UPDATE SET next = next + 1 RETURNING next - 1 AS number`);
    this.#noteUnerased = db.prepare(`INSERT INTO counters VALUES ('unerased', :named)
      ON CONFLICT (name) DO UPDATE SET next = max(next, excluded.next)`);
    this.#unerased = db.prepare("SELECT next FROM counters WHERE name = 'unerased'");
    this.#noteErased = db.prepare("DELETE FROM counters WHERE name = 'unerased'");
    this.#forget = [
      `UPDATE alarms SET person_name = NULL WHERE cause_event_id IN
        (SELECT event_id FROM events WHERE person_id = :personId)`,
      `UPDATE events SET evidence = json_set(evidence, '$.previousPersonId', NULL)
        WHERE kind = 'identity_changed' AND json_extract(evidence, '$.previousPersonId') = :personId`,
      "UPDATE events SET person_id = NULL, person_name = NULL, identity_cue = NULL WHERE person_id = :personId",
      `UPDATE tracklets SET person_id = NULL, cue = NULL, confidence = NULL, decision = '{}'
        WHERE person_id = :personId`,
      // Decisions about others that name this one as the runner-up.
      "UPDATE tracklets SET decision = '{}' WHERE instr(decision, :personId) > 0",
      "UPDATE reviews SET decision = '{}' WHERE instr(decision, :personId) > 0",
      "DELETE FROM reviews WHERE person_id = :personId OR candidate_id = :personId",
      `UPDATE audit SET details = '{}', person_id = nullif(person_id, :personId)
        WHERE person_id = :personId OR instr(details, :personId) > 0`,
      "DELETE FROM person_sizes WHERE person_id = :personId",
      "DELETE FROM persons WHERE person_id = :personId",
    ].map((sql) => db.prepare(sql));
  }

  /** A new person, or all of a known one; the index of those who are looked for follows. */
  save(row: PersonRow): void {
    const before = this.find(row.personId);
    this.#save.run({ ...row });
    const moved =
      before !== null &&
      (before.status !== row.status || before.region !== row.region || before.clientId !== row.clientId);
    if (moved) this.#embeddings.reindex(row.personId);
  }

  find(personId: string): PersonRow | null {
    return this.#find.get({ personId }) ?? null;
  }

  /** Of every status. */
  all(): PersonRow[] {
    return this.#all.all();
  }

  /** Of every status. */
  ids(): string[] {
    return this.#ids.all().map((row) => row.personId);
  }

  /** Those seen last first. */
  ofStatus(status: "active" | "merged" | "archived"): PersonRow[] {
    return this.#ofStatus.all({ status });
  }

  /** Of every status, not seen since (nor made since, who were never seen); longest ago first. */
  idle(kind: string | null, before: Millis, limit: number): PersonRow[] {
    return this.#idle.all({ kind, before, limit });
  }

  /** The person and all who were merged into them, over any number of merges. */
  line(personId: string): string[] {
    return this.#line.all({ personId }).map((row) => row.personId);
  }

  /** Over no tracklet at all there is no size: then the row goes. */
  saveSize({ personId, cameraId, ...size }: PersonSizeRow): void {
    if (size.count === 0) this.#deleteSize.run({ personId, cameraId });
    else this.#saveSize.run({ personId, cameraId, ...size });
  }

  sizes(personId: string): PersonSizeRow[] {
    return this.#sizes.all({ personId });
  }

  allSizes(): PersonSizeRow[] {
    return this.#sizes.all({ personId: null });
  }

  deleteSizes(personId: string): void {
    this.#deleteSizes.run({ personId });
  }

  deleteSizesOfCamera(cameraId: string): void {
    this.#deleteSizesOfCamera.run({ cameraId });
  }

  /** All cameras together first. */
  statistics(): PersonStatisticsRow[] {
    return this.#statistics.all();
  }

  /** 0, 1, 2 and so on; a number is never given twice, whoever is forgotten. */
  nextLabelNumber(): number {
    return this.#label.get()?.number ?? 0;
  }

  /**
   * Nothing is left that names them or says what they look like, nor whoever was merged into them: for a transaction, and
   * `Store.eraseDeleted` after it. Answers whom it was about. What the events tell stays, without who it was.
   */
  forget(personId: string): string[] {
    const line = this.line(personId);
    // Those merged last first: nobody is deleted whom somebody still lives on in.
    for (const id of line.reverse()) {
      this.#noteUnerased.run({ named: this.find(id)?.name === null ? 0 : 1 });
      this.#embeddings.deleteOf(id);
      for (const statement of this.#forget) statement.run({ personId: id });
    }
    return line;
  }

  /** Whether somebody was forgotten whose bytes were not erased yet, over a restart too; and whether any had a name. */
  unerased(): "nobody" | "unnamed" | "named" {
    const row = this.#unerased.get();
    if (row === undefined) return "nobody";
    return row.next === 0 ? "unnamed" : "named";
  }

  noteErased(): void {
    this.#noteErased.run();
  }
}
