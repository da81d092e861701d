import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { DrillStageJson } from "../../../src/api/care-contract.ts";
import { controls } from "../styles/controls.ts";
import { nextStage, STAGE_WORDS, STAGES, seconds } from "../words/drill-words.ts";
import { clockTimeSeconds } from "../words/time-words.ts";
import { icon } from "./icon.ts";

/** The stages of a drill, those that were reached with their delay; while it runs, what to do next. */
@customElement("haven-drill-stages")
export class DrillStages extends LitElement {
  @property({ attribute: false }) stages: readonly DrillStageJson[] = [];
  @property({ type: Boolean }) running = false;

  static override styles = [
    controls,
    css`
      ol {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 44px;
        color: var(--soft);
      }
      li > svg {
        color: var(--ok);
      }
      .dot {
        flex: none;
        width: 12px;
        height: 12px;
        margin: 0 6px;
        border: 2px solid var(--soft);
        border-radius: 50%;
      }
      .reached {
        color: var(--text);
        font-weight: 600;
      }
      .next {
        margin: 0 -8px;
        padding: 4px 8px;
        border-radius: 8px;
        background: var(--tint);
        color: var(--text);
      }
      .delay {
        font-variant-numeric: tabular-nums;
        text-align: right;
      }
    `,
  ];

  override render() {
    const reached = new Map(this.stages.map((stage) => [stage.stage, stage]));
    const next = this.running ? nextStage(this.stages) : null;
    return html`<ol role="log" aria-label="Stages">
      ${STAGES.map((name) => {
        const stage = reached.get(name);
        const { title, todo } = STAGE_WORDS[name];
        if (stage !== undefined)
          return html`<li class="reached">
            ${icon("check")}<span class="grow">${title}</span><span class="delay small">${delayOf(stage)}</span>
          </li>`;
        return html`<li class=${name === next ? "next" : ""} aria-current=${name === next ? "step" : nothing}>
          <span class="dot" aria-hidden="true"></span>
          <span class="grow">${title}${name === next && todo !== "" ? html`<br /><strong>${todo}</strong>` : nothing}</span>
        </li>`;
      })}
    </ol>`;
  }
}

/** What counts is the time since the body reached the ground; before that, when it was. */
function delayOf({ at, delay_s: delay }: DrillStageJson): string {
  return delay === null ? clockTimeSeconds(Date.parse(at)) : `after ${seconds(delay)}`;
}
