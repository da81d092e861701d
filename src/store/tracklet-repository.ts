import type { Millis } from "../core/clock.ts";
import type { TrackletRow } from "./person-rows.ts";
import type { Query, Sqlite } from "./sqlite.ts";

/** One stay of a person in one camera: tracklets that follow one another closely. */
export interface StayRow {
  readonly cameraId: string;
  readonly area: string | null;
  readonly from: Millis;
  readonly until: Millis;
  readonly tracklets: number;
}

export interface TrackletFilter {
  readonly personId: string;
  /** Still seen at or after, and first seen before. */
  readonly since: Millis | null;
  readonly until: Millis | null;
  readonly limit: number;
}

const COLUMNS = `tracklet_id AS trackletId, camera_id AS cameraId, track_id AS trackId, area, first_at AS firstAt,
  last_at AS lastAt, frames, quality, person_id AS personId, cue, confidence, decision`;
const OF_PERSON = `person_id = :personId AND (:since IS NULL OR last_at >= :since) AND (:until IS NULL OR first_at < :until)`;

export class TrackletRepository {
  readonly #put: Query<never>;
  readonly #find: Query<TrackletRow>;
  readonly #ofPerson: Query<TrackletRow>;
  readonly #recent: Query<TrackletRow>;
  readonly #setPerson: Query<never>;
  readonly #together: Query<{ readonly cameraId: string; readonly at: Millis }>;
  readonly #forgetCamera: Query<never>;
  readonly #stays: Query<StayRow>;
  readonly #prune: Query<never>;

  constructor(db: Sqlite) {
    this.#put =
      db.prepare(`INSERT INTO tracklets VALUES (:trackletId, :cameraId, :trackId, :area, :firstAt, :lastAt, :frames,
        :quality, :personId, :cue, :confidence, :decision)
      ON CONFLICT (tracklet_id) DO UPDATE SET area = excluded.area, last_at = excluded.last_at,
        frames = excluded.frames, quality = excluded.quality, person_id = excluded.person_id, cue = excluded.cue,
        confidence = excluded.confidence, decision = excluded.decision`);
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM tracklets WHERE tracklet_id = :trackletId`);
    this.#ofPerson = db.prepare(`SELECT ${COLUMNS} FROM tracklets WHERE ${OF_PERSON}
      ORDER BY first_at DESC, tracklet_id DESC LIMIT :limit`);
    this.#recent = db.prepare(`SELECT ${COLUMNS} FROM tracklets ORDER BY last_at DESC LIMIT :limit`);
    this.#setPerson =
      db.prepare(`UPDATE tracklets SET person_id = :personId, cue = :cue, confidence = :confidence,
        decision = :decision WHERE tracklet_id = :trackletId`);
    this.#together = db.prepare(`SELECT a.camera_id AS cameraId, max(a.first_at, b.first_at) AS at
      FROM tracklets a JOIN tracklets b ON b.camera_id = a.camera_id AND b.track_id <> a.track_id
        AND b.first_at <= a.last_at - :leastMs AND b.last_at >= a.first_at + :leastMs
      WHERE a.person_id = :personId AND b.person_id = :otherId
        AND min(a.last_at, b.last_at) - max(a.first_at, b.first_at) >= :leastMs
      ORDER BY at DESC LIMIT 1`);
    this.#forgetCamera = db.prepare("DELETE FROM tracklets WHERE camera_id = :cameraId");
    // Stays: a stay begins where the camera changes, or nobody was seen there for longer than the gap.
    this.#stays = db.prepare(`WITH mine AS (
        SELECT * FROM tracklets WHERE ${OF_PERSON} ORDER BY first_at DESC, tracklet_id DESC LIMIT :tracklets
      ), before AS (
        SELECT *, lag(camera_id) OVER ordered AS earlier_camera,
          max(last_at) OVER (ORDER BY first_at, tracklet_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_at
        FROM mine WINDOW ordered AS (ORDER BY first_at, tracklet_id)
      ), numbered AS (
        SELECT *, sum(earlier_camera IS NOT camera_id OR first_at - earlier_at > :gapMs)
          OVER (ORDER BY first_at, tracklet_id) AS stay
        FROM before
      )
      SELECT camera_id AS cameraId, max(area) AS area, min(first_at) AS "from", max(last_at) AS until,
        count(*) AS tracklets
      FROM numbered GROUP BY stay ORDER BY stay DESC LIMIT :limit`);
    this.#prune = db.prepare(`DELETE FROM tracklets WHERE tracklet_id IN (
      SELECT tracklet_id FROM tracklets WHERE last_at < :before ORDER BY last_at LIMIT :limit)`);
  }

  /** A new tracklet, or what became of a known one; where and when it began never changes. */
  put(row: TrackletRow): void {
    this.#put.run({ ...row });
  }

  find(trackletId: string): TrackletRow | null {
    return this.#find.get({ trackletId }) ?? null;
  }

  /** Newest first. */
  ofPerson(filter: TrackletFilter): TrackletRow[] {
    return this.#ofPerson.all({ ...filter });
  }

  /** Whoever it was, newest first. */
  recent(limit: number): TrackletRow[] {
    return this.#recent.all({ limit });
  }

  /** Whom it is taken for from now on. */
  setPerson(
    trackletId: string,
    taken: Pick<TrackletRow, "personId" | "cue" | "confidence" | "decision">,
  ): void {
    const { personId, cue, confidence, decision } = taken;
    this.#setPerson.run({ trackletId, personId, cue, confidence, decision });
  }

  /**
   * Where and when two persons were last seen by one camera at the same time, for `leastMs` or more; null when never. Track
   * ids begin anew in each run: the same id at the same time is one track.
   */
  together(
    personId: string,
    otherId: string,
    leastMs: Millis,
  ): { readonly cameraId: string; readonly at: Millis } | null {
    return this.#together.get({ personId, otherId, leastMs }) ?? null;
  }

  /** Where somebody was: their stays, newest first, from their newest `tracklets` tracklets in the time asked for. */
  stays(filter: TrackletFilter & { readonly gapMs: Millis; readonly tracklets: number }): StayRow[] {
    return this.#stays.all({ ...filter });
  }

  /** Deletes all of a camera; answers how many went. */
  forgetCamera(cameraId: string): number {
    return this.#forgetCamera.run({ cameraId });
  }

  /** Deletes up to `limit` of the oldest that ended before a time; answers how many went. */
  prune(before: Millis, limit: number): number {
    return this.#prune.run({ before, limit });
  }
}
