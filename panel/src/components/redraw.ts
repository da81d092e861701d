import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Draws its element anew every so often for as long as it is shown: what it says depends on the time. */
export class Redraw implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(host: ReactiveControllerHost, everyMs: number) {
    this.#host = host;
    this.#everyMs = everyMs;
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = setInterval(() => this.#host.requestUpdate(), this.#everyMs);
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
  }
}
