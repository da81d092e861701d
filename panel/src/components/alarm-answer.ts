import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AlarmJson } from "../../../src/api/contract.ts";
import type { AlarmAnswer } from "../../../src/domain/alarm.ts";
import { sentenceOf } from "../data/api.ts";
import { answerAlarm } from "../data/care-api.ts";
import { controls } from "../styles/controls.ts";
import { ANSWER_WORDS, answerSentence } from "../words/care-words.ts";

const ANSWERS = Object.keys(ANSWER_WORDS) as AlarmAnswer[];

/** Asks what an alarm was, and shows what was said. Fires `answered` with the alarm as it is then. */
@customElement("haven-alarm-answer")
export class AlarmAnswerField extends LitElement {
  @property({ attribute: false }) alarm: AlarmJson | null = null;
  @state() private changing = false;
  @state() private sending = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        min-width: 0;
        margin: 0;
        padding: 0;
        border: none;
      }
      legend {
        float: left;
        padding: 0;
        font-weight: 600;
      }
      .row {
        justify-content: space-between;
      }
      button {
        padding: 8px 14px;
        color: inherit;
      }
      button[aria-pressed="true"] {
        border-color: transparent;
        background: var(--button);
        color: #fff;
      }
    `,
  ];

  /** To the first of the answers. */
  override focus(): void {
    void this.updateComplete.then(() => this.renderRoot.querySelector("button")?.focus());
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("alarm")) return;
    const before = changed.get("alarm") as AlarmJson | null | undefined;
    if (before?.id !== this.alarm?.id) this.changing = false;
  }

  override render() {
    const { alarm } = this;
    if (alarm === null) return nothing;
    const problem = this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`;
    if (alarm.answer !== null && !this.changing) {
      return html`<div class="row">
          <span>${answerSentence(alarm)}</span>
          <button @click=${this.#change}>Change</button>
        </div>
        ${problem}`;
    }
    return html`<fieldset ?disabled=${this.sending}>
        <legend>What was it?</legend>
        ${ANSWERS.map(
          (answer) => html`<button
            aria-pressed=${answer === alarm.answer}
            @click=${() => this.#answer(alarm, answer)}
          >
            ${ANSWER_WORDS[answer]}
          </button>`,
        )}
      </fieldset>
      ${problem}`;
  }

  readonly #change = () => {
    this.changing = true;
  };

  async #answer(alarm: AlarmJson, answer: AlarmAnswer): Promise<void> {
    this.problem = "";
    this.sending = true;
    try {
      const detail = await answerAlarm(alarm.id, answer);
      this.alarm = detail;
      this.changing = false;
      this.dispatchEvent(new CustomEvent("answered", { detail }));
    } catch (error) {
      this.problem = `Not stored. ${sentenceOf(error)}`;
    } finally {
      this.sending = false;
    }
  }
}
