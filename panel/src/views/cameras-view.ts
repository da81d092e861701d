import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import { icon } from "../components/icon.ts";
import { changeCamera, sentenceOf } from "../data/api.ts";
import { controls } from "../styles/controls.ts";
import { streamSentence } from "../words/camera-words.ts";
import { measuredSentence, stateWords } from "../words/vision-words.ts";
import "../components/about-card.ts";
import "../components/switch-field.ts";
import "../components/time-ago.ts";

/** The cameras with their state; each can be hidden by its privacy switch or opened for changes. */
@customElement("haven-cameras-view")
export class CamerasView extends LitElement {
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];
  @property({ type: Boolean }) homeAssistant = false;
  @state() private busy: ReadonlySet<string> = new Set();
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      .head {
        justify-content: space-between;
      }
      ul {
        display: grid;
        gap: 12px;
        margin: 16px 0 0;
        padding: 0;
        list-style: none;
      }
      .name {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .state {
        display: flex;
        align-items: center;
        gap: 6px;
        color: var(--soft);
      }
      .state.online {
        color: var(--ok);
      }
      .state.offline,
      .state.blind {
        color: var(--danger);
      }
      haven-about {
        display: block;
        margin-top: 24px;
      }
      haven-switch {
        display: block;
        margin-top: 12px;
        padding-top: 8px;
        border-top: 1px solid var(--line);
      }
      .source {
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    return html`
      <div class="row head">
        <h1 tabindex="-1">Cameras</h1>
        <a class="button primary" href="#/cameras/+">${icon("plus")}Add a camera</a>
      </div>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      <ul>
        ${repeat(
          this.cameras,
          ({ id }) => id,
          (camera) => html`<li class="card">${this.#camera(camera)}</li>`,
        )}
      </ul>
      <haven-about ?homeAssistant=${this.homeAssistant}></haven-about>
    `;
  }

  #camera(camera: CameraJson) {
    const { status, enabled } = camera;
    const { title, icon: name } = stateWords(status);
    const place = camera.area === null || camera.area === camera.name ? "" : ` · ${camera.area}`;
    return html`
      <div class="row">
        <div class="grow">
          <div class="name">${camera.name}<span class="soft">${place}</span></div>
          ${
            enabled
              ? html`<div class="state ${status.availability}">
                ${icon(name, 18)}<span>${title} <haven-time-ago span at=${status.since}></haven-time-ago></span>
              </div>`
              : html`<div class="state">${icon("blind", 18)}Switched off</div>`
          }
          ${status.reason === null || !enabled ? nothing : html`<div>${status.reason}</div>`}
          <div class="soft small source">
            ${camera.source}${
              status.stream === null || status.availability !== "online"
                ? nothing
                : html`<br />${streamSentence(status.stream)}<br />${measuredSentence(status)}`
            }
          </div>
        </div>
        <a class="button icon" href="#/cameras/${camera.id}" aria-label="Edit ${camera.name}">${icon("edit")}</a>
      </div>
      <haven-switch
        label="Privacy"
        help=${camera.privacy ? "On: nothing is looked at, and no fall is seen." : "Stops the camera until it is switched off again."}
        ?on=${camera.privacy}
        ?disabled=${this.busy.has(camera.id)}
        @switched=${(event: CustomEvent<boolean>) => this.#setPrivacy(camera, event.detail)}
      ></haven-switch>
    `;
  }

  async #setPrivacy(camera: CameraJson, privacy: boolean): Promise<void> {
    this.problem = "";
    this.busy = new Set([...this.busy, camera.id]);
    try {
      await changeCamera(camera.id, { privacy });
    } catch (error) {
      this.problem = `Privacy of ${camera.name} was not changed. ${sentenceOf(error)}`;
    } finally {
      this.busy = new Set([...this.busy].filter((id) => id !== camera.id));
    }
  }
}
