import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { PersonKind } from "../../../src/domain/person.ts";
import { controls } from "../styles/controls.ts";
import { KIND_WORDS, PERSON_KINDS } from "../words/people-words.ts";

export interface PersonFields {
  readonly name: string;
  readonly kind: PersonKind;
  /** Who agreed; empty: nobody has. */
  readonly consent: string;
}

/** What people say of a person. Fires `changed` with all of it. */
@customElement("haven-person-fields")
export class PersonFieldsForm extends LitElement {
  @property({ attribute: false }) fields: PersonFields = { name: "", kind: "resident", consent: "" };
  /** What is behind the agreement, such as since when. */
  @property() consentHelp = "";
  /** Shown while there is no name. */
  @property() label = "";

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
    `,
  ];

  override render() {
    const { fields } = this;
    return html`
      <div class="field">
        <label for="name">Name</label>
        <input
          id="name"
          maxlength="80"
          autocomplete="off"
          placeholder=${this.label}
          .value=${fields.name}
          @input=${(event: InputEvent) => this.#set({ name: typedIn(event) })}
        />
      </div>
      <div class="field">
        <label for="kind">Kind</label>
        <select
          id="kind"
          aria-describedby="kind-help"
          @change=${(event: Event) => this.#set({ kind: typedIn(event) as PersonKind })}
        >
          ${PERSON_KINDS.map(
            (kind) =>
              html`<option value=${kind} ?selected=${kind === fields.kind}>${KIND_WORDS[kind].title}</option>`,
          )}
        </select>
        <span class="soft small" id="kind-help">${KIND_WORDS[fields.kind].help}</span>
      </div>
      <div class="field">
        <label for="consent">Who agreed to their being recognised</label>
        <input
          id="consent"
          maxlength="80"
          autocomplete="off"
          aria-describedby="consent-help"
          .value=${fields.consent}
          @input=${(event: InputEvent) => this.#set({ consent: typedIn(event) })}
        />
        <span class="soft small" id="consent-help">
          ${this.consentHelp === "" ? "They themselves, or who decides for them. Ask first." : this.consentHelp}
        </span>
      </div>
    `;
  }

  #set(change: Partial<PersonFields>): void {
    this.dispatchEvent(new CustomEvent("changed", { detail: { ...this.fields, ...change } }));
  }
}

function typedIn(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement).value;
}
