// Where an event becomes a fact: the event, the alarm it raises or clears and the messages to send are written in one
// transaction, and only then announced. While the database cannot be written, events wait in memory, in order; after a
// second they are announced from there, because a full disk must not silence a fall.
import { type BackOffPolicy, backOffDelay } from "../core/back-off.ts";
import type { Clock, Millis } from "../core/clock.ts";
import { isAppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import { type EventDraft, type HavenEvent, SEVERITY } from "../domain/events.ts";
import type { Delivery, RecordedEvent } from "../domain/recording.ts";
import type { AlarmRow } from "../store/alarm-repository.ts";
import type { StateRow } from "../store/state-repository.ts";
import type { Store } from "../store/store.ts";

/** What an event leads to, decided by the room of alarms. */
export interface EventReaction {
  readonly delivery: Delivery;
  /** Events that belong into the same transaction; they lead to nothing further. */
  readonly follow: readonly { readonly draft: EventDraft; readonly delivery: Delivery }[];
  readonly alarms: readonly AlarmRow[];
  /** What has to be remembered from now on. */
  readonly state: readonly StateRow[];
  /** Called when all of it has been announced. */
  readonly announced: () => void;
}

/** The queue of messages that have to arrive. */
export interface DeliveryQueue {
  committed(eventIds: readonly string[]): void;
  sendUnstored(event: HavenEvent): void;
  rowOf(eventId: string): { readonly attempts: number; readonly deliveredAt: Millis | null };
}

export interface EventRecorderOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0..1, for the jitter of retries. */
  readonly random: () => number;
  readonly react: (event: HavenEvent) => EventReaction;
  readonly deliveries: DeliveryQueue;
  readonly announce: (recorded: RecordedEvent) => void;
}

/** How long an event waits for the database before it is announced without. */
const PATIENCE_MS = 1000;
const RETRY: BackOffPolicy = { first: 100, max: 10_000, factor: 2, jitter: 0.25 };
/** Some hours of a busy house; about 10 MB. */
const QUEUE_LIMIT = 10_000;
/** Written in one transaction after the database was away: a disk that takes 4 ms to confirm must not take 40 s. */
const BATCH = 100;

interface Fact {
  readonly event: HavenEvent;
  readonly delivery: Delivery;
}

/** What is written together. */
interface Entry {
  readonly facts: readonly Fact[];
  readonly alarms: readonly AlarmRow[];
  readonly state: readonly StateRow[];
  readonly recordedAt: Millis;
  readonly done: () => void;
  announced: boolean;
}

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  /** Entries that could not be written yet, oldest first. */
  #waiting: Entry[] = [];
  #announcements: (() => void)[] = [];
  #announcing = false;
  #retry: Disposable | null = null;
  #patience: Disposable | null = null;
  #failures = 0;
  /** The database has kept us waiting: announce at once. */
  #impatient = false;
  /** Being written right now: what is recorded in between, by who is told of it, waits its turn. */
  #flushing = false;
  #lost = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /**
   * Gives the event its id and records it with all that follows. Never throws for what the database does: then the event
   * waits in memory.
   */
  record(draft: EventDraft): HavenEvent {
    const recordedAt = this.#options.clock.now();
    const event = withId(draft, recordedAt);
    const reaction = this.#react(event);
    const entry: Entry = {
      facts: [
        { event, delivery: reaction.delivery },
        ...reaction.follow.map(({ draft: next, delivery }) => ({
          event: withId(next, recordedAt),
          delivery,
        })),
      ],
      alarms: reaction.alarms,
      state: reaction.state,
      recordedAt,
      done: reaction.announced,
      announced: false,
    };
    this.#waiting.push(entry);
    if (this.#waiting.length === 1) this.#flush();
    else this.#bound();
    // What somebody acts on does not wait for the next look at the database: it may have room again by now.
    if (!this.#flushing && this.#waiting.length > 1 && mustLast(entry)) this.#flush("between");
    if (this.#impatient) this.#announce(entry, false);
    return event;
  }

  /** Entries in memory that the database has not taken yet. */
  waiting(): number {
    return this.#waiting.length;
  }

  /** Tries a last time to write what waits, and announces it in any case. */
  stop(): void {
    for (let left = this.#waiting.length + 1; this.#waiting.length > 0 && this.#waiting.length < left; ) {
      left = this.#waiting.length;
      this.#flush();
    }
    this.#retry?.[Symbol.dispose]();
    this.#patience?.[Symbol.dispose]();
    this.#announceWaiting();
    if (this.#waiting.length > 0) {
      this.#options.log.error({ events: this.#waiting.length }, "events are lost: they could not be written");
    }
  }

  #react(event: HavenEvent): EventReaction {
    try {
      return this.#options.react(event);
    } catch (error) {
      // Whatever is wrong with the alarms, the event itself still goes out.
      this.#options.log.error({ err: error, kind: event.kind }, "alarms could not follow an event");
      const delivery = SEVERITY[event.kind] >= 1 ? "durable" : "live";
      return { delivery, follow: [], alarms: [], state: [], announced: () => {} };
    }
  }

  /** Writes what waits, in order, as far as it goes. A try `between` two looks leaves the next look where it is. */
  #flush(when: "due" | "between" = "due"): void {
    const nested = this.#flushing;
    this.#flushing = true;
    try {
      this.#writeWaiting(when);
    } finally {
      this.#flushing = nested;
    }
  }

  #writeWaiting(when: "due" | "between"): void {
    const batch = this.#waiting.slice(0, BATCH);
    const failure = this.#tryWrite(batch);
    if (isTemporary(failure)) {
      if (when === "due") this.#postpone(failure);
      return;
    }
    if (failure === null || batch.length === 1) this.#settle(batch, failure);
    else if (!this.#flushSingly(batch)) return;
    if (this.#waiting.length === 0) this.#recovered();
    else this.#retryIn(0);
  }

  /** One of them can never be written: it must not take the others along. Answers whether it came to the end. */
  #flushSingly(batch: readonly Entry[]): boolean {
    for (const entry of batch) {
      const failure = this.#tryWrite([entry]);
      if (isTemporary(failure)) {
        this.#postpone(failure);
        return false;
      }
      this.#settle([entry], failure);
    }
    return true;
  }

  #tryWrite(batch: readonly Entry[]): unknown {
    const lasting = batch.some(mustLast);
    try {
      // What was shown to somebody must still be there after a power cut; the rest may lose its last second.
      this.#options.store.transaction(
        () => {
          for (const entry of batch) this.#write(entry);
        },
        lasting ? "power" : "process",
      );
      return null;
    } catch (error) {
      return error;
    }
  }

  /** They are written, or never will be. */
  #settle(batch: readonly Entry[], failure: unknown): void {
    const { deliveries, log } = this.#options;
    this.#waiting = this.#waiting.slice(batch.length);
    if (failure === null) deliveries.committed(batch.flatMap(durable).map(({ event }) => event.eventId));
    else log.error({ err: failure, kind: batch[0]?.facts[0]?.event.kind }, "an event cannot be written");
    for (const entry of batch) this.#announce(entry, failure === null);
  }

  #write(entry: Entry): void {
    const { store, deliveries } = this.#options;
    for (const { event, delivery } of entry.facts) {
      store.events.insert(event, { severity: SEVERITY[event.kind], recordedAt: entry.recordedAt });
      if (delivery === "durable") {
        const { eventId } = event;
        store.outbox.insert({ eventId, createdAt: entry.recordedAt, ...deliveries.rowOf(eventId) });
      }
    }
    for (const alarm of entry.alarms) {
      store.alarms.save(alarm);
      if (alarm.answer !== null) store.alarmClips.setAnswer(alarm.id, alarm.answer);
    }
    for (const { key, value } of entry.state) store.state.set(key, value);
  }

  #postpone(error: unknown): void {
    const { clock, log, random } = this.#options;
    if (this.#failures === 0) {
      log.error({ err: error }, "the database cannot be written; events wait in memory");
      this.#patience = clock.schedule(PATIENCE_MS, () => {
        this.#impatient = true;
        this.#announceWaiting();
      });
    }
    this.#retryIn(backOffDelay(RETRY, this.#failures, random()));
    this.#failures += 1;
  }

  #retryIn(delay: Millis): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = this.#options.clock.schedule(delay, () => this.#flush());
  }

  #recovered(): void {
    if (this.#failures === 0) return;
    this.#options.log.info(
      { failures: this.#failures, lost: this.#lost },
      "the database can be written again",
    );
    this.#patience?.[Symbol.dispose]();
    this.#patience = null;
    this.#retry?.[Symbol.dispose]();
    this.#retry = null;
    this.#failures = 0;
    this.#impatient = false;
    this.#lost = 0;
  }

  #announceWaiting(): void {
    for (const entry of this.#waiting) this.#announce(entry, false);
  }

  /** Tells each entry once, and in order even when a listener records the next event while it is told of this one. */
  #announce(entry: Entry, stored: boolean): void {
    if (entry.announced) return;
    entry.announced = true;
    this.#announcements.push(() => this.#tell(entry, stored));
    if (this.#announcing) return;
    this.#announcing = true;
    for (let next = this.#announcements.shift(); next !== undefined; next = this.#announcements.shift())
      next();
    this.#announcing = false;
  }

  #tell(entry: Entry, stored: boolean): void {
    const { announce, deliveries, log } = this.#options;
    for (const { event, delivery } of entry.facts) {
      if (!stored && delivery === "durable") deliveries.sendUnstored(event);
      try {
        announce({ event, delivery, stored });
      } catch (error) {
        log.error({ err: error, kind: event.kind }, "a listener to events failed");
      }
    }
    try {
      entry.done();
    } catch (error) {
      log.error({ err: error }, "a listener to alarms failed");
    }
  }

  /** Memory has an end: of what was announced already, the least important goes first. */
  #bound(): void {
    if (this.#waiting.length <= QUEUE_LIMIT) return;
    const least = this.#waiting.findIndex((entry) => entry.announced && durable(entry).length === 0);
    const oldest = least === -1 ? this.#waiting.findIndex((entry) => entry.alarms.length === 0) : least;
    this.#waiting.splice(Math.max(0, oldest), 1);
    this.#lost += 1;
    if (this.#lost === 1)
      this.#options.log.error({ limit: QUEUE_LIMIT }, "too many events wait for the database");
  }
}

function withId(draft: EventDraft, at: Millis): HavenEvent {
  return { eventId: newId(at), ...draft };
}

function isTemporary(failure: unknown): boolean {
  return isAppError(failure, "store.unavailable") || isAppError(failure, "store.unusable");
}

function mustLast(entry: Entry): boolean {
  return durable(entry).length > 0 || entry.alarms.length > 0;
}

function durable(entry: Entry): readonly Fact[] {
  return entry.facts.filter(({ delivery }) => delivery === "durable");
}
