import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import type { EmbeddingJson } from "../../../src/api/person-contract.ts";
import { sentenceOf } from "../data/api.ts";
import { restore, setAside } from "../data/person-api.ts";
import { serverNow } from "../data/server-clock.ts";
import { givenPictureUrl } from "../data/urls.ts";
import { controls } from "../styles/controls.ts";
import { exampleSource, otherTraces } from "../words/people-words.ts";
import { clockTime } from "../words/time-words.ts";
import { tellDone } from "./done.ts";
import { icon } from "./icon.ts";

/** The faces somebody is recognised by, each with where it comes from; a wrong one can be set aside. */
@customElement("haven-example-list")
export class ExampleList extends LitElement {
  @property() personId = "";
  @property({ attribute: false }) examples: readonly EmbeddingJson[] = [];
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];
  @state() private busy = "";
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(136px, 1fr));
        gap: 12px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        align-content: start;
        gap: 4px;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .face {
        display: grid;
        place-items: center;
        width: 100%;
        aspect-ratio: 1;
        border-radius: 8px;
        background: var(--tint);
        object-fit: cover;
      }
      .aside .face {
        filter: grayscale(1);
      }
      button {
        padding: 8px;
      }
    `,
  ];

  override render() {
    const faces = this.examples.filter(
      ({ cue, state: as }) => cue === "face" && (as === "prototype" || as === "set_aside"),
    );
    const others = otherTraces(this.examples);
    return html`
      <h2>Recognised by</h2>
      ${
        faces.length === 0
          ? html`<p class="soft">No face yet: on another day they will not be recognised. Add photos.</p>`
          : html`<ul>
            ${repeat(
              faces,
              ({ id }) => id,
              (face, index) => this.#face(face, index + 1),
            )}
          </ul>`
      }
      ${others === "" ? nothing : html`<p class="soft small">${others}</p>`}
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
    `;
  }

  #face(face: EmbeddingJson, number: number) {
    const isAside = face.state === "set_aside";
    const source = exampleSource(face, (id) => this.cameras.find((camera) => camera.id === id)?.name ?? null);
    return html`<li class=${isAside ? "aside" : ""}>
      ${
        face.picture === null
          ? html`<span class="face soft">${icon("person", 40)}</span>`
          : html`<img class="face" src=${givenPictureUrl(face.picture)} alt="Face ${number}" loading="lazy" />`
      }
      <span class="small">${source}</span>
      <span class="soft small">${clockTime(Date.parse(face.captured_at), serverNow())}</span>
      ${isAside ? html`<span class="soft small">Set aside: not gone by.</span>` : nothing}
      <button
        type="button"
        aria-label="${isAside ? "Use again" : "Set aside"}: face ${number}"
        ?disabled=${this.busy !== ""}
        @click=${() => this.#turn(face)}
      >
        ${isAside ? "Use again" : "Set aside"}
      </button>
    </li>`;
  }

  async #turn({ id, state: as }: EmbeddingJson): Promise<void> {
    const { personId } = this;
    const isAside = as === "set_aside";
    this.problem = "";
    this.busy = id;
    try {
      await (isAside ? restore(personId, id) : setAside(personId, id));
      tellDone(
        this,
        isAside
          ? { sentence: "Used again.", personId, actions: ["restore"] }
          : { sentence: "Set aside.", personId, actions: ["set_aside"] },
      );
      this.dispatchEvent(new CustomEvent("turned"));
    } catch (error) {
      this.problem = `Not changed. ${sentenceOf(error)}`;
    } finally {
      this.busy = "";
    }
  }
}
