import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { controls } from "../styles/controls.ts";
import { type Corner, clampCorner, type ZoneSketch } from "./zone-shapes.ts";

/** How far an arrow key moves a corner, as a share of the picture; with shift five times that. */
const STEP = 0.01;

/**
 * The picture with its zones: tap to add a corner to the chosen one, drag corners or move them with the arrow keys.
 * Fires `corner-added` {corner}, `corner-moved` {index, corner} and `corner-removed` {index}.
 */
@customElement("haven-zone-stage")
export class ZoneStage extends LitElement {
  /** Address of the picture; empty draws on an empty ground. */
  @property() picture = "";
  @property({ type: Number }) aspect = 16 / 9;
  @property({ attribute: false }) zones: readonly ZoneSketch[] = [];
  /** Index of the zone that is being drawn; -1 for none. */
  @property({ type: Number }) chosen = -1;
  #dragged: number | null = null;

  static override styles = [
    controls,
    css`
      .stage {
        position: relative;
        overflow: hidden;
        border-radius: var(--radius);
        background: #22262d;
        user-select: none;
        -webkit-user-select: none;
      }
      .drawing {
        cursor: crosshair;
      }
      img,
      svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      svg {
        pointer-events: none;
      }
      polygon {
        fill: rgba(255, 255, 255, 0.08);
        stroke: rgba(255, 255, 255, 0.75);
        stroke-width: 2;
        stroke-dasharray: 6 5;
        vector-effect: non-scaling-stroke;
      }
      polygon.chosen {
        fill: rgba(255, 209, 102, 0.25);
        stroke: #ffd166;
        stroke-width: 3;
        stroke-dasharray: none;
      }
      button {
        position: absolute;
        width: 44px;
        min-height: 44px;
        margin: -22px 0 0 -22px;
        padding: 0;
        border: none;
        background: none;
        cursor: grab;
        touch-action: none;
      }
      button:hover {
        background: none;
      }
      button::after {
        content: "";
        width: 16px;
        height: 16px;
        border: 3px solid #10141a;
        border-radius: 50%;
        background: #ffd166;
        box-shadow: 0 0 0 2px #ffd166;
      }
      button:focus-visible {
        outline-color: #fff;
        outline-offset: -6px;
      }
    `,
  ];

  override render() {
    const zone = this.zones[this.chosen];
    return html`<div
      class="stage ${zone === undefined ? "" : "drawing"}"
      style="aspect-ratio: ${this.aspect}"
      @click=${this.#tapped}
      @pointermove=${this.#dragging}
      @pointerup=${this.#dropped}
      @pointercancel=${this.#dropped}
    >
      ${this.picture === "" ? nothing : html`<img src=${this.picture} alt="Picture of the camera" draggable="false" />`}
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        ${this.zones.map((other, index) => this.#outline(other, index))}
      </svg>
      ${zone?.polygon.map((corner, index) => this.#handle(zone, corner, index))}
    </div>`;
  }

  #outline({ polygon }: ZoneSketch, index: number) {
    const points = polygon.map((corner) => corner.join(",")).join(" ");
    return svg`<polygon class=${index === this.chosen ? "chosen" : ""} points=${points}></polygon>`;
  }

  #handle(zone: ZoneSketch, [x, y]: Corner, index: number) {
    return html`<button
      type="button"
      style="left: ${x * 100}%; top: ${y * 100}%"
      aria-label="Corner ${index + 1} of ${zone.name}: arrow keys move it, delete removes it"
      @pointerdown=${(event: PointerEvent) => this.#grabbed(event, index)}
      @keydown=${(event: KeyboardEvent) => this.#keyed(event, index, [x, y])}
      @click=${(event: Event) => event.stopPropagation()}
    ></button>`;
  }

  #tapped(event: MouseEvent): void {
    if (this.zones[this.chosen] === undefined) return;
    this.#tell("corner-added", { corner: this.#cornerAt(event) });
  }

  #grabbed(event: PointerEvent, index: number): void {
    this.#dragged = index;
    (event.target as Element).setPointerCapture(event.pointerId);
  }

  #dragging(event: PointerEvent): void {
    if (this.#dragged === null) return;
    this.#tell("corner-moved", { index: this.#dragged, corner: this.#cornerAt(event) });
  }

  #dropped(): void {
    this.#dragged = null;
  }

  #keyed(event: KeyboardEvent, index: number, [x, y]: Corner): void {
    const step = event.shiftKey ? STEP * 5 : STEP;
    const moves: Readonly<Record<string, Corner>> = {
      ArrowLeft: [x - step, y],
      ArrowRight: [x + step, y],
      ArrowUp: [x, y - step],
      ArrowDown: [x, y + step],
    };
    const corner = moves[event.key];
    if (corner !== undefined) this.#tell("corner-moved", { index, corner });
    else if (event.key === "Delete" || event.key === "Backspace") this.#tell("corner-removed", { index });
    else return;
    event.preventDefault();
  }

  #cornerAt(event: MouseEvent): Corner {
    const stage = this.renderRoot.querySelector(".stage")?.getBoundingClientRect();
    if (stage === undefined) return [0, 0];
    return clampCorner([
      (event.clientX - stage.left) / stage.width,
      (event.clientY - stage.top) / stage.height,
    ]);
  }

  #tell(name: string, detail: { readonly index?: number; readonly corner?: Corner }): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
