// Keeps the database small: what is old goes, and when it is still too large the oldest goes too. A few hundred rows at a
// time, so that an alarm never waits behind the broom. What raised an open alarm stays whatever its age.
import { setImmediate } from "node:timers/promises";
import type { Clock, Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Store } from "../store/store.ts";

export interface RetentionSettings {
  readonly eventRetentionDays: number;
  readonly observationRetentionDays: number;
  readonly clipRetentionDays: number;
  readonly maxMb: number;
}

export interface RetentionOptions {
  readonly settings: RetentionSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Swept {
  readonly events: number;
  readonly observations: number;
  readonly clips: number;
  readonly messages: number;
  /** Who was taken for whom, questions about it, and what was changed by hand: kept as long as events. */
  readonly identities: number;
  /** Over its size even so: open alarms and undeletable space are all that is left. */
  readonly tooLarge: boolean;
}

const DAY_MS = 86_400_000;
const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Deleting 500 rows takes about 20 ms (measured with 400-byte rows and two indexes in a file of 470 MB). */
const CHUNK = 500;
/** A clip is some ten kilobytes: a few make room already. */
const CLIPS_CHUNK = 10;
/** Freed space is given back in steps, down to a rest that is soon needed again. */
const RELEASE_BYTES = 1024 * 1024;
/** Delivered messages answer "when did it go out" for a week. */
const DELIVERED_KEPT_MS = 7 * DAY_MS;
/** A file over its size is brought below it by this share, so that this does not happen every hour. */
const HEADROOM = 0.95;

export class Retention implements Service {
  readonly #options: RetentionOptions;
  #settings: RetentionSettings;
  #timer: Disposable | null = null;
  #sweeping: Promise<unknown> = Promise.resolve();
  #stop = new AbortController();

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  async start(): Promise<void> {
    this.#stop = new AbortController();
    this.#schedule(FIRST_AFTER_MS);
  }

  async stop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#stop.abort();
    await this.#sweeping;
  }

  configure(settings: RetentionSettings): void {
    this.#settings = settings;
  }

  /** One round. Throws AppError store.*. */
  async sweep(signal: AbortSignal): Promise<Swept> {
    const { store, clock } = this.#options;
    const { eventRetentionDays, observationRetentionDays, clipRetentionDays, maxMb } = this.#settings;
    const now = clock.now();
    const chunked = async (prune: (limit: number) => number, enough: () => boolean): Promise<number> => {
      let total = 0;
      while (!signal.aborted && !enough()) {
        const count = prune(CHUNK);
        if (count === 0) break;
        total += count;
        await setImmediate();
      }
      return total;
    };
    const never = () => false;
    const before = (days: number): Millis => now - days * DAY_MS;
    const oldObservations = await chunked(
      (limit) => store.observations.prune(before(observationRetentionDays), limit),
      never,
    );
    const oldClips = await chunked(
      (limit) => store.alarmClips.prune(before(clipRetentionDays), limit),
      never,
    );
    const oldEvents = await chunked((limit) => store.events.prune(before(eventRetentionDays), limit), never);
    const eventsFrom = before(eventRetentionDays);
    let identities = 0;
    for (const rows of [store.tracklets, store.reviews, store.audit])
      identities += await chunked((limit) => rows.prune(eventsFrom, limit), never);
    const messages = await chunked((limit) => store.outbox.prune(now - DELIVERED_KEPT_MS, limit), never);
    const limit = maxMb * 1_000_000;
    const isOver = store.size().usedBytes > limit;
    const isSmall = () => !isOver || store.size().usedBytes <= limit * HEADROOM;
    const moreObservations = await chunked(
      (count) => store.observations.prune(Number.MAX_VALUE, count),
      isSmall,
    );
    const moreClips = await chunked(
      (count) => store.alarmClips.prune(Number.MAX_VALUE, Math.min(count, CLIPS_CHUNK)),
      isSmall,
    );
    const moreEvents = await chunked((count) => store.events.prune(Number.MAX_VALUE, count), isSmall);
    await this.#release(signal);
    const swept = {
      events: oldEvents + moreEvents,
      observations: oldObservations + moreObservations,
      clips: oldClips + moreClips,
      messages,
      identities,
      tooLarge: isOver && !signal.aborted && store.size().usedBytes > limit,
    };
    this.#report(swept, isOver);
    return swept;
  }

  async #release(signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    for (;;) {
      const { usedBytes, freeBytes } = store.size();
      // Moving pages wears out SD cards.
      if (signal.aborted || freeBytes <= usedBytes * 0.1 + RELEASE_BYTES) return;
      store.releaseSpace(RELEASE_BYTES);
      // A file from before space could be given back keeps it.
      if (store.size().freeBytes >= freeBytes) return;
      await setImmediate();
    }
  }

  #report(swept: Swept, wasOver: boolean): void {
    const { log } = this.#options;
    if (swept.tooLarge) log.error({ ...swept }, "the database is over its size and nothing more can go");
    else if (wasOver) log.warn({ ...swept }, "the database was over its size; the oldest rows went early");
    else if (swept.events + swept.observations + swept.clips + swept.identities > 0)
      log.info({ ...swept }, "old rows were deleted");
  }

  #schedule(delay: Millis): void {
    this.#timer = this.#options.clock.schedule(delay, () => {
      this.#sweeping = this.sweep(this.#stop.signal)
        .catch((error: unknown) =>
          this.#options.log.warn({ err: error }, "old rows could not be deleted for now"),
        )
        .finally(() => {
          if (!this.#stop.signal.aborted) this.#schedule(EVERY_MS);
        });
    });
  }
}
