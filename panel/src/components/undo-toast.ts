import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { sentenceOf } from "../data/api.ts";
import { readAudit, undoChange } from "../data/person-api.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { canUndo } from "../words/people-words.ts";
import type { Done } from "./done.ts";
import { icon } from "./icon.ts";

/** Long enough to read it, find the button and press it (WCAG 2.2.1 asks for no less than 20 s where it matters). */
const SHOWN_MS = 20_000;

/** What was done a moment ago is found again in the audit by its name and by how new it is. */
const JUST_NOW_MS = 60_000;

/** Says at the foot of the page what was done, and takes it back. */
@customElement("haven-undo-toast")
export class UndoToast extends LitElement {
  @state() private sentence = "";
  @state() private auditId: string | null = null;
  @state() private undoing = false;
  #shown = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    controls,
    css`
      :host {
        position: fixed;
        right: 16px;
        bottom: calc(16px + var(--below, 0px));
        left: 16px;
        z-index: 3;
        display: grid;
        justify-items: center;
        pointer-events: none;
      }
      .toast {
        display: flex;
        align-items: center;
        gap: 4px 12px;
        max-width: 100%;
        padding: 4px 4px 4px 20px;
        border-radius: 12px;
        background: #22262d;
        box-shadow: 0 4px 16px rgba(0, 0, 0, 0.4);
        color: #fff;
        overflow-wrap: anywhere;
        pointer-events: auto;
      }
      .toast button {
        border-color: transparent;
        color: #8fd8f2;
      }
      .toast button:hover {
        background: rgba(255, 255, 255, 0.12);
      }
      .toast :focus-visible {
        outline-color: #fff;
        outline-offset: -3px;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async show({ sentence, personId, actions }: Done): Promise<void> {
    this.#say(sentence, null);
    const shown = this.#shown;
    if (personId === null) return;
    try {
      const entry = (await readAudit(personId, 5)).find(
        (one) =>
          actions.includes(one.action) && canUndo(one) && serverNow() - Date.parse(one.at) < JUST_NOW_MS,
      );
      if (entry !== undefined && shown === this.#shown) this.#say(sentence, entry.id);
    } catch {
      // Done it is; the page of the person has its history.
    }
  }

  override render() {
    return html`<div role="status">
      ${
        this.sentence === ""
          ? nothing
          : html`<div class="toast">
            <span class="grow">${this.sentence}</span>
            ${
              this.auditId === null
                ? nothing
                : html`<button ?disabled=${this.undoing} @click=${this.#undo}>${icon("undo", 20)}Undo</button>`
            }
            <button class="icon" aria-label="Close" @click=${this.#close}>✕</button>
          </div>`
      }
    </div>`;
  }

  readonly #undo = async (): Promise<void> => {
    const { auditId } = this;
    if (auditId === null) return;
    this.undoing = true;
    try {
      await undoChange(auditId);
      this.#say("Taken back.", null);
      this.dispatchEvent(new CustomEvent("undone"));
    } catch (error) {
      this.#say(`Not taken back. ${sentenceOf(error)}`, null);
    } finally {
      this.undoing = false;
    }
  };

  readonly #close = () => this.#say("", null);

  #say(sentence: string, auditId: string | null): void {
    this.sentence = sentence;
    this.auditId = auditId;
    this.#shown += 1;
    clearTimeout(this.#timer);
    if (sentence !== "") this.#timer = setTimeout(this.#close, SHOWN_MS);
  }
}
