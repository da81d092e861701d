import type { ApiDeps, LiveFrame } from "./deps.ts";
import { encodeLiveFrame } from "./live-frame-codec.ts";

/** One frame on its way to any number of viewers: its bytes are put together once, and only when somebody takes it. */
export class LivePacket {
  readonly frame: LiveFrame;
  #full: Buffer | null = null;
  #bare: Buffer | null = null;

  constructor(frame: LiveFrame) {
    this.frame = frame;
  }

  bytes(picture: boolean): Buffer {
    if (picture) {
      this.#full ??= encodeLiveFrame(this.frame, true);
      return this.#full;
    }
    this.#bare ??= encodeLiveFrame(this.frame, false);
    return this.#bare;
  }
}

interface Feed {
  readonly listeners: Set<(packet: LivePacket) => void>;
  readonly subscription: Disposable;
}

/**
 * Shares one subscription per camera among all its viewers, and holds it only while there are any. Nothing passes while
 * a camera's privacy is on, whatever still comes out of the pipeline.
 */
export class LiveHub {
  readonly #deps: Pick<ApiDeps, "live" | "cameras">;
  readonly #feeds = new Map<string, Feed>();

  constructor(deps: Pick<ApiDeps, "live" | "cameras">) {
    this.#deps = deps;
  }

  watch(cameraId: string, listener: (packet: LivePacket) => void): Disposable {
    const feed = this.#feeds.get(cameraId) ?? this.#open(cameraId);
    feed.listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        if (!feed.listeners.delete(listener) || feed.listeners.size > 0) return;
        this.#feeds.delete(cameraId);
        feed.subscription[Symbol.dispose]();
      },
    };
  }

  /** Whether pictures of this camera may leave the house's walls at all right now. */
  mayShow(cameraId: string): boolean {
    return this.#deps.cameras.get(cameraId)?.camera.privacy === false;
  }

  #open(cameraId: string): Feed {
    const listeners = new Set<(packet: LivePacket) => void>();
    const subscription = this.#deps.live.subscribe(cameraId, (frame) => {
      if (!this.mayShow(cameraId)) return;
      const packet = new LivePacket(frame);
      for (const listener of listeners) listener(packet);
    });
    const feed = { listeners, subscription };
    this.#feeds.set(cameraId, feed);
    return feed;
  }
}
