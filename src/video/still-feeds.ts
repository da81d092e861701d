// Where a web camera's single pictures come from: parts of an endless answer (MJPEG), or an address that gives one
// picture each time it is asked.
import type { IncomingMessage } from "node:http";
import { type Clock, type Millis, wait } from "../core/clock.ts";
import { AppError, isAppError } from "../core/errors.ts";
import { deadline } from "./deadline.ts";
import type { HttpCamera } from "./http-camera.ts";
import { MAX_PICTURE_BYTES, MultipartParts } from "./multipart-parts.ts";
import { isTorn } from "./still-format.ts";

export interface StillFeed extends Disposable {
  /** The newest picture nobody has had yet, whole, as the file it is. One call at a time. */
  next(signal: AbortSignal): Promise<Buffer>;
  /** Pictures that were due and did not come. */
  readonly damaged: number;
}

/**
 * Keeps up with a camera that sends pictures by itself: what nobody fetched before the next one came is dropped, since
 * each is whole in itself and an old one is worthless.
 */
export class MultipartFeed implements StillFeed {
  damaged = 0;
  readonly #body: IncomingMessage;
  #newest: Buffer | null = null;
  #failure: unknown = null;
  #wake: () => void = () => undefined;

  constructor(body: IncomingMessage, contentType: string) {
    this.#body = body;
    const parts = new MultipartParts(contentType);
    body.on("data", (chunk: Buffer) => {
      try {
        for (const picture of parts.push(chunk)) {
          if (isTorn(picture)) this.damaged += 1;
          else this.#newest = picture;
        }
        if (this.#newest !== null) this.#wake();
      } catch (error) {
        this.#end(error);
        body.destroy();
      }
    });
    const brokenOff = () => this.#end(new AppError("source.unreachable", "The device closed it."));
    body.on("close", brokenOff).on("end", brokenOff);
  }

  async next(signal: AbortSignal): Promise<Buffer> {
    for (;;) {
      signal.throwIfAborted();
      const picture = this.#newest;
      this.#newest = null;
      if (picture !== null) return picture;
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener("abort", wake, { once: true });
      });
    }
  }

  [Symbol.dispose](): void {
    this.#body.destroy();
  }

  #end(failure: unknown): void {
    this.#failure ??= failure;
    this.#wake();
  }
}

export interface SnapshotPace {
  /** How often a second the address is asked. */
  readonly perSecond: number;
  /** An answer that takes longer has failed. */
  readonly answerTimeoutMs: Millis;
  readonly clock: Clock;
}

/** A camera may be too busy for one picture, and small web servers often are. So many in a row, and it is lost. */
const FAILURES_IN_A_ROW = 3;
const PAUSE_AFTER_FAILURE: Millis = 500;

/** Asks for one picture after the other, no faster than its pace. */
export class SnapshotFeed implements StillFeed {
  readonly #camera: HttpCamera;
  readonly #pace: SnapshotPace;
  #first: IncomingMessage | null;
  #askedAt: Millis;
  damaged = 0;

  /** @param first the answer that told that this is such an address */
  constructor(camera: HttpCamera, first: IncomingMessage, pace: SnapshotPace) {
    this.#camera = camera;
    this.#first = first;
    this.#pace = pace;
    this.#askedAt = pace.clock.monotonic();
  }

  async next(signal: AbortSignal): Promise<Buffer> {
    const first = this.#first;
    this.#first = null;
    if (first !== null) return await bodyOf(first);
    const { clock, perSecond } = this.#pace;
    for (let failures = 1; ; failures += 1) {
      const dueIn = this.#askedAt + 1000 / perSecond - clock.monotonic();
      if (dueIn > 0) await wait(clock, Math.ceil(dueIn), signal);
      this.#askedAt = clock.monotonic();
      try {
        const picture = await this.#ask(signal);
        if (isTorn(picture)) throw new AppError("source.unreadable", "One came only in part.");
        return picture;
      } catch (error) {
        if (signal.aborted || failures === FAILURES_IN_A_ROW || !mayPass(error)) throw error;
        this.damaged += 1;
      }
      await wait(clock, PAUSE_AFTER_FAILURE, signal);
    }
  }

  [Symbol.dispose](): void {
    this.#first?.destroy();
  }

  async #ask(signal: AbortSignal): Promise<Buffer> {
    const { clock, answerTimeoutMs } = this.#pace;
    using limited = deadline(clock, answerTimeoutMs, signal, () => {
      return new AppError("source.stalled", "It does not answer in time.");
    });
    return await bodyOf(await this.#camera.get(limited.signal));
  }
}

/** A password that is refused will be refused again, and asked too often, some devices lock their user out. */
function mayPass(error: unknown): boolean {
  if (!isAppError(error)) return false;
  const { status } = error.fields;
  return typeof status !== "number" || status >= 500 || status === 429;
}

/** @throws AppError when the answer breaks off or is larger than any picture; the request's abort reason. */
async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_PICTURE_BYTES) {
        throw new AppError("source.unreadable", "What it sends is larger than any picture.");
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError("source.unreachable", "One came only in part.", { cause: error });
  }
  return Buffer.concat(chunks);
}
