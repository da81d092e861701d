import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { SystemJson } from "../../../src/api/contract.ts";
import { readSystem, sentenceOf } from "../data/api.ts";
import { ownName } from "../data/preferences.ts";
import { controls } from "../styles/controls.ts";
import { providerWords } from "../words/vision-words.ts";
import "./time-ago.ts";

const REFRESH = 10_000;

const VISION_WORDS: Readonly<Record<SystemJson["vision"]["state"], string>> = {
  starting: "is starting",
  running: "is running",
  down: "is not running",
};

const MQTT_WORDS: Readonly<Record<SystemJson["mqtt"]["state"], string>> = {
  off: "off",
  connecting: "not connected; trying",
  connected: "connected",
};

/** How the daemon is, what is wrong with it, and the name under which this device acknowledges. */
@customElement("haven-about")
export class AboutCard extends LitElement {
  /** Home Assistant knows who is signed in. */
  @property({ type: Boolean }) homeAssistant = false;
  @state() private system: SystemJson | null = null;
  @state() private problem = "";
  #timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    controls,
    css`
      .card {
        display: grid;
        gap: 12px;
      }
      .field {
        max-width: 420px;
      }
      .why {
        overflow-wrap: anywhere;
      }
      ul {
        margin: 0;
        padding-left: 20px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
    this.#timer = setInterval(() => void this.#load(), REFRESH);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render() {
    const { system } = this;
    return html`<section class="card" aria-label="About this Haven">
      <h2>Haven ${system?.version ?? ""}</h2>
      ${this.problem === "" ? nothing : html`<p class="problem">${this.problem}</p>`}
      ${system === null ? nothing : this.#state(system)} ${this.homeAssistant ? nothing : this.#name()}
    </section>`;
  }

  #state({ vision, mqtt, problems }: SystemJson) {
    const how = vision.provider === null ? "" : ` on ${providerWords(vision.provider)}`;
    return html`
      <p class="soft">
        Vision ${VISION_WORDS[vision.state]}${how}${
          vision.provider_since === null
            ? nothing
            : html`, <haven-time-ago span at=${vision.provider_since}></haven-time-ago>`
        }.
        MQTT: ${MQTT_WORDS[mqtt.state]}${mqtt.broker === null ? "" : ` (${mqtt.broker})`}.
      </p>
      ${
        vision.provider_reason === null
          ? nothing
          : html`<p class="soft small why">Not on the graphics: ${vision.provider_reason}.</p>`
      }
      ${
        problems.length === 0
          ? nothing
          : html`<ul class="problem">
            ${problems.map((words) => html`<li>${words}</li>`)}
          </ul>`
      }
    `;
  }

  #name() {
    return html`<label class="field">
      <span>Your name</span>
      <input
        maxlength="80"
        autocomplete="name"
        .value=${ownName.get()}
        @change=${(event: Event) => ownName.set((event.target as HTMLInputElement).value.trim())}
      />
      <span class="soft small">Everybody sees it when you acknowledge an alarm. Remembered on this device.</span>
    </label>`;
  }

  async #load(): Promise<void> {
    if (document.visibilityState !== "visible") return;
    try {
      this.system = await readSystem();
      this.problem = "";
    } catch (error) {
      this.problem = sentenceOf(error);
    }
  }
}
