// How the household is cared for right now: the mode and what it arms, who has snoozed what, the drill under way. It
// judges every event for the alarms, says every change as an event, and remembers all of it over restarts: a change is
// written in the transaction of the event that tells it.
import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import { ALARM_CAUSES, type AlarmCause } from "../domain/alarm.ts";
import type { CareState, Drill, EffectiveMode, Mode, Snooze } from "../domain/care.ts";
import type { EventDraft, HavenEvent } from "../domain/events.ts";
import type { StateRow } from "../store/state-repository.ts";
import type { Store } from "../store/store.ts";
import type { RunTime } from "./alarm-life.ts";
import { CARE_KINDS, drillEvent, modeEvent, snoozeEvent } from "./care-events.ts";
import { CARE_KEY, decodeCare, encodeCare } from "./care-memory.ts";
import { ALWAYS, type Verdict, verdictOn } from "./care-verdict.ts";
import { DrillKeeper } from "./drill-keeper.ts";
import {
  type HeldSnooze,
  isSnoozed,
  nextSnoozeChangeAt,
  resumedSnoozes,
  type SnoozeInput,
  stepSnoozes,
} from "./snooze-machine.ts";

export interface CareSettings {
  /** The mode a household begins in; from then on the one that was set last counts. */
  readonly mode: Mode;
  readonly armed: Readonly<Record<EffectiveMode, readonly AlarmCause[]>>;
  readonly snoozeByCarer: boolean;
  readonly snoozeMaxMinutes: number;
}

export interface CareCamera {
  readonly id: string;
  readonly area: string | null;
  readonly overlaps: readonly string[];
}

export interface CareServiceOptions {
  readonly settings: CareSettings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Records an event, which comes back through `remember` and `heard`. */
  readonly record: (draft: EventDraft) => HavenEvent;
  /** Whether a moment, as wall time, lies within the household's night hours. */
  readonly isNight: (at: Millis) => boolean;
}

/** How soon the night's beginning and end are noticed, and a night setting that was changed. */
const LOOK_MS = 15_000;
const MINUTE_MS = 60_000;
/** Who changes the mode when the clock does. */
const BY_HOURS = "night hours";

export class CareService implements Service {
  readonly #options: CareServiceOptions;
  readonly #listeners = new Set<(care: CareState) => void>();
  #settings: CareSettings;
  #cameras: readonly CareCamera[] = [];
  #mode: Mode;
  #effective: EffectiveMode;
  #snoozes: readonly HeldSnooze[] = [];
  readonly #drill: DrillKeeper;
  #timer: Disposable | null = null;
  #running = false;

  constructor(options: CareServiceOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#mode = options.settings.mode;
    this.#effective = this.#effectiveAt(options.clock.now());
    this.#drill = new DrillKeeper({
      clock: options.clock,
      onStage: () => {
        this.#write();
        this.#tell();
      },
      onEnded: (drill) => this.#recordDrill("drill_ended", drill),
    });
  }

  /** Takes up what was set before the restart; what ended meanwhile is said to have ended. Throws AppError store.*. */
  async start(): Promise<void> {
    this.#running = true;
    const { store, log } = this.#options;
    const json = store.state.get(CARE_KEY);
    const memory = decodeCare(json);
    if (memory === null && json !== null) log.warn("mode, snoozes and drill of before cannot be read");
    if (memory !== null) {
      const time = this.#time();
      this.#mode = memory.mode;
      this.#effective = memory.effectiveMode;
      this.#snoozes = resumedSnoozes(memory.snoozes, time);
      if (memory.drill !== null) this.#drill.resume(memory.drill);
    }
    this.#look();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
  }

  configure(settings: CareSettings, cameras: readonly CareCamera[]): void {
    this.#settings = settings;
    this.#cameras = cameras;
    if (!settings.snoozeByCarer) this.#snooze({ kind: "carers_ignored" });
    if (this.#running) this.#look();
    this.#tell();
  }

  state(): CareState {
    const armed = this.#settings.armed[this.#effective];
    return {
      mode: this.#mode,
      effectiveMode: this.#effective,
      armed: ALARM_CAUSES.filter((cause) => cause === ALWAYS || armed.includes(cause)),
      snoozes: this.#snoozes.map(({ snooze }) => snooze),
      drill: this.#drill.running?.drill ?? null,
    };
  }

  /** Called with what holds now, after every change. */
  onChange(listener: (care: CareState) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  setMode(mode: Mode, by: string): CareState {
    if (mode !== this.#mode) {
      this.#mode = mode;
      this.#effective = this.#effectiveAt(this.#options.clock.now());
      this.#recordMode(by);
    }
    return this.state();
  }

  /**
   * Holds back the alarms of an area, or with null of the whole house, for some minutes from now; 0 ends that. Throws
   * AppError input.invalid when it is longer than the household allows.
   */
  snooze(request: {
    readonly minutes: number;
    readonly area: string | null;
    readonly by: string;
  }): CareState {
    const { minutes, area, by } = request;
    const most = this.#settings.snoozeMaxMinutes;
    if (!(minutes >= 0 && minutes <= most))
      throw new AppError("input.invalid", `a snooze lasts 1 to ${most} minutes, or 0 to end it`);
    if (minutes === 0) return this.endSnooze(area, by);
    return this.#snooze({ kind: "by_hand", area, by, forMs: minutes * MINUTE_MS });
  }

  /** Ends the snooze by hand of this area, or of the whole house; nothing happens where there is none. */
  endSnooze(area: string | null, by: string): CareState {
    return this.#snooze({ kind: "end", area }, by);
  }

  /**
   * Who is in an area as a carer now; none when nobody is any more. To be called at every change, and at least every 30 s
   * while somebody is there: what is not confirmed for a minute counts as having left.
   */
  setCarers(area: string, names: readonly string[]): void {
    if (this.#settings.snoozeByCarer) this.#snooze({ kind: "carers", area, names });
  }

  /** `cameraId` null: any. Throws AppError conflict while another is under way, not-found for a camera there is not. */
  startDrill(cameraId: string | null, by: string): CareState {
    if (cameraId !== null && !this.#cameras.some(({ id }) => id === cameraId))
      throw new AppError("not-found", `there is no camera ${cameraId}`);
    this.#recordDrill("drill_started", this.#drill.start(cameraId, by));
    return this.state();
  }

  /** Nothing happens where there is none. */
  endDrill(by: string): CareState {
    this.#drill.end(by);
    return this.state();
  }

  /** What an event is to the alarms, by its own time. */
  judge(event: HavenEvent): Verdict {
    return verdictOn(event, {
      armed: this.#settings.armed[this.#effectiveAt(event.capturedAt)],
      isSnoozed: isSnoozed(this.#snoozes, event.area),
      isDrilled: this.#drill.covers(event.cameraId, this.#cameras),
    });
  }

  /** What to write in the transaction of an event. */
  remember(event: HavenEvent): readonly StateRow[] {
    return CARE_KINDS.has(event.kind) ? [this.#row()] : [];
  }

  /** An event was recorded and is being told: a drill follows the chain. */
  heard(event: HavenEvent): void {
    this.#drill.heard(event);
  }

  /** The broker has confirmed an event. */
  delivered(event: HavenEvent): void {
    this.#drill.delivered(event);
  }

  /** A camera sees somebody. May be called with every frame. */
  seen(cameraId: string): void {
    this.#drill.seen(cameraId);
  }

  #snooze(input: SnoozeInput, by: string | null = null): CareState {
    const before = this.#snoozes;
    const { state, effects } = stepSnoozes(before, input, this.#time());
    this.#snoozes = state;
    for (const { kind, snooze } of effects)
      this.#recordSnooze(kind, by === null ? snooze : { ...snooze, by });
    // Somebody else may have come, or a carer may just have left: that is seen, if it is no event.
    if (effects.length === 0 && !sameSnoozes(before, state)) this.#tell();
    this.#schedule();
    return this.state();
  }

  /** What time alone has changed. */
  #look(): void {
    this.#snooze({ kind: "time" });
    this.#drill.look();
    const effective = this.#effectiveAt(this.#options.clock.now());
    if (effective !== this.#effective) {
      this.#effective = effective;
      this.#recordMode(BY_HOURS);
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    if (!this.#running) return;
    const { clock } = this.#options;
    const run = clock.monotonic();
    const next = Math.min(
      run + LOOK_MS,
      nextSnoozeChangeAt(this.#snoozes) ?? Number.POSITIVE_INFINITY,
      this.#drill.running?.endsRunAt ?? Number.POSITIVE_INFINITY,
    );
    this.#timer = clock.schedule(Math.max(0, next - run), () => this.#look());
  }

  #effectiveAt(at: Millis): EffectiveMode {
    if (this.#mode !== "auto") return this.#mode;
    return this.#options.isNight(at) ? "night" : "home";
  }

  #recordMode(by: string): void {
    const change = { mode: this.#mode, effectiveMode: this.#effective };
    this.#options.log.info(change, "the mode has changed");
    this.#options.record(modeEvent({ ...change, by }, this.#options.clock.now()));
    this.#tell();
  }

  #recordSnooze(kind: "snooze_started" | "snooze_ended", snooze: Snooze): void {
    const { reason, area } = snooze;
    this.#options.log.info({ kind, reason, everywhere: area === null }, "a snooze begins or ends");
    this.#options.record(snoozeEvent(kind, snooze, this.#options.clock.now()));
    this.#tell();
  }

  #recordDrill(kind: "drill_started" | "drill_ended", drill: Drill): void {
    const { cameraId, stages } = drill;
    const area = this.#cameras.find(({ id }) => id === cameraId)?.area ?? null;
    this.#options.log.info({ kind, cameraId, stages: stages.length }, "a drill begins or ends");
    this.#options.record(drillEvent(kind, drill, { area, at: this.#options.clock.now() }));
    this.#schedule();
    this.#tell();
  }

  #row(): StateRow {
    const value = encodeCare({
      mode: this.#mode,
      effectiveMode: this.#effective,
      snoozes: this.#snoozes.map(({ snooze }) => snooze),
      drill: this.#drill.running,
    });
    return { key: CARE_KEY, value };
  }

  /** A stage that cannot be written is lost with a crash; the drill itself was written when it began. */
  #write(): void {
    const { store, log } = this.#options;
    const { key, value } = this.#row();
    try {
      store.state.set(key, value);
    } catch (error) {
      log.warn({ err: error }, "a drill's stage could not be written");
    }
  }

  #tell(): void {
    const care = this.state();
    for (const listener of this.#listeners) {
      try {
        listener(care);
      } catch (error) {
        this.#options.log.error({ err: error }, "a listener to care failed");
      }
    }
  }

  #time(): RunTime {
    const { clock } = this.#options;
    return { now: clock.now(), run: clock.monotonic() };
  }
}

function sameSnoozes(before: readonly HeldSnooze[], after: readonly HeldSnooze[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ snooze }, index) => {
      const other = after[index]?.snooze;
      return other?.by === snooze.by && other.until === snooze.until && other.area === snooze.area;
    })
  );
}
