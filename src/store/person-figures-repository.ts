import type { Query, Sqlite } from "./sqlite.ts";

/** Figures about persons that are counted when somebody asks for them. */
export class PersonFiguresRepository {
  readonly #byCue: Query<{ readonly cue: string; readonly count: number }>;
  readonly #byCueOf: Query<{ readonly cue: string; readonly count: number }>;
  readonly #bestPicture: Query<{ readonly embeddingId: string }>;
  readonly #tracklets: Query<{ readonly count: number }>;
  readonly #switches: Query<{ readonly cameraId: string; readonly count: number }>;
  readonly #openReviews: Query<{ readonly count: number }>;
  readonly #length: Query<{ readonly length: number }>;

  constructor(db: Sqlite) {
    this.#byCue =
      db.prepare(`SELECT e.cue, count(*) AS count FROM embeddings e JOIN persons p USING (person_id)
      WHERE e.state = 'prototype' AND p.status = 'active' GROUP BY e.cue`);
    this.#byCueOf = db.prepare(`SELECT cue, count(*) AS count FROM embeddings
      WHERE person_id = :personId AND state = 'prototype' GROUP BY cue`);
    this.#bestPicture = db.prepare(`SELECT e.embedding_id AS embeddingId
      FROM embeddings e JOIN embedding_pictures USING (embedding_id)
      WHERE e.person_id = :personId AND e.state = 'prototype' ORDER BY e.quality DESC, e.embedding_no LIMIT 1`);
    this.#tracklets = db.prepare("SELECT count(*) AS count FROM tracklets");
    this.#switches = db.prepare(`SELECT camera_id AS cameraId, count(*) AS count FROM events
      WHERE kind = 'identity_changed' AND camera_id IS NOT NULL
        AND json_extract(evidence, '$.previousPersonId') IS NOT NULL GROUP BY camera_id`);
    this.#openReviews = db.prepare("SELECT count(*) AS count FROM reviews WHERE answer IS NULL");
    this.#length = db.prepare(`SELECT length(vector) / 4 AS length FROM embeddings
      WHERE cue = :cue AND model_id = :modelId LIMIT 1`);
  }

  /** Prototypes of those who are looked for; cues without any are left out. */
  prototypes(): ReadonlyMap<string, number> {
    return new Map(this.#byCue.all().map(({ cue, count }) => [cue, count]));
  }

  prototypesOf(personId: string): ReadonlyMap<string, number> {
    return new Map(this.#byCueOf.all({ personId }).map(({ cue, count }) => [cue, count]));
  }

  /** Of the best prototype that has a picture. */
  pictureOf(personId: string): string | null {
    return this.#bestPicture.get({ personId })?.embeddingId ?? null;
  }

  tracklets(): number {
    return this.#tracklets.get()?.count ?? 0;
  }

  /** Tracks that were taken for another person than before, by camera. */
  switches(): ReadonlyMap<string, number> {
    return new Map(this.#switches.all().map(({ cameraId, count }) => [cameraId, count]));
  }

  openReviews(): number {
    return this.#openReviews.get()?.count ?? 0;
  }

  /** Numbers in a vector of this cue and model; null while there is none. */
  vectorLength(cue: string, modelId: string): number | null {
    return this.#length.get({ cue, modelId })?.length ?? null;
  }
}
