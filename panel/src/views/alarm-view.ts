import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AlarmJson } from "../../../src/api/contract.ts";
import { BACK_TO_CARE, pageHead, pageHeadStyles } from "../components/page-head.ts";
import { sentenceOf } from "../data/api.ts";
import { recentAlarms } from "../data/care-api.ts";
import { EMPTY_HOME, type HomeState } from "../data/home-state.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { alarmTitle } from "../words/camera-words.ts";
import { levelSentence } from "../words/care-words.ts";
import { eventWords } from "../words/event-words.ts";
import { clockTime } from "../words/time-words.ts";
import "../components/alarm-answer.ts";
import "../components/skeleton-replay.ts";

/** One alarm, open or past: what was seen, what became of it, and what it was. */
@customElement("haven-alarm-view")
export class AlarmView extends LitElement {
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @property() alarmId = "";
  @state() private read: AlarmJson | null = null;
  @state() private loaded = false;
  @state() private problem = "";

  static override styles = [
    controls,
    pageHeadStyles,
    css`
      :host {
        display: grid;
        gap: 16px;
        max-width: 720px;
      }
      h1 {
        overflow-wrap: anywhere;
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        gap: 6px 16px;
        margin: 0;
      }
      dt {
        color: var(--soft);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("alarmId")) void this.#load();
    const before = changed.get("home") as HomeState | undefined;
    // It may have been cleared, and is not among the open ones then.
    if (before !== undefined && before.alarms !== this.home.alarms) void this.#load();
  }

  override render() {
    const { home } = this;
    const alarm = home.alarms.find(({ id }) => id === this.alarmId) ?? this.read;
    if (alarm === null) {
      return html`${pageHead("Alarm", BACK_TO_CARE)}
        <p role="status">${this.problem !== "" ? this.problem : this.loaded ? "This alarm is not known any more." : "Loading…"}</p>`;
    }
    return html`
      ${pageHead(`${alarmTitle(alarm, home.cameras)}${alarm.test ? " (test)" : ""}`, BACK_TO_CARE)}
      <section class="card" aria-label="What became of it"><dl>${this.#facts(alarm)}</dl></section>
      <section class="card" aria-label="What was it?">
        <haven-alarm-answer
          .alarm=${alarm}
          @answered=${(event: CustomEvent<AlarmJson>) => {
            this.read = event.detail;
          }}
        ></haven-alarm-answer>
      </section>
      ${
        alarm.camera_id === null
          ? nothing
          : html`<haven-skeleton-replay
            class="card"
            alarm=${alarm.id}
            .skeleton=${home.skeleton}
            .keypointFloor=${home.keypointFloor}
          ></haven-skeleton-replay>`
      }
    `;
  }

  #facts(alarm: AlarmJson) {
    const { person_name: person, recovered_at: up, cleared_at: cleared, escalated_at: escalated } = alarm;
    const level = levelSentence(alarm, this.home.care.levels);
    return html`
      ${person === null ? nothing : html`<dt>Who</dt><dd>${person}</dd>`}
      <dt>Raised</dt>
      <dd>${this.#clock(alarm.raised_at)}</dd>
      ${alarm.grown_to === null ? nothing : html`<dt>Became</dt><dd>${eventWords(alarm.grown_to).title}</dd>`}
      ${level === "" ? nothing : html`<dt>Went to</dt><dd>${level}${escalated === null ? "" : `, ${this.#clock(escalated)}`}</dd>`}
      <dt>Acknowledged</dt>
      <dd>
        ${
          alarm.acknowledged_at === null
            ? "by nobody yet"
            : `by ${alarm.acknowledged_by ?? "somebody"}, ${this.#clock(alarm.acknowledged_at)}`
        }
      </dd>
      ${up === null ? nothing : html`<dt>Up again</dt><dd>${this.#clock(up)}</dd>`}
      ${cleared === null ? nothing : html`<dt>Over</dt><dd>${this.#clock(cleared)}</dd>`}
    `;
  }

  #clock(iso: string): string {
    return clockTime(Date.parse(iso), serverNow());
  }

  async #load(): Promise<void> {
    const { alarmId } = this;
    try {
      const found = (await recentAlarms()).find(({ id }) => id === alarmId) ?? null;
      if (alarmId !== this.alarmId) return;
      this.read = found;
      this.problem = "";
      this.loaded = true;
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }
}
