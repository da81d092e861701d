import { AVERROR_EAGAIN, AVERROR_EOF, type AVPixelFormat } from "node-av/constants";
import { CodecContext, Frame, type Packet, type Rational } from "node-av/lib";
import { AppError, isAppError } from "../core/errors.ts";
import { checkAv } from "./av-error.ts";
import { type DecoderChoice, HardwareDevice } from "./hardware-device.ts";
import { INLINE_PIXELS_PER_SECOND, InlineDecoding } from "./inline-decoding.ts";
import type { VideoTrack } from "./video-input.ts";

/** Of this process. */
const inlineRoom = new InlineDecoding(INLINE_PIXELS_PER_SECOND);

/** One opened codec, in software or on a device. */
export class CodecSession implements Disposable {
  readonly #codec: CodecContext;
  readonly #device: HardwareDevice | null;
  /** What pictures on the device come as. */
  readonly #deviceFormat: AVPixelFormat | null;
  readonly #inline: Disposable | null;
  readonly #inlinePixels: number;
  #isOnDevice: boolean;

  private constructor(
    codec: CodecContext,
    device: { readonly held: HardwareDevice; readonly format: AVPixelFormat } | null,
    track: VideoTrack,
  ) {
    this.#codec = codec;
    this.#device = device?.held ?? null;
    this.#deviceFormat = device?.format ?? null;
    this.#isOnDevice = device !== null;
    // Before the first picture a decoder knows the size from the container, if from anywhere.
    this.#inlinePixels = codec.width * codec.height;
    this.#inline = device === null ? inlineRoom.claim(this.#inlinePixels * rateOf(track)) : null;
  }

  /** On the wanted device where that can decode this track, else in software. */
  static async open(track: VideoTrack, choice: DecoderChoice): Promise<CodecSession> {
    if (choice !== "software") {
      const onDevice = await CodecSession.#onDevice(track, choice);
      if (onDevice !== null) return onDevice;
    }
    const codec = newContext(track);
    const code = await codec.open2(track.decoder, null);
    if (code < 0) codec.freeContext();
    checkAv(code, "open the decoder");
    return new CodecSession(codec, null, track);
  }

  static async #onDevice(
    track: VideoTrack,
    choice: Exclude<DecoderChoice, "software">,
  ): Promise<CodecSession | null> {
    let held: HardwareDevice;
    try {
      held = HardwareDevice.open(choice);
    } catch (error) {
      if (isAppError(error)) return null;
      throw error;
    }
    const codec = newContext(track);
    const format = held.attachTo(codec, track.decoder);
    if (format !== null && (await codec.open2(track.decoder, null)) >= 0) {
      return new CodecSession(codec, { held, format }, track);
    }
    codec.freeContext();
    held[Symbol.dispose]();
    return null;
  }

  /** What decodes. FFmpeg goes back to software by itself where a device does not know a stream's profile. */
  get name(): DecoderChoice {
    return this.#isOnDevice ? (this.#device?.kind ?? "software") : "software";
  }

  get frameRate(): Rational {
    return this.#codec.framerate;
  }

  /** FFmpeg's code. */
  async send(packet: Packet | null): Promise<number> {
    // A stream may turn into a larger one.
    const isInline = this.#inline !== null && this.#codec.width * this.#codec.height <= this.#inlinePixels;
    return isInline ? this.#codec.sendPacketSync(packet) : await this.#codec.sendPacket(packet);
  }

  /** What is ready, the caller's to free; FFmpeg's code otherwise, such as "again" and "end". */
  receive(): Frame | number {
    const frame = new Frame();
    frame.alloc();
    const code = this.#codec.receiveFrameSync(frame);
    if (code < 0) {
      frame.free();
      return code;
    }
    if (frame.format !== this.#deviceFormat) this.#isOnDevice = false;
    return frame;
  }

  /**
   * A picture of `receive` in the processor's own memory; takes it over.
   * @throws AppError internal when the device does not give it.
   */
  async fetch(frame: Frame): Promise<Frame> {
    if (this.#deviceFormat === null || frame.format !== this.#deviceFormat) return frame;
    const fetched = new Frame();
    fetched.alloc();
    try {
      checkAv(await frame.hwframeTransferData(fetched), "fetch a picture from the graphics");
      checkAv(fetched.copyProps(frame), "copy what is known of a picture");
      return fetched;
    } catch (error) {
      fetched.free();
      throw error;
    } finally {
      frame.free();
    }
  }

  /** The device failed: no other stream is to be given it. */
  giveUpDevice(): void {
    this.#device?.giveUp();
  }

  [Symbol.dispose](): void {
    this.#codec.freeContext();
    this.#device?.[Symbol.dispose]();
    this.#inline?.[Symbol.dispose]();
  }
}

/** Frames per second to reckon with; cameras have 25 or 30. */
function rateOf({ frameRates }: VideoTrack): number {
  const told = frameRates.map(({ num, den }) => num / den).find((fps) => fps >= 1 && fps <= 240);
  return told ?? 30;
}

export function isNothingYet(code: number): boolean {
  return code === AVERROR_EAGAIN || code === AVERROR_EOF;
}

function newContext(track: VideoTrack): CodecContext {
  const codec = new CodecContext();
  codec.allocContext3(track.decoder);
  if (track.parameters !== null && codec.parametersToContext(track.parameters) < 0) {
    codec.freeContext();
    throw new AppError("internal", "FFmpeg could not set up the decoder.");
  }
  codec.pktTimebase = track.timeBase;
  // One thread: frame threads would hold pictures back, and dozens of cameras share the cores anyway.
  codec.threadCount = 1;
  return codec;
}
