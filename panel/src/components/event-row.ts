import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { CameraJson } from "../../../src/api/contract.ts";
import type { WireEvent } from "../../../src/domain/events.ts";
import { controls } from "../styles/controls.ts";
import { eventWords } from "../words/event-words.ts";
import { evidenceSentence } from "../words/evidence-words.ts";
import { whatHappened } from "../words/person-words.ts";
import { clockTimeSeconds } from "../words/time-words.ts";
import { icon } from "./icon.ts";
import "./time-ago.ts";

/** One event as a line of a list: what, where, when, and what it was seen by. */
@customElement("haven-event-row")
export class EventRow extends LitElement {
  @property({ attribute: false }) event: WireEvent | null = null;
  @property({ attribute: false }) cameras: readonly CameraJson[] = [];

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        gap: 12px;
        padding: 12px 4px;
      }
      .mark {
        display: grid;
        flex: none;
        place-content: center;
        width: 40px;
        height: 40px;
        border-radius: 50%;
        background: color-mix(in srgb, currentColor, transparent 86%);
        color: var(--soft);
      }
      .alarm {
        background: var(--alarm);
        color: #fff;
      }
      .notice {
        color: var(--warn);
      }
      .good {
        color: var(--ok);
      }
      .title {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .more {
        display: inline-flex;
        align-items: center;
        min-height: 44px;
        min-width: 44px;
      }
      .when {
        flex: none;
        text-align: right;
        white-space: nowrap;
      }
    `,
  ];

  override render() {
    const { event } = this;
    if (event === null) return nothing;
    const { icon: name, tone } = eventWords(event.kind);
    const camera = this.cameras.find(({ id }) => id === event.camera_id);
    const place = [event.area, camera?.name ?? event.camera_id, event.zone];
    const where = [...new Set(place.filter((part) => part !== null && part !== ""))].join(" · ");
    const evidence = evidenceSentence(event);
    return html`
      <span class="mark ${tone}">${icon(name, 22)}</span>
      <div class="grow">
        <div class="title">${whatHappened(event.kind, event.person_name)}</div>
        ${where === "" ? nothing : html`<div>${where}</div>`}
        ${evidence === "" ? nothing : html`<div class="soft small">${evidence}</div>`}
        ${
          typeof event.evidence.alarm_id === "string"
            ? html`<a class="more small" href="#/alarm/${event.evidence.alarm_id}">What was seen</a>`
            : nothing
        }
      </div>
      <div class="when small">
        <haven-time-ago at=${event.captured_at}></haven-time-ago>
        <div class="soft">${clockTimeSeconds(Date.parse(event.captured_at))}</div>
      </div>
    `;
  }
}
