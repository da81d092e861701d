import type { Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { EventKind, HavenEvent } from "../domain/events.ts";
import { eventFromFields } from "../domain/recording.ts";
import type { Store } from "../store/store.ts";

export interface EventLogQuery {
  /** null for every kind. */
  readonly kinds: readonly EventKind[] | null;
  readonly cameraId: string | null;
  readonly personId?: string | null;
  /** Only events recorded before the one with this id: the last of the page before; null for the newest. */
  readonly before: string | null;
  readonly limit: number;
  /** Captured at or after, and before. */
  readonly since?: Millis | null;
  readonly until?: Millis | null;
}

/** Reads what was recorded. */
export class EventLog {
  readonly #store: Store;
  readonly #log: Logger;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Newest first. Throws AppError store.*. */
  async list(query: EventLogQuery): Promise<readonly HavenEvent[]> {
    const rows = this.#store.events.list({
      ...query,
      since: query.since ?? null,
      until: query.until ?? null,
    });
    return rows.flatMap((row) => {
      const event = eventFromFields(row);
      if (event === null) this.#log.warn({ kind: row.kind }, "an event of an unknown kind is left out");
      return event === null ? [] : [event];
    });
  }
}
