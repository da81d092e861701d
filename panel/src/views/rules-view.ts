import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { AdlSettingsJson, AlarmSettingsJson, SettingsJson } from "../../../src/api/care-contract.ts";
import type { AlarmCause } from "../../../src/domain/alarm.ts";
import type { EffectiveMode } from "../../../src/domain/care.ts";
import { BACK_TO_CARE, pageHead, pageHeadStyles } from "../components/page-head.ts";
import { sentenceOf } from "../data/api.ts";
import { changeAdl, changeAlarms, readSettings } from "../data/care-api.ts";
import { controls } from "../styles/controls.ts";
import { MODE_WORDS } from "../words/care-words.ts";
import { eventWords } from "../words/event-words.ts";

/** In the order of how bad they are. A long lie is told whatever is set. */
const CAUSES: Readonly<Record<Exclude<AlarmCause, "long_lie">, true>> = {
  fall_confirmed: true,
  on_floor: true,
  bed_exit: true,
  bed_edge: true,
  wandering: true,
  inactivity: true,
  unknown_person: true,
  area_blind: true,
};
const MODES = ["home", "night", "away"] as const satisfies readonly EffectiveMode[];

type NumberKey = "bed_edge_after_seconds" | "wandering_after_minutes" | "inactivity_after_minutes";
const NUMBERS: readonly (readonly [key: NumberKey, label: string, help: string])[] = [
  [
    "bed_edge_after_seconds",
    "On the edge of the bed, seconds",
    "How long somebody sits there before the warning. 0 gives none.",
  ],
  ["wandering_after_minutes", "Up at night, minutes", "How long before it is told. 0 tells nothing."],
  [
    "inactivity_after_minutes",
    "Nobody moves, minutes",
    "How long, while somebody is at home, before it is told. 0 tells nothing.",
  ],
];

/** What raises an alarm in which mode, and the times after which things are told. */
@customElement("haven-rules-view")
export class RulesView extends LitElement {
  @state() private adl: AdlSettingsJson | null = null;
  @state() private armed: AlarmSettingsJson["armed"] | null = null;
  @state() private saving = false;
  @state() private problem = "";
  @state() private saved = "";

  static override styles = [
    controls,
    pageHeadStyles,
    css`
      :host,
      form {
        display: grid;
        gap: 16px;
        max-width: 720px;
      }
      .card {
        display: grid;
        gap: 12px;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th {
        font-weight: 600;
      }
      thead th:not(:first-child),
      td {
        width: 56px;
        text-align: center;
      }
      tbody th {
        padding: 4px 0;
        font-weight: 400;
        text-align: left;
      }
      tbody tr {
        border-top: 1px solid var(--line);
      }
      td label {
        display: grid;
        place-items: center;
        min-height: 48px;
        cursor: pointer;
      }
      input[type="checkbox"] {
        width: 22px;
        height: 22px;
        accent-color: var(--button);
      }
      .times {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
        gap: 12px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  override render() {
    const { adl, armed } = this;
    return html`
      ${pageHead("What raises an alarm", BACK_TO_CARE)}
      ${
        adl === null || armed === null
          ? nothing
          : html`<form novalidate @submit=${this.#save}>
            ${this.#table(armed)} ${this.#times(adl)}
            <button class="primary" type="submit" ?disabled=${this.saving}>${this.saving ? "Saving…" : "Save"}</button>
          </form>`
      }
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      <p role="status">${this.saved}</p>
    `;
  }

  #table(armed: AlarmSettingsJson["armed"]) {
    return html`<section class="card" aria-label="Alarms by mode">
      <table>
        <thead>
          <tr>
            <th scope="col"></th>
            ${MODES.map((mode) => html`<th scope="col" class="small">${MODE_WORDS[mode]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${(Object.keys(CAUSES) as AlarmCause[]).map((cause) => {
            const { title } = eventWords(cause);
            return html`<tr>
              <th scope="row">${title}</th>
              ${MODES.map(
                (mode) => html`<td>
                  <label>
                    <input
                      type="checkbox"
                      aria-label="${title}, ${MODE_WORDS[mode]}"
                      .checked=${armed[mode].includes(cause)}
                      @change=${(event: Event) => this.#arm(mode, cause, (event.target as HTMLInputElement).checked)}
                    />
                  </label>
                </td>`,
              )}
            </tr>`;
          })}
        </tbody>
      </table>
      <p class="soft small">
        Somebody lying on the floor for long raises an alarm in every mode. What is not ticked is still told as an event.
      </p>
    </section>`;
  }

  #times(adl: AdlSettingsJson) {
    return html`<section class="card" aria-label="Times">
      <div class="times">
        ${(["night_from", "night_until"] as const).map(
          (key) => html`<label class="field">
            <span>${key === "night_from" ? "Night begins" : "Night ends"}</span>
            <input
              type="time"
              .value=${adl[key]}
              @input=${(event: Event) => this.#set({ [key]: (event.target as HTMLInputElement).value })}
            />
          </label>`,
        )}
      </div>
      ${NUMBERS.map(
        ([key, label, help]) => html`<label class="field">
          <span>${label}</span>
          <input
            type="number"
            min="0"
            inputmode="numeric"
            .value=${String(adl[key])}
            @input=${(event: Event) => this.#set({ [key]: (event.target as HTMLInputElement).valueAsNumber })}
          />
          <span class="soft small">${help}</span>
        </label>`,
      )}
    </section>`;
  }

  #arm(mode: EffectiveMode, cause: AlarmCause, on: boolean): void {
    const { armed } = this;
    if (armed === null) return;
    const others = armed[mode].filter((other) => other !== cause);
    this.armed = { ...armed, [mode]: on ? [...others, cause] : others };
    this.saved = "";
  }

  #set(change: Partial<AdlSettingsJson>): void {
    if (this.adl !== null) this.adl = { ...this.adl, ...change };
    this.saved = "";
  }

  readonly #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { adl, armed } = this;
    if (adl === null || armed === null) return;
    const empty = NUMBERS.find(([key]) => !Number.isFinite(adl[key]));
    this.problem = empty === undefined ? "" : `Give a number: ${empty[1].toLowerCase()}.`;
    if (this.problem !== "") return;
    this.saving = true;
    try {
      const { fall_speed: _, ...times } = adl;
      await changeAdl(times);
      this.#take(await changeAlarms({ armed }));
      this.saved = "Saved.";
    } catch (error) {
      this.problem = `Not saved. ${sentenceOf(error)}`;
    } finally {
      this.saving = false;
    }
  };

  #take({ adl, alarms }: SettingsJson): void {
    this.adl = adl;
    this.armed = alarms.armed;
  }

  async #load(): Promise<void> {
    try {
      this.#take(await readSettings());
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }
}
