import { type RawData, WebSocket } from "ws";
import { assertNever } from "../core/assert-never.ts";
import type { Millis } from "../core/clock.ts";
import type { ServerMessage, ViewerMessage } from "./contract.ts";
import type { LiveHub } from "./live-hub.ts";
import { LiveViewer } from "./live-viewer.ts";
import { parseViewerMessage } from "./request-parsers.ts";

/** Cameras one viewer may watch at the same time. */
const MAX_WATCHED = 16;

/** Messages that wait for a viewer beyond this are not read any more: it may connect anew and is told everything. */
const MAX_BACKLOG = 4 * 1024 * 1024;

export interface SessionOptions {
  readonly hub: LiveHub;
  readonly knowsCamera: (id: string) => boolean;
  readonly monotonic: () => Millis;
  readonly onClose: () => void;
}

/** One open WebSocket: says what happens in the home, and hands on the live frames its viewer asked for. */
export class PanelSession {
  readonly #socket: WebSocket;
  readonly #options: SessionOptions;
  readonly #viewers = new Map<string, LiveViewer>();
  #heardAt: Millis;

  constructor(socket: WebSocket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#heardAt = options.monotonic();
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("pong", () => this.#heard());
    // An error is always followed by a close.
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.#stopWatching();
      options.onClose();
    });
  }

  send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message));
  }

  /** For many sessions at once: the same text need not be put together for each. */
  sendText(text: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_BACKLOG) this.#socket.terminate();
    else this.#socket.send(text);
  }

  /** Asks for a sign of life; ends the session when there was none for `silence`. */
  beat(message: string, silence: Millis): void {
    if (this.#options.monotonic() - this.#heardAt > silence) this.#socket.terminate();
    this.sendText(message);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  close(): void {
    this.#stopWatching();
    this.#socket.close(1001, "Haven stops");
    // Not every viewer answers a goodbye, and stopping may not wait for one that does not.
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    const message = isBinary ? null : parseViewerMessage(data.toString());
    if (message === null) {
      this.#socket.close(1008, "not a message of Haven's panel");
      return;
    }
    this.#heard();
    this.#handle(message);
  }

  #handle(message: ViewerMessage): void {
    switch (message.kind) {
      case "watch":
        this.#watch(message.camera_id, message.picture);
        break;
      case "unwatch":
        this.#unwatch(message.camera_id);
        break;
      case "shown":
        this.#viewers.get(message.camera_id)?.shown();
        break;
      case "alive":
        break;
      default:
        assertNever(message);
    }
  }

  #watch(cameraId: string, picture: boolean): void {
    this.#unwatch(cameraId);
    const refusal = this.#refusal(cameraId);
    if (refusal !== null) {
      this.send({ kind: "refused", camera_id: cameraId, detail: refusal });
      return;
    }
    const sink = {
      bufferedAmount: () => this.#socket.bufferedAmount,
      send: (bytes: Buffer, sent: () => void) => this.#socket.send(bytes, { binary: true }, sent),
    };
    this.#viewers.set(cameraId, new LiveViewer(this.#options.hub, sink, cameraId, picture));
  }

  #unwatch(cameraId: string): void {
    this.#viewers.get(cameraId)?.[Symbol.dispose]();
    this.#viewers.delete(cameraId);
  }

  #refusal(cameraId: string): string | null {
    if (!this.#options.knowsCamera(cameraId)) return "There is no such camera.";
    if (this.#viewers.size < MAX_WATCHED) return null;
    return `At most ${MAX_WATCHED} cameras can be watched at the same time.`;
  }

  #stopWatching(): void {
    for (const viewer of this.#viewers.values()) viewer[Symbol.dispose]();
    this.#viewers.clear();
  }

  #heard(): void {
    this.#heardAt = this.#options.monotonic();
  }
}
