import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { ZoneJson } from "../../../src/api/contract.ts";
import type { HomeConnection } from "../data/home-connection.ts";
import type { LiveFrame } from "../data/live-frame.ts";
import { type PaintStyle, paintFrame } from "../drawing/frame-painter.ts";
import { peopleSentence } from "../words/camera-words.ts";
import { duration } from "../words/time-words.ts";

/** Without a frame for this long a picture is no longer live, and must not look as if it were. */
const STALE = 4000;

interface Waiting {
  readonly frame: LiveFrame;
  readonly done: () => void;
}

/**
 * One camera live: every picture with the boxes and skeletons that were seen in it. Frames that come while one is being
 * decoded replace one another. Fires `people` with one sentence whenever that sentence changes.
 */
@customElement("haven-live-canvas")
export class LiveCanvas extends LitElement {
  @property({ attribute: false }) connection: HomeConnection | null = null;
  @property() camera = "";
  @property({ type: Boolean }) skeletonOnly = false;
  @property({ attribute: false }) skeleton: PaintStyle["skeleton"] = [];
  @property({ attribute: false }) keypointFloor = 1;
  @property({ attribute: false }) zones: readonly ZoneJson[] = [];
  @state() private aspect = 16 / 9;
  @state() private silentS = 0;
  @state() private people = "";
  #unwatch: (() => void) | null = null;
  #busy = false;
  #next: Waiting | null = null;
  #lastAt: number | null = null;
  #begunAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  static override styles = css`
    :host {
      display: block;
    }
    .stage {
      position: relative;
      width: min(100%, calc(66vh * var(--aspect)));
      margin: 0 auto;
      aspect-ratio: var(--aspect);
      overflow: hidden;
      border-radius: var(--radius);
      background: #1b1f25;
    }
    canvas {
      position: absolute;
      inset: 0;
      width: 100%;
      height: 100%;
    }
    .stale canvas {
      opacity: 0.35;
    }
    p {
      position: absolute;
      inset: auto 0 0;
      margin: 0;
      padding: 10px 14px;
      background: rgba(0, 0, 0, 0.7);
      color: #fff;
      text-align: center;
    }
  `;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#watch);
    this.#timer = setInterval(() => this.#checkAge(), 1000);
    if (this.hasUpdated) this.#watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.#watch);
    clearInterval(this.#timer);
    this.#stop();
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("camera") || changed.has("connection") || changed.has("skeletonOnly")) this.#watch();
  }

  override render() {
    const waiting = this.#lastAt === null;
    return html`<div class="stage ${this.silentS > 0 ? "stale" : ""}" style="--aspect: ${this.aspect}">
      <canvas role="img" aria-label="Live picture. ${this.people}"></canvas>
      ${
        this.silentS === 0
          ? nothing
          : html`<p role="status">
            ${
              waiting
                ? "Waiting for the first picture…"
                : `No new picture for ${duration(this.silentS)}: this is an old one.`
            }
          </p>`
      }
    </div>`;
  }

  get #canvas(): HTMLCanvasElement | null {
    return this.renderRoot.querySelector("canvas");
  }

  /** Begins anew; a page that nobody sees watches nothing. */
  readonly #watch = () => {
    this.#stop();
    this.#begunAt = performance.now();
    if (this.connection === null || this.camera === "" || document.visibilityState !== "visible") return;
    this.#unwatch = this.connection.watch(this.camera, {
      picture: !this.skeletonOnly,
      onFrame: (frame, done) => this.#take({ frame, done }),
    });
  };

  #stop(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#next?.done();
    this.#next = null;
    this.#lastAt = null;
    this.silentS = 0;
    const canvas = this.#canvas;
    canvas?.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
  }

  #take(waiting: Waiting): void {
    this.#next?.done();
    this.#next = waiting;
    if (!this.#busy) void this.#drawAll();
  }

  async #drawAll(): Promise<void> {
    this.#busy = true;
    while (this.#next !== null) {
      const { frame, done } = this.#next;
      this.#next = null;
      try {
        await this.#draw(frame);
      } catch {
        // A damaged picture: the next one comes soon, and if not, the age says so.
      } finally {
        done();
      }
    }
    this.#busy = false;
  }

  async #draw({ header, jpeg }: LiveFrame): Promise<void> {
    const watched = this.#unwatch;
    const showPicture = !this.skeletonOnly && jpeg.length > 0;
    const picture = showPicture ? await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" })) : null;
    // Unwatched, or switched to skeletons, while the picture was decoded.
    if (watched !== this.#unwatch || watched === null) return picture?.close();
    if (header.aspect !== this.aspect) {
      this.aspect = header.aspect;
      await this.updateComplete;
    }
    const canvas = this.#canvas;
    const context = canvas?.getContext("2d") ?? null;
    if (canvas === null || context === null) return picture?.close();
    const { clientWidth: width, clientHeight: height } = canvas;
    // Twice is as sharp as a camera's picture gets.
    const scale = Math.min(2, devicePixelRatio);
    const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
    if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    paintFrame(context, { picture, tracks: header.tracks }, { width, height }, this);
    picture?.close();
    this.#lastAt = performance.now();
    this.silentS = 0;
    this.#say(peopleSentence(header.tracks));
  }

  #say(people: string): void {
    if (people === this.people) return;
    this.people = people;
    this.dispatchEvent(new CustomEvent("people", { detail: people }));
  }

  #checkAge(): void {
    const age = performance.now() - (this.#lastAt ?? this.#begunAt);
    this.silentS = age > STALE || this.#lastAt === null ? Math.max(1, Math.floor(age / 1000)) : 0;
    if (this.silentS > 0) this.#say("");
  }
}
