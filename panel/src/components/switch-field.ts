import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { controls } from "../styles/controls.ts";

/** An on/off switch with its words. Fires `switched` with the new value; the owner decides what it then is. */
@customElement("haven-switch")
export class SwitchField extends LitElement {
  @property() label = "";
  @property() help = "";
  @property({ type: Boolean }) on = false;
  @property({ type: Boolean }) disabled = false;

  static override styles = [
    controls,
    css`
      label {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 48px;
        cursor: pointer;
      }
      input {
        appearance: none;
        position: relative;
        flex: none;
        width: 46px;
        height: 26px;
        margin: 0;
        border: 1px solid var(--soft);
        border-radius: 13px;
        background: color-mix(in srgb, var(--soft), transparent 70%);
        cursor: inherit;
        transition: background 0.15s;
      }
      input::after {
        content: "";
        position: absolute;
        top: 2px;
        left: 2px;
        width: 20px;
        height: 20px;
        border-radius: 50%;
        background: var(--card);
        box-shadow: 0 0 0 1px var(--soft);
        transition: transform 0.15s;
      }
      input:checked {
        border-color: var(--button);
        background: var(--button);
      }
      input:checked::after {
        background: #fff;
        transform: translateX(20px);
      }
      @media (prefers-reduced-motion: reduce) {
        input,
        input::after {
          transition: none;
        }
      }
    `,
  ];

  override render() {
    return html`<label>
      <input
        type="checkbox"
        role="switch"
        .checked=${this.on}
        ?disabled=${this.disabled}
        @change=${this.#changed}
      />
      <span class="grow">
        ${this.label}${this.help === "" ? "" : html`<br /><span class="soft small">${this.help}</span>`}
      </span>
    </label>`;
  }

  #changed(event: Event): void {
    const box = event.target as HTMLInputElement;
    const detail = box.checked;
    // Shows what is, not what was wished for, until the owner agrees.
    box.checked = this.on;
    this.dispatchEvent(new CustomEvent("switched", { detail }));
  }
}
