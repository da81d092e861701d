// FFmpeg's demuxer behind one rule: nobody waits for it longer than they want to. FFmpeg's own calls cannot be
// cancelled from outside at every point (name look-up), so an abandoned open is closed when it comes back by itself.
import { constants as osConstants } from "node:os";
import {
  AV_CODEC_ID_NONE,
  AVDISCARD_ALL,
  AVERROR_DECODER_NOT_FOUND,
  AVERROR_HTTP_BAD_REQUEST,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_INVALIDDATA,
  AVERROR_STREAM_NOT_FOUND,
  AVFMT_NOTIMESTAMPS,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import { avGetCodecName, type Codec, Dictionary, FormatContext, type Packet, type Stream } from "node-av/lib";
import type { Clock, Millis } from "../core/clock.ts";
import { AppError, type ErrorFields, isAppError } from "../core/errors.ts";
import type { Transport } from "../domain/camera.ts";
import { abandonable } from "./abandonable.ts";
import { networkReason } from "./av-error.ts";
import type { NativePhaseListener } from "./native-phase.ts";
import { quarterTurnsOf } from "./presentation.ts";
import { fileUrlForFfmpeg, type SourceAddress } from "./source-address.ts";
import type { VideoInput, VideoTrack } from "./video-input.ts";

export interface OpenInputOptions {
  readonly connectTimeoutMs: Millis;
  readonly stallTimeoutMs: Millis;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly live: boolean;
  readonly onNative?: NativePhaseListener | undefined;
}

export interface OpenMediaOptions extends OpenInputOptions {
  /** Of RTSP's packets. */
  readonly transport: Exclude<Transport, "auto">;
}

/** FFmpeg's TCP layer counts microseconds in 32 bits. */
const MAX_SOCKET_TIMEOUT_MS: Millis = 2_000_000;
/** 8 megapixels at one bit each: more than the keyframes of 4K cameras take. */
const UDP_BUFFER_BYTES = 1024 * 1024;
/** Decoders that make pictures out of plain text (ANSI art): a text file is not a video. */
const TEXT_CODECS = new Set(["ansi", "bintext", "xbin", "idf"]);

export class MediaInput implements VideoInput {
  readonly track: VideoTrack;
  /** FFmpeg drops what it cannot read without a word. */
  readonly damaged = 0;
  readonly #stream: Stream;
  readonly #context: FormatContext;
  readonly #onNative: NativePhaseListener | undefined;
  #reading: Promise<number> | null = null;

  private constructor(
    context: FormatContext,
    stream: Stream,
    decoder: Codec,
    onNative: NativePhaseListener | undefined,
  ) {
    this.#context = context;
    this.#onNative = onNative;
    this.#stream = stream;
    this.track = {
      decoder,
      parameters: stream.codecpar,
      codec: avGetCodecName(stream.codecpar.codecId) ?? "unknown",
      timeBase: stream.timeBase,
      frameRates: [stream.avgFrameRate, stream.rFrameRate],
      pixelAspect: stream.sampleAspectRatio,
      quarterTurns: quarterTurnsOf(stream.codecpar),
    };
  }

  /**
   * @throws AppError source.unreachable (network) or source.unreadable; the signal's reason when aborted.
   */
  static async open(source: SourceAddress, options: OpenMediaOptions): Promise<MediaInput> {
    const context = new FormatContext();
    // Without a context of our own the open would run without the callback that interrupt() works by.
    context.allocContext();
    const opening = openContext(context, source, options);
    try {
      await within(opening, source, options);
    } catch (error) {
      context.interrupt();
      // Not awaited: the caller gets the rejection at once, the native call ends when it ends.
      const close = () => context.closeInput();
      void opening.then(close, close).catch(() => undefined);
      throw error;
    }
    try {
      return MediaInput.#choose(context, source, options);
    } catch (error) {
      await context.closeInput();
      throw error;
    }
  }

  static #choose(context: FormatContext, source: SourceAddress, options: OpenInputOptions): MediaInput {
    const best = context.findBestStream(AVMEDIA_TYPE_VIDEO, -1, -1, true);
    const stream = context.streams[best.streamIndex];
    if (best.streamIndex === AVERROR_STREAM_NOT_FOUND || (best.streamIndex >= 0 && stream === undefined)) {
      throw unreadable(source, "there is no picture in it");
    }
    if (best.streamIndex === AVERROR_DECODER_NOT_FOUND || stream === undefined || best.decoder === null) {
      throw unreadable(source, "its video format is not supported");
    }
    if (TEXT_CODECS.has(best.decoder.name ?? "")) throw unreadable(source, "it is a text");
    for (const other of context.streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL;
    return new MediaInput(context, stream, best.decoder, options.onNative);
  }

  get formatName(): string {
    return this.#context.iformat?.name ?? "";
  }

  /** Whether the container carries times at all; what FFmpeg then gives is counted, not measured. */
  get hasTimestamps(): boolean {
    const format = this.#context.iformat;
    return format === null || (format.flags & AVFMT_NOTIMESTAMPS) === 0;
  }

  /** Of the pictures where the container says it (a sound may go on after them), else of the whole; null if unknown. */
  get durationS(): number | null {
    const { num, den } = this.#stream.timeBase;
    const pictures = (Number(this.#stream.duration) * num) / den;
    const whole = Number(this.#context.duration) / 1e6;
    return [pictures, whole].find((duration) => duration > 0) ?? null;
  }

  metadata(key: string): string | null {
    return this.#context.metadata?.get(key) ?? null;
  }

  async read(packet: Packet): Promise<number> {
    for (;;) {
      const code = await this.#readAny(packet);
      if (code < 0 || packet.streamIndex === this.#stream.index) return code;
      packet.unref();
    }
  }

  async #readAny(packet: Packet): Promise<number> {
    this.#onNative?.("read");
    this.#reading = this.#context.readFrame(packet);
    try {
      return await this.#reading;
    } finally {
      this.#reading = null;
      this.#onNative?.(null);
    }
  }

  /** FFmpeg looks ten times a second. */
  interrupt(): void {
    this.#context.interrupt();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#context.interrupt();
    await this.#reading?.catch(() => 0);
    await this.#context.closeInput();
  }
}

async function openContext(
  context: FormatContext,
  source: SourceAddress,
  options: OpenMediaOptions,
): Promise<void> {
  using settings = Dictionary.fromObject(openSettings(source, options));
  const url = source.kind === "file" ? fileUrlForFfmpeg(source.address) : source.address;
  options.onNative?.("open");
  try {
    const opened = await context.openInput(url, null, settings);
    if (opened < 0) throw cannotOpen(source, opened);
    if (source.kind === "rtsp" && isDescribed(context)) return;
    const found = await context.findStreamInfo(null);
    if (found < 0) throw cannotOpen(source, found);
  } finally {
    options.onNative?.(null);
  }
}

/**
 * RTSP names its codec before it sends anything, and the decoder learns the rest from the first keyframe. Probing would
 * decode up to twenty pictures ahead: half a minute of a camera that sends one every four seconds.
 */
function isDescribed(context: FormatContext): boolean {
  const videos = context.streams.filter(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  return videos.length > 0 && videos.every(({ codecpar }) => codecpar.codecId !== AV_CODEC_ID_NONE);
}

function openSettings(source: SourceAddress, options: OpenMediaOptions): Record<string, string> {
  const timeoutMs = Math.min(
    Math.max(options.connectTimeoutMs, options.stallTimeoutMs),
    MAX_SOCKET_TIMEOUT_MS,
  );
  const socketTimeoutUs = String(Math.round(timeoutMs * 1000));
  switch (source.kind) {
    case "file":
      // A playlist must not make Haven fetch what it names.
      return { protocol_whitelist: "file,crypto,data" };
    case "rtsp":
      return {
        rtsp_transport: options.transport,
        // A keyframe of a large picture comes in one burst; the kernel gives what it allows of this.
        ...(options.transport === "udp" ? { buffer_size: String(UDP_BUFFER_BYTES) } : {}),
        allowed_media_types: "video",
        timeout: socketTimeoutUs,
        // Only where the device does not say in its SDP what it sends, and all of this has to be looked for.
        probesize: "32768",
        analyzeduration: "200000",
        // Counting twenty frames for their rate would keep a camera that comes back waiting 0.4 to 0.8 s more.
        ...(options.live ? { fpsprobesize: "0" } : {}),
      };
    case "http":
      return {
        protocol_whitelist: "http,https,httpproxy,tcp,tls,crypto,data",
        timeout: socketTimeoutUs,
        ...(options.live ? { analyzeduration: "1000000" } : {}),
      };
  }
}

/**
 * Whether a device does not want RTSP over TCP: it says so (461), or answers the request for it with another refusal that
 * is not about the password, the rights or the path.
 */
export function isTcpRefused(error: unknown): boolean {
  const code = isAppError(error) ? error.fields.avError : undefined;
  return typeof code === "number" && TCP_REFUSALS.has(code);
}

const TCP_REFUSALS: ReadonlySet<number> = new Set([
  -osConstants.errno.EPROTONOSUPPORT,
  AVERROR_HTTP_BAD_REQUEST,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_INVALIDDATA,
]);

function cannotOpen(source: SourceAddress, code: number): AppError {
  const fields = { avError: code };
  const reason = source.kind === "file" ? null : networkReason(code, "opening");
  if (reason !== null) {
    return new AppError("source.unreachable", `${source.shown} cannot be reached: ${reason}.`, { fields });
  }
  return unreadable(source, source.kind === "file" ? null : "it answers, but with something else", fields);
}

export function unreadable(source: SourceAddress, why: string | null, fields: ErrorFields = {}): AppError {
  const reason = why === null ? "" : `: ${why}`;
  return new AppError("source.unreadable", `${source.shown} is not a video that can be decoded${reason}.`, {
    fields,
  });
}

/** Waits for the open no longer than the connect timeout and the signal allow. */
async function within(
  opening: Promise<void>,
  source: SourceAddress,
  options: OpenInputOptions,
): Promise<void> {
  const { clock, connectTimeoutMs, signal } = options;
  const { outcome, abandon } = abandonable(opening, () => undefined);
  const onAbort = () => abandon(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  using _timer = clock.schedule(connectTimeoutMs, () => abandon(tooSlow(source, connectTimeoutMs)));
  try {
    await outcome;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

export function tooSlow(source: SourceAddress, afterMs: Millis): AppError {
  return new AppError(
    "source.unreachable",
    `${source.shown} did not send a stream within ${afterMs / 1000} s: is the device on, and is the address right?`,
  );
}
