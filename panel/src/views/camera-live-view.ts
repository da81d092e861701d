import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import type { WireEvent } from "../../../src/domain/events.ts";
import { icon } from "../components/icon.ts";
import { listEvents } from "../data/api.ts";
import type { HomeConnection } from "../data/home-connection.ts";
import { cameraOf, EMPTY_HOME, type HomeState } from "../data/home-state.ts";
import { controls } from "../styles/controls.ts";
import { roomSentence } from "../words/camera-words.ts";
import { namesIn } from "../words/person-words.ts";
import { paceSentence, stateWords } from "../words/vision-words.ts";
import "../components/event-row.ts";
import "../components/live-canvas.ts";
import "../components/switch-field.ts";
import "../components/time-ago.ts";

const LATELY = 5;

/** One camera: the live picture with what is seen in it, or why there is none, and what happened here lately. */
@customElement("haven-camera-live-view")
export class CameraLiveView extends LitElement {
  @property({ attribute: false }) connection: HomeConnection | null = null;
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @property() cameraId = "";
  @property({ type: Boolean }) skeletonOnly = false;
  @state() private past: readonly WireEvent[] = [];
  @state() private people = "";

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      header {
        display: flex;
        align-items: center;
        gap: 4px;
        margin-left: -12px;
      }
      .instead {
        display: grid;
        place-content: center;
        justify-items: center;
        gap: 8px;
        min-height: 220px;
        padding: 24px;
        border-radius: var(--radius);
        background: #22262d;
        color: #e6e8eb;
        text-align: center;
        overflow-wrap: anywhere;
      }
      .sides {
        display: grid;
        gap: 16px 24px;
      }
      .side {
        display: grid;
        align-content: start;
        gap: 16px;
      }
      @media (min-width: 1000px) {
        .sides {
          grid-template-columns: minmax(0, 1fr) 340px;
        }
      }
      haven-switch {
        display: block;
        margin-top: 8px;
      }
      .people {
        min-height: 1.5em;
        font-size: 1.1rem;
        font-weight: 600;
      }
      haven-event-row + haven-event-row {
        border-top: 1px solid var(--line);
      }
    `,
  ];

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("cameraId")) return;
    this.past = [];
    this.people = "";
    void this.#loadPast(this.cameraId);
  }

  override render() {
    const { home, cameraId } = this;
    const camera = cameraOf(home, cameraId);
    if (camera === null) {
      return html`<h1 tabindex="-1">This camera is gone</h1>
        <p><a href="#/live">Back to all cameras</a></p>`;
    }
    return html`
      <header>
        <a class="button icon" href="#/live" aria-label="Back to all cameras">${icon("back")}</a>
        <div class="grow">
          <h1 tabindex="-1">${camera.name}</h1>
          ${camera.area === null || camera.area === camera.name ? nothing : html`<div class="soft">${camera.area}</div>`}
        </div>
        <a class="button icon" href="#/cameras/${camera.id}" aria-label="Edit ${camera.name}">${icon("edit")}</a>
      </header>
      <div class="sides">
        <div>${this.#picture(camera)}</div>
        <div class="side">${isShown(camera) ? this.#seen(camera) : nothing} ${this.#lately(camera)}</div>
      </div>
    `;
  }

  #picture(camera: CameraJson) {
    const { status, enabled } = camera;
    if (!enabled) return html`<div class="instead">${icon("blind", 44)}<strong>Switched off</strong></div>`;
    if (!isShown(camera)) {
      const { title, icon: name } = stateWords(status);
      return html`<div class="instead">
        ${icon(name, 44)}
        <strong>${title}</strong>
        ${status.reason === null ? nothing : html`<span>${status.reason}</span>`}
        <span><haven-time-ago span at=${status.since}></haven-time-ago></span>
      </div>`;
    }
    const { home } = this;
    return html`
      <haven-live-canvas
        .connection=${this.connection}
        camera=${camera.id}
        ?skeletonOnly=${this.skeletonOnly}
        .skeleton=${home.skeleton}
        .keypointFloor=${home.keypointFloor}
        .zones=${camera.zones}
        @people=${(event: CustomEvent<string>) => {
          this.people = event.detail;
        }}
      ></haven-live-canvas>
      ${status.availability === "blind" ? html`<p class="problem">${status.reason ?? "The camera sees nothing."}</p>` : nothing}
    `;
  }

  #seen({ id, room, status }: CameraJson) {
    const bed = room.bed_occupied === null ? nothing : html` · bed ${room.bed_occupied ? "in use" : "empty"}`;
    return html`<div>
      <p class="people" aria-live="polite">${this.people === "" ? roomSentence(room, namesIn(this.home.presence.persons, id)) : this.people}</p>
      <p class="soft small">${paceSentence(status)}${bed}</p>
      <haven-switch
        label="Skeletons only"
        help="Draws the people without the picture. Remembered on this device."
        ?on=${this.skeletonOnly}
        @switched=${(event: CustomEvent<boolean>) => this.#setSkeletonOnly(event.detail)}
      ></haven-switch>
    </div>`;
  }

  #lately(camera: CameraJson) {
    const fresh = this.home.fresh.filter((event) => event.camera_id === camera.id);
    const known = new Set(fresh.map((event) => event.event_id));
    const events = [...fresh, ...this.past.filter((event) => !known.has(event.event_id))].slice(0, LATELY);
    if (events.length === 0) return nothing;
    return html`<section class="card" aria-label="Lately">
      <h2>Lately</h2>
      ${events.map(
        (event) => html`<haven-event-row .event=${event} .cameras=${this.home.cameras}></haven-event-row>`,
      )}
    </section>`;
  }

  async #loadPast(cameraId: string): Promise<void> {
    try {
      const { events } = await listEvents({ kinds: null, cameraId, before: null, limit: LATELY });
      if (cameraId === this.cameraId) this.past = events;
    } catch {
      // The list is an extra here; the page says by itself when the connection is lost.
    }
  }

  #setSkeletonOnly(on: boolean): void {
    this.dispatchEvent(new CustomEvent("skeleton-only", { detail: on, bubbles: true, composed: true }));
  }
}

/** Whether there is a picture to look at, be it a dark one. */
function isShown({ enabled, status }: CameraJson): boolean {
  return enabled && (status.availability === "online" || status.availability === "blind");
}
