import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { DayJson } from "../../../src/api/care-contract.ts";
import type { AlarmJson } from "../../../src/api/contract.ts";
import { icon } from "../components/icon.ts";
import type { IconName } from "../components/icon-paths.ts";
import { sentenceOf } from "../data/api.ts";
import { readDays, recentAlarms } from "../data/care-api.ts";
import { areasOf, EMPTY_HOME, type HomeState } from "../data/home-state.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { alarmTitle } from "../words/camera-words.ts";
import { answerSentence } from "../words/care-words.ts";
import { clockTime } from "../words/time-words.ts";
import "../components/day-card.ts";
import "../components/mode-select.ts";
import "../components/snooze-control.ts";

/** Alarms of the past that are shown at most. */
const MAX_ALARMS = 5;

const PAGES: readonly {
  readonly href: string;
  readonly icon: IconName;
  readonly title: string;
  readonly help: string;
}[] = [
  {
    href: "#/care/drill",
    icon: "drill",
    title: "Try the alarm",
    help: "A walk-through test: shows each stage and its delay, and marks its alarms as tests.",
  },
  {
    href: "#/care/sensitivity",
    icon: "tune",
    title: "Sensitivity",
    help: "How fast somebody has to come down for a fall, and what that finds and invents.",
  },
  {
    href: "#/care/rules",
    icon: "bell",
    title: "What raises an alarm",
    help: "For each mode; and night hours, warnings and notices.",
  },
];

/** What carers and residents do and want to know: mode, snooze, today, alarms of the past, drill and settings. */
@customElement("haven-care-view")
export class CareView extends LitElement {
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @state() private days: readonly DayJson[] = [];
  @state() private past: readonly AlarmJson[] = [];
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      .cards {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr));
        align-items: start;
        gap: 16px;
        margin-top: 16px;
      }
      .column {
        display: grid;
        gap: 16px;
        min-width: 0;
      }
      .card {
        display: grid;
        gap: 10px;
        min-width: 0;
      }
      ul {
        display: grid;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li + li {
        border-top: 1px solid var(--line);
      }
      li a {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 56px;
        padding: 6px 0;
        color: var(--text);
        text-decoration: none;
      }
      li a > svg {
        color: var(--accent);
      }
      li strong {
        display: block;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  override willUpdate(changed: PropertyValues): void {
    const before = changed.get("home") as HomeState | undefined;
    if (before === undefined) return;
    const another = before.day?.date !== this.home.day?.date || before.alarms !== this.home.alarms;
    if (another || (before.connection !== "online" && this.home.connection === "online")) void this.#load();
  }

  override render() {
    const { home } = this;
    return html`
      <h1 tabindex="-1">Care</h1>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      <div class="cards">
        <div class="column">
          <div class="card"><haven-mode-select .care=${home.care}></haven-mode-select></div>
          <div class="card">
            <haven-snooze-control
              .areas=${areasOf(home)}
              longest=${home.care.snooze_max_minutes}
            ></haven-snooze-control>
          </div>
          <nav class="card" aria-label="More about care">
            <ul>
              ${PAGES.map(
                ({ href, icon: name, title, help }) => html`<li>
                  <a href=${href}>
                    ${icon(name)}
                    <span class="grow"><strong>${title}</strong><span class="soft small">${help}</span></span>
                    ${icon("next", 20)}
                  </a>
                </li>`,
              )}
            </ul>
          </nav>
        </div>
        <div class="column">
          <div class="card"><haven-day-card .day=${home.day} .days=${this.#week()}></haven-day-card></div>
          ${this.past.length === 0 ? nothing : this.#alarms()}
        </div>
      </div>
    `;
  }

  #alarms() {
    return html`<section class="card" aria-label="Latest alarms">
      <h2>Latest alarms</h2>
      <ul>
        ${repeat(
          this.past.slice(0, MAX_ALARMS),
          ({ id }) => id,
          (alarm) => html`<li>
            <a href="#/alarm/${alarm.id}">
              <span class="grow">
                <strong>${alarmTitle(alarm, this.home.cameras)}${alarm.test ? " (test)" : ""}</strong>
                <span class="soft small">
                  ${clockTime(Date.parse(alarm.raised_at), serverNow())} ·
                  ${alarm.answer === null ? "What was it?" : answerSentence(alarm)}
                </span>
              </span>
              ${icon("next", 20)}
            </a>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  /** What was read, with today as it is by now. */
  #week(): readonly DayJson[] {
    const { day } = this.home;
    return day === null ? this.days : [...this.days.filter(({ date }) => date !== day.date), day];
  }

  async #load(): Promise<void> {
    try {
      [this.days, this.past] = await Promise.all([readDays(), recentAlarms()]);
      this.problem = "";
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }
}
