import type { Millis } from "../core/clock.ts";
import type { Query, Sqlite } from "./sqlite.ts";

export interface AlarmRow {
  readonly id: string;
  readonly state: "raised" | "acknowledged" | "cleared";
  readonly cause: string;
  readonly causeEventId: string;
  /** The gravest thing that happened to the same body since; null while that is the cause. */
  readonly grownTo: string | null;
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly personName: string | null;
  readonly raisedAt: Millis;
  readonly acknowledgedAt: Millis | null;
  readonly acknowledgedBy: string | null;
  /** When the person was seen to be up again, whatever the state. */
  readonly recoveredAt: Millis | null;
  readonly clearedAt: Millis | null;
  readonly level: number;
  /** How often the level has been told, 0 at level 0. */
  readonly round: number;
  readonly escalatedAt: Millis | null;
  readonly answer: string | null;
  readonly answeredAt: Millis | null;
  readonly answeredBy: string | null;
  readonly test: boolean;
}

type Columns = Omit<AlarmRow, "test"> & { readonly test: 0 | 1 };

/** Of a camera since a time, tests left out. */
export interface AlarmCounts {
  readonly alarms: number;
  /** Of them, those somebody has called real or false. */
  readonly answered: number;
  readonly falseAlarms: number;
}

const COLUMNS = `alarm_id AS id, state, cause, cause_event_id AS causeEventId, grown_to AS grownTo, camera_id AS cameraId,
  area, person_name AS personName, raised_at AS raisedAt, acknowledged_at AS acknowledgedAt,
  acknowledged_by AS acknowledgedBy, recovered_at AS recoveredAt, cleared_at AS clearedAt, level,
  escalation_round AS round, escalated_at AS escalatedAt, answer, answered_at AS answeredAt, answered_by AS answeredBy,
  test`;

export class AlarmRepository {
  readonly #save: Query<never>;
  readonly #open: Query<Columns>;
  readonly #recent: Query<Columns>;
  readonly #find: Query<Columns>;
  readonly #counts: Query<AlarmCounts>;

  constructor(db: Sqlite) {
    this.#save =
      db.prepare(`INSERT INTO alarms (alarm_id, state, cause, cause_event_id, grown_to, camera_id, area,
        person_name, raised_at, acknowledged_at, acknowledged_by, recovered_at, cleared_at, level, escalation_round,
        escalated_at, answer, answered_at, answered_by, test)
      VALUES (:id, :state, :cause, :causeEventId, :grownTo, :cameraId, :area, :personName, :raisedAt, :acknowledgedAt,
        :acknowledgedBy, :recoveredAt, :clearedAt, :level, :round, :escalatedAt, :answer, :answeredAt, :answeredBy, :test)
      ON CONFLICT (alarm_id) DO UPDATE SET state = excluded.state, grown_to = excluded.grown_to,
        acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by,
        recovered_at = excluded.recovered_at, cleared_at = excluded.cleared_at, level = excluded.level,
        escalation_round = excluded.escalation_round, escalated_at = excluded.escalated_at, answer = excluded.answer,
        answered_at = excluded.answered_at, answered_by = excluded.answered_by`);
    this.#open = db.prepare(`SELECT ${COLUMNS} FROM alarms WHERE state <> 'cleared' ORDER BY alarm_id`);
    this.#recent = db.prepare(`SELECT ${COLUMNS} FROM alarms ORDER BY alarm_id DESC LIMIT :limit`);
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM alarms WHERE alarm_id = :id`);
    this.#counts = db.prepare(`SELECT count(*) AS alarms,
        coalesce(sum(answer IN ('real', 'false_alarm')), 0) AS answered,
        coalesce(sum(answer = 'false_alarm'), 0) AS falseAlarms
      FROM alarms WHERE camera_id = :cameraId AND raised_at >= :since AND test = 0 AND answer IS NOT 'test'`);
  }

  /** Writes a new alarm, or the changed life of a known one; what raised it never changes. */
  save({ test, ...alarm }: AlarmRow): void {
    this.#save.run({ ...alarm, test: test ? 1 : 0 });
  }

  /** All that are not cleared, oldest first. */
  open(): AlarmRow[] {
    return this.#open.all().map(rowOf);
  }

  /** Cleared ones included, newest first. */
  recent(limit: number): AlarmRow[] {
    return this.#recent.all({ limit }).map(rowOf);
  }

  find(id: string): AlarmRow | null {
    const found = this.#find.get({ id });
    return found === undefined ? null : rowOf(found);
  }

  counts(cameraId: string, since: Millis): AlarmCounts {
    return this.#counts.get({ cameraId, since }) ?? { alarms: 0, answered: 0, falseAlarms: 0 };
  }
}

function rowOf({ test, ...columns }: Columns): AlarmRow {
  return { ...columns, test: test === 1 };
}
