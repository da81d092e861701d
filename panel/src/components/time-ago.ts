import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { serverNow } from "../data/server-clock.ts";
import { ago, duration, fullTime } from "../words/time-words.ts";
import { Redraw } from "./redraw.ts";

/** "2 min. ago", or as a span "for 2 min", kept up to date, with the full time for who wants to know. */
@customElement("haven-time-ago")
export class TimeAgo extends LitElement {
  @property() at = "";
  @property({ type: Boolean }) span = false;

  constructor() {
    super();
    new Redraw(this, 5000);
  }

  override render() {
    const at = Date.parse(this.at);
    if (Number.isNaN(at)) return "";
    return html`<time datetime=${this.at} title=${fullTime(at)}>${this.#words(at)}</time>`;
  }

  #words(at: number): string {
    const now = serverNow();
    return this.span ? `for ${duration(Math.max(0, (now - at) / 1000))}` : ago(at, now);
  }
}
