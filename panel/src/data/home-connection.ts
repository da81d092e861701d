// The one WebSocket of the page: keeps the state of the home up to date and hands out live frames. Comes back by itself,
// and says at once when it is gone, since an alarm would not be seen then.
import type { ServerMessage, ViewerMessage } from "../../../src/api/contract.ts";
import { Refusal, readSystem } from "./api.ts";
import { EMPTY_HOME, type HomeState, told } from "./home-state.ts";
import { decodeLiveFrame, type LiveFrame } from "./live-frame.ts";
import { setServerTime } from "./server-clock.ts";
import { socketUrl } from "./urls.ts";

/** The daemon speaks at least every 10 s; two and a half times that without a word is a lost connection. */
const SILENCE = 25_000;

/** First and longest wait before the next attempt, milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

interface Watcher {
  readonly picture: boolean;
  /** `done` is called once the frame was drawn or thrown away: the daemon sends no more than a few ahead of that. */
  readonly onFrame: (frame: LiveFrame, done: () => void) => void;
}

export class HomeConnection {
  readonly #onChange: (home: HomeState) => void;
  readonly #watchers = new Map<string, Watcher>();
  #home: HomeState = EMPTY_HOME;
  #socket: WebSocket | null = null;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #open = false;

  constructor(onChange: (home: HomeState) => void) {
    this.#onChange = onChange;
  }

  connect(): void {
    this.#open = true;
    addEventListener("online", this.#retryNow);
    document.addEventListener("visibilitychange", this.#retryNow);
    this.#dial();
  }

  close(): void {
    this.#open = false;
    removeEventListener("online", this.#retryNow);
    document.removeEventListener("visibilitychange", this.#retryNow);
    clearTimeout(this.#timer);
    this.#hangUp();
  }

  /** Live frames of one camera until the returned function is called. One watcher per camera. */
  watch(cameraId: string, watcher: Watcher): () => void {
    this.#watchers.set(cameraId, watcher);
    this.#say({ kind: "watch", camera_id: cameraId, picture: watcher.picture });
    return () => {
      if (this.#watchers.get(cameraId) !== watcher) return;
      this.#watchers.delete(cameraId);
      this.#say({ kind: "unwatch", camera_id: cameraId });
    };
  }

  /** After the token was entered, or the network came back. */
  readonly #retryNow = () => {
    if (this.#open && this.#socket === null && document.visibilityState === "visible") this.retry();
  };

  retry(): void {
    clearTimeout(this.#timer);
    this.#hangUp();
    this.#dial();
  }

  #dial(): void {
    const socket = new WebSocket(socketUrl());
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#expectWord();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #receive(data: unknown): void {
    this.#expectWord();
    if (data instanceof ArrayBuffer) this.#frame(decodeLiveFrame(data));
    else if (typeof data === "string") this.#message(JSON.parse(data) as ServerMessage);
  }

  #message(message: ServerMessage): void {
    if (message.kind === "hello" || message.kind === "heartbeat") setServerTime(message.server_time);
    if (message.kind === "heartbeat") this.#say({ kind: "alive" });
    if (message.kind === "hello") {
      this.#attempt = 0;
      for (const [id, { picture }] of this.#watchers) this.#say({ kind: "watch", camera_id: id, picture });
    }
    this.#become(told(this.#home, message));
  }

  #frame(frame: LiveFrame): void {
    const cameraId = frame.header.camera_id;
    const socket = this.#socket;
    const done = () => {
      if (this.#socket === socket) this.#say({ kind: "shown", camera_id: cameraId });
    };
    const watcher = this.#watchers.get(cameraId);
    if (watcher === undefined) done();
    else watcher.onFrame(frame, done);
  }

  #say(message: ViewerMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #expectWord(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE);
  }

  #lost(): void {
    this.#hangUp();
    if (!this.#open) return;
    this.#become({ ...this.#home, connection: this.#home.connection === "locked" ? "locked" : "lost" });
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempt);
    this.#attempt += 1;
    // Spread, so that all panels of a house do not come back in the same instant.
    this.#timer = setTimeout(() => this.#dial(), wait * (0.75 + 0.25 * Math.random()));
    // A browser does not say why a WebSocket was refused; an ordinary request does.
    void this.#checkLock();
  }

  async #checkLock(): Promise<void> {
    try {
      await readSystem();
      if (this.#home.connection === "locked") this.#become({ ...this.#home, connection: "lost" });
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401 || this.#home.connection === "online") return;
      clearTimeout(this.#timer);
      this.#become({ ...this.#home, connection: "locked" });
    }
  }

  #hangUp(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #become(home: HomeState): void {
    if (home === this.#home) return;
    this.#home = home;
    this.#onChange(home);
  }
}
