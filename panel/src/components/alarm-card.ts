import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AlarmJson } from "../../../src/api/contract.ts";
import { EMPTY_HOME, type HomeState } from "../data/home-state.ts";
import { ownName } from "../data/preferences.ts";
import { serverNow } from "../data/server-clock.ts";
import { alarmCardStyles } from "../styles/alarm-card-styles.ts";
import { controls } from "../styles/controls.ts";
import { alarmTitle } from "../words/camera-words.ts";
import { answerSentence, levelSentence, nextLevel } from "../words/care-words.ts";
import { eventWords } from "../words/event-words.ts";
import { clockTime } from "../words/time-words.ts";
import { icon } from "./icon.ts";
import "./alarm-answer.ts";
import "./skeleton-replay.ts";
import "./ticking-time.ts";

/**
 * One alarm: who, where, since when, whom it has reached, and what to do about it. Fires `acknowledge`; what it was is
 * asked once it is acknowledged. The words that do not run are the live ones, so that readers speak them once.
 */
@customElement("haven-alarm-card")
export class AlarmCard extends LitElement {
  @property({ attribute: false }) alarm: AlarmJson | null = null;
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @property({ type: Boolean }) sending = false;
  /** Of those that are raised: asks for the name that all of them are acknowledged by. */
  @property({ type: Boolean }) first = false;
  @state() private replay = false;
  /** Of an acknowledged alarm: whether more than a line is shown. */
  @state() private open = false;
  /** Asked for once: whoever left it empty is not to be held up again. */
  readonly #nameless = ownName.get() === "";
  #acknowledged = false;

  static override styles = [controls, alarmCardStyles];

  override willUpdate(changed: PropertyValues): void {
    const before = changed.get("alarm") as AlarmJson | null | undefined;
    // Whoever acknowledges it here goes and looks, and is asked next; for all others a line is enough.
    if (before?.state === "raised" && this.alarm?.state === "acknowledged") this.open = this.#acknowledged;
  }

  override updated(changed: PropertyValues): void {
    // The button that was pressed is gone; whoever goes by keys goes on at the question.
    if (changed.get("open") === false && this.#acknowledged && document.activeElement === document.body)
      this.renderRoot.querySelector<HTMLElement>("haven-alarm-answer")?.focus();
  }

  override render() {
    const { alarm } = this;
    if (alarm === null) return nothing;
    return alarm.state === "raised" ? this.#raised(alarm) : this.#answered(alarm);
  }

  #raised(alarm: AlarmJson) {
    const next = nextLevel(alarm, this.home.care.levels);
    const level = levelSentence(alarm, this.home.care.levels);
    return html`<article class="raised">
      ${icon("alarm", 36)}
      <div class="words">
        <div role="alert">
          ${this.#title(alarm)}
          <div>Since ${this.#clock(alarm.raised_at)}</div>
          ${alarm.grown_to === null ? nothing : html`<div>Now: ${eventWords(alarm.grown_to).title.toLowerCase()}</div>`}
          ${level === "" ? nothing : html`<div>${level}</div>`}
          ${alarm.recovered_at === null ? nothing : html`<div>Up again at ${this.#clock(alarm.recovered_at)}</div>`}
        </div>
        <div class="small">
          <haven-ticking at=${alarm.raised_at}></haven-ticking> without an answer${
            next === null || next.at <= serverNow()
              ? nothing
              : html` · next: ${next.name}, in <haven-ticking down at=${new Date(next.at).toISOString()}></haven-ticking>`
          }
        </div>
      </div>
      <div class="below">
        ${this.first && this.#nameless && !this.home.homeAssistant ? this.#name() : nothing}
        <button class="answer" ?disabled=${this.sending} @click=${this.#acknowledge}>
          ${this.sending ? "Sending…" : "Acknowledge"}
        </button>
        ${this.#look(alarm)}
      </div>
      ${this.#moments(alarm)}
    </article>`;
  }

  #answered(alarm: AlarmJson) {
    const answer = answerSentence(alarm);
    return html`<article class="calm">
      ${icon("check")}
      <div class="words" role="status">
        ${this.#title(alarm)}
        <div class="small">
          ${this.#clock(alarm.raised_at)} · Acknowledged by ${alarm.acknowledged_by ?? "somebody"}${
            alarm.acknowledged_at === null ? nothing : html` at ${this.#clock(alarm.acknowledged_at)}`
          }${answer === "" ? nothing : html` · ${answer}`}
        </div>
      </div>
      <button
        aria-expanded=${this.open}
        @click=${() => {
          this.open = !this.open;
        }}
      >
        ${this.open ? "Less" : answer === "" ? "What was it?" : "More"}
      </button>
      ${
        this.open
          ? html`<haven-alarm-answer
              .alarm=${alarm}
              @answered=${() => {
                this.open = false;
              }}
            ></haven-alarm-answer>
            <div class="below">${this.#look(alarm)}</div>
            ${this.#moments(alarm)}`
          : nothing
      }
    </article>`;
  }

  #title(alarm: AlarmJson) {
    return html`<strong>${alarmTitle(alarm, this.home.cameras)}</strong>${
      alarm.test ? html` <span class="badge">Test</span>` : nothing
    }`;
  }

  #name() {
    return html`<label class="field name">
      <span class="small">Your name</span>
      <input
        maxlength="80"
        autocomplete="name"
        @change=${(event: Event) => ownName.set((event.target as HTMLInputElement).value.trim())}
      />
    </label>`;
  }

  #look(alarm: AlarmJson) {
    const known = this.home.cameras.some((camera) => camera.id === alarm.camera_id);
    return html`
      ${known ? html`<a class="button" href="#/live/${alarm.camera_id}">Look</a>` : nothing}
      ${
        alarm.camera_id === null
          ? nothing
          : html`<button
            aria-expanded=${this.replay}
            @click=${() => {
              this.replay = !this.replay;
            }}
          >
            ${icon("skeleton", 20)}What was seen
          </button>`
      }
    `;
  }

  #moments(alarm: AlarmJson) {
    if (!this.replay) return nothing;
    const { skeleton, keypointFloor } = this.home;
    return html`<haven-skeleton-replay
      alarm=${alarm.id}
      .skeleton=${skeleton}
      .keypointFloor=${keypointFloor}
      @ready=${this.#showMoments}
    ></haven-skeleton-replay>`;
  }

  #clock(iso: string): string {
    return clockTime(Date.parse(iso), serverNow());
  }

  /** They lie below: in a banner that scrolls they may be out of sight. */
  readonly #showMoments = (event: Event) => {
    (event.target as HTMLElement).scrollIntoView({ block: "nearest" });
  };

  readonly #acknowledge = () => {
    this.#acknowledged = true;
    this.dispatchEvent(new CustomEvent("acknowledge"));
  };
}
