import { css, html, LitElement, nothing, type PropertyValues, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AlarmClipJson } from "../../../src/api/care-contract.ts";
import { sentenceOf } from "../data/api.ts";
import { readClip } from "../data/care-api.ts";
import { type PaintStyle, paintFrame } from "../drawing/frame-painter.ts";
import { frameAt, heightCurves } from "../drawing/replay-track.ts";
import { controls } from "../styles/controls.ts";
import { icon } from "./icon.ts";

/** Where a replay begins: late enough not to wait for it, early enough to see how it came. */
const LEAD_S = 5;

/** Where it stops: by then somebody lies there, or does not. */
const TAIL_S = 5;

/** The moments around an alarm as stick figures; there are no pictures of them. Plays, pauses, and goes to any moment. Fires `ready`. */
@customElement("haven-skeleton-replay")
export class SkeletonReplay extends LitElement {
  @property() alarm = "";
  @property({ attribute: false }) skeleton: PaintStyle["skeleton"] = [];
  @property({ attribute: false }) keypointFloor = 1;
  @state() private clip: AlarmClipJson | null = null;
  @state() private problem = "";
  @state() private atS = 0;
  @state() private playing = false;
  #frameRequest = 0;
  #tickedAt = 0;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        padding: 8px;
        border-radius: var(--radius);
        background: var(--card);
        color: var(--text);
      }
      canvas {
        display: block;
        width: min(100%, calc(var(--replay-height, 60vh) * var(--aspect)));
        margin: 0 auto;
        aspect-ratio: var(--aspect);
        border-radius: 8px;
        background: #1b1f25;
      }
      .controls {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .track {
        position: relative;
        flex: 1;
        min-width: 0;
        height: 56px;
      }
      .track svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        overflow: visible;
      }
      .track path {
        fill: none;
        stroke: var(--accent);
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }
      .track .moment {
        stroke: var(--danger);
        stroke-dasharray: 4 3;
      }
      .track .now {
        stroke: var(--text);
        stroke-width: 3;
      }
      /* Lies over the curve, invisible itself: what is dragged is the line of the moment. */
      input[type="range"] {
        position: absolute;
        inset: 0;
        height: 100%;
        min-height: 0;
        margin: 0;
        padding: 0;
        opacity: 0;
        cursor: ew-resize;
      }
      .track:focus-within {
        outline: 3px solid var(--accent);
        outline-offset: 2px;
      }
      .icon {
        border-color: var(--line);
        color: var(--accent);
      }
      output {
        flex: none;
        min-width: 5.5em;
        font-variant-numeric: tabular-nums;
        text-align: right;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#pause();
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("alarm")) void this.#load();
    if (changed.has("clip") || changed.has("atS")) this.#paint();
  }

  override render() {
    const { clip } = this;
    if (this.problem !== "")
      return html`<p role="status">${this.problem}</p>
        <button @click=${() => this.#load()}>Try again</button>`;
    if (clip === null) return html`<p class="soft" role="status">Loading…</p>`;
    return html`
      <canvas role="img" aria-label="People as stick figures, ${this.#when()}" style="--aspect: ${clip.aspect}"></canvas>
      <div class="controls">
        <button class="icon" aria-label=${this.playing ? "Pause" : "Play"} @click=${this.#toggle}>
          ${icon(this.playing ? "pause" : "play")}
        </button>
        <div class="track">${this.#curve(clip)}</div>
        <output class="small">${this.#when()}</output>
      </div>
      <p class="soft small">The line is how high in the picture the person was. No pictures are kept.</p>
    `;
  }

  #curve(clip: AlarmClipJson) {
    const [first, last] = this.#span(clip);
    const length = Math.max(0.1, last - first);
    const x = (atS: number) => Math.round(((atS - first) / length) * 1000) / 10;
    const path = (points: readonly { atS: number; height: number }[]) =>
      points
        .map(({ atS, height }, i) => `${i === 0 ? "M" : "L"}${x(atS)} ${Math.round((1 - height) * 500) / 10}`)
        .join("");
    const curves = heightCurves(clip.frames.filter((frame) => frame.at_s >= first && frame.at_s <= last));
    return html`<svg viewBox="0 0 100 50" preserveAspectRatio="none" aria-hidden="true">
        ${curves.map(({ points }) => svg`<path d=${path(points)}></path>`)}
        ${first <= 0 && last >= 0 ? svg`<path class="moment" d="M${x(0)} 0V50"></path>` : nothing}
        <path class="now" d="M${x(this.atS)} 0V50"></path>
      </svg>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext=${this.#when()}
        min=${first}
        max=${last}
        step="0.1"
        .value=${String(this.atS)}
        @input=${this.#seek}
      />`;
  }

  /** From some seconds before the alarm's cause to some after it, as far as was recorded. */
  #span({ frames }: AlarmClipJson): readonly [number, number] {
    return [frames[0]?.at_s ?? 0, Math.min(TAIL_S, frames.at(-1)?.at_s ?? 0)];
  }

  /** "3.2 s before", "the alarm", "1.0 s after". */
  #when(): string {
    const { atS } = this;
    if (Math.abs(atS) < 0.05) return "the alarm";
    return `${Math.abs(atS).toFixed(1)} s ${atS < 0 ? "before" : "after"}`;
  }

  async #load(): Promise<void> {
    const { alarm } = this;
    this.#pause();
    this.clip = null;
    this.problem = "";
    try {
      const clip = await readClip(alarm);
      if (alarm !== this.alarm) return;
      const [first, last] = this.#span(clip);
      this.atS = Math.min(last, Math.max(first, -LEAD_S));
      this.clip = clip;
      void this.updateComplete.then(() => this.dispatchEvent(new CustomEvent("ready")));
      if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.#play();
    } catch (error) {
      if (alarm === this.alarm) this.problem = sentenceOf(error);
    }
  }

  #play(): void {
    this.playing = true;
    this.#tickedAt = performance.now();
    cancelAnimationFrame(this.#frameRequest);
    this.#frameRequest = requestAnimationFrame(this.#tick);
  }

  #pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frameRequest);
  }

  readonly #tick = (now: number) => {
    const { clip } = this;
    if (!this.playing || clip === null) return;
    const [, last] = this.#span(clip);
    // A page that was hidden in between does not jump.
    const passed = Math.min(0.25, Math.max(0, now - this.#tickedAt) / 1000);
    this.#tickedAt = now;
    this.atS = Math.min(last, this.atS + passed);
    if (this.atS >= last) this.#pause();
    else this.#frameRequest = requestAnimationFrame(this.#tick);
  };

  readonly #toggle = () => {
    if (this.playing || this.clip === null) return this.#pause();
    const [first, last] = this.#span(this.clip);
    if (this.atS >= last) this.atS = Math.max(first, -LEAD_S);
    this.#play();
  };

  readonly #seek = (event: Event) => {
    this.#pause();
    this.atS = Number((event.target as HTMLInputElement).value);
  };

  #paint(): void {
    const { clip } = this;
    const canvas = this.renderRoot.querySelector("canvas");
    const context = canvas?.getContext("2d") ?? null;
    if (clip === null || canvas === null || context === null) return;
    const scale = Math.min(2, devicePixelRatio);
    const width = canvas.clientWidth;
    const height = width / clip.aspect;
    const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
    if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const tracks = clip.frames[frameAt(clip.frames, this.atS)]?.tracks ?? [];
    const { skeleton, keypointFloor } = this;
    paintFrame(
      context,
      { picture: null, tracks },
      { width, height },
      { skeleton, keypointFloor, zones: clip.zones },
    );
  }
}
