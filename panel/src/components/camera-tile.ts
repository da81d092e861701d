import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import { controls } from "../styles/controls.ts";
import { roomSentence } from "../words/camera-words.ts";
import { paceSentence, stateWords } from "../words/vision-words.ts";
import { icon } from "./icon.ts";
import "./camera-snapshot.ts";
import "./time-ago.ts";

/** One camera at a glance: its picture, who is there, and why there is no picture. Leads to the live view. */
@customElement("haven-camera-tile")
export class CameraTile extends LitElement {
  @property({ attribute: false }) camera: CameraJson | null = null;
  /** Of those who are known to be there. */
  @property({ attribute: false }) names: readonly string[] = [];
  /** Whether pictures are kept out of sight. */
  @property({ type: Boolean }) hidePicture = false;

  static override styles = [
    controls,
    css`
      a {
        display: block;
        overflow: hidden;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
        color: inherit;
        text-decoration: none;
      }
      a.fall {
        border-color: var(--danger);
        box-shadow: 0 0 0 2px var(--danger);
      }
      .picture {
        position: relative;
        aspect-ratio: 16 / 9;
        background: #22262d;
        color: #e6e8eb;
      }
      haven-snapshot {
        position: absolute;
        inset: 0;
      }
      .instead {
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 4px;
        height: 100%;
        padding: 12px 16px;
        text-align: center;
        overflow-wrap: anywhere;
      }
      .instead small {
        color: #b9c0c9;
        font-size: 0.875rem;
      }
      .chip {
        position: absolute;
        top: 10px;
        left: 10px;
        display: flex;
        align-items: center;
        gap: 6px;
        padding: 3px 10px;
        border-radius: 999px;
        background: var(--alarm);
        color: #fff;
        font-size: 0.875rem;
        font-weight: 600;
      }
      .words {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 2px 12px;
        padding: 10px 14px 12px;
      }
      .name .soft {
        font-weight: 400;
      }
      .name {
        min-width: 0;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .room {
        flex: none;
        display: inline-flex;
        align-items: center;
        gap: 6px;
        color: var(--soft);
      }
      .room.occupied {
        color: var(--accent);
        font-weight: 600;
      }
    `,
  ];

  override render() {
    const { camera } = this;
    if (camera === null) return nothing;
    const { status, room } = camera;
    const online = camera.enabled && status.availability === "online";
    return html`<a href="#/live/${camera.id}" class=${room.fall ? "fall" : ""}>
      <div class="picture">
        ${online ? this.#picture(camera) : this.#instead(camera)}
        ${room.fall ? html`<span class="chip">${icon("fall", 18)}Fall</span>` : nothing}
      </div>
      <div class="words">
        <span class="name">
          ${camera.name}${
            camera.area === null || camera.area === camera.name
              ? nothing
              : html`<br /><span class="soft small">${camera.area}</span>`
          }${
            online && status.pace === "reduced"
              ? html`<br /><span class="soft small">${paceSentence(status)}</span>`
              : nothing
          }
        </span>
        ${
          online
            ? html`<span class="room small ${room.occupied ? "occupied" : ""}">
              ${icon(room.bed_occupied === true ? "bed" : "person", 18)}${roomSentence(room, this.names)}
            </span>`
            : nothing
        }
      </div>
    </a>`;
  }

  #picture(camera: CameraJson) {
    if (!this.hidePicture) return html`<haven-snapshot camera=${camera.id}></haven-snapshot>`;
    return html`<div class="instead">${icon("skeleton", 36)}<small>Pictures are hidden</small></div>`;
  }

  #instead({ enabled, status }: CameraJson) {
    if (!enabled) return html`<div class="instead">${icon("blind", 36)}Switched off</div>`;
    const { title, icon: name } = stateWords(status);
    return html`<div class="instead">
      ${icon(name, 36)}
      <span>${title} <haven-time-ago span at=${status.since}></haven-time-ago></span>
      ${status.reason === null ? nothing : html`<small>${status.reason}</small>`}
    </div>`;
  }
}
