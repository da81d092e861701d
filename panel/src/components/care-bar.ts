import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { CareJson, SnoozeJson } from "../../../src/api/care-contract.ts";
import { sentenceOf } from "../data/api.ts";
import { endSnooze } from "../data/care-api.ts";
import { EMPTY_HOME } from "../data/home-state.ts";
import { controls } from "../styles/controls.ts";
import { snoozeSentence } from "../words/care-words.ts";
import { icon } from "./icon.ts";
import "./ticking-time.ts";

/** On every view, while it lasts: what is snoozed, until when, and how to end it; and that a drill is under way. */
@customElement("haven-care-bar")
export class CareBar extends LitElement {
  @property({ attribute: false }) care: CareJson = EMPTY_HOME.care;
  @state() private ending: string | null = null;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      .bar {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 4px max(16px, env(safe-area-inset-right), calc(50vw - 584px)) 4px
          max(16px, env(safe-area-inset-left), calc(50vw - 584px));
        border-bottom: 1px solid rgba(0, 0, 0, 0.2);
        background: #ffe2a3;
        color: #221a00;
      }
      .bar.drill {
        background: #cfe8f3;
        color: #06232e;
      }
      .words {
        flex: 1;
        min-width: 0;
        padding: 4px 0;
        font-size: 0.9rem;
        overflow-wrap: anywhere;
      }
      button,
      .button {
        flex: none;
        padding: 8px 16px;
        border-color: currentColor;
        color: inherit;
      }
      button:hover,
      .button:hover {
        background: rgba(0, 0, 0, 0.08);
      }
      :focus-visible {
        outline-color: currentColor;
      }
      .problem {
        padding: 8px 16px;
      }
    `,
  ];

  override render() {
    const { snoozes, drill } = this.care;
    return html`<section aria-label="Snoozes and drills">
      ${snoozes.map((snooze) => this.#snooze(snooze))}
      ${
        drill === null
          ? nothing
          : html`<div class="bar drill">
            ${icon("drill")}
            <div class="words">
              <span role="status">A drill is under way: alarms are marked as tests.</span>
              <haven-ticking down at=${drill.until}></haven-ticking> left.
            </div>
            <a class="button" href="#/care/drill">Show</a>
          </div>`
      }
      <div role="alert">${this.problem === "" ? nothing : html`<p class="problem">${this.problem}</p>`}</div>
    </section>`;
  }

  #snooze(snooze: SnoozeJson) {
    const { area, reason, until } = snooze;
    const key = area ?? "";
    return html`<div class="bar">
      ${icon("snooze")}
      <div class="words">
        <span role="status">${snoozeSentence(snooze)}.</span>
        ${until === null ? nothing : html`<haven-ticking down at=${until}></haven-ticking> left.`}
      </div>
      ${
        reason === "carer"
          ? nothing
          : html`<button
            aria-label="End the snooze of ${area ?? "all rooms"}"
            ?disabled=${this.ending === key}
            @click=${() => this.#end(area)}
          >
            End
          </button>`
      }
    </div>`;
  }

  async #end(area: string | null): Promise<void> {
    this.problem = "";
    this.ending = area ?? "";
    try {
      await endSnooze(area);
    } catch (error) {
      this.problem = `The snooze goes on. ${sentenceOf(error)}`;
    } finally {
      this.ending = null;
    }
  }
}
