import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { SensitivityJson, TradeOffRowJson } from "../../../src/api/care-contract.ts";
import { controls } from "../styles/controls.ts";
import { tradeOffAt, tradeOffSentence } from "../words/trade-off-words.ts";

const WIDTH = 340;
const LEFT = 34;
const RIGHT = 10;
/** One drawing over the other, on the same axis of speeds: two scales in one are read wrongly. */
const FOUND = { top: 24, height: 78 } as const;
const WRONG = { top: 138, height: 62 } as const;
const HEIGHT = 240;

/** Falls found, and false alarms, at each falling speed; with the value in question marked in both. */
@customElement("haven-trade-off")
export class TradeOffChart extends LitElement {
  @property({ attribute: false }) sensitivity: SensitivityJson | null = null;
  /** The value that is looked at. */
  @property({ type: Number }) value = 0;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      svg {
        width: 100%;
        max-width: 560px;
        height: auto;
      }
      text {
        fill: var(--soft);
        font-size: 11px;
      }
      .title {
        fill: var(--text);
        font-size: 12.5px;
        font-weight: 600;
      }
      .end {
        text-anchor: end;
      }
      .middle {
        text-anchor: middle;
      }
      .grid {
        stroke: var(--line);
      }
      path,
      .mark {
        fill: none;
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }
      .found {
        stroke: var(--accent);
      }
      .noticed {
        stroke: var(--accent);
        stroke-dasharray: 3 4;
      }
      .wrong {
        stroke: var(--danger);
      }
      circle.found {
        fill: var(--accent);
      }
      circle.wrong {
        fill: var(--danger);
      }
      .mark {
        stroke: var(--text);
        stroke-dasharray: 2 3;
      }
      .chosen {
        stroke: var(--text);
        stroke-width: 2;
      }
    `,
  ];

  override render() {
    const { sensitivity, value } = this;
    const rows = sensitivity?.rows ?? [];
    const [first, last] = [rows[0], rows.at(-1)];
    if (sensitivity === null || first === undefined || last === undefined || first === last) return nothing;
    const x = (speed: number) =>
      LEFT + ((speed - first.fall_speed) / (last.fall_speed - first.fall_speed)) * (WIDTH - LEFT - RIGHT);
    // Down to the tenth below the worst: the difference between 95 and 98 of 100 must be seen.
    const least = Math.min(0.9, Math.floor(Math.min(...rows.map((row) => row.detected_share)) * 10) / 10);
    const most = Math.max(1, Math.ceil(Math.max(...rows.map((row) => row.false_alarms))));
    const yFound = (share: number) => FOUND.top + ((1 - share) / (1 - least)) * FOUND.height;
    const yWrong = (count: number) => WRONG.top + (1 - count / most) * WRONG.height;
    const line = (y: (row: TradeOffRowJson) => number) =>
      rows.map((row, i) => `${i === 0 ? "M" : "L"}${round(x(row.fall_speed))} ${round(y(row))}`).join("");
    const at = tradeOffAt(rows, value);
    return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${tradeOffSentence(sensitivity, value)}>
      <text class="title" x="0" y="12">Falls found, of 100</text>
      <text class="title" x="0" y=${WRONG.top - 12}>False alarms in ${sensitivity.clips_without} recordings</text>
      ${[least, (1 + least) / 2, 1].map((share) => this.#gridLine(yFound(share), String(Math.round(share * 100))))}
      ${[0, most].map((count) => this.#gridLine(yWrong(count), String(count)))}
      <path class="noticed" d=${line((row) => yFound(row.noticed_share))}></path>
      <path class="found" d=${line((row) => yFound(row.detected_share))}></path>
      <path class="wrong" d=${line((row) => yWrong(row.false_alarms))}></path>
      ${rows.map(
        (
          row,
        ) => svg`<circle class="found" cx=${x(row.fall_speed)} cy=${yFound(row.detected_share)} r="2.5"></circle>
          <circle class="wrong" cx=${x(row.fall_speed)} cy=${yWrong(row.false_alarms)} r="2.5"></circle>`,
      )}
      ${rows.map((row) => svg`<text class="middle" x=${x(row.fall_speed)} y=${HEIGHT - 22}>${tick(rows, row)}</text>`)}
      <text x=${LEFT} y=${HEIGHT - 5}>more sensitive</text>
      <text class="end" x=${WIDTH - RIGHT} y=${HEIGHT - 5}>less sensitive</text>
      ${
        at === null
          ? nothing
          : svg`<path class="mark" d="M${x(value)} ${FOUND.top - 6}V${WRONG.top + WRONG.height}"></path>
            <circle class="found chosen" cx=${x(value)} cy=${yFound(at.detected_share)} r="5"></circle>
            <circle class="wrong chosen" cx=${x(value)} cy=${yWrong(at.false_alarms)} r="5"></circle>`
      }
    </svg>`;
  }

  #gridLine(y: number, words: string) {
    return svg`<line class="grid" x1=${LEFT} x2=${WIDTH - RIGHT} y1=${y} y2=${y}></line>
      <text class="end" x=${LEFT - 6} y=${y + 4}>${words}</text>`;
  }
}

/** Of many rows only every second or third is written, the outermost always. */
function tick(rows: readonly TradeOffRowJson[], row: TradeOffRowJson): string {
  const every = Math.ceil(rows.length / 8);
  const index = rows.indexOf(row);
  const shown = index % every === 0 && (index === 0 || rows.length - 1 - index >= every);
  return shown || index === rows.length - 1 ? String(Math.round(row.fall_speed * 100) / 100) : "";
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
