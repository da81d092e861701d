import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AlarmJson, CameraJson } from "../../../src/api/contract.ts";
import { acknowledgeAlarm, sentenceOf } from "../data/api.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { alarmTitle } from "../words/camera-words.ts";
import { clockTime } from "../words/time-words.ts";
import { icon } from "./icon.ts";
import "./time-ago.ts";

/** What somebody has to look at now, on every view, until it is over. What one person answers, everybody sees. */
@customElement("haven-alarm-banner")
export class AlarmBanner extends LitElement {
  @property({ attribute: false }) alarms: readonly AlarmJson[] = [];
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];
  @state() private sending: ReadonlySet<string> = new Set();
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      /* However many there are, the view below stays within reach. */
      :host {
        display: block;
        max-height: 60vh;
        overflow-y: auto;
      }
      article {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        padding: 12px max(16px, env(safe-area-inset-right), calc(50vw - 584px)) 12px
          max(16px, env(safe-area-inset-left), calc(50vw - 584px));
        border-bottom: 1px solid rgba(255, 255, 255, 0.25);
        background: var(--alarm);
        color: #fff;
      }
      article > svg {
        animation: pulse 1.2s ease-in-out infinite alternate;
      }
      article.calm {
        border-bottom-color: var(--line);
        background: color-mix(in srgb, var(--alarm), var(--card) 86%);
        color: var(--text);
      }
      article.calm > svg {
        animation: none;
        color: var(--ok);
      }
      .calm .words {
        flex-basis: 120px;
        font-size: 0.875rem;
      }
      .words {
        flex: 1 1 180px;
        min-width: 0;
      }
      strong {
        display: block;
        font-size: 1.2rem;
        line-height: 1.25;
        overflow-wrap: anywhere;
      }
      .calm strong {
        font-size: 1rem;
      }
      .actions {
        display: flex;
        flex: 0 1 auto;
        gap: 8px;
      }
      .actions > * {
        flex: 1 1 auto;
        padding: 8px 16px;
        white-space: nowrap;
      }
      @media (max-width: 480px) {
        article:not(.calm) .actions {
          flex-basis: 100%;
        }
      }
      article:not(.calm) .button {
        border-color: rgba(255, 255, 255, 0.7);
        color: #fff;
      }
      section[role="alert"] button {
        border-color: #fff;
        background: #fff;
        color: #8c120b;
      }
      section[role="alert"] :focus-visible {
        outline-color: #fff;
      }
      .below {
        display: grid;
        justify-content: center;
        padding: 10px 16px;
        background: var(--alarm);
        color: #fff;
      }
      @keyframes pulse {
        to {
          opacity: 0.35;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        article > svg {
          animation: none;
        }
      }
    `,
  ];

  override render() {
    const raised = this.alarms.filter((alarm) => alarm.state === "raised");
    const answered = this.alarms.filter((alarm) => alarm.state === "acknowledged");
    // Both regions are always there: readers speak what changes in a region they know.
    return html`
      <section role="alert" aria-label="Alarms">
        ${raised.map((alarm) => this.#raised(alarm))}
        ${this.problem === "" ? nothing : html`<p class="below problem">${this.problem}</p>`}
        ${raised.length < 2 ? nothing : this.#all(raised)}
      </section>
      <section role="status" aria-label="Answered alarms">${answered.map((alarm) => this.#answered(alarm))}</section>
    `;
  }

  #raised(alarm: AlarmJson) {
    const sending = this.sending.has(alarm.id);
    return html`<article>
      ${icon("alarm", 36)}
      <div class="words">
        <strong>${alarmTitle(alarm, this.cameras)}</strong>
        ${alarm.person_name === null ? "Since" : `${alarm.person_name}, since`}
        ${clockTime(Date.parse(alarm.raised_at), serverNow())} ·
        <haven-time-ago at=${alarm.raised_at}></haven-time-ago>
        ${alarm.recovered_at === null ? nothing : html`<p>Up again at ${clockTime(Date.parse(alarm.recovered_at), serverNow())}</p>`}
      </div>
      <div class="actions">
        ${this.#look(alarm)}
        <button ?disabled=${sending} @click=${() => this.#acknowledge([alarm])}>
          ${sending ? "Sending…" : "Acknowledge"}
        </button>
      </div>
    </article>`;
  }

  #all(raised: readonly AlarmJson[]) {
    return html`<div class="below">
      <button ?disabled=${this.sending.size > 0} @click=${() => this.#acknowledge(raised)}>
        Acknowledge all ${raised.length}
      </button>
    </div>`;
  }

  #answered(alarm: AlarmJson) {
    const at =
      alarm.acknowledged_at === null
        ? ""
        : ` at ${clockTime(Date.parse(alarm.acknowledged_at), serverNow())}`;
    return html`<article class="calm">
      ${icon("check")}
      <div class="words">
        <strong>${alarmTitle(alarm, this.cameras)}, ${clockTime(Date.parse(alarm.raised_at), serverNow())}</strong>
        Acknowledged by ${alarm.acknowledged_by ?? "somebody"}${at}
      </div>
      <div class="actions">${this.#look(alarm)}</div>
    </article>`;
  }

  #look(alarm: AlarmJson) {
    if (this.cameras.every((camera) => camera.id !== alarm.camera_id)) return nothing;
    return html`<a class="button" href="#/live/${alarm.camera_id}">Look</a>`;
  }

  async #acknowledge(alarms: readonly AlarmJson[]): Promise<void> {
    const ids = alarms.map(({ id }) => id);
    this.problem = "";
    this.sending = new Set([...this.sending, ...ids]);
    try {
      await Promise.all(ids.map(acknowledgeAlarm));
    } catch (error) {
      this.problem = `Not acknowledged. ${sentenceOf(error)}`;
    } finally {
      this.sending = new Set([...this.sending].filter((id) => !ids.includes(id)));
    }
  }
}
