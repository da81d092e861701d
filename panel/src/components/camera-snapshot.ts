import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { pictureUrl } from "../data/urls.ts";

/** A tile is a glance, not a film: a new picture this long after the last one was there. */
const REFRESH = 4000;

/** A camera's newest picture, renewed while it can be seen. Shows nothing rather than something old. */
@customElement("haven-snapshot")
export class CameraSnapshot extends LitElement {
  @property() camera = "";
  @state() private src = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #visible = false;
  #loading = false;
  readonly #observer = new IntersectionObserver((entries) => {
    this.#visible = entries.some((entry) => entry.isIntersecting);
    this.#next(0);
  });

  static override styles = css`
    :host {
      display: block;
    }
    img {
      display: block;
      width: 100%;
      height: 100%;
      object-fit: cover;
    }
  `;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer.observe(this);
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer.disconnect();
    document.removeEventListener("visibilitychange", this.#onVisibility);
    clearTimeout(this.#timer);
    this.src = "";
  }

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("camera")) return;
    this.src = "";
    this.#next(0);
  }

  override render() {
    return this.src === "" ? "" : html`<img src=${this.src} alt="" />`;
  }

  readonly #onVisibility = () => this.#next(0);

  #next(wait: number): void {
    clearTimeout(this.#timer);
    if (!this.#visible || document.visibilityState !== "visible" || this.camera === "") return;
    this.#timer = setTimeout(() => void this.#load(), wait);
  }

  /** Loaded aside and shown when complete, so that the tile does not flicker. */
  async #load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const { camera } = this;
    const image = new Image();
    image.src = pictureUrl(`cameras/${encodeURIComponent(camera)}/snapshot.jpg?at=${Date.now()}`);
    let shown = "";
    try {
      await image.decode();
      shown = image.src;
    } catch {
      // The camera's status, shown beside it, says why.
    }
    this.#loading = false;
    if (!this.isConnected) return;
    if (camera === this.camera) this.src = shown;
    this.#next(camera === this.camera ? REFRESH : 0);
  }
}
