import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { SensitivityJson } from "../../../src/api/care-contract.ts";
import { BACK_TO_CARE, pageHead, pageHeadStyles } from "../components/page-head.ts";
import { sentenceOf } from "../data/api.ts";
import { changeAdl, readSensitivity } from "../data/care-api.ts";
import { controls } from "../styles/controls.ts";
import { tradeOffSentence } from "../words/trade-off-words.ts";
import "../components/trade-off-chart.ts";

/** How fast somebody has to come down for a fall, with what each value found and invented drawn beside it. */
@customElement("haven-sensitivity-view")
export class SensitivityView extends LitElement {
  @state() private sensitivity: SensitivityJson | null = null;
  @state() private value = 0;
  @state() private saving = false;
  @state() private problem = "";
  @state() private saved = "";

  static override styles = [
    controls,
    pageHeadStyles,
    css`
      :host {
        display: grid;
        gap: 16px;
        max-width: 720px;
      }
      .card {
        display: grid;
        gap: 14px;
      }
      input[type="range"] {
        padding: 0;
        border: none;
        background: transparent;
        accent-color: var(--button);
      }
      .ends {
        display: flex;
        justify-content: space-between;
      }
      .words {
        min-height: 4.4em;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  override render() {
    const { sensitivity } = this;
    return html`
      ${pageHead("Sensitivity", BACK_TO_CARE)}
      <p class="soft">
        A fall is a quick way down. The lower the speed that counts as falling, the more falls are found, and the more
        often lying down in a hurry is taken for one. Somebody who lies on the floor is noticed in any case, some time
        later.
      </p>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      ${sensitivity === null ? nothing : this.#setting(sensitivity)}
    `;
  }

  #setting(sensitivity: SensitivityJson) {
    const { value } = this;
    const [least, most] = range(sensitivity);
    const changed = value !== sensitivity.fall_speed;
    return html`<section class="card" aria-label="The setting">
      ${
        sensitivity.rows.length < 2
          ? html`<p class="soft">What each value finds has not been measured for this version.</p>`
          : html`<haven-trade-off .sensitivity=${sensitivity} value=${value}></haven-trade-off>
            <p class="words" aria-live="polite">${tradeOffSentence(sensitivity, value)}</p>`
      }
      <label class="field">
        <span>Falling speed: ${value.toFixed(2)} body lengths a second${changed ? "" : " (in use)"}</span>
        <input
          type="range"
          min=${least}
          max=${most}
          step="0.05"
          aria-valuetext="${value.toFixed(2)} body lengths a second"
          .value=${String(value)}
          @input=${(event: Event) => this.#look(Number((event.target as HTMLInputElement).value))}
        />
        <span class="ends small soft" aria-hidden="true"><span>more sensitive</span><span>less sensitive</span></span>
      </label>
      <div class="row">
        <button class="primary" ?disabled=${!changed || this.saving} @click=${this.#save}>
          ${this.saving ? "Saving…" : "Use this value"}
        </button>
        ${
          value === sensitivity.default
            ? nothing
            : html`<button @click=${() => this.#look(sensitivity.default)}>
              Back to ${sensitivity.default.toFixed(2)}, the default
            </button>`
        }
      </div>
      <p role="status">${this.saved}</p>
      ${
        sensitivity.rows.length < 2
          ? nothing
          : html`<p class="soft small">
            Measured on ${sensitivity.falls} recorded falls and ${sensitivity.clips_without} recordings without one, of
            other homes than yours. The dashed line counts falls that were at least noticed as somebody on the floor.
          </p>`
      }
    </section>`;
  }

  #look(value: number): void {
    this.value = Math.round(value * 100) / 100;
    this.saved = "";
  }

  readonly #save = async (): Promise<void> => {
    const { value, sensitivity } = this;
    if (sensitivity === null) return;
    this.problem = "";
    this.saving = true;
    try {
      const { adl } = await changeAdl({ fall_speed: value });
      this.sensitivity = { ...sensitivity, fall_speed: adl.fall_speed };
      this.saved = `Saved: ${adl.fall_speed.toFixed(2)} is in use now.`;
    } catch (error) {
      this.problem = `Not saved. ${sentenceOf(error)}`;
    } finally {
      this.saving = false;
    }
  };

  async #load(): Promise<void> {
    try {
      this.sensitivity = await readSensitivity();
      this.value = this.sensitivity.fall_speed;
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }
}

/** What was measured, and what is in use wherever that lies. */
function range({
  rows,
  least,
  most,
  fall_speed: used,
  default: standard,
}: SensitivityJson): readonly [number, number] {
  const speeds = [...rows.map((row) => row.fall_speed), used, standard];
  if (rows.length < 2) return [least, most];
  return [Math.max(least, Math.min(...speeds)), Math.min(most, Math.max(...speeds))];
}
