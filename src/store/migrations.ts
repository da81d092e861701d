// The database's shape, as the ordered steps that lead to it. A step that was released is never edited: a change is a
// new step at the end.
import type { Clock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Sqlite } from "./sqlite.ts";
import { damaged } from "./sqlite-errors.ts";

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** Step n leads to schema n (counted from 1), which the file's user_version states. */
const MIGRATIONS: readonly Migration[] = [
  {
    name: "events, observations, alarms, outbox",
    sql: `
      -- Times are milliseconds since 1970. event_id is a ULID: its order is the order of recording.
      CREATE TABLE events (
        event_id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        severity INTEGER NOT NULL,
        camera_id TEXT,
        area TEXT,
        zone TEXT,
        track_id INTEGER,
        person_id TEXT,
        person_name TEXT,
        identity_cue TEXT,
        captured_at REAL NOT NULL,
        media_time_s REAL,
        confidence REAL,
        evidence TEXT NOT NULL CHECK (json_valid(evidence)),
        recorded_at REAL NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX events_of_camera ON events (camera_id, event_id);
      CREATE INDEX events_of_kind ON events (kind, event_id);
      CREATE INDEX events_of_camera_and_kind ON events (camera_id, kind, event_id);
      CREATE INDEX events_by_age ON events (recorded_at);

      -- Where somebody was, about once a second and track. Track ids hold within one run of one camera.
      CREATE TABLE observations (
        observation_id INTEGER PRIMARY KEY,
        camera_id TEXT NOT NULL,
        captured_at REAL NOT NULL,
        track_id INTEGER NOT NULL,
        x1 REAL NOT NULL,
        y1 REAL NOT NULL,
        x2 REAL NOT NULL,
        y2 REAL NOT NULL,
        posture TEXT NOT NULL
      ) STRICT;
      CREATE INDEX observations_of_camera ON observations (camera_id, captured_at);

      CREATE TABLE alarms (
        alarm_id TEXT PRIMARY KEY,
        state TEXT NOT NULL CHECK (state IN ('raised', 'acknowledged', 'cleared')),
        cause TEXT NOT NULL,
        cause_event_id TEXT NOT NULL REFERENCES events (event_id) ON DELETE CASCADE,
        camera_id TEXT,
        area TEXT,
        person_name TEXT,
        raised_at REAL NOT NULL,
        acknowledged_at REAL,
        acknowledged_by TEXT,
        recovered_at REAL,
        cleared_at REAL,
        CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
        CHECK ((state = 'cleared') = (cleared_at IS NOT NULL))
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX alarms_open ON alarms (alarm_id) WHERE state <> 'cleared';
      CREATE INDEX alarms_of_event ON alarms (cause_event_id);

      -- Messages that have to arrive. attempts is written before a message leaves: above 0 it may have arrived already.
      CREATE TABLE outbox (
        outbox_id INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE REFERENCES events (event_id) ON DELETE CASCADE,
        created_at REAL NOT NULL,
        attempts INTEGER NOT NULL,
        delivered_at REAL
      ) STRICT;
      CREATE INDEX outbox_pending ON outbox (outbox_id) WHERE delivered_at IS NULL;
      CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
    `,
  },
  {
    name: "levels and answers of alarms, the poses around them, what has to be remembered",
    sql: `
      ALTER TABLE alarms ADD COLUMN grown_to TEXT;
      ALTER TABLE alarms ADD COLUMN level INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE alarms ADD COLUMN escalation_round INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE alarms ADD COLUMN escalated_at REAL;
      ALTER TABLE alarms ADD COLUMN answer TEXT;
      ALTER TABLE alarms ADD COLUMN answered_at REAL;
      ALTER TABLE alarms ADD COLUMN answered_by TEXT;
      ALTER TABLE alarms ADD COLUMN test INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX alarms_of_camera ON alarms (camera_id, raised_at);

      -- recording is gzip. A clip outlives the alarm it belongs to where the household keeps clips for longer, so it
      -- carries the answer itself.
      CREATE TABLE alarm_clips (
        alarm_id TEXT PRIMARY KEY,
        camera_id TEXT NOT NULL,
        raised_at REAL NOT NULL,
        answer TEXT,
        zones TEXT NOT NULL CHECK (json_valid(zones)),
        settings TEXT NOT NULL CHECK (json_valid(settings)),
        recording BLOB NOT NULL
      ) STRICT;
      CREATE INDEX alarm_clips_by_age ON alarm_clips (raised_at);
      CREATE INDEX alarm_clips_of_camera ON alarm_clips (camera_id);

      -- What a room of the program has to remember over a restart, by the name it gave it.
      CREATE TABLE state (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL CHECK (json_valid(value))
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "persons, what they look like, who was taken for whom",
    sql: `
      CREATE TABLE persons (
        person_id TEXT PRIMARY KEY,
        name TEXT,
        label TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('resident', 'carer', 'visitor')),
        status TEXT NOT NULL CHECK (status IN ('active', 'merged', 'archived')),
        merged_into TEXT REFERENCES persons (person_id) DEFERRABLE INITIALLY DEFERRED,
        region TEXT,
        client_id TEXT,
        description TEXT,
        created_at REAL NOT NULL,
        first_seen_at REAL,
        last_seen_at REAL,
        last_camera_id TEXT,
        visits INTEGER NOT NULL,
        height_m REAL,
        height_count INTEGER NOT NULL,
        consent_by TEXT,
        consent_at REAL,
        retention_days INTEGER,
        CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
        CHECK (merged_into IS NOT person_id),
        CHECK ((consent_by IS NULL) = (consent_at IS NULL))
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX persons_by_sight ON persons (status, last_seen_at);
      CREATE INDEX persons_merged ON persons (merged_into) WHERE merged_into IS NOT NULL;

      -- How large somebody is in one camera, over a number of tracklets.
      CREATE TABLE person_sizes (
        person_id TEXT NOT NULL REFERENCES persons (person_id) ON DELETE CASCADE,
        camera_id TEXT NOT NULL,
        width_px REAL NOT NULL,
        height_px REAL NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (person_id, camera_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX person_sizes_of_camera ON person_sizes (camera_id);

      -- vector is 32-bit floats, least byte first, of unit length. embedding_no is its row in the index of its kind.
      -- Whoever deletes a person deletes these first: the index does not follow by itself.
      CREATE TABLE embeddings (
        embedding_no INTEGER PRIMARY KEY,
        embedding_id TEXT NOT NULL UNIQUE,
        person_id TEXT NOT NULL REFERENCES persons (person_id),
        cue TEXT NOT NULL CHECK (cue IN ('face', 'gait', 'appearance')),
        model_id TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('prototype', 'mean', 'set_aside', 'negative')),
        vector BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0),
        quality REAL NOT NULL,
        facing TEXT,
        source TEXT NOT NULL CHECK (source IN ('photo', 'sighting')),
        camera_id TEXT,
        tracklet_id TEXT,
        captured_at REAL NOT NULL
      ) STRICT;
      CREATE INDEX embeddings_of_person ON embeddings (person_id, cue, model_id, state);
      CREATE INDEX embeddings_of_tracklet ON embeddings (tracklet_id) WHERE tracklet_id IS NOT NULL;
      CREATE INDEX embeddings_by_age ON embeddings (cue, captured_at);
      CREATE UNIQUE INDEX embeddings_mean ON embeddings (person_id, cue, model_id) WHERE state = 'mean';
      CREATE TABLE embedding_pictures (
        embedding_id TEXT PRIMARY KEY REFERENCES embeddings (embedding_id) ON DELETE CASCADE,
        picture BLOB NOT NULL
      ) STRICT;

      -- The vec0 tables: one for each cue, model and length, made when the first such vector comes. stale: written to by a
      -- Haven that could not load the extension.
      CREATE TABLE vector_indexes (
        index_no INTEGER PRIMARY KEY,
        cue TEXT NOT NULL,
        model_id TEXT NOT NULL,
        dimensions INTEGER NOT NULL,
        stale INTEGER NOT NULL DEFAULT 0,
        UNIQUE (cue, model_id, dimensions)
      ) STRICT;

      CREATE TABLE tracklets (
        tracklet_id TEXT PRIMARY KEY,
        camera_id TEXT NOT NULL,
        track_id INTEGER NOT NULL,
        area TEXT,
        first_at REAL NOT NULL,
        last_at REAL NOT NULL,
        frames INTEGER NOT NULL,
        quality REAL NOT NULL,
        person_id TEXT REFERENCES persons (person_id),
        cue TEXT,
        confidence REAL,
        decision TEXT NOT NULL CHECK (json_valid(decision))
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX tracklets_of_person ON tracklets (person_id, first_at) WHERE person_id IS NOT NULL;
      CREATE INDEX tracklets_of_camera ON tracklets (camera_id, last_at);
      CREATE INDEX tracklets_by_age ON tracklets (last_at);

      CREATE TABLE reviews (
        review_id TEXT PRIMARY KEY,
        created_at REAL NOT NULL,
        tracklet_id TEXT,
        person_id TEXT REFERENCES persons (person_id) ON DELETE CASCADE,
        candidate_id TEXT NOT NULL REFERENCES persons (person_id) ON DELETE CASCADE,
        cue TEXT NOT NULL,
        score REAL NOT NULL,
        decision TEXT NOT NULL CHECK (json_valid(decision)),
        answer TEXT CHECK (answer IN ('same', 'different', 'unsure')),
        answered_at REAL,
        answered_by TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX reviews_of_person ON reviews (person_id);
      CREATE INDEX reviews_of_candidate ON reviews (candidate_id);
      CREATE INDEX reviews_by_age ON reviews (created_at);

      -- done_by and details outlive the person; details never hold a name of somebody forgotten.
      CREATE TABLE audit (
        audit_id TEXT PRIMARY KEY,
        at REAL NOT NULL,
        done_by TEXT NOT NULL,
        action TEXT NOT NULL,
        person_id TEXT,
        details TEXT NOT NULL CHECK (json_valid(details)),
        undone_at REAL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX audit_of_person ON audit (person_id, audit_id) WHERE person_id IS NOT NULL;
      CREATE INDEX audit_by_age ON audit (at);

      -- Numbers that are given once.
      CREATE TABLE counters (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;

      CREATE INDEX events_of_person ON events (person_id, event_id) WHERE person_id IS NOT NULL;
      CREATE INDEX events_of_track ON events (camera_id, track_id, captured_at) WHERE track_id IS NOT NULL;
    `,
  },
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** "HAVN": tells our files from those of other programs. */
const APPLICATION_ID = 0x4841564e;

/** Throws AppError store.newer or store.unusable; then nothing was written. */
export function refuseForeign(db: Sqlite): void {
  const version = Number(db.pragma("user_version"));
  const id = Number(db.pragma("application_id"));
  const tables =
    db.prepare<{ count: number }>("SELECT count(*) AS count FROM sqlite_schema").get()?.count ?? 0;
  if (tables > 0 && id !== APPLICATION_ID) throw damaged(db.path, "it belongs to another program");
  if (version > SCHEMA_VERSION) {
    throw new AppError(
      "store.newer",
      `the database ${db.path} was written by a newer Haven (schema ${version}, this one knows ${SCHEMA_VERSION}); update Haven or restore a backup`,
      { fields: { found: version, known: SCHEMA_VERSION } },
    );
  }
}

/** Takes the file to SCHEMA_VERSION; a step that fails leaves the file at the step before it. */
export function migrate(db: Sqlite, clock: Clock, log: Logger): void {
  const from = Number(db.pragma("user_version"));
  if (from === SCHEMA_VERSION) return;
  if (from === 0) {
    db.transaction(() => {
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.execute(`CREATE TABLE migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at REAL NOT NULL
      ) STRICT`);
      apply(db, 1, clock);
    }, "power");
  }
  for (let version = Math.max(from, 1) + 1; version <= SCHEMA_VERSION; version += 1) {
    db.transaction(() => apply(db, version, clock), "power");
  }
  log.info({ from, to: SCHEMA_VERSION }, "the database has a new schema");
}

function apply(db: Sqlite, version: number, clock: Clock): void {
  const migration = MIGRATIONS[version - 1];
  if (migration === undefined) throw new AppError("internal", `there is no migration to schema ${version}`);
  db.execute(migration.sql);
  db.prepare("INSERT INTO migrations VALUES (:version, :name, :appliedAt)").run({
    version,
    name: migration.name,
    appliedAt: clock.now(),
  });
  db.pragma(`user_version = ${version}`);
}
