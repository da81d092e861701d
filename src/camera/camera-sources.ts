// Which of a camera's two streams is watched: the small one as long as it can be opened, for it costs far less to
// decode; else the large one, until the small one is back.
import { type Clock, type Millis, wait } from "../core/clock.ts";
import { isAppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import type { OpenedStream, StreamFrame, StreamOpener } from "./stream-opener.ts";

export interface CameraSourcesOptions<F extends StreamFrame<F>> {
  readonly camera: Pick<Camera, "id" | "source" | "substream" | "transport">;
  readonly live: boolean;
  readonly fps: number;
  readonly open: StreamOpener<F>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ChosenStream<F extends StreamFrame<F>> {
  readonly stream: OpenedStream<F>;
  /** Whether it is the large one in place of the small one. */
  readonly isStandIn: boolean;
}

/** How long the large stream is watched before the small one is tried again, and the longest pause between tries. */
const FIRST_RETURN: Millis = 5 * 60_000;
const LONGEST_RETURN: Millis = 60 * 60_000;

export class CameraSources<F extends StreamFrame<F>> {
  readonly #options: CameraSourcesOptions<F>;
  readonly #substream: string | null;

  constructor(options: CameraSourcesOptions<F>) {
    this.#options = options;
    const { source, substream } = options.camera;
    // A recording is looked at as it is.
    this.#substream = options.live && substream !== source ? substream : null;
  }

  /** @throws AppError of the large stream when neither can be opened; the signal's reason when aborted. */
  async open(signal: AbortSignal): Promise<ChosenStream<F>> {
    const { camera, log } = this.#options;
    if (this.#substream === null) {
      return { stream: await this.#open(camera.source, signal), isStandIn: false };
    }
    let reason: string;
    try {
      return { stream: await this.#open(this.#substream, signal), isStandIn: false };
    } catch (error) {
      if (signal.aborted || !isAppError(error)) throw error;
      reason = messageOf(error);
    }
    const stream = await this.#open(camera.source, signal);
    log.warn({ camera: camera.id, reason }, "the small stream cannot be opened: the large one is watched");
    return { stream, isStandIn: true };
  }

  /** Looks for the small stream while the large one is watched. To be disposed when that ends. */
  return(signal: AbortSignal): StreamReturn<F> {
    const { camera, clock, log } = this.#options;
    const { substream } = camera;
    if (substream === null) throw new TypeError("there is no small stream to return to");
    const open = async (until: AbortSignal) => {
      for (let pause = FIRST_RETURN; ; pause = Math.min(2 * pause, LONGEST_RETURN)) {
        await wait(clock, pause, until);
        try {
          const stream = await this.#open(substream, until);
          log.info({ camera: camera.id }, "the small stream is back");
          return stream;
        } catch (error) {
          if (until.aborted || !isAppError(error)) throw error;
        }
      }
    };
    return new StreamReturn(open, signal);
  }

  #open(source: string, signal: AbortSignal): Promise<OpenedStream<F>> {
    const { camera, live, fps, open } = this.#options;
    return open({ source, transport: camera.transport, live, fps, signal });
  }
}

/** The small stream, opened beside the large one so that no picture is missed between them. */
export class StreamReturn<F extends StreamFrame<F>> implements AsyncDisposable {
  readonly #abort = new AbortController();
  readonly #opening: Promise<void>;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.#abort.abort();
  #stream: OpenedStream<F> | null = null;

  constructor(open: (until: AbortSignal) => Promise<OpenedStream<F>>, signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#opening = open(this.#abort.signal).then(
      (stream) => {
        this.#stream = stream;
      },
      // Nobody waits for it: the large one goes on.
      () => undefined,
    );
  }

  /** The stream once it is there, the caller's from then on; null before. */
  take(): OpenedStream<F> | null {
    const stream = this.#stream;
    this.#stream = null;
    return stream;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#abort.abort();
    await this.#opening;
    await this.#stream?.[Symbol.asyncDispose]();
    this.#stream = null;
  }
}
