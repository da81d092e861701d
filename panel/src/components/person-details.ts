import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PersonJson, PersonPatchJson } from "../../../src/api/person-contract.ts";
import { sentenceOf } from "../data/api.ts";
import { changePerson } from "../data/person-api.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { personName } from "../words/people-words.ts";
import { clockTime } from "../words/time-words.ts";
import { tellDone } from "./done.ts";
import type { PersonFields } from "./person-fields.ts";
import "./person-fields.ts";

/** Name, kind and consent of somebody who is known. Fires `saved` with the person as they are then. */
@customElement("haven-person-details")
export class PersonDetails extends LitElement {
  @property({ attribute: false }) person: PersonJson | null = null;
  /** What was typed in; null while it is as it was. */
  @state() private typed: PersonFields | null = null;
  /** What stood there when somebody began to type. */
  #before: PersonFields | null = null;
  @state() private saving = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      form {
        display: grid;
        gap: 16px;
      }
      button {
        justify-self: start;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues): void {
    const before = changed.get("person") as PersonJson | null | undefined;
    if (before === undefined || before?.id === this.person?.id) return;
    this.typed = null;
    this.problem = "";
  }

  override render() {
    const { person } = this;
    if (person === null) return nothing;
    const { consent } = person;
    return html`<form novalidate @submit=${this.#save}>
      <h2>Who they are</h2>
      <haven-person-fields
        .fields=${this.typed ?? fieldsOf(person)}
        label=${person.name === null ? person.label : ""}
        consentHelp=${consent === null ? "" : `Noted ${clockTime(Date.parse(consent.at), serverNow())}. Leave it empty to take it back.`}
        @changed=${(event: CustomEvent<PersonFields>) => {
          if (this.typed === null) this.#before = fieldsOf(person);
          this.typed = event.detail;
        }}
      ></haven-person-fields>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      <button class="primary" type="submit" ?disabled=${this.saving || this.typed === null}>
        ${this.saving ? "Saving…" : "Save"}
      </button>
    </form>`;
  }

  readonly #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { person, typed } = this;
    if (person === null || typed === null) return;
    const patch = patchOf(this.#before ?? fieldsOf(person), typed);
    if (Object.keys(patch).length === 0) {
      this.typed = null;
      return;
    }
    this.problem = "";
    this.saving = true;
    try {
      const changed = await changePerson(person.id, patch);
      this.person = changed;
      this.typed = null;
      tellDone(this, { sentence: `Saved: ${personName(changed)}.`, personId: changed.id, actions: ["edit"] });
      this.dispatchEvent(new CustomEvent("saved", { detail: changed }));
    } catch (error) {
      this.problem = `Not saved. ${sentenceOf(error)}`;
    } finally {
      this.saving = false;
    }
  };
}

function fieldsOf({ name, kind, consent }: PersonJson): PersonFields {
  return { name: name ?? "", kind, consent: consent?.by ?? "" };
}

/** Only what was typed: what somebody else changed in the meantime stays. */
function patchOf(before: PersonFields, typed: PersonFields): Omit<PersonPatchJson, "by"> {
  const [name, by] = [typed.name.trim(), typed.consent.trim()];
  return {
    ...(name === before.name ? {} : { name: name === "" ? null : name }),
    ...(typed.kind === before.kind ? {} : { kind: typed.kind }),
    ...(by === before.consent ? {} : { consent: by === "" ? null : { by } }),
  };
}
