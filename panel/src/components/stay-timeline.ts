import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import type { StayJson } from "../../../src/api/person-contract.ts";
import { controls } from "../styles/controls.ts";
import { staysByArea } from "../words/people-words.ts";
import { clockTime, duration } from "../words/time-words.ts";

/** Where somebody was in the last hours: a bar for each area. */
@customElement("haven-stay-timeline")
export class StayTimeline extends LitElement {
  @property({ attribute: false }) stays: readonly StayJson[] = [];
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];
  /** Wall time, milliseconds. */
  @property({ attribute: false }) from = 0;
  @property({ attribute: false }) to = 1;

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      ul {
        display: grid;
        gap: 10px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .words {
        display: flex;
        justify-content: space-between;
        gap: 12px;
        overflow-wrap: anywhere;
      }
      .bar {
        position: relative;
        height: 14px;
        overflow: hidden;
        border-radius: 7px;
        background: color-mix(in srgb, var(--soft), transparent 80%);
      }
      .bar span {
        position: absolute;
        top: 0;
        bottom: 0;
        min-width: 3px;
        background: var(--accent);
      }
      .axis {
        display: flex;
        justify-content: space-between;
      }
    `,
  ];

  override render() {
    const { from, to } = this;
    const areas = staysByArea(this.stays, {
      from,
      to,
      nameOf: (id) => this.cameras.find((camera) => camera.id === id)?.name ?? "A camera that was removed",
    });
    return html`
      <h2>The last 24 hours</h2>
      ${
        areas.length === 0
          ? html`<p class="soft">Not seen by any camera.</p>`
          : html`<ul>
              ${areas.map(
                ({ area, seconds, spans }) => html`<li>
                  <div class="words small"><span>${area}</span><span class="soft">${duration(seconds)}</span></div>
                  <div class="bar" aria-hidden="true">
                    ${spans.map(
                      (span) =>
                        html`<span style="left: ${span.from * 100}%; width: ${(span.to - span.from) * 100}%"></span>`,
                    )}
                  </div>
                </li>`,
              )}
            </ul>
            <div class="axis soft small" aria-hidden="true">
              ${[from, (from + to) / 2].map((at) => html`<span>${clockTime(at, at)}</span>`)}<span>now</span>
            </div>`
      }
    `;
  }
}
