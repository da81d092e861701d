import type { Millis } from "../core/clock.ts";
import type { Query, Sqlite } from "./sqlite.ts";

/** What was seen around an alarm, and what the watching went by at the time. */
export interface AlarmClipRow {
  readonly alarmId: string;
  readonly cameraId: string;
  readonly raisedAt: Millis;
  /** What somebody said the alarm was: `real`, `false_alarm`, `test`; null while nobody has. */
  readonly answer: string | null;
  /** JSON; who reads it back parses it. */
  readonly zones: unknown;
  readonly settings: unknown;
  /** gzip. */
  readonly recording: Uint8Array;
}

interface Columns extends Omit<AlarmClipRow, "zones" | "settings"> {
  readonly zones: string;
  readonly settings: string;
}

const COLUMNS =
  "alarm_id AS alarmId, camera_id AS cameraId, raised_at AS raisedAt, answer, zones, settings, recording";

export class AlarmClipRepository {
  readonly #insert: Query<never>;
  readonly #setAnswer: Query<never>;
  readonly #find: Query<Columns>;
  readonly #answered: Query<{ readonly alarmId: string }>;
  readonly #prune: Query<never>;
  readonly #forget: Query<never>;

  constructor(db: Sqlite) {
    // The answer may have come while the clip was still being recorded.
    this.#insert = db.prepare(`INSERT OR IGNORE INTO alarm_clips VALUES (:alarmId, :cameraId, :raisedAt,
      coalesce((SELECT answer FROM alarms WHERE alarm_id = :alarmId), :answer), :zones, :settings, :recording)`);
    this.#setAnswer = db.prepare("UPDATE alarm_clips SET answer = :answer WHERE alarm_id = :alarmId");
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM alarm_clips WHERE alarm_id = :alarmId`);
    this.#answered = db.prepare(
      "SELECT alarm_id AS alarmId FROM alarm_clips WHERE answer IS NOT NULL ORDER BY raised_at, alarm_id",
    );
    this.#prune = db.prepare(`DELETE FROM alarm_clips WHERE alarm_id IN (
      SELECT alarm_id FROM alarm_clips WHERE raised_at < :before ORDER BY raised_at LIMIT :limit)`);
    this.#forget = db.prepare("DELETE FROM alarm_clips WHERE camera_id = :cameraId");
  }

  insert({ zones, settings, ...row }: AlarmClipRow): void {
    this.#insert.run({ ...row, zones: JSON.stringify(zones), settings: JSON.stringify(settings) });
  }

  /** Does nothing where the alarm has no clip. */
  setAnswer(alarmId: string, answer: string | null): void {
    this.#setAnswer.run({ alarmId, answer });
  }

  find(alarmId: string): AlarmClipRow | null {
    const found = this.#find.get({ alarmId });
    if (found === undefined) return null;
    return {
      ...found,
      zones: JSON.parse(found.zones) as unknown,
      settings: JSON.parse(found.settings) as unknown,
    };
  }

  /** Clips somebody has answered, oldest first, one at a time: together they may be large. */
  *answered(): Generator<AlarmClipRow> {
    for (const { alarmId } of this.#answered.all()) {
      const clip = this.find(alarmId);
      if (clip !== null) yield clip;
    }
  }

  /** Deletes up to `limit` of the oldest whose alarm was raised before a time; answers how many went. */
  prune(before: Millis, limit: number): number {
    return this.#prune.run({ before, limit });
  }

  /** Deletes all of a camera; answers how many went. */
  forgetCamera(cameraId: string): number {
    return this.#forget.run({ cameraId });
  }
}
