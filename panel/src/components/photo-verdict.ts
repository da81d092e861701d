import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { PhotoVerdictJson } from "../../../src/api/person-contract.ts";
import type { ChosenPhoto } from "../data/photo-file.ts";
import { controls } from "../styles/controls.ts";
import { icon } from "./icon.ts";

/**
 * One photo and what was said of it. Fires `remove`; `face` with the box of the one that is meant, where there are several;
 * and `anyway`, where it is refused for whom it looks like only.
 */
@customElement("haven-photo-verdict")
export class PhotoVerdict extends LitElement {
  @property({ attribute: false }) photo: ChosenPhoto | null = null;
  @property({ type: Boolean }) disabled = false;

  static override styles = [
    controls,
    css`
      .one {
        display: flex;
        flex-wrap: nowrap;
        align-items: center;
        gap: 12px;
      }
      .small-picture {
        flex: none;
        width: 64px;
        height: 64px;
        border-radius: 8px;
        background: var(--tint);
        object-fit: cover;
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .said {
        display: flex;
        align-items: flex-start;
        gap: 6px;
        overflow-wrap: anywhere;
      }
      .good {
        color: var(--ok);
        font-weight: 600;
      }
      .bad {
        color: var(--danger);
        font-weight: 600;
      }
      figure {
        position: relative;
        max-width: 480px;
        margin: 8px 0 0;
      }
      figure img {
        display: block;
        width: 100%;
        border-radius: 8px;
      }
      figure button {
        position: absolute;
        min-width: 44px;
        min-height: 44px;
        padding: 0;
        border: 3px solid #fff;
        border-radius: 8px;
        background: transparent;
        box-shadow: 0 0 0 2px #000;
        transform: translate(-50%, -50%);
      }
      figure button span {
        padding: 0 10px;
        border-radius: 999px;
        background: #000;
        color: #fff;
      }
    `,
  ];

  override render() {
    const { photo } = this;
    if (photo === null) return nothing;
    const { name, url, verdict } = photo;
    const isTaken = verdict?.accepted === true;
    return html`<div class="one">
        ${
          url === ""
            ? html`<span class="small-picture"></span>`
            : html`<img class="small-picture" src=${url} alt="" />`
        }
        <div class="grow">
          <div class="name soft small">${name}</div>
          ${this.#said(photo)}
        </div>
        ${
          isTaken
            ? nothing
            : html`<button class="icon" type="button" aria-label="Remove ${name}" ?disabled=${this.disabled} @click=${() => this.#fire("remove")}>
              ${icon("remove")}
            </button>`
        }
      </div>
      ${verdict === null || isTaken ? nothing : this.#wayOut(verdict, url)}`;
  }

  #said({ verdict, problem }: ChosenPhoto) {
    if (problem !== "") return html`<div class="said bad" role="status">${problem}</div>`;
    if (verdict === null) return html`<div class="said">Ready to be sent.</div>`;
    return verdict.accepted
      ? html`<div class="said good" role="status">${icon("check", 20)}Taken.</div>`
      : html`<div class="said bad" role="status">Not taken. ${verdict.reason}</div>`;
  }

  #wayOut({ faces, chosen }: PhotoVerdictJson, url: string) {
    if (chosen === null && faces.length > 1) {
      return html`<p style="margin-top: 8px">Whose face is meant?</p>
        <figure>
          <img src=${url} alt="" />
          ${faces.map(
            ({ box: [x1, y1, x2, y2], box }, index) => html`<button
              type="button"
              aria-label="Face ${index + 1} of ${faces.length}"
              style="left: ${50 * (x1 + x2)}%; top: ${50 * (y1 + y2)}%; width: ${100 * (x2 - x1)}%; height: ${100 * (y2 - y1)}%"
              ?disabled=${this.disabled}
              @click=${() => this.#fire("face", box)}
            ><span>${index + 1}</span></button>`,
          )}
        </figure>`;
    }
    // Nothing is wrong with the face itself.
    const isClear = chosen !== null && faces[chosen]?.problems.length === 0;
    return isClear
      ? html`<button type="button" style="margin-top: 8px" ?disabled=${this.disabled} @click=${() => this.#fire("anyway")}>
          It is the same person: add anyway
        </button>`
      : nothing;
  }

  #fire(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
