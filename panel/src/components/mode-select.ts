import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { CareJson } from "../../../src/api/care-contract.ts";
import type { Mode } from "../../../src/domain/care.ts";
import { sentenceOf } from "../data/api.ts";
import { setMode } from "../data/care-api.ts";
import { EMPTY_HOME } from "../data/home-state.ts";
import { controls } from "../styles/controls.ts";
import { MODE_HELP, MODE_WORDS } from "../words/care-words.ts";
import { eventWords } from "../words/event-words.ts";

const MODES = Object.keys(MODE_WORDS) as Mode[];

/** Which mode the household is in, and what raises an alarm in it. */
@customElement("haven-mode-select")
export class ModeSelect extends LitElement {
  @property({ attribute: false }) care: CareJson = EMPTY_HOME.care;
  @state() private sending = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 10px;
      }
      fieldset {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(100px, 1fr));
        gap: 8px;
        min-width: 0;
        margin: 0;
        padding: 0;
        border: none;
      }
      legend {
        margin-bottom: 8px;
        padding: 0;
        font-size: 1.05rem;
        font-weight: 600;
      }
      label {
        display: flex;
        align-items: center;
        justify-content: center;
        min-height: 48px;
        border: 1px solid var(--line);
        border-radius: 12px;
        font-weight: 600;
        cursor: pointer;
        touch-action: manipulation;
      }
      label:has(:checked) {
        border-color: transparent;
        background: var(--button);
        color: #fff;
      }
      label:has(:focus-visible) {
        outline: 3px solid var(--accent);
        outline-offset: 2px;
      }
      /* The whole field is the button; what is pressed is still a radio button, for keys and readers. */
      input[type="radio"] {
        position: absolute;
        width: 1px;
        min-height: 0;
        height: 1px;
        opacity: 0;
      }
    `,
  ];

  override render() {
    const { care } = this;
    const armed = care.armed.map((cause) => eventWords(cause).title.toLowerCase()).join(", ");
    const now = care.mode === "auto" ? ` Now: ${MODE_WORDS[care.effective_mode].toLowerCase()}.` : "";
    return html`
      <fieldset ?disabled=${this.sending}>
        <legend>Mode</legend>
        ${MODES.map(
          (mode) => html`<label>
            <input
              type="radio"
              name="mode"
              .checked=${mode === care.mode}
              @change=${() => this.#choose(mode)}
            />${MODE_WORDS[mode]}
          </label>`,
        )}
      </fieldset>
      <p role="status">${MODE_HELP[care.mode]}${now}</p>
      <p class="soft small">
        ${armed === "" ? "Nothing raises an alarm in this mode." : `An alarm is raised for: ${armed}.`}
        <a href="#/care/rules">Change</a>
      </p>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
    `;
  }

  async #choose(mode: Mode): Promise<void> {
    this.problem = "";
    this.sending = true;
    try {
      await setMode(mode);
    } catch (error) {
      this.problem = `The mode was not changed. ${sentenceOf(error)}`;
      // Shows what is, not what was wished for.
      for (const [index, radio] of [...this.renderRoot.querySelectorAll("input")].entries())
        radio.checked = MODES[index] === this.care.mode;
    } finally {
      this.sending = false;
    }
  }
}
