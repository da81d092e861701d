// Messages that have to arrive: in order, until the receiver has confirmed each. A message that may have been sent before,
// or that is old, says so: nobody's automation takes yesterday's fall for today's. Nothing is lost to a crash, an outage
// or a power cut, and never do two copies of one message both pass for new.
import { type BackOffPolicy, backOffDelay } from "../core/back-off.ts";
import type { Clock, Millis } from "../core/clock.ts";
import { isAppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { HavenEvent } from "../domain/events.ts";
import { eventFromFields } from "../domain/recording.ts";
import type { Store } from "../store/store.ts";
import { Bell } from "./bell.ts";

export interface OutboxMessage {
  readonly event: HavenEvent;
  /** Not news: it may have arrived already, or is more than 10 s old. */
  readonly late: boolean;
  /** Seconds since it was recorded. */
  readonly ageS: number;
}

export interface Sender {
  /** Whether sending has a chance: false while there is no connection. */
  isReady(): boolean;
  /**
   * Resolves with "delivered" once the receiver has confirmed, with "not_sent" only when nothing can have left. A
   * rejection leaves it open whether the message arrived.
   */
  send(message: OutboxMessage): Promise<"delivered" | "not_sent">;
}

export interface OutboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0..1, for the jitter of retries. */
  readonly random: () => number;
  /** Called when the receiver has confirmed an event. */
  readonly onDelivered?: (event: HavenEvent) => void;
}

/** Older than this, a message is late: an automation that switches a light on is for now, not for then. */
const LATE_AFTER_MS = 10_000;
/** A receiver that neither confirms nor refuses must not hold up the next alarm for ever. */
const SEND_TIMEOUT_MS = 15_000;
const RETRY: BackOffPolicy = { first: 250, max: 10_000, factor: 2, jitter: 0.25 };
/** How soon a connection that came back is noticed by itself: a message of a second ago is still news. */
const READY_LOOK_MS = 500;
/** Birth times on the monotonic clock are kept for this many messages of this run; beyond, wall time has to do. */
const BIRTHS_KEPT = 1000;

/** A message as it is tried: from the database, or from memory while that cannot be written. */
interface Pending {
  readonly event: HavenEvent;
  readonly createdAt: Millis;
  readonly attempts: number;
  /** null for a message that is in memory only. */
  readonly outboxId: number | null;
}

interface Unstored {
  readonly event: HavenEvent;
  readonly createdAt: Millis;
  attempts: number;
  deliveredAt: Millis | null;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #bell = new Bell();
  readonly #births = new Map<string, Millis>();
  readonly #unstored = new Map<string, Unstored>();
  /** Tried in this run, although the database could not be told. */
  readonly #tried = new Set<string>();
  /** Confirmed, although the database could not be told: by event id, with the time. */
  readonly #unmarked = new Map<string, Millis>();
  /** Everything up to this outboxId has been delivered. */
  #behind = 0;
  #readable = true;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Rows for these events were committed. */
  committed(eventIds: readonly string[]): void {
    for (const id of eventIds) {
      this.#born(id);
      this.#unstored.delete(id);
    }
    this.#bell.ring();
  }

  /** An event that has to go out although it could not be written yet. */
  sendUnstored(event: HavenEvent): void {
    if (this.#unstored.has(event.eventId)) return;
    this.#born(event.eventId);
    const createdAt = this.#options.clock.now();
    this.#unstored.set(event.eventId, { event, createdAt, attempts: 0, deliveredAt: null });
    this.#bell.ring();
  }

  /** What to write into an event's row: for one that was sent from memory, what has become of it. */
  rowOf(eventId: string): { readonly attempts: number; readonly deliveredAt: Millis | null } {
    const { attempts, deliveredAt } = this.#unstored.get(eventId) ?? { attempts: 0, deliveredAt: null };
    return { attempts, deliveredAt };
  }

  /** Tries again at once, for instance because the connection is back. */
  retryNow(): void {
    this.#bell.ring();
  }

  /** How many wait. Throws AppError store.*. */
  pending(): number {
    const inMemory = [...this.#unstored.values()].filter(({ deliveredAt }) => deliveredAt === null).length;
    return this.#options.store.outbox.pending() + inMemory - this.#unmarked.size;
  }

  /**
   * Sends until aborted. One at a time: the next leaves when the one before it was confirmed. Never rejects for what the
   * sender or the database does.
   */
  async deliver(sender: Sender, signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const rung = this.#bell.next();
      const next = this.#next();
      if (next === null && this.#readable) {
        failures = 0;
        await this.#rest({ until: rung, delay: null, signal });
      } else if (next !== null && !sender.isReady()) {
        failures = 0;
        await this.#rest({ until: rung, delay: READY_LOOK_MS, signal });
      } else if (next !== null && (await this.#attempt(next, sender, signal))) {
        failures = 0;
      } else if (!signal.aborted) {
        await this.#rest({
          until: rung,
          delay: backOffDelay(RETRY, failures, this.#options.random()),
          signal,
        });
        failures += 1;
      }
    }
  }

  /** Until the bell rings, the delay (null: none) is over, or all is over. */
  async #rest(options: {
    readonly until: Promise<void>;
    readonly delay: Millis | null;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const { until, delay, signal } = options;
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const timer = delay === null ? null : this.#options.clock.schedule(delay, () => done());
      const done = () => {
        timer?.[Symbol.dispose]();
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done);
      void until.then(done);
    });
  }

  #next(): Pending | null {
    this.#markDelivered();
    const stored = this.#nextStored();
    if (stored !== null) return stored;
    for (const { event, createdAt, attempts, deliveredAt } of this.#unstored.values()) {
      if (deliveredAt === null) return { event, createdAt, attempts, outboxId: null };
    }
    return null;
  }

  #nextStored(): Pending | null {
    const { store, log } = this.#options;
    for (;;) {
      try {
        const row = store.outbox.next(this.#behind);
        this.#readable = true;
        if (row === null) return null;
        const event = eventFromFields(row.event);
        if (event !== null && !this.#unmarked.has(event.eventId)) return { ...row, event };
        if (event === null) {
          log.error(
            { eventId: row.event.eventId, kind: row.event.kind },
            "a message of an unknown kind is left out",
          );
          this.#unmarked.set(row.event.eventId, this.#options.clock.now());
        }
        this.#behind = row.outboxId;
      } catch (error) {
        if (this.#readable) log.error({ err: error }, "waiting messages cannot be read");
        this.#readable = false;
        return null;
      }
    }
  }

  /** Whether it was delivered. */
  async #attempt(message: Pending, sender: Sender, signal: AbortSignal): Promise<boolean> {
    const { clock, log } = this.#options;
    const { eventId, kind } = message.event;
    const age = this.#age(message);
    const triedBefore = message.attempts > 0 || this.#tried.has(eventId);
    const marked = this.#markAttempt(message);
    // What cannot be noted may be forgotten by a crash: then this copy must not have passed for new.
    const late = triedBefore || !marked || age === null || age > LATE_AFTER_MS;
    this.#tried.add(eventId);
    const ageS = Math.max(0, age ?? clock.now() - message.createdAt) / 1000;
    let outcome: "delivered" | "not_sent";
    try {
      outcome = await this.#timed(sender.send({ event: message.event, late, ageS }), signal);
    } catch (error) {
      if (!signal.aborted)
        log.warn({ err: error, eventId, kind }, "a message was not confirmed; it is sent again");
      return false;
    }
    if (outcome === "not_sent") {
      if (!triedBefore) this.#tried.delete(eventId);
      if (marked) this.#unmarkAttempt(message);
      return false;
    }
    this.#tried.delete(eventId);
    this.#births.delete(eventId);
    const unstored = this.#unstored.get(eventId);
    if (unstored !== undefined) unstored.deliveredAt = clock.now();
    else this.#unmarked.set(eventId, clock.now());
    this.#tellDelivered(message.event);
    return true;
  }

  #tellDelivered(event: HavenEvent): void {
    try {
      this.#options.onDelivered?.(event);
    } catch (error) {
      this.#options.log.error({ err: error }, "a listener to deliveries failed");
    }
  }

  /** Milliseconds since it was recorded; null when no clock can tell. */
  #age({ event, createdAt }: Pending): Millis | null {
    const { clock } = this.#options;
    const birth = this.#births.get(event.eventId);
    // In the same run the monotonic clock knows, whatever becomes of wall time: it often jumps soon after a start.
    if (birth !== undefined) return clock.monotonic() - birth;
    const age = clock.now() - createdAt;
    return age < 0 ? null : age;
  }

  /** Notes, before the message leaves, that it may have left. false when that cannot be noted. */
  #markAttempt({ event, outboxId, attempts }: Pending): boolean {
    const unstored = this.#unstored.get(event.eventId);
    if (unstored !== undefined) unstored.attempts = attempts + 1;
    // A crash forgets a message that is in memory only: it cannot come twice.
    return outboxId === null || this.#tryStore((store) => store.outbox.setAttempts(outboxId, attempts + 1));
  }

  #unmarkAttempt({ event, outboxId, attempts }: Pending): void {
    const unstored = this.#unstored.get(event.eventId);
    if (unstored !== undefined) unstored.attempts = attempts;
    if (outboxId !== null) this.#tryStore((store) => store.outbox.setAttempts(outboxId, attempts));
  }

  #markDelivered(): void {
    for (const [eventId, at] of this.#unmarked) {
      if (!this.#tryStore((store) => store.outbox.setDelivered(eventId, at))) return;
      this.#unmarked.delete(eventId);
    }
  }

  #tryStore(write: (store: Store) => void): boolean {
    try {
      write(this.#options.store);
      return true;
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#options.log.debug({ err: error }, "the outbox cannot be written");
      return false;
    }
  }

  async #timed<T>(sending: Promise<T>, signal: AbortSignal): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      const timer = this.#options.clock.schedule(SEND_TIMEOUT_MS, () =>
        reject(new Error(`not confirmed within ${SEND_TIMEOUT_MS / 1000} s`)),
      );
      signal.addEventListener("abort", onAbort, { once: true });
      void sending.then(resolve, reject).finally(() => {
        timer[Symbol.dispose]();
        signal.removeEventListener("abort", onAbort);
      });
    });
  }

  #born(eventId: string): void {
    if (this.#births.has(eventId)) return;
    this.#births.set(eventId, this.#options.clock.monotonic());
    const [oldest] = this.#births.keys();
    if (this.#births.size > BIRTHS_KEPT && oldest !== undefined) this.#births.delete(oldest);
  }
}
