// The alarms of the house as they stand: which are open, who acknowledged them, where the fall sensor is latched. It runs
// the pure machine and the throttle over every event; the recorder writes what comes of it in the event's transaction.
import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Alarm } from "../domain/alarm.ts";
import { type EventDraft, type EventKind, type HavenEvent, SEVERITY } from "../domain/events.ts";
import type { Delivery } from "../domain/recording.ts";
import type { AlarmRow } from "../store/alarm-repository.ts";
import type { Store } from "../store/store.ts";
import { type AlarmBoard, BY_EXPIRY, lifeEvent, type OpenAlarm, stepAlarms } from "./alarm-machine.ts";
import { NOTHING_SENT, type ThrottleState, throttle } from "./event-throttle.ts";

export interface AlarmSettings {
  readonly throttleS: number;
  /** Whether getting up again clears an alarm nobody has acknowledged. */
  readonly clearOnRecovery: boolean;
  /** An acknowledged alarm leaves the list after this, when nobody was seen to get up. */
  readonly clearAcknowledgedAfterMinutes: number;
}

export interface AlarmServiceOptions {
  readonly settings: AlarmSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Records an event, which comes back through `react`. */
  readonly record: (draft: EventDraft) => HavenEvent;
}

/** What an event leads to, to be written and announced together with it. */
export interface AlarmReaction {
  readonly delivery: Delivery;
  readonly follow: readonly { readonly draft: EventDraft; readonly delivery: Delivery }[];
  readonly alarms: readonly AlarmRow[];
  /** To be called when all of it has been announced. */
  readonly announced: () => void;
}

export class AlarmService implements Service {
  readonly #options: AlarmServiceOptions;
  readonly #listeners = new Set<(open: readonly Alarm[]) => void>();
  #settings: AlarmSettings;
  #board: AlarmBoard = [];
  #sent: ThrottleState = NOTHING_SENT;
  #expiry: Disposable | null = null;
  #running = false;

  constructor(options: AlarmServiceOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Takes up the alarms that were open when the daemon stopped. */
  async start(): Promise<void> {
    this.#running = true;
    this.#board = this.#options.store.alarms.open().map(openAlarmOf);
    if (this.#board.length > 0) {
      this.#options.log.warn({ open: this.#board.length }, "alarms are still open from before the restart");
    }
    this.#scheduleExpiry();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#expiry?.[Symbol.dispose]();
    this.#expiry = null;
  }

  configure(settings: AlarmSettings): void {
    this.#settings = settings;
    this.#scheduleExpiry();
  }

  /** All that are not cleared, newest first. */
  list(): readonly Alarm[] {
    return this.#board.map(({ alarm }) => alarm).reverse();
  }

  /** Cleared ones included, newest first, as far as the database keeps them. */
  async recent(limit: number): Promise<readonly Alarm[]> {
    return this.#options.store.alarms.recent(limit).map((row) => openAlarmOf(row).alarm);
  }

  /** Whether a fall in the camera's room waits for an answer: on until acknowledged, or cleared by recovery. */
  isFallLatched(cameraId: string): boolean {
    return this.#board.some(({ alarm }) => alarm.cameraId === cameraId && alarm.state === "raised");
  }

  /** Called with all open alarms, newest first, after every change has been recorded and announced. */
  onChange(listener: (open: readonly Alarm[]) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /**
   * Somebody has seen the alarm. The first one stands: later ones get the alarm as it is. Throws AppError not-found.
   */
  acknowledge(id: string, by: string): Alarm {
    const open = this.#board.find(({ alarm }) => alarm.id === id);
    if (open?.alarm.state === "raised") {
      this.#options.record(
        lifeEvent("alarm_acknowledged", open, { capturedAt: this.#options.clock.now() }, by),
      );
    }
    const now = this.#board.find(({ alarm }) => alarm.id === id);
    if (now !== undefined) return now.alarm;
    const row = this.#options.store.alarms.find(id);
    if (row !== null) return openAlarmOf(row).alarm;
    throw new AppError("not-found", `there is no alarm ${id}; the list of alarms may be out of date`);
  }

  /** For a button that knows no ids. Answers the alarms this acknowledged. */
  acknowledgeAll(by: string): readonly Alarm[] {
    return this.#board
      .filter(({ alarm }) => alarm.state === "raised")
      .map(({ alarm }) => this.acknowledge(alarm.id, by));
  }

  /**
   * What follows from an event. The alarms here change at once, so that one that cannot be written yet is seen all the
   * same. The caller writes the rows with the event, records `follow` without asking again, and calls `announced`.
   */
  react(event: HavenEvent): AlarmReaction {
    const step = stepAlarms(this.#board, event, {
      newAlarmId: newId(this.#options.clock.now()),
      clearOnRecovery: this.#settings.clearOnRecovery,
    });
    this.#board = step.board;
    this.#logChanges(step.changed);
    if (step.changed.length > 0) this.#scheduleExpiry();
    return {
      delivery: this.#deliveryOf(event),
      follow: step.follow.map((draft) => ({ draft, delivery: this.#deliveryOf(draft) })),
      alarms: step.changed.map(rowOf),
      announced: () => {
        if (step.changed.length > 0) this.#tell();
      },
    };
  }

  #deliveryOf(event: EventDraft): Delivery {
    const { passes, state } = throttle(this.#sent, event, { quietMs: this.#settings.throttleS * 1000 });
    this.#sent = state;
    if (!passes) return "logged";
    return SEVERITY[event.kind] >= 1 ? "durable" : "live";
  }

  #tell(): void {
    const open = this.list();
    for (const listener of this.#listeners) {
      try {
        listener(open);
      } catch (error) {
        this.#options.log.error({ err: error }, "a listener to alarms failed");
      }
    }
  }

  #logChanges(changed: readonly OpenAlarm[]): void {
    for (const { alarm } of changed) {
      const fields = { alarmId: alarm.id, state: alarm.state, cause: alarm.cause, cameraId: alarm.cameraId };
      if (alarm.state === "raised" && alarm.recoveredAt === null)
        this.#options.log.warn(fields, "an alarm is raised");
      else this.#options.log.info(fields, "an alarm has changed");
    }
  }

  #scheduleExpiry(): void {
    this.#expiry?.[Symbol.dispose]();
    this.#expiry = null;
    const ages = this.#board.flatMap(({ alarm }) =>
      alarm.acknowledgedAt === null ? [] : [alarm.acknowledgedAt],
    );
    if (ages.length === 0 || !this.#running) return;
    const due = Math.min(...ages) + this.#keepMs() - this.#options.clock.now();
    this.#expiry = this.#options.clock.schedule(Math.max(0, due), () => this.#expire());
  }

  #expire(): void {
    const now = this.#options.clock.now();
    const expired = this.#board.filter(
      ({ alarm }) => alarm.acknowledgedAt !== null && alarm.acknowledgedAt + this.#keepMs() <= now,
    );
    for (const open of expired) {
      this.#options.record(lifeEvent("alarm_cleared", open, { capturedAt: now }, BY_EXPIRY));
    }
    this.#scheduleExpiry();
  }

  #keepMs(): Millis {
    return this.#settings.clearAcknowledgedAfterMinutes * 60_000;
  }
}

function rowOf({ alarm }: OpenAlarm): AlarmRow {
  return alarm;
}

function openAlarmOf({ cause, ...row }: AlarmRow): OpenAlarm {
  // Only this room writes alarms, and their causes are kinds of events.
  return { alarm: { ...row, cause: cause as EventKind }, subject: null };
}
