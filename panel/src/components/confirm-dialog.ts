import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { controls } from "../styles/controls.ts";

/** Asks before something that cannot be taken back. */
@customElement("haven-confirm")
export class ConfirmDialog extends LitElement {
  @property() question = "";
  @property() detail = "";
  @property() action = "";
  #answer: ((yes: boolean) => void) | null = null;

  static override styles = [
    controls,
    css`
      dialog {
        width: min(420px, calc(100vw - 32px));
        padding: 24px;
        border: 1px solid var(--line);
        border-radius: 16px;
        background: var(--card);
        color: var(--text);
      }
      dialog::backdrop {
        background: rgba(0, 0, 0, 0.55);
      }
      .row {
        justify-content: flex-end;
        margin-top: 20px;
      }
      p {
        margin-top: 8px;
      }
    `,
  ];

  /** Resolves with whether the action was chosen; false when the dialog was left by any other way. */
  ask(): Promise<boolean> {
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog === null) return Promise.resolve(false);
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  override render() {
    return html`<dialog
      aria-labelledby="question"
      @close=${(event: Event) => {
        this.#answer?.((event.target as HTMLDialogElement).returnValue === "yes");
        this.#answer = null;
      }}
    >
      <form method="dialog">
        <h2 id="question">${this.question}</h2>
        <p class="soft">${this.detail}</p>
        <div class="row">
          <button value="no" autofocus>Cancel</button>
          <button value="yes" class="danger primary">${this.action}</button>
        </div>
      </form>
    </dialog>`;
  }
}
