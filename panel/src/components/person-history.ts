import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { AuditEntryJson } from "../../../src/api/person-contract.ts";
import { sentenceOf } from "../data/api.ts";
import { undoChange } from "../data/person-api.ts";
import { controls } from "../styles/controls.ts";
import { auditSentence, canUndo } from "../words/people-words.ts";
import { icon } from "./icon.ts";
import "./time-ago.ts";

/** What was done to a person, newest first; what can be, is taken back here. Fires `undone`. */
@customElement("haven-person-history")
export class PersonHistory extends LitElement {
  @property({ attribute: false }) entries: readonly AuditEntryJson[] = [];
  @state() private busy = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 56px;
        overflow-wrap: anywhere;
      }
      li + li {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  override render() {
    return html`
      <h2>What was changed</h2>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      <ul>
        ${repeat(
          this.entries,
          ({ id }) => id,
          (entry) => html`<li>
            <span class="grow">
              ${auditSentence(entry)}${entry.undone_at === null ? "" : " (undone)"}<br />
              <span class="soft small">by ${entry.by}, <haven-time-ago at=${entry.at}></haven-time-ago></span>
            </span>
            ${
              canUndo(entry)
                ? html`<button
                  class="icon"
                  aria-label="Undo: ${auditSentence(entry)}"
                  ?disabled=${this.busy}
                  @click=${() => this.#undo(entry)}
                >
                  ${icon("undo")}
                </button>`
                : nothing
            }
          </li>`,
        )}
      </ul>
    `;
  }

  async #undo({ id }: AuditEntryJson): Promise<void> {
    this.problem = "";
    this.busy = true;
    try {
      await undoChange(id);
      this.dispatchEvent(new CustomEvent("undone"));
    } catch (error) {
      this.problem = `Not taken back. ${sentenceOf(error)}`;
    } finally {
      this.busy = false;
    }
  }
}
