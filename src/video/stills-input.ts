// A web camera's single pictures as a video: MJPEG and snapshot addresses. Which of them an address is, or a video for
// FFmpeg, is found by asking it, not by its path.
import type { IncomingMessage } from "node:http";
import { AV_PKT_FLAG_KEY } from "node-av/constants";
import { Codec, type Packet, Rational } from "node-av/lib";
import { AppError, isAppError } from "../core/errors.ts";
import { deadline } from "./deadline.ts";
import { HttpCamera, NotHttp } from "./http-camera.ts";
import { type OpenInputOptions, tooSlow, unreadable } from "./media-input.ts";
import type { SourceAddress } from "./source-address.ts";
import { MultipartFeed, SnapshotFeed, type StillFeed } from "./still-feeds.ts";
import { type StillFormat, stillFormatOf } from "./still-format.ts";
import type { VideoInput, VideoTrack } from "./video-input.ts";

export interface OpenStillsOptions extends OpenInputOptions {
  /** How often a second an address that gives one picture at a time is asked. */
  readonly fps: number;
}

/** What devices call a picture that they do not name. */
const UNNAMED = /^(application\/octet-stream|text\/plain|)$/;

export class StillsInput implements VideoInput {
  readonly track: VideoTrack;
  readonly hasTimestamps = false;
  readonly durationS = null;
  readonly #source: SourceAddress;
  readonly #camera: HttpCamera;
  readonly #feed: StillFeed;
  readonly #format: StillFormat;
  readonly #abort = new AbortController();
  #first: Buffer | null;
  #foreign = 0;

  private constructor(
    source: SourceAddress,
    from: { readonly camera: HttpCamera; readonly feed: StillFeed },
    first: Buffer,
    opened: { readonly format: StillFormat; readonly decoder: Codec; readonly fps: number | null },
  ) {
    this.#source = source;
    this.#camera = from.camera;
    this.#feed = from.feed;
    this.#first = first;
    this.#format = opened.format;
    this.track = {
      decoder: opened.decoder,
      parameters: null,
      codec: opened.format.codec,
      timeBase: new Rational(1, 1000),
      frameRates: opened.fps === null ? [] : [new Rational(Math.round(opened.fps * 1000), 1000)],
      pixelAspect: new Rational(0, 1),
      quarterTurns: 0,
    };
  }

  /**
   * Asks what a web address is, and waits for its first picture.
   * @returns null when it is a video, or nothing that is known here: FFmpeg's affair
   * @throws AppError source.unreachable, source.unreadable; the signal's reason when aborted.
   */
  static async open(source: SourceAddress, options: OpenStillsOptions): Promise<StillsInput | null> {
    const camera = new HttpCamera(source);
    const { clock, connectTimeoutMs } = options;
    using limited = deadline(clock, connectTimeoutMs, options.signal, () =>
      tooSlow(source, connectTimeoutMs),
    );
    const { signal } = limited;
    let input: StillsInput | null = null;
    try {
      const response = await camera.get(signal);
      input = await StillsInput.#ofAnswer(source, { camera, response, signal }, options);
      return input;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof NotHttp) return null;
      throw error;
    } finally {
      if (input === null) camera[Symbol.dispose]();
    }
  }

  static async #ofAnswer(
    source: SourceAddress,
    answer: {
      readonly camera: HttpCamera;
      readonly response: IncomingMessage;
      readonly signal: AbortSignal;
    },
    options: OpenStillsOptions,
  ): Promise<StillsInput | null> {
    const { camera, response, signal } = answer;
    const contentType = response.headers["content-type"] ?? "";
    const kind = await kindOf(response, contentType);
    if (kind === "page") {
      response.destroy();
      throw unreadable(source, "it answers, but with something else (a web page)");
    }
    if (kind === "other") {
      response.destroy();
      return null;
    }
    const perSecond = Math.max(0.1, options.fps);
    const feed: StillFeed =
      kind === "parts"
        ? new MultipartFeed(response, contentType)
        : new SnapshotFeed(camera, response, {
            perSecond,
            answerTimeoutMs: options.stallTimeoutMs,
            clock: options.clock,
          });
    try {
      const first = await feed.next(signal);
      const format = stillFormatOf(first);
      if (format === null) throw unreadable(source, "its pictures are neither JPEG nor PNG");
      const decoder = Codec.findDecoderByName(format.codec);
      if (decoder === null) throw unreadable(source, "its picture format is not supported");
      const fps = kind === "parts" ? null : perSecond;
      return new StillsInput(source, { camera, feed }, first, { format, decoder, fps });
    } catch (error) {
      feed[Symbol.dispose]();
      throw isAppError(error) && !signal.aborted ? plain(source, error) : error;
    }
  }

  get damaged(): number {
    return this.#foreign + this.#feed.damaged;
  }

  async read(packet: Packet): Promise<number> {
    for (;;) {
      const picture = await this.#next();
      if (stillFormatOf(picture) !== this.#format) {
        this.#foreign += 1;
        continue;
      }
      packet.data = picture;
      packet.flags = AV_PKT_FLAG_KEY;
      return 0;
    }
  }

  interrupt(): void {
    this.#abort.abort(new AppError("interrupted", "The stream was closed."));
    this.#feed[Symbol.dispose]();
    this.#camera[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.interrupt();
  }

  async #next(): Promise<Buffer> {
    const first = this.#first;
    this.#first = null;
    if (first !== null) return first;
    try {
      return await this.#feed.next(this.#abort.signal);
    } catch (error) {
      if (this.#abort.signal.aborted) throw this.#abort.signal.reason;
      throw isAppError(error) ? plain(this.#source, error) : error;
    }
  }
}

type AnswerKind = "parts" | "picture" | "page" | "other";

async function kindOf(response: IncomingMessage, contentType: string): Promise<AnswerKind> {
  const type = contentType.replace(/;.*$/s, "").trim().toLowerCase();
  if (type.startsWith("multipart/")) return "parts";
  if (/^image\/(p?jpe?g|png|x-png)$/.test(type)) return "picture";
  if (type === "text/html") return "page";
  if (!UNNAMED.test(type)) return "other";
  const head = await firstBytes(response);
  if (stillFormatOf(head) !== null) return "picture";
  return head.subarray(0, 2).toString("latin1") === "--" ? "parts" : "other";
}

/** Looks without taking: they come again to whoever reads the body. */
function firstBytes(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const look = () => {
      const found = response.read() as Buffer | null;
      if (found === null && !response.readableEnded && !response.destroyed) return;
      for (const event of ["readable", "end", "close"]) response.off(event, look);
      // At once: a short answer that was read to its end cannot be given back a moment later.
      if (found !== null) response.unshift(found);
      resolve(found ?? Buffer.alloc(0));
    };
    for (const event of ["readable", "end", "close"]) response.on(event, look);
  });
}

/** The feeds do not know the address; whoever reads the message wants it. */
function plain(source: SourceAddress, error: AppError): AppError {
  if (error.message.includes(source.shown)) return error;
  const reason = error.message.replace(/\.$/, "");
  const sentence = `${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
  return new AppError(error.code, `The pictures of ${source.shown} broke off: ${sentence}.`, {
    cause: error,
  });
}
