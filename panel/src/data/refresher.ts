import type { ReactiveController, ReactiveControllerHost } from "lit";

/**
 * Reads something again whenever it is asked to: once for many askings, one reading at a time, and with at least `gapMs`
 * from the end of one to the beginning of the next. Stops with its element.
 */
export class Refresher implements ReactiveController {
  readonly #read: () => Promise<void>;
  readonly #gapMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = false;
  #reading = false;
  #connected = false;
  #urgent = false;
  #readyAt = 0;

  /** `read` must not reject. */
  constructor(host: ReactiveControllerHost, read: () => Promise<void>, gapMs: number) {
    this.#read = read;
    this.#gapMs = gapMs;
    host.addController(this);
  }

  hostConnected(): void {
    this.#connected = true;
    this.#readyAt = 0;
    if (this.#wanted) this.#plan();
  }

  hostDisconnected(): void {
    this.#connected = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** `now`: without waiting for the gap, for what was done right here. */
  ask(how: "soon" | "now" = "soon"): void {
    this.#wanted = true;
    this.#urgent ||= how === "now";
    this.#plan();
  }

  #plan(): void {
    if (!this.#connected || this.#reading) return;
    clearTimeout(this.#timer);
    const wait = this.#urgent ? 0 : Math.max(0, this.#readyAt - performance.now());
    this.#timer = setTimeout(() => void this.#run(), wait);
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#wanted = false;
    this.#urgent = false;
    this.#reading = true;
    await this.#read();
    this.#reading = false;
    this.#readyAt = performance.now() + this.#gapMs;
    if (this.#wanted) this.#plan();
  }
}
