import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { sentenceOf } from "../data/api.ts";
import { snooze } from "../data/care-api.ts";
import { controls } from "../styles/controls.ts";
import { duration } from "../words/time-words.ts";

const CHOICES = [15, 30, 60, 120, 240, 480] as const;

/** Holds alarms back for a while. What is snoozed is shown by the bar at the top of every view. */
@customElement("haven-snooze-control")
export class SnoozeControl extends LitElement {
  @property({ attribute: false }) areas: readonly string[] = [];
  /** Longest snooze, minutes. */
  @property({ type: Number }) longest = 0;
  @state() private area: string | null = null;
  @state() private sending = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 10px;
      }
      select {
        max-width: 420px;
      }
      button {
        padding: 8px 16px;
      }
    `,
  ];

  override render() {
    return html`
      <h2>Snooze alarms</h2>
      <p class="soft small">
        While you are in the room yourself, for instance. It ends by itself. Somebody lying on the floor for long still
        raises an alarm.
      </p>
      ${
        this.areas.length === 0
          ? nothing
          : html`<label class="field">
            <span>Where</span>
            <select
              @change=${(event: Event) => {
                const { value } = event.target as HTMLSelectElement;
                this.area = value === "" ? null : value;
              }}
            >
              <option value="">All rooms</option>
              ${this.areas.map((area) => html`<option value=${area} ?selected=${area === this.area}>${area}</option>`)}
            </select>
          </label>`
      }
      <div class="row" role="group" aria-label="Snooze for">
        ${this.#choices().map(
          (minutes) => html`<button ?disabled=${this.sending} @click=${() => this.#snooze(minutes)}>
            ${duration(minutes * 60)}
          </button>`,
        )}
      </div>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
    `;
  }

  /** Those that are allowed, and the longest that is. */
  #choices(): readonly number[] {
    const allowed = CHOICES.filter((minutes) => minutes < this.longest).slice(0, 3);
    return this.longest > 0 ? [...allowed, this.longest] : [];
  }

  async #snooze(minutes: number): Promise<void> {
    this.problem = "";
    this.sending = true;
    try {
      await snooze(minutes, this.area);
    } catch (error) {
      this.problem = `Not snoozed. ${sentenceOf(error)}`;
    } finally {
      this.sending = false;
    }
  }
}
