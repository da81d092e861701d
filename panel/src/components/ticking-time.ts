import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { serverNow } from "../data/server-clock.ts";
import { fullTime, stopwatch } from "../words/time-words.ts";
import { Redraw } from "./redraw.ts";

/**
 * A stopwatch that runs: since `at`, or down to it with `down`. Readers are not told every second: it is a timer, and
 * says its time when it is read.
 */
@customElement("haven-ticking")
export class TickingTime extends LitElement {
  @property() at = "";
  @property({ type: Boolean }) down = false;

  constructor() {
    super();
    new Redraw(this, 1000);
  }

  override render() {
    const at = Date.parse(this.at);
    if (Number.isNaN(at)) return "";
    const seconds = (serverNow() - at) / 1000;
    return html`<time
      role="timer"
      aria-live="off"
      datetime=${this.at}
      title=${fullTime(at)}
      style="font-variant-numeric: tabular-nums"
      >${stopwatch(this.down ? Math.ceil(-seconds) : seconds)}</time
    >`;
  }
}
