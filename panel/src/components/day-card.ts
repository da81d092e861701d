import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { DayJson } from "../../../src/api/care-contract.ts";
import { controls } from "../styles/controls.ts";
import {
  alarmsSentence,
  areaBars,
  areaSentence,
  type DayBar,
  doorSentence,
  type WeekRow,
  weekRows,
} from "../words/day-words.ts";
import { weekday } from "../words/time-words.ts";

const COLUMN = 40;
const GAP = 6;
const HEIGHT = 44;

/** Today room by room, as bars of 24 hours, and the last days as columns beside one another. */
@customElement("haven-day-card")
export class DayCard extends LitElement {
  @property({ attribute: false }) day: DayJson | null = null;
  /** Oldest first, today included. */
  @property({ attribute: false }) days: readonly DayJson[] = [];

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      h3 {
        margin: 0;
        font-size: 1rem;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      section {
        display: grid;
        gap: 4px;
      }
      .bar {
        display: grid;
        grid-template-columns: 7.5em minmax(0, 1fr) 5.5em;
        align-items: center;
        gap: 8px;
        font-size: 0.9rem;
      }
      .bar > :last-child {
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
      .line {
        height: 12px;
        overflow: hidden;
        border-radius: 6px;
        background: color-mix(in srgb, var(--soft), transparent 82%);
      }
      .line > div {
        height: 100%;
        min-width: 0;
        border-radius: 6px;
        background: var(--button);
      }
      .line .bed {
        background: #6f5bb5;
      }
      .line .blind {
        background: var(--warn);
      }
      .week {
        display: grid;
        gap: 10px;
      }
      figure {
        margin: 0;
      }
      svg {
        width: 100%;
        max-width: 420px;
        height: auto;
      }
      rect {
        fill: var(--button);
      }
      /* The day is not over. */
      rect.today {
        fill: color-mix(in srgb, var(--button), var(--card) 45%);
      }
      text {
        fill: var(--soft);
        font-size: 11px;
        text-anchor: middle;
      }
    `,
  ];

  override render() {
    const { day } = this;
    return html`
      <h2>Today</h2>
      ${
        day === null
          ? html`<p class="soft">Nothing has been counted yet today.</p>`
          : html`
            <p>${alarmsSentence(day)}</p>
            ${day.areas.map((area) => {
              const sentence = areaSentence(area);
              return html`<section aria-label=${area.area}>
                <h3>${area.area}</h3>
                ${areaBars(area).map((bar) => this.#bar(bar))}
                ${sentence === "" ? nothing : html`<p class="small">${sentence}</p>`}
              </section>`;
            })}
            ${day.doors.map(
              (door) => html`<section aria-label=${door.leads_to}>
                <h3>${door.leads_to}</h3>
                <p class="small">${doorSentence(door)}</p>
              </section>`,
            )}
            <p class="soft small">
              Bars are shares of 24 hours. "Not watched" is when nobody could have been seen: a camera offline, too dark, or
              privacy on.
            </p>
          `
      }
      ${this.days.length < 2 ? nothing : this.#week()}
    `;
  }

  #bar({ label, words, share, tone }: DayBar) {
    return html`<div class="bar">
      <span>${label}</span>
      <div class="line" aria-hidden="true">
        <div class=${tone} style="width: ${share === 0 ? "0" : `max(3px, ${share * 100}%)`}"></div>
      </div>
      <span>${words}</span>
    </div>`;
  }

  #week() {
    const rows = weekRows(this.days);
    if (rows.length === 0) return nothing;
    return html`<div class="week">
      <h3>The last days</h3>
      ${rows.map((row) => this.#columns(row))}
    </div>`;
  }

  #columns({ label, values }: WeekRow) {
    const most = Math.max(...values.map(({ value }) => value));
    const width = values.length * (COLUMN + GAP);
    const told = values.map(({ date, words }) => `${weekday(date)} ${words}`).join(", ");
    return html`<figure>
      <figcaption class="small">${label}</figcaption>
      <svg viewBox="0 0 ${width} ${HEIGHT + 32}" role="img" aria-label="${label}: ${told}">
        ${values.map(({ date, value, words }, index) => {
          const height = value === 0 ? 0 : Math.max(2, (value / most) * HEIGHT);
          const x = index * (COLUMN + GAP) + GAP / 2;
          return svg`<rect class=${date === this.day?.date ? "today" : ""} x=${x} y=${14 + HEIGHT - height} width=${COLUMN} height=${height} rx="3"></rect>
            <text x=${x + COLUMN / 2} y=${10 + HEIGHT - height}>${value === 0 ? "" : shortened(words)}</text>
            <text x=${x + COLUMN / 2} y=${HEIGHT + 28}>${weekday(date)}</text>`;
        })}
      </svg>
    </figure>`;
  }
}

/** "7 h 30 min" is too wide for a column: "7 h". */
function shortened(words: string): string {
  return words.replace(/ h \d+ min$/, " h");
}
