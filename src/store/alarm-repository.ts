import type { Millis } from "../core/clock.ts";
import type { Query, Sqlite } from "./sqlite.ts";

export interface AlarmRow {
  readonly id: string;
  readonly state: "raised" | "acknowledged" | "cleared";
  readonly cause: string;
  readonly causeEventId: string;
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly personName: string | null;
  readonly raisedAt: Millis;
  readonly acknowledgedAt: Millis | null;
  readonly acknowledgedBy: string | null;
  /** When the person was seen to be up again, whatever the state. */
  readonly recoveredAt: Millis | null;
  readonly clearedAt: Millis | null;
}

const COLUMNS = `alarm_id AS id, state, cause, cause_event_id AS causeEventId, camera_id AS cameraId, area,
  person_name AS personName, raised_at AS raisedAt, acknowledged_at AS acknowledgedAt, acknowledged_by AS acknowledgedBy,
  recovered_at AS recoveredAt, cleared_at AS clearedAt`;

export class AlarmRepository {
  readonly #save: Query<never>;
  readonly #open: Query<AlarmRow>;
  readonly #recent: Query<AlarmRow>;
  readonly #find: Query<AlarmRow>;

  constructor(db: Sqlite) {
    this.#save =
      db.prepare(`INSERT INTO alarms VALUES (:id, :state, :cause, :causeEventId, :cameraId, :area, :personName,
        :raisedAt, :acknowledgedAt, :acknowledgedBy, :recoveredAt, :clearedAt)
      ON CONFLICT (alarm_id) DO UPDATE SET state = excluded.state, acknowledged_at = excluded.acknowledged_at,
        acknowledged_by = excluded.acknowledged_by, recovered_at = excluded.recovered_at, cleared_at = excluded.cleared_at`);
    this.#open = db.prepare(`SELECT ${COLUMNS} FROM alarms WHERE state <> 'cleared' ORDER BY alarm_id`);
    this.#recent = db.prepare(`SELECT ${COLUMNS} FROM alarms ORDER BY alarm_id DESC LIMIT :limit`);
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM alarms WHERE alarm_id = :id`);
  }

  /** Writes a new alarm, or the changed life of a known one; what raised it never changes. */
  save(alarm: AlarmRow): void {
    this.#save.run({ ...alarm });
  }

  /** All that are not cleared, oldest first. */
  open(): AlarmRow[] {
    return this.#open.all();
  }

  /** Cleared ones included, newest first. */
  recent(limit: number): AlarmRow[] {
    return this.#recent.all({ limit });
  }

  find(id: string): AlarmRow | null {
    return this.#find.get({ id }) ?? null;
  }
}
