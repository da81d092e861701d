import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PersonJson } from "../../../src/api/person-contract.ts";
import { Refusal, sentenceOf } from "../data/api.ts";
import { listPersons, mergePersons } from "../data/person-api.ts";
import { controls } from "../styles/controls.ts";
import { inOrder, mergeOrder, personName } from "../words/people-words.ts";
import { tellDone } from "./done.ts";
import { icon } from "./icon.ts";

/** Makes one of two entries that are one person. Fires `merged` with who is left. */
@customElement("haven-merge-field")
export class MergeField extends LitElement {
  @property({ attribute: false }) person: PersonJson | null = null;
  /** null while nobody asked for it. */
  @state() private others: readonly PersonJson[] | null = null;
  @state() private chosen = "";
  @state() private sending = false;
  @state() private problem = "";
  /** Refused for what Haven knows of the two; people may know better. */
  @state() private isConflict = false;

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      button {
        justify-self: start;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues): void {
    const before = changed.get("person") as PersonJson | null | undefined;
    if (before !== undefined && before?.id !== this.person?.id) this.#close();
  }

  override render() {
    const { person, others } = this;
    if (person === null) return nothing;
    if (others === null) {
      return html`<button type="button" @click=${this.#open}>${icon("merge")}Merge with…</button>
        ${this.#problem()}`;
    }
    const other = others.find(({ id }) => id === this.chosen);
    const into = other === undefined ? null : mergeOrder(person, other).into;
    return html`
      <div class="field">
        <label for="other">The same person as</label>
        <select id="other" @change=${this.#choose}>
          <option value="">Choose…</option>
          ${others.map(
            (one) =>
              html`<option value=${one.id} ?selected=${one.id === this.chosen}>${personName(one)}</option>`,
          )}
        </select>
      </div>
      ${
        into === null || other === undefined
          ? nothing
          : html`<p class="soft small">
            ${personName(into)} stays, and gets all that is known of ${personName(into === person ? other : person)}.
          </p>`
      }
      ${this.#problem()}
      <div class="row">
        ${
          this.isConflict
            ? html`<button class="primary" type="button" ?disabled=${this.sending} @click=${() => this.#merge(true)}>
              Merge anyway
            </button>`
            : html`<button
              class="primary"
              type="button"
              ?disabled=${this.sending || other === undefined}
              @click=${() => this.#merge(false)}
            >
              Merge
            </button>`
        }
        <button type="button" ?disabled=${this.sending} @click=${this.#close}>Cancel</button>
      </div>
    `;
  }

  #problem() {
    return this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`;
  }

  readonly #open = async (): Promise<void> => {
    this.problem = "";
    try {
      this.others = inOrder(await listPersons()).filter(({ id }) => id !== this.person?.id);
      await this.updateComplete;
      this.renderRoot.querySelector("select")?.focus();
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  };

  readonly #close = () => {
    this.others = null;
    this.chosen = "";
    this.problem = "";
    this.isConflict = false;
  };

  readonly #choose = (event: Event) => {
    this.chosen = (event.target as HTMLSelectElement).value;
    this.problem = "";
    this.isConflict = false;
  };

  async #merge(force: boolean): Promise<void> {
    const { person } = this;
    const other = this.others?.find(({ id }) => id === this.chosen);
    if (person === null || other === undefined) return;
    const { from, into } = mergeOrder(person, other);
    this.problem = "";
    this.sending = true;
    try {
      const left = await mergePersons({ from: from.id, into: into.id, ...(force ? { force } : {}) });
      tellDone(this, {
        sentence: `${personName(from)} and ${personName(into)} are one now.`,
        personId: left.id,
        actions: ["merge"],
      });
      this.#close();
      this.dispatchEvent(new CustomEvent("merged", { detail: left }));
    } catch (error) {
      this.problem = `Not merged. ${sentenceOf(error)}`;
      this.isConflict = error instanceof Refusal && error.status === 409;
    } finally {
      this.sending = false;
    }
  }
}
