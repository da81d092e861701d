// All open WebSockets: a new one is told the state of the home, every one is told what changes from then on.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { assertNever } from "../core/assert-never.ts";
import { toWire } from "../domain/events.ts";
import { KEYPOINT_FLOOR, SKELETON } from "../domain/pose.ts";
import type { DayJson } from "./care-contract.ts";
import { careToWire, dayToWire } from "./care-mapping.ts";
import type { AlarmJson, CameraJson, ServerMessage } from "./contract.ts";
import type { ApiDeps, ApiOptions, HomeNews } from "./deps.ts";
import type { LiveHub } from "./live-hub.ts";
import { PanelSession } from "./panel-session.ts";
import { presenceToWire } from "./person-mapping.ts";
import { alarmToWire, cameraToWire, isoTime, roomToWire, statusToWire } from "./wire-mapping.ts";

/** The panel takes twice and a half of this without a word for a lost connection. */
const HEARTBEAT = 10_000;

/** Three heartbeats without an answer: the viewer is gone, and its socket only looks open. */
const SILENCE = 3 * HEARTBEAT;

/** More than a household has screens; what is beyond is a program that forgets to close. */
const MAX_SESSIONS = 64;

/** Viewers say a few words only. */
const MAX_MESSAGE = 4096;

export class PanelSockets {
  readonly #deps: ApiDeps;
  readonly #hub: LiveHub;
  readonly #options: Pick<ApiOptions, "version" | "ingress">;
  readonly #sessions = new Set<PanelSession>();
  // Home Assistant strips the extension header, so compression would only work outside of it; JPEG does not shrink.
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
  });
  #news: Disposable | null = null;
  #heartbeat: Disposable | null = null;

  constructor(deps: ApiDeps, hub: LiveHub, options: Pick<ApiOptions, "version" | "ingress">) {
    this.#deps = deps;
    this.#hub = hub;
    this.#options = options;
  }

  start(): void {
    this.#news = this.#deps.news.subscribe((news) => this.#broadcast(this.#messageOf(news)));
    this.#scheduleHeartbeat();
  }

  stop(): void {
    this.#news?.[Symbol.dispose]();
    this.#heartbeat?.[Symbol.dispose]();
    this.#news = null;
    this.#heartbeat = null;
    for (const session of this.#sessions) session.close();
  }

  get isFull(): boolean {
    return this.#sessions.size >= MAX_SESSIONS;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new PanelSession(webSocket, {
        hub: this.#hub,
        knowsCamera: (id) => this.#deps.cameras.get(id) !== null,
        monotonic: () => this.#deps.clock.monotonic(),
        onClose: () => this.#sessions.delete(session),
      });
      this.#sessions.add(session);
      session.send(this.#hello());
    });
  }

  #broadcast(message: ServerMessage): void {
    if (this.#sessions.size === 0) return;
    const text = JSON.stringify(message);
    for (const session of this.#sessions) session.sendText(text);
  }

  #messageOf(news: HomeNews): ServerMessage {
    switch (news.kind) {
      case "event":
        return { kind: "event", event: toWire(news.event) };
      case "camera_status":
        return { kind: "camera_status", status: statusToWire(news.status) };
      case "room":
        return { kind: "room", room: roomToWire(news.room) };
      case "cameras":
        return { kind: "cameras", cameras: this.#cameras() };
      case "alarms":
        return { kind: "alarms", alarms: this.#alarms() };
      case "care":
        return { kind: "care", care: careToWire(news.care, this.#deps.settings.current()) };
      case "day":
        return { kind: "day", day: dayToWire(news.day) };
      case "persons":
        return { kind: "persons" };
      case "presence":
        return { kind: "presence", presence: presenceToWire(this.#deps.persons) };
      default:
        return assertNever(news);
    }
  }

  #hello(): ServerMessage {
    return {
      kind: "hello",
      version: this.#options.version,
      home_assistant: this.#options.ingress !== null,
      server_time: this.#time(),
      cameras: this.#cameras(),
      alarms: this.#alarms(),
      care: careToWire(this.#deps.care.state(), this.#deps.settings.current()),
      day: this.#today(),
      presence: presenceToWire(this.#deps.persons),
      skeleton: SKELETON,
      keypoint_floor: KEYPOINT_FLOOR,
    };
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat = this.#deps.clock.schedule(HEARTBEAT, () => {
      const text = JSON.stringify({ kind: "heartbeat", server_time: this.#time() } satisfies ServerMessage);
      for (const session of this.#sessions) session.beat(text, SILENCE);
      this.#scheduleHeartbeat();
    });
  }

  #cameras(): readonly CameraJson[] {
    return this.#deps.cameras.list().map(cameraToWire);
  }

  #alarms(): readonly AlarmJson[] {
    return this.#deps.alarms.list().map(alarmToWire);
  }

  #today(): DayJson | null {
    const day = this.#deps.days.today();
    return day === null ? null : dayToWire(day);
  }

  #time(): string {
    return isoTime(this.#deps.clock.now());
  }
}
