import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { OUTSIDE as OutsideName, ZoneKind } from "../../../src/domain/zone.ts";
import { controls } from "../styles/controls.ts";
import { ZONE_WORDS } from "../words/camera-words.ts";
import { icon } from "./icon.ts";
import { type Corner, insertCorner, moveCorner, removeCorner, type ZoneSketch } from "./zone-shapes.ts";
import "./zone-stage.ts";

const KINDS = Object.keys(ZONE_WORDS) as ZoneKind[];

/** What a front door leads to, as the daemon knows it (domain/zone.ts). */
const OUTSIDE: typeof OutsideName = "outside";

/** Draws a camera's zones on its picture. Fires `zones` with all of them whenever one changes. */
@customElement("haven-zone-editor")
export class ZoneEditor extends LitElement {
  @property() picture = "";
  @property({ type: Number }) aspect = 16 / 9;
  @property({ attribute: false }) zones: readonly ZoneSketch[] = [];
  @state() private chosen = -1;
  /** Corner that was added or moved last: what "undo" takes away. */
  @state() private latest = -1;

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      ul {
        display: grid;
        gap: 8px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        border: 1px solid var(--line);
        border-radius: var(--radius);
      }
      li.chosen {
        border-color: var(--accent);
        padding: 12px;
      }
      li > button {
        justify-content: space-between;
        width: 100%;
        border: none;
        border-radius: var(--radius);
        text-align: left;
      }
      .form {
        display: grid;
        gap: 12px;
      }
      .kinds {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .hint {
        padding: 10px 14px;
        border-radius: 8px;
        background: var(--tint);
      }
    `,
  ];

  override render() {
    const zone = this.zones[this.chosen];
    return html`
      <haven-zone-stage
        picture=${this.picture}
        aspect=${this.aspect}
        .zones=${this.zones}
        chosen=${this.chosen}
        @corner-added=${(event: CustomEvent<{ corner: Corner }>) => this.#add(event.detail.corner)}
        @corner-moved=${(event: CustomEvent<{ index: number; corner: Corner }>) =>
          this.#reshape(
            moveCorner(zone?.polygon ?? [], event.detail.index, event.detail.corner),
            event.detail.index,
          )}
        @corner-removed=${(event: CustomEvent<{ index: number }>) =>
          this.#reshape(removeCorner(zone?.polygon ?? [], event.detail.index), -1)}
      ></haven-zone-stage>
      ${zone === undefined ? nothing : html`<p class="hint" role="status">${hintFor(zone)}</p>`}
      <ul>
        ${this.zones.map((other, index) =>
          index === this.chosen
            ? html`<li class="chosen">${this.#form(other, index)}</li>`
            : html`<li>
                <button type="button" @click=${() => this.#choose(index)}>
                  <span>${other.name} <span class="soft">${ZONE_WORDS[other.kind].title}</span></span>${icon("edit", 20)}
                </button>
              </li>`,
        )}
      </ul>
      <div>
        <p class="soft small">Add a zone:</p>
        <div class="kinds">
          ${KINDS.map(
            (
              kind,
            ) => html`<button type="button" title=${ZONE_WORDS[kind].help} @click=${() => this.#begin(kind)}>
              ${icon("plus", 18)}${ZONE_WORDS[kind].title}
            </button>`,
          )}
        </div>
      </div>
    `;
  }

  #form(zone: ZoneSketch, index: number) {
    const corners = zone.polygon.length;
    return html`<div class="form">
      <label class="field">
        <span>Name of the zone</span>
        <input
          maxlength="80"
          .value=${zone.name}
          @input=${(event: InputEvent) => this.#change({ name: (event.target as HTMLInputElement).value })}
        />
      </label>
      <label class="field">
        <span>Kind</span>
        <select @change=${(event: Event) => this.#change({ kind: (event.target as HTMLSelectElement).value as ZoneKind })}>
          ${KINDS.map((kind) => html`<option value=${kind} ?selected=${kind === zone.kind}>${ZONE_WORDS[kind].title}</option>`)}
        </select>
        <span class="soft small">${ZONE_WORDS[zone.kind].help}</span>
      </label>
      ${zone.kind === "door" ? this.#leadsTo(zone) : nothing}
      <div class="row">
        <button type="button" @click=${() => this.#add([0.5, 0.5])}>${icon("plus", 18)}Corner</button>
        <button type="button" ?disabled=${corners === 0} @click=${() => this.#undo(zone)}>${icon("undo", 18)}Undo corner</button>
        <button type="button" class="danger" @click=${() => this.#remove(index)}>${icon("remove", 18)}Remove zone</button>
        <button type="button" class="primary" @click=${() => this.#choose(-1)}>Done</button>
      </div>
    </div>`;
  }

  #leadsTo(zone: ZoneSketch) {
    return html`<label class="field">
      <span>Leads to</span>
      <input
        maxlength="80"
        .value=${zone.leads_to ?? ""}
        @input=${(event: InputEvent) => {
          const room = (event.target as HTMLInputElement).value.trim();
          this.#change({ leads_to: room === "" ? null : room });
        }}
      />
      <span class="soft small">
        A room without a camera, such as Bathroom: visits and time behind the door are counted. "${OUTSIDE}" for the front
        door. May be left empty.
      </span>
    </label>`;
  }

  #begin(kind: ZoneKind): void {
    const sameKind = this.zones.filter((zone) => zone.kind === kind).length;
    const { title } = ZONE_WORDS[kind];
    const name = sameKind === 0 ? title : `${title} ${sameKind + 1}`;
    this.#tell([...this.zones, { id: null, name, kind, leads_to: null, polygon: [] }]);
    this.#choose(this.zones.length - 1);
    this.renderRoot.querySelector("haven-zone-stage")?.scrollIntoView({ block: "nearest" });
  }

  #choose(index: number): void {
    this.chosen = index;
    this.latest = -1;
  }

  #add(corner: Corner): void {
    const { polygon, index } = insertCorner(this.zones[this.chosen]?.polygon ?? [], corner);
    this.#reshape(polygon, index);
  }

  #undo(zone: ZoneSketch): void {
    const index =
      this.latest >= 0 && this.latest < zone.polygon.length ? this.latest : zone.polygon.length - 1;
    this.#reshape(removeCorner(zone.polygon, index), -1);
  }

  #reshape(polygon: readonly Corner[], latest: number): void {
    this.latest = latest;
    this.#change({ polygon });
  }

  #change(change: Partial<ZoneSketch>): void {
    this.#tell(this.zones.map((zone, index) => (index === this.chosen ? { ...zone, ...change } : zone)));
  }

  #remove(index: number): void {
    this.#choose(-1);
    this.#tell(this.zones.filter((_, other) => other !== index));
  }

  #tell(zones: readonly ZoneSketch[]): void {
    this.zones = zones;
    this.dispatchEvent(new CustomEvent("zones", { detail: zones }));
  }
}

function hintFor(zone: ZoneSketch): string {
  const corners = zone.polygon.length;
  if (corners === 0) return `Tap the corners of "${zone.name}" in the picture, one after another.`;
  if (corners < 3) return `${3 - corners} more corner${corners === 2 ? "" : "s"} at least.`;
  return "Tap to add corners, drag to move them.";
}
