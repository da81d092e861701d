import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { PersonJson, ReviewJson } from "../../../src/api/person-contract.ts";
import { icon } from "../components/icon.ts";
import { Redraw } from "../components/redraw.ts";
import { sentenceOf } from "../data/api.ts";
import { EMPTY_HOME, type HomeState, personsMoved } from "../data/home-state.ts";
import { listPersons } from "../data/person-api.ts";
import { Refresher } from "../data/refresher.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { inOrder, KIND_WORDS, personName, visitsWords, whereSentence } from "../words/people-words.ts";
import "../components/person-picture.ts";
import "../components/review-card.ts";

/** Rows that are drawn at first; a house with a shop in it has hundreds of visitors. */
const FIRST_ROWS = 60;

/** Everybody who is known, where they are, and what Haven asks about them. */
@customElement("haven-people-view")
export class PeopleView extends LitElement {
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @property({ attribute: false }) reviews: readonly ReviewJson[] = [];
  @state() private persons: readonly PersonJson[] = [];
  @state() private loaded = false;
  @state() private all = false;
  @state() private problem = "";
  readonly #persons = new Refresher(this, () => this.#load(), 2000);

  static override styles = [
    controls,
    css`
      .head {
        justify-content: space-between;
      }
      .questions {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr));
        gap: 12px;
        margin-top: 16px;
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr));
        gap: 12px;
        margin: 16px 0;
        padding: 0;
        list-style: none;
      }
      li {
        min-width: 0;
      }
      li a {
        display: flex;
        align-items: center;
        gap: 12px;
        height: 100%;
        padding: 12px;
        color: var(--text);
        text-decoration: none;
      }
      strong {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .where {
        overflow-wrap: anywhere;
      }
      .here {
        color: var(--ok);
        font-weight: 600;
      }
    `,
  ];

  constructor() {
    super();
    new Redraw(this, 10_000);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#persons.ask();
  }

  override willUpdate(changed: PropertyValues): void {
    if (personsMoved(changed.get("home"), this.home)) this.#persons.ask();
  }

  override render() {
    const persons = inOrder(this.persons);
    const shown = this.all ? persons : persons.slice(0, FIRST_ROWS);
    return html`
      <div class="row head">
        <h1 tabindex="-1">People</h1>
        <a class="button primary" href="#/people/+">${icon("plus")}Add a person</a>
      </div>
      ${this.#questions()}
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      ${
        persons.length > 0
          ? html`<ul>
            ${repeat(
              shown,
              ({ id }) => id,
              (person) => html`<li>${this.#row(person)}</li>`,
            )}
          </ul>`
          : html`<p class="soft" role="status" style="margin-top: 16px">
            ${
              this.loaded
                ? "Nobody is known yet. Enrol somebody from photos, or name a visitor once Haven has seen one."
                : this.problem === ""
                  ? "Loading…"
                  : nothing
            }
          </p>`
      }
      ${
        shown.length < persons.length
          ? html`<button
            @click=${() => {
              this.all = true;
            }}
          >
            Show all ${persons.length}
          </button>`
          : nothing
      }
    `;
  }

  #questions() {
    if (this.reviews.length === 0) return nothing;
    return html`<div class="questions" role="group" aria-label="Questions">
      ${repeat(
        this.reviews,
        ({ id }) => id,
        (review) => html`<haven-review-card
          .review=${review}
          .persons=${this.persons}
          @answered=${() => this.#persons.ask("now")}
        ></haven-review-card>`,
      )}
    </div>`;
  }

  #row(person: PersonJson) {
    const { id, kind, visits, picture } = person;
    const name = personName(person);
    const presence = this.home.presence.persons.find(({ person_id: other }) => other === id) ?? null;
    const here = presence?.visible === true;
    return html`<a class="card" href="#/people/${encodeURIComponent(id)}">
      <haven-person-picture name=${name} .picture=${picture}></haven-person-picture>
      <span class="grow">
        <strong>${name}</strong> <span class="soft small">${KIND_WORDS[kind].title}</span><br />
        <span class="where ${here ? "here" : ""}">${whereSentence(person, presence, serverNow())}</span>
        ${visits === 0 ? nothing : html`<span class="soft small"> · ${visitsWords(visits)}</span>`}
      </span>
      ${icon("next", 20)}
    </a>`;
  }

  async #load(): Promise<void> {
    try {
      this.persons = await listPersons();
      this.loaded = true;
      this.problem = "";
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }
}
