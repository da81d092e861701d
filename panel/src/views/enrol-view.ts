import { css, html, LitElement } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { EnrolledJson, PersonJson } from "../../../src/api/person-contract.ts";
import { BACK_TO_PEOPLE, pageHead, pageHeadStyles } from "../components/page-head.ts";
import type { PersonFields } from "../components/person-fields.ts";
import type { NewPerson } from "../components/photo-enrol.ts";
import { controls } from "../styles/controls.ts";
import { personName } from "../words/people-words.ts";
import "../components/person-fields.ts";
import "../components/photo-enrol.ts";

/** Somebody new, from photos. */
@customElement("haven-enrol-view")
export class EnrolView extends LitElement {
  @state() private fields: PersonFields = { name: "", kind: "resident", consent: "" };
  @state() private person: PersonJson | null = null;

  static override styles = [
    controls,
    pageHeadStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 16px;
        max-width: 720px;
      }
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 16px;
      }
      .known {
        display: grid;
        justify-items: start;
        gap: 12px;
        background: var(--tint);
      }
    `,
  ];

  override render() {
    const { person } = this;
    return html`
      ${pageHead("Add a person", BACK_TO_PEOPLE)}
      ${
        person === null
          ? html`<div class="card">
            <haven-person-fields
              .fields=${this.fields}
              @changed=${(event: CustomEvent<PersonFields>) => {
                this.fields = event.detail;
              }}
            ></haven-person-fields>
          </div>`
          : html`<div class="card known" role="status">
            <strong>${personName(person)} is known now.</strong>
            <a class="button primary" href="#/people/${encodeURIComponent(person.id)}">Open their page</a>
          </div>`
      }
      <section class="card" aria-label="Photos">
        <h2>Photos</h2>
        <haven-photo-enrol
          .personId=${person?.id ?? null}
          .newPerson=${this.#newPerson}
          action=${person === null ? "Add this person" : "Add photos"}
          @enrolled=${(event: CustomEvent<EnrolledJson>) => {
            this.person = event.detail.person;
          }}
        ></haven-photo-enrol>
      </section>
    `;
  }

  readonly #newPerson = (): NewPerson | string => {
    const [name, by] = [this.fields.name.trim(), this.fields.consent.trim()];
    if (name === "") return "Give the person a name.";
    return { name, kind: this.fields.kind, ...(by === "" ? {} : { consent: { by } }) };
  };
}
