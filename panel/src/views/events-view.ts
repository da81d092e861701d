import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { WireEvent } from "../../../src/domain/events.ts";
import { listEvents, sentenceOf } from "../data/api.ts";
import { EMPTY_HOME, type HomeState } from "../data/home-state.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { ALARM_KINDS } from "../words/event-words.ts";
import { dayName } from "../words/time-words.ts";
import "../components/event-row.ts";
import "../components/switch-field.ts";

const PAGE = 50;

/** What happened, newest first, by days. New events join at the top by themselves. */
@customElement("haven-events-view")
export class EventsView extends LitElement {
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @state() private alarmsOnly = false;
  @state() private cameraId: string | null = null;
  @state() private past: readonly WireEvent[] = [];
  @state() private next: string | null = null;
  @state() private loading = false;
  @state() private loaded = false;
  @state() private problem = "";
  #request = 0;

  static override styles = [
    controls,
    css`
      .filters {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 4px 16px;
        margin: 8px 0;
      }
      select {
        width: auto;
        max-width: 100%;
      }
      h2 {
        margin: 20px 0 8px;
      }
      .card {
        padding: 4px 12px;
      }
      haven-event-row + haven-event-row {
        border-top: 1px solid var(--line);
      }
      .more {
        display: grid;
        place-items: center;
        gap: 8px;
        padding: 20px 0;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load(null);
  }

  override willUpdate(changed: PropertyValues): void {
    const before = changed.get("home") as HomeState | undefined;
    // What happened while the connection was away was not told.
    if (before !== undefined && before.connection !== "online" && this.home.connection === "online") {
      void this.#load(null);
    }
  }

  override render() {
    const events = this.#events();
    return html`
      <h1 tabindex="-1">Events</h1>
      <div class="filters">
        <haven-switch
          label="Alarms only"
          ?on=${this.alarmsOnly}
          @switched=${(event: CustomEvent<boolean>) => this.#filter(event.detail, this.cameraId)}
        ></haven-switch>
        ${this.home.cameras.length < 2 ? nothing : this.#cameraFilter()}
      </div>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      ${this.#days(events)}
      ${
        events.length === 0 && this.loaded && this.problem === ""
          ? html`<p class="soft">${this.alarmsOnly ? "No alarms. Good." : "Nothing has happened yet."}</p>`
          : nothing
      }
      <div class="more">
        ${
          this.next === null
            ? nothing
            : html`<button ?disabled=${this.loading} @click=${() => this.#load(this.next)}>
              ${this.loading ? "Loading…" : "Show older"}
            </button>`
        }
        ${this.problem === "" ? nothing : html`<button @click=${() => this.#load(null)}>Try again</button>`}
      </div>
    `;
  }

  #cameraFilter() {
    return html`<select
      aria-label="Camera"
      @change=${(event: Event) => {
        const { value } = event.target as HTMLSelectElement;
        this.#filter(this.alarmsOnly, value === "" ? null : value);
      }}
    >
      <option value="">All cameras</option>
      ${this.home.cameras.map(
        ({ id, name }) => html`<option value=${id} ?selected=${id === this.cameraId}>${name}</option>`,
      )}
    </select>`;
  }

  #days(events: readonly WireEvent[]) {
    const now = serverNow();
    const days = new Map<string, WireEvent[]>();
    for (const event of events) {
      const day = dayName(Date.parse(event.captured_at), now);
      days.set(day, [...(days.get(day) ?? []), event]);
    }
    return repeat(
      days,
      ([day]) => day,
      ([day, ofDay]) => html`<section aria-label=${day}>
        <h2>${day}</h2>
        <div class="card">
          ${repeat(
            ofDay,
            (event) => event.event_id,
            (event) =>
              html`<haven-event-row .event=${event} .cameras=${this.home.cameras}></haven-event-row>`,
          )}
        </div>
      </section>`,
    );
  }

  /** What was heard since the page was opened, and what was read: each event once, newest first. */
  #events(): readonly WireEvent[] {
    const all = new Map([...this.home.fresh, ...this.past].map((event) => [event.event_id, event]));
    return [...all.values()]
      .filter((event) => !this.alarmsOnly || ALARM_KINDS.includes(event.kind))
      .filter((event) => this.cameraId === null || event.camera_id === this.cameraId)
      .sort((a, b) => (a.event_id < b.event_id ? 1 : -1));
  }

  #filter(alarmsOnly: boolean, cameraId: string | null): void {
    this.alarmsOnly = alarmsOnly;
    this.cameraId = cameraId;
    this.past = [];
    this.next = null;
    this.loaded = false;
    void this.#load(null);
  }

  async #load(before: string | null): Promise<void> {
    this.#request += 1;
    const request = this.#request;
    this.loading = true;
    this.problem = "";
    try {
      const kinds = this.alarmsOnly ? ALARM_KINDS : null;
      const page = await listEvents({ kinds, cameraId: this.cameraId, before, limit: PAGE });
      // Filters may have been changed in the meantime.
      if (request !== this.#request) return;
      this.past = before === null ? page.events : [...this.past, ...page.events];
      this.next = page.next;
      this.loaded = true;
    } catch (error) {
      if (request === this.#request) this.problem = sentenceOf(error);
    } finally {
      if (request === this.#request) this.loading = false;
    }
  }
}
