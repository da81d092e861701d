import type { Clock } from "../core/clock.ts";

/**
 * One camera's media time over many connections. Each connection starts at 0 again; the camera's own time goes on by
 * the monotonic clock while it is away, so that whoever lay on the floor before a hiccup still lies there after it.
 * Offline there is one connection, its time is taken as it is, and wall time is the recording's start plus media time.
 */
export class SessionTimeline {
  readonly #startS: number;
  readonly #clock: Clock;
  readonly #live: boolean;
  readonly #bornAt: number;
  #offsetS: number | null = null;
  #recordedAt = 0;
  #lastS: number;

  constructor(startS: number, clock: Clock, live: boolean) {
    this.#startS = startS;
    this.#lastS = startS;
    this.#clock = clock;
    this.#live = live;
    this.#bornAt = clock.monotonic();
  }

  open(recordedAt: number | null): void {
    this.#offsetS = null;
    this.#recordedAt = recordedAt ?? 0;
  }

  stamp(mediaTimeS: number): { readonly capturedAt: number; readonly mediaTimeS: number } {
    if (!this.#live) return { capturedAt: this.#recordedAt + mediaTimeS * 1000, mediaTimeS };
    if (this.#offsetS === null) {
      const elapsedS = (this.#clock.monotonic() - this.#bornAt) / 1000;
      this.#offsetS = Math.max(this.#startS + elapsedS, this.#lastS) - mediaTimeS;
    }
    this.#lastS = mediaTimeS + this.#offsetS;
    return { capturedAt: this.#clock.now(), mediaTimeS: this.#lastS };
  }
}
