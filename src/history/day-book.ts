// What days were like, and what of the day so far outlives a restart.
import { isAppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { DaySummary } from "../domain/care.ts";
import type { Store } from "../store/store.ts";

const DAYS_KEY = "days";
const HOUSE_KEY = "house";
const TOLD_KEY = "days.told";
/** A year, and a month to compare it with. */
const DAYS_KEPT = 400;

/** A database that cannot be read or written costs memories, never the watching: it is logged, and nothing is thrown. */
export class DayBook {
  readonly #store: Store;
  readonly #log: Logger;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Whatever was saved last, to be parsed by who saved it; null when nothing was. */
  house(): unknown {
    return this.#try(() => this.#store.state.get(HOUSE_KEY), null);
  }

  saveHouse(snapshot: unknown): void {
    this.#try(() => this.#store.state.set(HOUSE_KEY, snapshot), undefined);
  }

  /** A day is over. */
  add(day: DaySummary): void {
    const others = this.#days().filter(({ date }) => date !== day.date);
    const days = [...others, day].sort((a, b) => (a.date < b.date ? -1 : 1)).slice(-DAYS_KEPT);
    this.#try(() => this.#store.state.set(DAYS_KEY, days), undefined);
  }

  /** Days that are over, from and to included, oldest first. */
  list(from: string, to: string): readonly DaySummary[] {
    return this.#days().filter(({ date }) => date >= from && date <= to);
  }

  latest(): DaySummary | null {
    return this.#days().at(-1) ?? null;
  }

  /** The day whose summary was told last; null when none was. */
  get told(): string | null {
    const date = this.#try(() => this.#store.state.get(TOLD_KEY), null);
    return typeof date === "string" ? date : null;
  }

  set told(date: string) {
    this.#try(() => this.#store.state.set(TOLD_KEY, date), undefined);
  }

  #days(): readonly DaySummary[] {
    const days = this.#try(() => this.#store.state.get(DAYS_KEY), null);
    // Only this class writes them.
    return Array.isArray(days) ? (days as DaySummary[]) : [];
  }

  #try<T>(task: () => T, otherwise: T): T {
    try {
      return task();
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#log.warn({ err: error }, "the book of days cannot be read or written");
      return otherwise;
    }
  }
}
