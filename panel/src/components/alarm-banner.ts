import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { AlarmJson } from "../../../src/api/contract.ts";
import { sentenceOf } from "../data/api.ts";
import { acknowledgeAlarm } from "../data/care-api.ts";
import { EMPTY_HOME, type HomeState } from "../data/home-state.ts";
import { controls } from "../styles/controls.ts";
import "./alarm-card.ts";

/** What somebody has to look at now, on every view, until it is over. What one person answers, everybody sees. */
@customElement("haven-alarm-banner")
export class AlarmBanner extends LitElement {
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @state() private sending: ReadonlySet<string> = new Set();
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      /* However many there are, the view below stays within reach. */
      :host {
        display: block;
        max-height: 50vh;
        overflow-y: auto;
      }
      .below {
        display: grid;
        justify-content: center;
        /* Within reach however many there are. */
        position: sticky;
        bottom: 0;
        margin: 0;
        padding: 10px 16px;
        background: var(--alarm);
        color: #fff;
      }
      .below button {
        border-color: #fff;
        background: #fff;
        color: #8c120b;
      }
      .below :focus-visible {
        outline-color: #fff;
      }
    `,
  ];

  override render() {
    const { alarms } = this.home;
    const raised = alarms.filter((alarm) => alarm.state === "raised").sort(mostUrgentFirst);
    const others = alarms.filter((alarm) => alarm.state === "acknowledged");
    return html`<section aria-label="Alarms">
      ${repeat(
        [...raised, ...others],
        ({ id }) => id,
        (alarm) => html`<haven-alarm-card
          .alarm=${alarm}
          .home=${this.home}
          ?sending=${this.sending.has(alarm.id)}
          ?first=${alarm === raised[0]}
          @acknowledge=${() => this.#acknowledge([alarm])}
        ></haven-alarm-card>`,
      )}
      <div role="alert">
        ${this.problem === "" ? nothing : html`<p class="below problem">${this.problem}</p>`}
      </div>
      ${raised.length < 2 ? nothing : this.#all(raised)}
    </section>`;
  }

  #all(raised: readonly AlarmJson[]) {
    return html`<div class="below">
      <button ?disabled=${this.sending.size > 0} @click=${() => this.#acknowledge(raised)}>
        Acknowledge all ${raised.length}
      </button>
    </div>`;
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

/** Tests after what is real, then what has waited through the most levels; else newest first, as they came. */
function mostUrgentFirst(a: AlarmJson, b: AlarmJson): number {
  return Number(a.test) - Number(b.test) || b.level - a.level;
}
