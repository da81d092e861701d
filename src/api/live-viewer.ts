import type { LiveHub, LivePacket } from "./live-hub.ts";

/**
 * Frames sent but not yet shown. The viewer's answers, not only the socket's buffer, set the pace: behind Home
 * Assistant two proxies buffer in between, and a picture that waits there is no longer live. Three keep 10 frames a
 * second flowing up to a round trip of 300 ms.
 */
const MAX_IN_FLIGHT = 3;

/** Bytes waiting for the network beyond which further frames are held back; several pictures of 1280x720. */
const MAX_BUFFERED = 512 * 1024;

export interface LiveSink {
  bufferedAmount(): number;
  /** `sent` is called once the bytes have left for the network, or cannot any more. */
  send(bytes: Buffer, sent: () => void): void;
}

/** One viewer of one camera: what it cannot take in time is replaced by newer frames, never queued. */
export class LiveViewer implements Disposable {
  readonly cameraId: string;
  readonly #sink: LiveSink;
  readonly #hub: LiveHub;
  readonly #picture: boolean;
  readonly #subscription: Disposable;
  #inFlight = 0;
  #newest: LivePacket | null = null;
  #closed = false;

  constructor(hub: LiveHub, sink: LiveSink, cameraId: string, picture: boolean) {
    this.cameraId = cameraId;
    this.#hub = hub;
    this.#sink = sink;
    this.#picture = picture;
    this.#subscription = hub.watch(cameraId, (packet) => {
      this.#newest = packet;
      this.flush();
    });
  }

  /** The viewer has drawn or thrown away one frame. */
  shown(): void {
    this.#inFlight = Math.max(0, this.#inFlight - 1);
    this.flush();
  }

  flush(): void {
    if (this.#closed || this.#newest === null) return;
    if (this.#inFlight >= MAX_IN_FLIGHT || this.#sink.bufferedAmount() > MAX_BUFFERED) return;
    const packet = this.#newest;
    this.#newest = null;
    // The frame may have waited here while privacy was switched on.
    if (!this.#hub.mayShow(this.cameraId)) return;
    this.#inFlight += 1;
    this.#sink.send(packet.bytes(this.#picture), () => this.flush());
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#newest = null;
    this.#subscription[Symbol.dispose]();
  }
}
