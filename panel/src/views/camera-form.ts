import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type {
  CameraDraftJson,
  CameraJson,
  CameraTestResultJson,
  ZoneDraftJson,
} from "../../../src/api/contract.ts";
import type { ConfirmDialog } from "../components/confirm-dialog.ts";
import { icon } from "../components/icon.ts";
import { missing, sketchOf, type ZoneSketch } from "../components/zone-shapes.ts";
import { addCamera, changeCamera, removeCamera, sentenceOf, testCamera } from "../data/api.ts";
import { pictureUrl } from "../data/urls.ts";
import { controls } from "../styles/controls.ts";
import { streamSentence } from "../words/camera-words.ts";
import "../components/confirm-dialog.ts";
import "../components/overlap-field.ts";
import "../components/switch-field.ts";
import "../components/zone-editor.ts";

interface Fields {
  readonly name: string;
  readonly area: string;
  readonly source: string;
  readonly enabled: boolean;
}

const NO_FIELDS: Fields = { name: "", area: "", source: "", enabled: true };

/** Adds a camera or changes one: name, room, address with a test, zones on its picture, and removal. */
@customElement("haven-camera-form")
export class CameraForm extends LitElement {
  /** null adds a new one. */
  @property({ attribute: false }) camera: CameraJson | null = null;
  /** Whether it is the first one of this home. */
  @property({ type: Boolean }) first = false;
  /** Areas that are in use already, to choose from. */
  @property({ attribute: false }) areas: readonly string[] = [];
  /** All that there are, to choose those that see the same place. */
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];
  @state() private fields: Fields = NO_FIELDS;
  @state() private zones: readonly ZoneSketch[] = [];
  @state() private overlaps: readonly string[] = [];
  @state() private tested: CameraTestResultJson | null = null;
  @state() private testing = false;
  @state() private testProblem = "";
  @state() private saving = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host,
      form {
        display: grid;
        gap: 16px;
        max-width: 720px;
      }
      header {
        display: flex;
        align-items: center;
        gap: 4px;
        margin-left: -12px;
      }
      .welcome {
        display: grid;
        gap: 8px;
        background: var(--tint);
      }
      .result {
        display: flex;
        align-items: center;
        gap: 8px;
        color: var(--ok);
        font-weight: 600;
      }
      .end {
        justify-content: space-between;
        padding-bottom: 8px;
      }
      section {
        display: grid;
        gap: 8px;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues): void {
    if (!changed.has("camera")) return;
    const before = changed.get("camera") as CameraJson | null | undefined;
    // Its status changes all the time; what was typed in stays.
    if (this.hasUpdated && before?.id === this.camera?.id) return;
    const { camera } = this;
    this.fields =
      camera === null
        ? NO_FIELDS
        : { name: camera.name, area: camera.area ?? "", source: camera.source, enabled: camera.enabled };
    this.zones = camera?.zones.map(sketchOf) ?? [];
    this.overlaps = camera?.overlaps ?? [];
    this.tested = null;
    this.testProblem = "";
    this.problem = "";
  }

  override render() {
    const { camera, fields } = this;
    return html`
      <header>
        <a class="button icon" href="#/cameras" aria-label="Back to the cameras" ?hidden=${this.first}>${icon("back")}</a>
        <h1 tabindex="-1" style=${this.first ? "margin-left: 12px" : ""}>${camera === null ? "Add a camera" : camera.name}</h1>
      </header>
      ${this.first ? welcome() : nothing}
      <form novalidate @submit=${this.#save}>
        ${this.#text("name", "Name", "Kitchen, for instance.", 80)}
        ${this.#text("area", "Room", "The area in Home Assistant. May be left empty.", 80)}
        <datalist id="areas">${this.areas.map((area) => html`<option value=${area}></option>`)}</datalist>
        ${this.#text(
          "source",
          "Address",
          camera === null
            ? "rtsp://user:password@192.168.1.20/stream1, an http:// address, or the path of a video file."
            : "User and password are kept, but not shown. Type a whole address to change it.",
          2048,
        )}
        ${this.#test()}
        <section>
          <h2>Zones</h2>
          <p class="soft small">
            Draw every bed and sofa. Then lying there is no alarm, and Haven tells when somebody gets up.
          </p>
          <haven-zone-editor
            picture=${this.#picture()}
            aspect=${this.#aspect()}
            .zones=${this.zones}
            @zones=${(event: CustomEvent<readonly ZoneSketch[]>) => {
              this.zones = event.detail;
            }}
          ></haven-zone-editor>
        </section>
        <haven-overlap-field
          .cameras=${this.cameras.filter(({ id }) => id !== camera?.id)}
          .chosen=${this.overlaps}
          @chosen=${(event: CustomEvent<readonly string[]>) => {
            this.overlaps = event.detail;
          }}
        ></haven-overlap-field>
        ${
          camera === null
            ? nothing
            : html`<haven-switch
              label="Switched on"
              help="Off: Haven leaves this camera alone."
              ?on=${fields.enabled}
              @switched=${(event: CustomEvent<boolean>) => this.#set({ enabled: event.detail })}
            ></haven-switch>`
        }
        <p class="problem" role="alert">${this.problem}</p>
        <div class="row end">
          <button class="primary" type="submit" ?disabled=${this.saving}>${this.saving ? "Saving…" : "Save"}</button>
          ${
            camera === null
              ? nothing
              : html`<button class="danger" type="button" @click=${this.#remove}>${icon("remove", 20)}Remove camera</button>`
          }
        </div>
      </form>
      <haven-confirm
        question="Remove ${camera?.name ?? ""}?"
        detail="Haven stops watching through this camera and forgets its zones. Its events stay."
        action="Remove"
      ></haven-confirm>
    `;
  }

  #text(key: "name" | "area" | "source", label: string, help: string, longest: number) {
    return html`<div class="field">
      <label for=${key}>${label}</label>
      <input
        id=${key}
        name=${key}
        maxlength=${longest}
        autocomplete="off"
        autocapitalize=${key === "source" ? "none" : "sentences"}
        spellcheck="false"
        inputmode=${key === "source" ? "url" : "text"}
        list=${key === "area" ? "areas" : nothing}
        aria-describedby="${key}-help"
        .value=${this.fields[key]}
        @input=${(event: InputEvent) => this.#set({ [key]: (event.target as HTMLInputElement).value })}
      />
      <span class="soft small" id="${key}-help">${help}</span>
    </div>`;
  }

  #test() {
    return html`<section aria-live="polite">
      <div class="row">
        <button type="button" ?disabled=${this.testing || this.fields.source.trim() === ""} @click=${this.#runTest}>
          ${this.testing ? "Testing…" : "Test"}
        </button>
        ${
          this.tested === null
            ? nothing
            : html`<span class="result">${icon("check")}${streamSentence(this.tested.stream)}</span>`
        }
      </div>
      ${this.testing ? html`<p class="soft">Opening the camera. This can take some seconds.</p>` : nothing}
      ${this.testProblem === "" ? nothing : html`<p class="problem">${this.testProblem}</p>`}
    </section>`;
  }

  #picture(): string {
    if (this.tested !== null) return this.tested.picture;
    const { camera } = this;
    if (camera === null || !camera.enabled || camera.status.availability !== "online") return "";
    // By the start of its stream, so that it is not loaded anew with every change of status.
    return pictureUrl(
      `cameras/${encodeURIComponent(camera.id)}/snapshot.jpg?since=${Date.parse(camera.status.since)}`,
    );
  }

  #aspect(): number {
    const stream = this.tested?.stream ?? this.camera?.status.stream ?? null;
    return stream === null ? 16 / 9 : stream.width / stream.height;
  }

  #set(change: Partial<Fields>): void {
    this.fields = { ...this.fields, ...change };
    if (change.source === undefined) return;
    this.tested = null;
    this.testProblem = "";
  }

  readonly #runTest = async (): Promise<void> => {
    const { camera, fields } = this;
    const source = fields.source.trim();
    this.testing = true;
    this.tested = null;
    this.testProblem = "";
    try {
      const known = camera !== null && source === camera.source;
      const result = await testCamera(known ? { camera_id: camera.id } : { source });
      if (this.fields.source.trim() === source) this.tested = result;
    } catch (error) {
      this.testProblem = sentenceOf(error);
    } finally {
      this.testing = false;
    }
  };

  readonly #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const name = this.fields.name.trim();
    const source = this.fields.source.trim();
    const unfinished = this.zones.map(missing).find((words) => words !== null);
    this.problem =
      name === ""
        ? "Give the camera a name."
        : source === ""
          ? "Give the camera's address."
          : (unfinished ?? "");
    if (this.problem !== "") return;
    this.saving = true;
    try {
      const { id } = await this.#send(name, source);
      location.hash = `#/live/${id}`;
    } catch (error) {
      this.problem = `Not saved. ${sentenceOf(error)}`;
    } finally {
      this.saving = false;
    }
  };

  #send(name: string, source: string): Promise<CameraJson> {
    const { camera } = this;
    const area = this.fields.area.trim();
    const zones = this.zones.map(({ id, ...zone }): ZoneDraftJson => (id === null ? zone : { ...zone, id }));
    const common = { name, area: area === "" ? null : area, zones, overlaps: this.overlaps };
    if (camera === null) return addCamera({ ...common, source } satisfies CameraDraftJson);
    const changed = source === camera.source ? {} : { source };
    return changeCamera(camera.id, { ...common, ...changed, enabled: this.fields.enabled });
  }

  readonly #remove = async (): Promise<void> => {
    const dialog = this.renderRoot.querySelector<ConfirmDialog>("haven-confirm");
    if (this.camera === null || dialog === null || !(await dialog.ask())) return;
    try {
      await removeCamera(this.camera.id);
      location.hash = "#/cameras";
    } catch (error) {
      this.problem = `Not removed. ${sentenceOf(error)}`;
    }
  };
}

function welcome() {
  return html`<div class="card welcome">
    <p><strong>Welcome to Haven.</strong> Add the first camera, and Haven begins to watch over its room. Nothing leaves the house.</p>
    <p class="small">No camera at hand? Stop Haven and run <code>npm run demo</code>: it shows a staged fall.</p>
  </div>`;
}
