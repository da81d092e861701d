import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { givenPictureUrl } from "../data/urls.ts";
import { initials } from "../words/people-words.ts";

/** A face, or the initials where no picture is kept. The name stands beside it: not read out. */
@customElement("haven-person-picture")
export class PersonPicture extends LitElement {
  @property() name = "";
  /** As the daemon gives it; null without one. */
  @property({ attribute: false }) picture: string | null = null;
  /** Pixels. */
  @property({ type: Number }) size = 56;
  @state() private broken = false;

  static override styles = css`
    :host {
      display: block;
      flex: none;
    }
    span,
    img {
      display: grid;
      place-items: center;
      border-radius: 50%;
      background: var(--tint);
      color: var(--text);
      font-weight: 600;
      object-fit: cover;
    }
  `;

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("picture")) this.broken = false;
  }

  override render() {
    const { picture, size } = this;
    const box = `width: ${size}px; height: ${size}px`;
    if (picture === null || this.broken)
      return html`<span style="${box}; font-size: ${size / 2.6}px" aria-hidden="true">${initials(this.name)}</span>`;
    return html`<img
      style=${box}
      src=${givenPictureUrl(picture)}
      alt=""
      loading="lazy"
      @error=${() => {
        this.broken = true;
      }}
    />`;
  }
}
