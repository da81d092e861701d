// Where everybody was, about once a second: thinned out per track and written a few seconds at a time. Losing some of it
// is no harm, so nothing ever waits for it.
import type { Clock, Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Posture } from "../domain/activity.ts";
import type { Box } from "../domain/geometry.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { ObservationRow } from "../store/observation-repository.ts";
import type { Store } from "../store/store.ts";

export interface Observation {
  readonly cameraId: string;
  readonly trackId: number;
  readonly capturedAt: Millis;
  readonly box: Box;
  readonly posture: Posture;
}

export interface ObservationLogOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Seconds for which rows are gathered before they are written. */
  readonly syncS: number;
}

/** One row a second and track: enough for "who was where", a tenth of what is seen. */
const INTERVAL_MS = 1000;
/** A track not seen for this long has ended: its id never comes back. */
const FORGET_MS = 60_000;
/** While the database cannot be written: ten minutes of eight people; then the oldest go. */
const BUFFER_LIMIT = 5000;

export class ObservationLog implements Service {
  readonly #options: ObservationLogOptions;
  readonly #lastByTrack = new Map<string, Millis>();
  #buffer: ObservationRow[] = [];
  #timer: Disposable | null = null;
  #failing = false;

  constructor(options: ObservationLogOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#flush();
  }

  /** Those who were seen in a frame. */
  observe({ stamp, tracks }: FrameObservation, postures: ReadonlyMap<number, Posture>): void {
    const { cameraId, capturedAt } = stamp;
    for (const { id, state, detected, box } of tracks) {
      if (state !== "confirmed" || !detected) continue;
      this.add({ cameraId, trackId: id, capturedAt, box, posture: postures.get(id) ?? "unknown" });
    }
  }

  /** May be called for every track in every frame. */
  add({ cameraId, trackId, capturedAt, box, posture }: Observation): void {
    const key = `${cameraId}|${trackId}`;
    const last = this.#lastByTrack.get(key);
    if (last !== undefined && capturedAt >= last && capturedAt - last < INTERVAL_MS) return;
    this.#lastByTrack.set(key, capturedAt);
    const { x1, y1, x2, y2 } = box;
    this.#buffer.push({ cameraId, trackId, capturedAt, x1, y1, x2, y2, posture });
    if (this.#buffer.length > BUFFER_LIMIT) this.#buffer.shift();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.schedule(this.#options.syncS * 1000, () => {
      this.#flush();
      this.#schedule();
    });
  }

  #flush(): void {
    const newest = Math.max(...this.#buffer.slice(-1).map(({ capturedAt }) => capturedAt));
    for (const [key, at] of this.#lastByTrack) if (newest - at > FORGET_MS) this.#lastByTrack.delete(key);
    if (this.#buffer.length === 0) return;
    try {
      this.#options.store.observations.insert(this.#buffer);
      this.#buffer = [];
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#options.log.warn({ err: error }, "whereabouts cannot be written for now");
      this.#failing = true;
    }
  }
}
