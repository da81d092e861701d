import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import { controls } from "../styles/controls.ts";

/** Which other cameras see some of the same place. Fires `chosen` with all their ids. */
@customElement("haven-overlap-field")
export class OverlapField extends LitElement {
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];
  @property({ attribute: false }) chosen: readonly string[] = [];

  static override styles = [
    controls,
    css`
      fieldset {
        min-width: 0;
        margin: 0;
        padding: 0;
        border: none;
      }
      legend {
        padding: 0;
        font-weight: 600;
      }
      label {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 48px;
        overflow-wrap: anywhere;
        cursor: pointer;
      }
      input {
        flex: none;
        width: 22px;
        height: 22px;
        accent-color: var(--button);
      }
    `,
  ];

  override render() {
    if (this.cameras.length === 0) return nothing;
    return html`<fieldset>
      <legend>Sees the same place as</legend>
      <p class="soft small">A fall that both see is one alarm, and each makes up for what the other misses.</p>
      ${this.cameras.map(
        ({ id, name }) => html`<label>
          <input
            type="checkbox"
            .checked=${this.chosen.includes(id)}
            @change=${(event: Event) => this.#choose(id, (event.target as HTMLInputElement).checked)}
          />${name}
        </label>`,
      )}
    </fieldset>`;
  }

  #choose(id: string, on: boolean): void {
    const others = this.chosen.filter((other) => other !== id);
    this.chosen = on ? [...others, id] : others;
    this.dispatchEvent(new CustomEvent("chosen", { detail: this.chosen }));
  }
}
