import type { Millis } from "../core/clock.ts";
import type { EventOwner } from "./event-repository.ts";
import type { Query, Sqlite } from "./sqlite.ts";

/** Whose an event is. */
export interface OwnedEvent {
  readonly eventId: string;
  readonly personId: string | null;
  readonly identityCue: string | null;
}

const COLUMNS = "event_id AS eventId, person_id AS personId, identity_cue AS identityCue";

/** Whose events are, one by one: what is moved by hand can be moved back exactly. For transactions. */
export class EventOwnerRepository {
  readonly #find: Query<OwnedEvent>;
  readonly #ofPerson: Query<OwnedEvent>;
  readonly #ofTrack: Query<OwnedEvent>;
  readonly #setOwner: readonly Query<never>[];
  readonly #forgetCarer: Query<never>;

  constructor(db: Sqlite) {
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM events WHERE event_id = :eventId`);
    this.#ofPerson = db.prepare(
      `SELECT ${COLUMNS} FROM events WHERE person_id = :personId ORDER BY event_id`,
    );
    this.#ofTrack =
      db.prepare(`SELECT ${COLUMNS} FROM events WHERE camera_id = :cameraId AND track_id = :trackId
      AND captured_at BETWEEN :from AND :to ORDER BY event_id`);
    this.#setOwner = [
      `UPDATE events SET person_id = :personId, person_name = :personName, identity_cue = :identityCue
        WHERE event_id = :eventId`,
      "UPDATE alarms SET person_name = :personName WHERE cause_event_id = :eventId",
    ].map((sql) => db.prepare(sql));
    this.#forgetCarer = db.prepare(`UPDATE events SET evidence = json_set(evidence, '$.by', 'carer')
      WHERE kind IN ('snooze_started', 'snooze_ended') AND json_extract(evidence, '$.reason') = 'carer'
        AND instr(json_extract(evidence, '$.by'), :name) > 0`);
  }

  find(eventId: string): OwnedEvent | null {
    return this.#find.get({ eventId }) ?? null;
  }

  /** Oldest first. */
  ofPerson(personId: string): OwnedEvent[] {
    return this.#ofPerson.all({ personId });
  }

  /** Captured from and to, both included; oldest first. */
  ofTrack(track: {
    readonly cameraId: string;
    readonly trackId: number;
    readonly from: Millis;
    readonly to: Millis;
  }): OwnedEvent[] {
    return this.#ofTrack.all({ ...track });
  }

  /** Alarms that the event raised follow. */
  setOwner(eventId: string, { personId, personName, identityCue }: EventOwner): void {
    const [event, alarm] = this.#setOwner;
    event?.run({ eventId, personId, personName, identityCue });
    alarm?.run({ eventId, personName });
  }

  /** Snoozes that somebody of this name brought about as a carer, alone or with others, are some carer's from now on. */
  forgetCarer(name: string): void {
    this.#forgetCarer.run({ name });
  }
}
