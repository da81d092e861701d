import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import type { PersonPresenceJson } from "../../../src/api/person-contract.ts";
import { controls } from "../styles/controls.ts";
import { namesIn } from "../words/person-words.ts";
import "../components/camera-tile.ts";

/** All cameras at a glance; those with a fall first. */
@customElement("haven-live-view")
export class LiveView extends LitElement {
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];
  @property({ attribute: false }) persons: readonly PersonPresenceJson[] = [];
  @property({ type: Boolean }) hidePictures = false;

  static override styles = [
    controls,
    css`
      .tiles {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr));
        gap: 16px;
        margin: 16px 0 0;
        padding: 0;
        list-style: none;
      }
    `,
  ];

  override render() {
    const urgentFirst = [...this.cameras].sort((a, b) => Number(b.room.fall) - Number(a.room.fall));
    return html`
      <h1 tabindex="-1">Live</h1>
      <ul class="tiles">
        ${repeat(
          urgentFirst,
          ({ id }) => id,
          (camera) => html`<li>
            <haven-camera-tile
              .camera=${camera}
              .names=${namesIn(this.persons, camera.id)}
              ?hidePicture=${this.hidePictures}
            ></haven-camera-tile>
          </li>`,
        )}
      </ul>
    `;
  }
}
