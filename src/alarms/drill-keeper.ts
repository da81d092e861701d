import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Drill } from "../domain/care.ts";
import type { HavenEvent } from "../domain/events.ts";
import type { RunTime } from "./alarm-life.ts";
import {
  drillAfter,
  drillDelivered,
  drillSeeing,
  isOver,
  isPartOf,
  type RunningDrill,
  resumedDrill,
  startedDrill,
} from "./drill-machine.ts";

export interface DrillKeeperOptions {
  readonly clock: Clock;
  /** A stage was reached. */
  readonly onStage: () => void;
  /** It is over; `by` is who ended it, or who had started one that ended by itself. */
  readonly onEnded: (drill: Drill) => void;
}

/** The one drill that may be under way, fed with whatever happens. */
export class DrillKeeper {
  readonly #options: DrillKeeperOptions;
  #running: RunningDrill | null = null;

  constructor(options: DrillKeeperOptions) {
    this.#options = options;
  }

  get running(): RunningDrill | null {
    return this.#running;
  }

  /** Throws AppError conflict while one is under way. */
  start(cameraId: string | null, by: string): Drill {
    if (this.#running !== null)
      throw new AppError("conflict", `${this.#running.drill.by} has a drill under way; end it first`);
    const time = this.#time();
    this.#running = startedDrill({ id: newId(time.now), cameraId, by }, time);
    return this.#running.drill;
  }

  resume(drill: Omit<RunningDrill, "endsRunAt">): void {
    this.#running = resumedDrill(drill, this.#time());
  }

  end(by: string): void {
    if (this.#running === null) return;
    const { drill } = this.#running;
    this.#running = null;
    this.#options.onEnded({ ...drill, by });
  }

  /** Ends one whose time is over. */
  look(): void {
    if (this.#running !== null && isOver(this.#running, this.#time())) this.end(this.#running.drill.by);
  }

  heard(event: HavenEvent): void {
    this.#step((drill, at) => drillAfter(drill, event, at));
  }

  delivered(event: HavenEvent): void {
    this.#step((drill, at) => drillDelivered(drill, event, at));
  }

  seen(cameraId: string): void {
    this.#step((drill, at) => drillSeeing(drill, cameraId, at));
  }

  /** Whether what a camera sees belongs to the drill: one beside the drill's own sees the same person fall. */
  covers(
    cameraId: string | null,
    cameras: readonly { readonly id: string; readonly overlaps: readonly string[] }[],
  ): boolean {
    if (this.#running === null) return false;
    if (isPartOf(this.#running, cameraId)) return true;
    const drilled = this.#running.drill.cameraId;
    const names = (one: string | null, other: string | null) =>
      cameras.some(({ id, overlaps }) => id === one && other !== null && overlaps.includes(other));
    return names(drilled, cameraId) || names(cameraId, drilled);
  }

  #step(step: (drill: RunningDrill, at: Millis) => RunningDrill): void {
    const before = this.#running;
    if (before === null) return;
    const next = step(before, this.#options.clock.now());
    if (next === before) return;
    this.#running = next;
    this.#options.onStage();
    this.look();
  }

  #time(): RunTime {
    const { clock } = this.#options;
    return { now: clock.now(), run: clock.monotonic() };
  }
}
