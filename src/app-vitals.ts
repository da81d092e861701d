// How the daemon is doing, in numbers: what its cameras and models do, and how much it keeps others waiting.
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock, Millis } from "./core/clock.ts";
import type { CameraStatus } from "./domain/camera-status.ts";
import type { DaemonStats } from "./mqtt/daemon-stats.ts";
import type { VisionState } from "./pipeline/vision-supervisor.ts";

/** How often the event loop is asked; fifty times a second costs nothing that can be measured. */
const RESOLUTION: Millis = 20;

export class DaemonVitals implements Disposable {
  readonly startedAt: Millis;
  readonly #clock: Clock;
  readonly #loopDelay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  #provider: string | null = null;
  #providerSince: Millis | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.startedAt = clock.now();
    this.#loopDelay.enable();
  }

  /** When vision began to use what its models run on now; null while it does not run. */
  get providerSince(): Millis | null {
    return this.#providerSince;
  }

  /** Returns whether models run elsewhere from now on. */
  note(vision: VisionState): boolean {
    const provider = vision.kind === "ready" ? vision.provider : null;
    if (provider === this.#provider) return false;
    this.#provider = provider;
    this.#providerSince = provider === null ? null : this.#clock.now();
    return true;
  }

  stats(cameras: readonly CameraStatus[], eventsWaiting: number): DaemonStats {
    return {
      startedAt: this.startedAt,
      cameras: cameras.length,
      camerasOnline: cameras.filter((status) => status.availability === "online").length,
      analysedFps: cameras.reduce((sum, status) => sum + status.analysedFps, 0),
      dropped: cameras.reduce((sum, status) => sum + status.dropped, 0),
      eventsWaiting,
      provider: this.#provider,
      eventLoopDelayMs: this.#takeLoopDelay(),
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  [Symbol.dispose](): void {
    this.#loopDelay.disable();
  }

  /** The 99th percentile since it was last taken; null when nothing was measured. */
  #takeLoopDelay(): Millis | null {
    const { count } = this.#loopDelay;
    // What is measured is the whole time between two looks, the wanted one included.
    const delay = this.#loopDelay.percentile(99) / 1e6 - RESOLUTION;
    this.#loopDelay.reset();
    return count === 0 ? null : Math.max(0, delay);
  }
}
