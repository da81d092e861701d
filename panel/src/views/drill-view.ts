import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { DrillJson, DrillStageJson } from "../../../src/api/care-contract.ts";
import type { WireEvent } from "../../../src/domain/events.ts";
import { icon } from "../components/icon.ts";
import { BACK_TO_CARE, pageHead, pageHeadStyles } from "../components/page-head.ts";
import { listEvents, sentenceOf } from "../data/api.ts";
import { endDrill, startDrill } from "../data/care-api.ts";
import { cameraOf, EMPTY_HOME, type HomeState } from "../data/home-state.ts";
import { serverNow } from "../data/server-clock.ts";
import { controls } from "../styles/controls.ts";
import { drillResult, STAGE_WORDS } from "../words/drill-words.ts";
import { clockTime } from "../words/time-words.ts";
import "../components/drill-stages.ts";
import "../components/ticking-time.ts";

/** A walk-through test of the whole chain: begins it, shows each stage as it happens, and says what came of it. */
@customElement("haven-drill-view")
export class DrillView extends LitElement {
  @property({ attribute: false }) home: HomeState = EMPTY_HOME;
  @state() private camera: string | null = null;
  @state() private sending = false;
  @state() private problem = "";
  /** The latest drill that is over, as it was read; what is heard since goes before it. */
  @state() private earlier: WireEvent | null = null;

  static override styles = [
    controls,
    pageHeadStyles,
    css`
      :host {
        display: grid;
        gap: 16px;
        max-width: 720px;
      }
      .card {
        display: grid;
        gap: 12px;
      }
      .result {
        display: flex;
        align-items: center;
        gap: 10px;
      }
      .passed {
        color: var(--ok);
      }
      .failed {
        color: var(--danger);
      }
      ol {
        margin: 0;
        padding-left: 20px;
      }
      button {
        justify-self: start;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  override willUpdate(changed: PropertyValues): void {
    const before = changed.get("home") as HomeState | undefined;
    // The end of a drill that ended while nobody listened is read.
    const came = before !== undefined && before.connection !== "online" && this.home.connection === "online";
    if (came) void this.#load();
  }

  override render() {
    const { drill } = this.home.care;
    const justOver = this.home.fresh.some(({ kind }) => kind === "drill_ended");
    return html`
      ${pageHead("Try the alarm", BACK_TO_CARE)}
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      ${drill === null ? html`${justOver ? this.#result() : nothing}${this.#begin()}` : this.#running(drill)}
      ${drill === null && !justOver ? this.#result() : nothing}
    `;
  }

  #begin() {
    const { cameras } = this.home;
    return html`<section class="card" aria-label="Begin">
      <p>
        Let yourself down to the floor as in a fall, on a mat or cushions, in front of a camera. Everything happens as
        always: the alarm is raised, everybody is told, and nobody needs to worry, for it is marked as a test.
      </p>
      <ol>
        <li>Tell those who get the alarms.</li>
        <li>Begin, and take your phone with you: this page shows each stage.</li>
        <li>Go down, stay for some seconds, and get up again.</li>
      </ol>
      ${
        cameras.length < 2
          ? nothing
          : html`<label class="field">
            <span>Camera</span>
            <select
              @change=${(event: Event) => {
                const { value } = event.target as HTMLSelectElement;
                this.camera = value === "" ? null : value;
              }}
            >
              <option value="">Any camera</option>
              ${cameras.map(({ id, name }) => html`<option value=${id} ?selected=${id === this.camera}>${name}</option>`)}
            </select>
          </label>`
      }
      <button class="primary" ?disabled=${this.sending} @click=${() => this.#send(() => startDrill(this.camera))}>
        ${icon("drill", 20)}${this.sending ? "Beginning…" : "Begin the drill"}
      </button>
    </section>`;
  }

  #running({ camera_id: id, by, until, stages }: DrillJson) {
    const camera = id === null ? "any camera" : (cameraOf(this.home, id)?.name ?? id);
    return html`<section class="card" aria-label="The drill">
      <p>
        Begun by ${by}, for ${camera}. Ends by itself in <haven-ticking down at=${until}></haven-ticking>, or when it is
        acknowledged and you are up again.
      </p>
      <haven-drill-stages running .stages=${stages}></haven-drill-stages>
      <button ?disabled=${this.sending} @click=${() => this.#send(endDrill)}>End the drill</button>
    </section>`;
  }

  #result() {
    const fresh = this.home.fresh.find(({ kind }) => kind === "drill_ended");
    const event = fresh ?? this.earlier;
    if (event === null) return nothing;
    const stages = stagesOf(event);
    const { passed, title, detail } = drillResult(stages);
    return html`<section class="card" aria-label="The last drill" role="status">
      <p class="soft small">The last drill, ${clockTime(Date.parse(event.captured_at), serverNow())}</p>
      <h2 class="result ${passed ? "passed" : "failed"}">${icon(passed ? "check" : "alarm")}${title}</h2>
      <p>${detail}</p>
      <haven-drill-stages .stages=${stages}></haven-drill-stages>
    </section>`;
  }

  async #send(change: () => Promise<unknown>): Promise<void> {
    this.problem = "";
    this.sending = true;
    try {
      await change();
    } catch (error) {
      this.problem = sentenceOf(error);
    } finally {
      this.sending = false;
    }
  }

  async #load(): Promise<void> {
    try {
      const { events } = await listEvents({ kinds: ["drill_ended"], cameraId: null, before: null, limit: 1 });
      this.earlier = events[0] ?? null;
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }
}

/** An event's evidence is told by its kind, but not typed on the wire: stages that are none are left out. */
function stagesOf({ evidence }: WireEvent): readonly DrillStageJson[] {
  if (!Array.isArray(evidence.stages)) return [];
  return evidence.stages.filter(
    (entry: Partial<DrillStageJson> | null): entry is DrillStageJson =>
      typeof entry?.stage === "string" && entry.stage in STAGE_WORDS && typeof entry.at === "string",
  );
}
