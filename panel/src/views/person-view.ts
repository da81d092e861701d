import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type {
  AuditEntryJson,
  EmbeddingJson,
  PersonJson,
  StayJson,
} from "../../../src/api/person-contract.ts";
import type { ConfirmDialog } from "../components/confirm-dialog.ts";
import { tellDone } from "../components/done.ts";
import { icon } from "../components/icon.ts";
import { BACK_TO_PEOPLE, pageHead, pageHeadStyles } from "../components/page-head.ts";
import { Redraw } from "../components/redraw.ts";
import { Refusal, sentenceOf } from "../data/api.ts";
import { EMPTY_HOME, type HomeState, personsMoved } from "../data/home-state.ts";
import {
  exportPath,
  forgetPerson,
  listExamples,
  readAudit,
  readPerson,
  readStays,
} from "../data/person-api.ts";
import { Refresher } from "../data/refresher.ts";
import { serverNow } from "../data/server-clock.ts";
import { pictureUrl } from "../data/urls.ts";
import { controls } from "../styles/controls.ts";
import { KIND_WORDS, personName, visitsWords, whereSentence } from "../words/people-words.ts";
import "../components/confirm-dialog.ts";
import "../components/example-list.ts";
import "../components/merge-field.ts";
import "../components/person-details.ts";
import "../components/person-history.ts";
import "../components/person-picture.ts";
import "../components/photo-enrol.ts";
import "../components/stay-timeline.ts";

const DAY_MS = 24 * 3_600_000;

/** Changes of the past that are shown. */
const MAX_ENTRIES = 10;

interface Known {
  readonly person: PersonJson;
  readonly examples: readonly EmbeddingJson[];
  readonly stays: readonly StayJson[];
  readonly audit: readonly AuditEntryJson[];
  /** Wall time of the stays' end, milliseconds. */
  readonly at: number;
}

/** One person: who they are, what they are recognised by, where they were, and what can be done about it. */
@customElement("haven-person-view")
export class PersonView extends LitElement {
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @property() personId = "";
  @state() private known: Known | null = null;
  @state() private gone = false;
  @state() private problem = "";
  readonly #known = new Refresher(this, () => this.#load(), 2000);

  static override styles = [
    controls,
    pageHeadStyles,
    css`
      .who {
        display: flex;
        align-items: center;
        gap: 16px;
        margin: 12px 0 16px;
        overflow-wrap: anywhere;
      }
      h1 {
        overflow-wrap: anywhere;
      }
      .cards {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr));
        align-items: start;
        gap: 16px;
      }
      .column,
      .card {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 16px;
        min-width: 0;
      }
      .card {
        gap: 12px;
      }
      .end > * {
        justify-self: start;
      }
    `,
  ];

  constructor() {
    super();
    new Redraw(this, 10_000);
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("personId")) {
      if (this.known?.person.id !== this.personId) this.known = null;
      this.gone = false;
      this.#known.ask("now");
    } else if (personsMoved(changed.get("home"), this.home)) this.#known.ask();
  }

  override render() {
    const { known } = this;
    if (known === null) {
      return html`${pageHead("Person", BACK_TO_PEOPLE)}
        <p role="status">
          ${this.gone ? "This person is not known any more." : this.problem !== "" ? this.problem : "Loading…"}
        </p>`;
    }
    const { person } = known;
    const { cameras, presence } = this.home;
    const name = personName(person);
    const where = presence.persons.find(({ person_id: id }) => id === person.id) ?? null;
    return html`
      ${pageHead(name, BACK_TO_PEOPLE)}
      <div class="who">
        <haven-person-picture name=${name} .picture=${person.picture} size="88"></haven-person-picture>
        <div class="grow">
          <p>${whereSentence(person, where, serverNow())}</p>
          <p class="soft small">
            ${KIND_WORDS[person.kind].title}${person.visits === 0 ? nothing : ` · ${visitsWords(person.visits)}`}
          </p>
        </div>
      </div>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      <div class="cards">
        <div class="column">
          <section class="card" aria-label="Who they are">
            <haven-person-details .person=${person} @saved=${this.#again}></haven-person-details>
          </section>
          <section class="card" aria-label="The last 24 hours">
            <haven-stay-timeline
              .stays=${known.stays}
              .cameras=${cameras}
              .from=${known.at - DAY_MS}
              .to=${known.at}
            ></haven-stay-timeline>
          </section>
          ${
            known.audit.length === 0
              ? nothing
              : html`<section class="card" aria-label="What was changed">
                <haven-person-history .entries=${known.audit} @undone=${this.#again}></haven-person-history>
              </section>`
          }
        </div>
        <div class="column">
          <section class="card" aria-label="Recognised by">
            <haven-example-list
              personId=${person.id}
              .examples=${known.examples}
              .cameras=${cameras}
              @turned=${this.#again}
            ></haven-example-list>
          </section>
          <section class="card" aria-label="Photos">
            <h2>Add photos</h2>
            <haven-photo-enrol .personId=${person.id} action="Add photos" @enrolled=${this.#enrolled}></haven-photo-enrol>
          </section>
          <section class="card end" aria-label="More">
            <haven-merge-field .person=${person} @merged=${this.#merged}></haven-merge-field>
            <a class="button" href=${pictureUrl(exportPath(person.id))} download>
              ${icon("download")}Everything stored about ${name}
            </a>
            <button class="danger" type="button" @click=${this.#forget}>${icon("remove", 20)}Forget ${name}</button>
          </section>
        </div>
      </div>
      <haven-confirm
        question="Forget ${name}?"
        detail="Their name, pictures, sightings and all that they are recognised by are deleted, and their name is taken out of the events. This cannot be undone."
        action="Forget"
      ></haven-confirm>
    `;
  }

  readonly #again = () => this.#known.ask("now");

  readonly #enrolled = () => {
    const { known } = this;
    if (known !== null)
      tellDone(this, { sentence: "Photos added.", personId: known.person.id, actions: ["enrol"] });
    this.#again();
  };

  readonly #merged = (event: CustomEvent<PersonJson>) => {
    const { id } = event.detail;
    if (id === this.personId) this.#again();
    else location.hash = `#/people/${encodeURIComponent(id)}`;
  };

  readonly #forget = async (): Promise<void> => {
    const person = this.known?.person;
    const dialog = this.renderRoot.querySelector<ConfirmDialog>("haven-confirm");
    if (person === undefined || dialog === null || !(await dialog.ask())) return;
    try {
      await forgetPerson(person.id);
      tellDone(this, { sentence: `${personName(person)} was forgotten.`, personId: null, actions: [] });
      location.hash = "#/people";
    } catch (error) {
      this.problem = `Not forgotten. ${sentenceOf(error)}`;
    }
  };

  async #load(): Promise<void> {
    const { personId } = this;
    const at = serverNow();
    try {
      const person = await readPerson(personId);
      const [examples, stays, audit] = await Promise.all([
        listExamples(person.id),
        readStays(person.id, at - DAY_MS),
        readAudit(person.id, MAX_ENTRIES),
      ]);
      if (personId !== this.personId) return;
      this.known = { person, examples, stays, audit, at };
      this.gone = false;
      this.problem = "";
    } catch (error) {
      if (personId !== this.personId) return;
      this.gone = error instanceof Refusal && error.status === 404;
      if (this.gone) this.known = null;
      else this.problem = sentenceOf(error);
    }
  }
}
