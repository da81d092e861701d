// One opened source, picture by picture with media times. Reading and decoding run on libuv's pool (one thread per
// stream while `next` is pending); nothing here blocks the event loop, and nobody waits for a silent source.
import { AV_NOPTS_VALUE } from "node-av/constants";
import type { Frame, Rational } from "node-av/lib";
import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { StreamInfo } from "../domain/camera-status.ts";
import { abandonable } from "./abandonable.ts";
import { FrameConverter } from "./frame-converter.ts";
import type { DecoderChoice } from "./hardware-device.ts";
import { unreadable } from "./media-input.ts";
import { MediaTimeline } from "./media-timeline.ts";
import type { NativePhaseListener } from "./native-phase.ts";
import { PictureDecoder } from "./picture-decoder.ts";
import { presentationOf } from "./presentation.ts";
import type { SourceAddress } from "./source-address.ts";
import { VideoFrame } from "./video-frame.ts";
import type { VideoInput } from "./video-input.ts";

export interface VideoStreamOptions {
  readonly source: SourceAddress;
  readonly live: boolean;
  readonly stallTimeoutMs: Millis;
  readonly clock: Clock;
  readonly startedAt: Millis | null;
  readonly decoder?: DecoderChoice | undefined;
  readonly onNative?: NativePhaseListener | undefined;
}

/** Packets may come in all the while and none be a keyframe: cameras that save bandwidth put them 20 s apart. */
const PICTURE_TIMEOUT_MS = 30_000;
/** Assumed where nothing tells a frame's duration. */
const DEFAULT_FPS = 25;

/** Asked of every picture in order, by its media time in seconds. */
export type IsWanted = (mediaTimeS: number) => boolean;

export class VideoStream implements AsyncDisposable {
  /** Wall time of the first frame, milliseconds since 1970; null for live sources. */
  readonly startedAt: Millis | null;
  readonly #options: VideoStreamOptions;
  readonly #input: VideoInput;
  readonly #decoder: PictureDecoder;
  readonly #converter = new FrameConverter();
  readonly #timeline: MediaTimeline;
  #fps: number | null;
  #info: StreamInfo;
  /** Decoded ahead when opening. */
  #first: VideoFrame | null = null;
  #decoding: Promise<VideoFrame | null> | null = null;
  #giveUp: ((error: unknown) => void) | null = null;
  #disposing: Promise<void> | null = null;
  #lastPacketAt: Millis = 0;
  #lastPictureAt: Millis = 0;
  #closed = false;

  private constructor(input: VideoInput, options: VideoStreamOptions) {
    this.#input = input;
    this.#options = options;
    this.startedAt = options.startedAt;
    this.#timeline = new MediaTimeline({ live: options.live });
    this.#fps = frameRateOf(...input.track.frameRates);
    this.#decoder = new PictureDecoder(input, {
      source: options.source,
      live: options.live,
      decoder: options.decoder ?? "software",
      onNative: options.onNative,
      onPacket: () => {
        this.#lastPacketAt = options.clock.monotonic();
      },
    });
    this.#info = {
      width: 0,
      height: 0,
      fps: this.#fps,
      codec: input.track.codec,
      durationS: options.live ? null : input.durationS,
    };
  }

  /** Opens the decoder and waits for the first picture: a stream that exists can be decoded. Takes `input` over. */
  static async create(
    input: VideoInput,
    options: VideoStreamOptions,
    signal: AbortSignal,
  ): Promise<VideoStream> {
    const stream = new VideoStream(input, options);
    try {
      await stream.#decoder.open();
      stream.#first = await stream.#nextUntil(signal);
      if (stream.#first === null) throw stream.#noPicture();
      stream.#fps ??= frameRateOf(stream.#decoder.frameRate);
      stream.#info = { ...stream.#info, fps: stream.#fps };
      return stream;
    } catch (error) {
      // Not awaited: an abandoned read may take a while to come back.
      void stream[Symbol.asyncDispose]().catch(ignore);
      throw error;
    }
  }

  /** As the last picture showed it: another object when the size changes in mid-stream. */
  get info(): StreamInfo {
    return this.#info;
  }

  /** What decodes; becomes "software" when the hardware does not take the stream, or is lost. */
  get decoder(): DecoderChoice {
    return this.#decoder.name;
  }

  /** Packets that could not be read or decoded and were skipped. */
  get damagedPackets(): number {
    return this.#decoder.damaged + this.#input.damaged;
  }

  /**
   * The next picture that is wanted, null at the end of a file. The others are decoded and given back at once, which costs
   * half of what handing them on would. One call at a time. The caller disposes the frame.
   * @throws AppError source.stalled when a network source falls silent, source.unreachable when it breaks off,
   * interrupted when the stream is closed meanwhile.
   */
  async next(wanted: IsWanted = everyPicture): Promise<VideoFrame | null> {
    if (this.#closed) throw closedError();
    const first = this.#first;
    if (first !== null) {
      this.#first = null;
      if (wanted(first.mediaTimeS)) return first;
      first[Symbol.dispose]();
    }
    return await this.#nextUntil(null, wanted);
  }

  /** Resolves when all native memory is given back; a pending `next` rejects at once. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose();
    return this.#disposing;
  }

  async #dispose(): Promise<void> {
    this.#closed = true;
    this.#giveUp?.(closedError());
    this.#decoder.stop();
    await this.#decoding?.then(ignore, ignore);
    this.#first?.[Symbol.dispose]();
    this.#first = null;
    this.#decoder[Symbol.dispose]();
    this.#converter.release();
    await this.#input[Symbol.asyncDispose]();
  }

  /** The decoder's next picture, or an error as soon as the watchdog or the signal says so. */
  async #nextUntil(signal: AbortSignal | null, wanted: IsWanted = everyPicture): Promise<VideoFrame | null> {
    if (this.#decoding !== null) throw new AppError("internal", "next() was called while one was pending.");
    this.#lastPacketAt = this.#lastPictureAt = this.#options.clock.monotonic();
    const decoding = this.#decode(wanted);
    this.#decoding = decoding;
    const release = () => {
      this.#decoding = null;
    };
    decoding.then(release, release);
    const { outcome, abandon } = abandonable(decoding, (frame) => frame?.[Symbol.dispose]());
    const giveUp = (error: unknown) => {
      this.#closed = true;
      this.#decoder.stop();
      abandon(error);
    };
    this.#giveUp = giveUp;
    const onAbort = () => giveUp(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    using _watchdog = this.#watch(giveUp);
    try {
      return await outcome;
    } finally {
      this.#giveUp = null;
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Looks whether the source has fallen silent. Files wait for nobody. */
  #watch(giveUp: (error: unknown) => void): Disposable {
    let timer: Disposable | null = null;
    const look = () => {
      const left = this.#silenceLeft();
      if (left <= 0) giveUp(this.#stalled());
      else timer = this.#options.clock.schedule(left, look);
    };
    if (this.#options.source.kind !== "file") look();
    return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
  }

  #silenceLeft(): Millis {
    const now = this.#options.clock.monotonic();
    const packet = this.#lastPacketAt + this.#options.stallTimeoutMs - now;
    const picture = this.#lastPictureAt + PICTURE_TIMEOUT_MS - now;
    return Math.min(packet, picture);
  }

  async #decode(wanted: IsWanted): Promise<VideoFrame | null> {
    for (;;) {
      const native = await this.#decoder.next();
      if (native === null) return null;
      this.#lastPictureAt = this.#options.clock.monotonic();
      const mediaTimeS = this.#timeOf(native);
      if (wanted(mediaTimeS)) return this.#show(native, mediaTimeS);
      native.free();
    }
  }

  #show(native: Frame, mediaTimeS: number): VideoFrame {
    const { pixelAspect, quarterTurns } = this.#input.track;
    const presentation = presentationOf(native, pixelAspect, quarterTurns);
    const { width, height } = presentation;
    if (width !== this.#info.width || height !== this.#info.height) {
      this.#info = { ...this.#info, width, height };
    }
    return new VideoFrame(native, mediaTimeS, presentation, this.#converter);
  }

  #timeOf(native: Frame): number {
    const { num, den } = this.#input.track.timeBase;
    const pts = this.#input.hasTimestamps ? native.bestEffortTimestamp : AV_NOPTS_VALUE;
    return this.#timeline.stamp({
      ptsS: pts === AV_NOPTS_VALUE ? null : (Number(pts) * num) / den,
      arrivalS: this.#lastPacketAt / 1000,
      nominalS: nominalDuration(Number(native.duration) * (num / den), this.#fps),
    });
  }

  #stalled(): AppError {
    const { source, stallTimeoutMs } = this.#options;
    const silent = Math.round(Math.min(stallTimeoutMs, PICTURE_TIMEOUT_MS) / 1000);
    return new AppError(
      "source.stalled",
      `${source.shown} sent no picture for ${silent} s: it hangs or the network does.`,
    );
  }

  #noPicture(): AppError {
    const damaged = this.damagedPackets;
    return unreadable(
      this.#options.source,
      damaged > 0 ? `all its ${damaged} packets are damaged` : "there is no picture in it",
    );
  }
}

function everyPicture(): boolean {
  return true;
}

/** Of a failure that somebody else has heard of, or that nobody is left to hear of. */
function ignore(): void {}

function closedError(): AppError {
  return new AppError("interrupted", "The stream was closed.");
}

function nominalDuration(durationS: number, fps: number | null): number {
  if (durationS > 0 && durationS < 60) return durationS;
  return 1 / (fps ?? DEFAULT_FPS);
}

/** The first that tells something: containers that only count ticks give rates such as 90000. */
function frameRateOf(...rates: readonly Rational[]): number | null {
  for (const rate of rates) {
    const fps = rate.den === 0 ? 0 : rate.num / rate.den;
    if (fps > 0 && fps <= 240) return Math.round(fps * 1000) / 1000;
  }
  return null;
}
