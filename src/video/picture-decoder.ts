// Packets in, pictures out, in the order of showing. Damaged packets are skipped and counted. A device that fails is left
// for software, and the stream goes on.
import { AV_FRAME_FLAG_CORRUPT, AVERROR_EAGAIN, AVERROR_EOF } from "node-av/constants";
import { type Frame, Packet, Rational } from "node-av/lib";
import { AppError } from "../core/errors.ts";
import { networkReason } from "./av-error.ts";
import { CodecSession, isNothingYet } from "./codec-session.ts";
import type { DecoderChoice } from "./hardware-device.ts";
import type { NativePhaseListener } from "./native-phase.ts";
import type { SourceAddress } from "./source-address.ts";
import type { VideoInput } from "./video-input.ts";

export interface PictureDecoderOptions {
  readonly source: SourceAddress;
  /** An end is a disconnect. */
  readonly live: boolean;
  readonly decoder: DecoderChoice;
  /** Called for every packet of the video that came in. */
  readonly onPacket: () => void;
  readonly onNative?: NativePhaseListener | undefined;
}

function isPatched(picture: Frame): boolean {
  return picture.decodeErrorFlags !== 0 || (picture.flags & AV_FRAME_FLAG_CORRUPT) !== 0;
}

/** Errors in a row after which it is taken to be the device and not the stream. Software then has no worse a start. */
const DEVICE_ERRORS = 3;

export class PictureDecoder implements Disposable {
  readonly #input: VideoInput;
  readonly #options: PictureDecoderOptions;
  readonly #packet = new Packet();
  #session: CodecSession | null = null;
  #errorsInARow = 0;
  #draining = false;
  #stopped = false;
  /** Packets that could not be read or decoded, and pictures that are incomplete for want of some. */
  damaged = 0;

  constructor(input: VideoInput, options: PictureDecoderOptions) {
    this.#input = input;
    this.#options = options;
    this.#packet.alloc();
  }

  async open(): Promise<void> {
    this.#session = await CodecSession.open(this.#input.track, this.#options.decoder);
  }

  /**
   * The next picture, the caller's to free; null at the end of a file, when the pictures still inside have come out.
   * @throws AppError source.unreachable when a network source breaks off, interrupted after `stop`.
   */
  async next(): Promise<Frame | null> {
    for (;;) {
      const received = this.#receive();
      if (received !== null) {
        const picture = await this.#fetch(received);
        if (picture !== null) return picture;
        continue;
      }
      if (this.#draining) return null;
      if (!(await this.#feed())) {
        this.#draining = true;
        await this.#send(null);
      }
    }
  }

  /** What decodes. */
  get name(): DecoderChoice {
    return this.#session?.name ?? "software";
  }

  /** Frames per second as the stream's own headers say it; known after the first picture, if they do. */
  get frameRate(): Rational {
    return this.#session?.frameRate ?? new Rational(0, 1);
  }

  /** Makes a pending `next`, and every later one, end soon. */
  stop(): void {
    this.#stopped = true;
    this.#input.interrupt();
  }

  /** Only when no `next` is pending. */
  [Symbol.dispose](): void {
    this.#session?.[Symbol.dispose]();
    this.#session = null;
    this.#packet.free();
  }

  /** What the decoder has ready; null when it needs more. Cheap: the work was done when the packet was sent. */
  #receive(): Frame | null {
    const session = this.#opened();
    this.#options.onNative?.("decode");
    try {
      for (;;) {
        const received = session.receive();
        if (typeof received !== "number") {
          this.#errorsInARow = 0;
          // Patched up by the decoder where packets were lost on the way: shown, since most of it is right.
          if (isPatched(received)) this.damaged += 1;
          return received;
        }
        if (isNothingYet(received)) return null;
        this.#countDamage();
      }
    } finally {
      this.#options.onNative?.(null);
    }
  }

  /** Into the processor's memory; null when the device did not give it, and software takes over. */
  async #fetch(received: Frame): Promise<Frame | null> {
    const session = this.#opened();
    try {
      return await session.fetch(received);
    } catch {
      this.damaged += 1;
      await this.#leaveDevice();
      return null;
    }
  }

  /** Reads up to the next packet of the video and decodes it; false at the end of the input. */
  async #feed(): Promise<boolean> {
    for (;;) {
      this.#checkStopped();
      const code = await this.#input.read(this.#packet);
      this.#checkStopped();
      if (code >= 0) {
        await this.#decode();
        return true;
      }
      if (code === AVERROR_EAGAIN) continue;
      const atEnd = code === AVERROR_EOF;
      if (this.#options.live || (!atEnd && this.#options.source.kind !== "file")) throw this.#brokenOff(code);
      // Behind a place that its reader cannot get over, a file is at its end, as for FFmpeg itself.
      if (!atEnd) this.damaged += 1;
      return false;
    }
  }

  async #decode(): Promise<void> {
    try {
      this.#options.onPacket();
      if ((await this.#send(this.#packet)) >= 0) return;
      this.#countDamage();
      if (this.#errorsInARow < DEVICE_ERRORS || this.name === "software") return;
      await this.#leaveDevice();
      await this.#send(this.#packet);
    } finally {
      this.#packet.unref();
    }
  }

  #countDamage(): void {
    this.damaged += 1;
    this.#errorsInARow += 1;
  }

  /** Pictures go on with the next keyframe at the latest. */
  async #leaveDevice(): Promise<void> {
    const failed = this.#opened();
    this.#session = await CodecSession.open(this.#input.track, "software");
    this.#errorsInARow = 0;
    failed.giveUpDevice();
    failed[Symbol.dispose]();
  }

  async #send(packet: Packet | null): Promise<number> {
    this.#options.onNative?.("decode");
    try {
      return await this.#opened().send(packet);
    } finally {
      this.#options.onNative?.(null);
    }
  }

  #opened(): CodecSession {
    if (this.#session === null) throw new AppError("internal", "The decoder was used before it was opened.");
    return this.#session;
  }

  #checkStopped(): void {
    if (this.#stopped) throw new AppError("interrupted", "The stream was closed.");
  }

  #brokenOff(code: number): AppError {
    const { kind } = this.#options.source;
    // A film on a web server that cannot jump in it is readable from front to back only.
    const otherwise =
      kind === "http" ? "the rest did not come; is a film there complete, with its index first" : null;
    const why = networkReason(code, "reading") ?? otherwise ?? "the device closed it";
    return new AppError(
      "source.unreachable",
      `The stream of ${this.#options.source.shown} broke off: ${why}.`,
      {
        fields: { avError: code },
      },
    );
  }
}
