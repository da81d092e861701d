import type { Millis } from "../core/clock.ts";
import type { Query, Sqlite } from "./sqlite.ts";

/** An event as a row. The nouns of the domain fit into it as they are; who reads one back parses it. */
export interface EventRow {
  readonly eventId: string;
  readonly kind: string;
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly zone: string | null;
  readonly trackId: number | null;
  readonly personId: string | null;
  readonly personName: string | null;
  readonly identityCue: string | null;
  readonly capturedAt: Millis;
  readonly mediaTimeS: number | null;
  readonly confidence: number | null;
  readonly evidence: object;
}

export interface EventFilter {
  /** null for every kind. */
  readonly kinds: readonly string[] | null;
  readonly cameraId: string | null;
  readonly personId?: string | null;
  /** Captured at or after, and before. */
  readonly since: Millis | null;
  readonly until: Millis | null;
  /** Recorded before the event of this id: the last one of the previous page. */
  readonly before: string | null;
  readonly limit: number;
}

/** Whose a track's events are from now on. */
export interface EventOwner {
  readonly personId: string | null;
  readonly personName: string | null;
  readonly identityCue: string | null;
}

/** What happened to one track: its id holds within one run of its camera, so that a time belongs to it. */
export interface EventsOfTrack {
  readonly cameraId: string;
  readonly trackId: number;
  /** Captured from and to, both included. */
  readonly from: Millis;
  readonly to: Millis;
}

/** Columns under the names of EventRow; `evidence` is still JSON. */
export const EVENT_COLUMNS = `e.event_id AS eventId, e.kind, e.camera_id AS cameraId, e.area, e.zone, e.track_id AS trackId,
  e.person_id AS personId, e.person_name AS personName, e.identity_cue AS identityCue, e.captured_at AS capturedAt,
  e.media_time_s AS mediaTimeS, e.confidence, e.evidence`;

export type EventColumns = Omit<EventRow, "evidence"> & { readonly evidence: string };

export function eventRow({ evidence, ...columns }: EventColumns): EventRow {
  return { ...columns, evidence: JSON.parse(evidence) as object };
}

/** Which conditions a filter uses decides the statement, and so the index; each is prepared once. */
const CONDITIONS = {
  kind: "e.kind = :kind",
  cameraId: "e.camera_id = :cameraId",
  personId: "e.person_id = :personId",
  since: "e.captured_at >= :since",
  until: "e.captured_at < :until",
  before: "e.event_id < :before",
} as const;

type Condition = keyof typeof CONDITIONS;

export class EventRepository {
  readonly #db: Sqlite;
  readonly #insert: Query<never>;
  readonly #prune: Query<never>;
  readonly #reassign: readonly Query<never>[];
  readonly #movePerson: readonly Query<never>[];
  readonly #lists = new Map<string, Query<EventColumns>>();

  constructor(db: Sqlite) {
    this.#db = db;
    this.#insert =
      db.prepare(`INSERT INTO events VALUES (:eventId, :kind, :severity, :cameraId, :area, :zone, :trackId,
      :personId, :personName, :identityCue, :capturedAt, :mediaTimeS, :confidence, :evidence, :recordedAt)`);
    this.#prune = db.prepare(`DELETE FROM events WHERE event_id IN (
      SELECT event_id FROM events WHERE recorded_at < :before
        AND event_id NOT IN (SELECT cause_event_id FROM alarms WHERE state <> 'cleared')
      ORDER BY recorded_at LIMIT :limit)`);
    // The alarms first: what they are found by is changed by the second.
    const ofTrack = `camera_id = :cameraId AND track_id = :trackId AND captured_at BETWEEN :from AND :to
      AND (person_id IS NOT :personId OR person_name IS NOT :personName)`;
    this.#reassign = [
      `UPDATE alarms SET person_name = :personName WHERE cause_event_id IN (SELECT event_id FROM events WHERE ${ofTrack})`,
      `UPDATE events SET person_id = :personId, person_name = :personName, identity_cue = :identityCue WHERE ${ofTrack}`,
    ].map((sql) => db.prepare(sql));
    this.#movePerson = [
      `UPDATE alarms SET person_name = :personName
        WHERE cause_event_id IN (SELECT event_id FROM events WHERE person_id = :fromId)`,
      "UPDATE events SET person_id = :toId, person_name = :personName WHERE person_id = :fromId",
    ].map((sql) => db.prepare(sql));
  }

  insert(event: EventRow, as: { readonly severity: number; readonly recordedAt: Millis }): void {
    const { evidence, ...columns } = event;
    this.#insert.run({ ...columns, evidence: JSON.stringify(evidence), ...as });
  }

  /**
   * Newest first. Kinds are asked for one by one, each along its index, and merged: rare kinds are not searched for among
   * all events, and frequent ones not sorted as a whole.
   */
  list({ kinds, ...rest }: EventFilter): EventRow[] {
    if (kinds === null) return this.#listOf({ ...rest, kind: null });
    return kinds
      .flatMap((kind) => this.#listOf({ ...rest, kind }))
      .sort((a, b) => (a.eventId < b.eventId ? 1 : -1))
      .slice(0, rest.limit);
  }

  #listOf({ limit, ...values }: Omit<EventFilter, "kinds"> & { readonly kind: string | null }): EventRow[] {
    const used = (Object.keys(CONDITIONS) as Condition[]).filter((name) => (values[name] ?? null) !== null);
    const parameters = Object.fromEntries(used.map((name) => [name, values[name]]));
    return this.#listBy(used)
      .all({ ...parameters, limit })
      .map(eventRow);
  }

  /**
   * Deletes up to `limit` of the oldest events recorded before a time, with their cleared alarms and outbox rows; what
   * raised an alarm that is not cleared stays. Answers how many went.
   */
  prune(before: Millis, limit: number): number {
    return this.#prune.run({ before, limit });
  }

  /** It was somebody else all along, or nobody known: events and alarms of the track say so. For a transaction. */
  reassign({ cameraId, trackId, from, to }: EventsOfTrack, owner: EventOwner): void {
    const { personId, personName, identityCue } = owner;
    const [alarms, events] = this.#reassign;
    alarms?.run({ cameraId, trackId, from, to, personId, personName });
    events?.run({ cameraId, trackId, from, to, personId, personName, identityCue });
  }

  /** All that happened to one person happened to `toId`, who is called `personName` now; the same id only renames. */
  movePerson(fromId: string, toId: string, personName: string): void {
    const [alarms, events] = this.#movePerson;
    alarms?.run({ fromId, personName });
    events?.run({ fromId, toId, personName });
  }

  #listBy(used: readonly Condition[]): Query<EventColumns> {
    const key = used.join();
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const where = used.length === 0 ? "" : `WHERE ${used.map((name) => CONDITIONS[name]).join(" AND ")}`;
    const query = this.#db.prepare<EventColumns>(
      `SELECT ${EVENT_COLUMNS} FROM events e ${where} ORDER BY e.event_id DESC LIMIT :limit`,
    );
    this.#lists.set(key, query);
    return query;
  }
}
