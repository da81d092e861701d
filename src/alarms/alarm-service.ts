// The alarms of the house as they stand: which are open, who acknowledged them, whom they are told next, where the fall
// sensor is latched. It runs the pure machine and the throttle over every event; the recorder writes what comes of it in
// the event's transaction.
import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Alarm, AlarmAnswer } from "../domain/alarm.ts";
import { type EventDraft, type HavenEvent, SEVERITY } from "../domain/events.ts";
import type { Delivery } from "../domain/recording.ts";
import type { AlarmRow } from "../store/alarm-repository.ts";
import type { Store } from "../store/store.ts";
import { type AlarmTimes, dueAlarms, nextDueAt } from "./alarm-deadlines.ts";
import { answerEvent, lifeEvent } from "./alarm-events.ts";
import { familyOf } from "./alarm-family.ts";
import { type AlarmLife, type RunTime, resumed } from "./alarm-life.ts";
import { type AlarmBoard, type AlarmStep, stepAlarms, withAnswer } from "./alarm-machine.ts";
import { alarmOf, rowOf } from "./alarm-row.ts";
import type { Verdict } from "./care-verdict.ts";
import { NOTHING_SENT, type ThrottleState, throttle } from "./event-throttle.ts";

export interface AlarmSettings {
  readonly throttleS: number;
  /** Whether getting up again clears an alarm nobody has acknowledged. */
  readonly clearOnRecovery: boolean;
  /** An acknowledged alarm leaves the list after this, when nobody was seen to get up. */
  readonly clearAcknowledgedAfterMinutes: number;
  /** Whom an alarm is told while nobody acknowledges, in the order of their times after it was raised. */
  readonly escalation: readonly { readonly name: string; readonly afterS: number }[];
  /** The last level is told again after this; 0: once. */
  readonly escalationRepeatS: number;
}

export interface AlarmServiceOptions {
  readonly settings: AlarmSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Records an event, which comes back through `react`. */
  readonly record: (draft: EventDraft) => HavenEvent;
  readonly judge: (event: HavenEvent) => Verdict;
}

/** What an event leads to, to be written and announced together with it. */
export interface AlarmReaction {
  readonly delivery: Delivery;
  readonly follow: readonly { readonly draft: EventDraft; readonly delivery: Delivery }[];
  readonly alarms: readonly AlarmRow[];
  /** To be called when all of it has been announced. */
  readonly announced: () => void;
}

/** A camera's alarms of the last seven days, tests left out. */
export interface FalseAlarms {
  /** Those somebody called false. */
  readonly count: number;
  /** Those somebody called real or false. */
  readonly answered: number;
  readonly alarms: number;
}

const WEEK_MS = 7 * 86_400_000;
const STUCK_MS = 60_000;

export class AlarmService implements Service {
  readonly #options: AlarmServiceOptions;
  readonly #listeners = new Set<(open: readonly Alarm[]) => void>();
  #settings: AlarmSettings;
  /** Pairs of cameras that see some of the same place, as `one|other` in both orders. */
  #overlaps: ReadonlySet<string> = new Set();
  #board: AlarmBoard = [];
  #sent: ThrottleState = NOTHING_SENT;
  #due: Disposable | null = null;
  #running = false;

  constructor(options: AlarmServiceOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Takes up the alarms that were open when the daemon stopped; levels that fell due meanwhile are told, the highest only. */
  async start(): Promise<void> {
    this.#running = true;
    this.#board = this.#options.store.alarms.open().flatMap((row) => {
      const open = resumed(alarmOf(row), row.round, this.#time());
      return open === null ? [] : [open];
    });
    if (this.#board.length > 0) {
      this.#options.log.warn({ open: this.#board.length }, "alarms are still open from before the restart");
    }
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#due?.[Symbol.dispose]();
    this.#due = null;
  }

  /** `cameras`: one fall that two overlapping ones see is one alarm. */
  configure(
    settings: AlarmSettings,
    cameras: readonly { readonly id: string; readonly overlaps: readonly string[] }[],
  ): void {
    this.#settings = settings;
    this.#overlaps = new Set(
      cameras.flatMap(({ id, overlaps }) => overlaps.flatMap((other) => [pair(id, other), pair(other, id)])),
    );
    this.#schedule();
  }

  /** All that are not cleared, newest first. */
  list(): readonly Alarm[] {
    return this.#board.map(({ alarm }) => alarm).reverse();
  }

  /** Cleared ones included, newest first, as far as the database keeps them. */
  async recent(limit: number): Promise<readonly Alarm[]> {
    return this.#options.store.alarms.recent(limit).map(alarmOf);
  }

  /** An alarm by its id, cleared or not; null when there is none. Throws AppError store.*. */
  find(id: string): Alarm | null {
    const open = this.#board.find(({ alarm }) => alarm.id === id);
    if (open !== undefined) return open.alarm;
    const row = this.#options.store.alarms.find(id);
    return row === null ? null : alarmOf(row);
  }

  /** Throws AppError store.*. */
  falseAlarms(cameraId: string): FalseAlarms {
    const { store, clock } = this.#options;
    const { falseAlarms, ...rest } = store.alarms.counts(cameraId, clock.now() - WEEK_MS);
    return { count: falseAlarms, ...rest };
  }

  /** Whether somebody on the floor of the camera's room waits for an answer: on until acknowledged, or cleared by recovery. */
  isFallLatched(cameraId: string): boolean {
    return this.#board.some(
      ({ phase, alarm, subjects }) =>
        phase !== "acknowledged" &&
        familyOf(alarm.cause).includes("fall_confirmed") &&
        (alarm.cameraId === cameraId || subjects.some((subject) => subject.cameraId === cameraId)),
    );
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
    if (open !== undefined && open.phase !== "acknowledged") {
      this.#options.record(lifeEvent("alarm_acknowledged", open, this.#occasion(), by));
    }
    return this.#existing(id);
  }

  /** For a button that knows no ids. Answers the alarms this acknowledged. */
  acknowledgeAll(by: string): readonly Alarm[] {
    return this.#board
      .filter(({ phase }) => phase !== "acknowledged")
      .map(({ alarm }) => this.acknowledge(alarm.id, by));
  }

  /**
   * Somebody says what the alarm was, also when it is over; the last answer stands. Where nobody had acknowledged it, this
   * does. Throws AppError not-found.
   */
  answer(id: string, answer: AlarmAnswer, by: string): Alarm {
    const alarm = this.#existing(id);
    if (alarm.answer !== answer || alarm.answeredBy !== by)
      this.#options.record(answerEvent({ alarm }, { answer, by }, this.#occasion()));
    return this.#existing(id);
  }

  /**
   * What follows from an event. The alarms here change at once, so that one that cannot be written yet is seen all the
   * same. The caller writes the rows with the event, records `follow` without asking again, and calls `announced`.
   */
  react(event: HavenEvent): AlarmReaction {
    const verdict = this.#options.judge(event);
    const { clock } = this.#options;
    const step = stepAlarms(this.#board, event, {
      newAlarmId: newId(clock.now()),
      raises: verdict.raises,
      test: verdict.test,
      overlaps: (camera, other) => this.#overlaps.has(pair(camera, other)),
      runMs: clock.monotonic(),
    });
    this.#board = step.board;
    const changed = [...step.changed.map(rowOf), ...this.#answeredLater(event, step)];
    this.#logChanges(step.changed);
    if (changed.length > 0) this.#schedule();
    // What tells the further story of an open alarm is not held back with the rest.
    const held = verdict.held && step.changed.length === 0;
    return {
      delivery: held ? "logged" : this.#deliveryOf(event, verdict.raises),
      follow: step.follow.map((draft) => ({ draft, delivery: this.#deliveryOf(draft, false) })),
      alarms: changed,
      announced: () => {
        if (changed.length > 0) this.#tell();
      },
    };
  }

  /** An alarm that was over before somebody answered it. */
  #answeredLater(event: HavenEvent, step: AlarmStep): readonly AlarmRow[] {
    if (event.kind !== "alarm_answered" || step.changed.length > 0) return [];
    const row = this.#options.store.alarms.find(event.evidence.alarmId);
    if (row === null) return [];
    const { answer, answeredAt, answeredBy } = withAnswer(alarmOf(row), event);
    return [{ ...row, answer, answeredAt, answeredBy }];
  }

  #deliveryOf(event: EventDraft, raises: boolean): Delivery {
    // What raises an alarm is as grave as one: that the same was said when it was not armed does not hold it back.
    const severity = raises ? 3 : SEVERITY[event.kind];
    const step = throttle(this.#sent, event, { quietMs: this.#settings.throttleS * 1000, severity });
    this.#sent = step.state;
    if (!step.passes) return "logged";
    return severity >= 1 ? "durable" : "live";
  }

  #existing(id: string): Alarm {
    const alarm = this.find(id);
    if (alarm !== null) return alarm;
    throw new AppError("not-found", `there is no alarm ${id}; the list of alarms may be out of date`);
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

  #logChanges(changed: readonly AlarmLife[]): void {
    for (const { phase, alarm } of changed) {
      const fields = { alarmId: alarm.id, cause: alarm.cause, cameraId: alarm.cameraId, level: alarm.level };
      if (phase === "cleared" || phase === "acknowledged")
        this.#options.log.info({ ...fields, state: phase }, "an alarm has changed");
      else if (alarm.recoveredAt === null) this.#options.log.warn(fields, "an alarm is raised");
      else this.#options.log.info(fields, "nobody has answered an alarm, and the person is up again");
    }
  }

  #schedule(least: Millis = 0): void {
    this.#due?.[Symbol.dispose]();
    this.#due = null;
    const at = this.#running ? nextDueAt(this.#board, this.#times()) : null;
    if (at === null) return;
    const { clock } = this.#options;
    this.#due = clock.schedule(Math.max(least, at - clock.monotonic()), () => this.#whenDue());
  }

  #whenDue(): void {
    const before = this.#board;
    const due = dueAlarms(before, this.#times(), this.#time());
    for (const draft of due) this.#options.record(draft);
    // What was told and changed nothing would be told again and again at once.
    this.#schedule(due.length > 0 && this.#board === before ? STUCK_MS : 0);
  }

  #times(): AlarmTimes {
    const { escalation, escalationRepeatS, clearOnRecovery, clearAcknowledgedAfterMinutes } = this.#settings;
    return {
      escalation: { levels: escalation, repeatS: escalationRepeatS },
      clearOnRecovery,
      keepMs: clearAcknowledgedAfterMinutes * 60_000,
    };
  }

  #time(): RunTime {
    const { clock } = this.#options;
    return { now: clock.now(), run: clock.monotonic() };
  }

  #occasion(): { readonly capturedAt: Millis } {
    return { capturedAt: this.#options.clock.now() };
  }
}

function pair(camera: string, other: string): string {
  return `${camera}|${other}`;
}
