import { css, html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../components/icon.ts";
import { accessToken } from "../data/preferences.ts";
import { controls } from "../styles/controls.ts";

/** Asks for the daemon's access token. Fires `unlocked` when one was given. */
@customElement("haven-token-form")
export class TokenForm extends LitElement {
  static override styles = [
    controls,
    css`
      form {
        display: grid;
        gap: 16px;
        max-width: 420px;
        margin: 40px auto;
      }
    `,
  ];

  override render() {
    return html`<form class="card" @submit=${this.#submit}>
      ${icon("key", 36)}
      <h1 tabindex="-1">Access token</h1>
      <p class="soft">This Haven asks for its token: the value of <code>api.token</code> in haven.yaml.</p>
      <label class="field">
        <span>Token</span>
        <input name="token" type="password" autocomplete="current-password" required />
      </label>
      <button class="primary">Open</button>
    </form>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector("input");
    accessToken.set(input?.value.trim() ?? "");
    this.dispatchEvent(new CustomEvent("unlocked"));
  }
}
