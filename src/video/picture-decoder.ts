// Packets in, pictures out, in the order of showing. Damaged packets are skipped and counted.
import { AVERROR_EAGAIN, AVERROR_EOF } from "node-av/constants";
import { CodecContext, Frame, Packet, type Rational } from "node-av/lib";
import { AppError } from "../core/errors.ts";
import { checkAv, networkReason } from "./av-error.ts";
import type { NativePhaseListener } from "./native-phase.ts";
import type { SourceAddress } from "./source-address.ts";
import type { VideoInput } from "./video-input.ts";

export interface PictureDecoderOptions {
  readonly source: SourceAddress;
  /** An end is a disconnect. */
  readonly live: boolean;
  /** Called for every packet of the video that came in. */
  readonly onPacket: () => void;
  readonly onNative?: NativePhaseListener | undefined;
}

export class PictureDecoder implements Disposable {
  readonly #input: VideoInput;
  readonly #options: PictureDecoderOptions;
  readonly #codec = new CodecContext();
  readonly #packet = new Packet();
  #draining = false;
  #stopped = false;
  /** Packets that could not be read or decoded. */
  damaged = 0;

  constructor(input: VideoInput, options: PictureDecoderOptions) {
    this.#input = input;
    this.#options = options;
    this.#packet.alloc();
    this.#codec.allocContext3(input.track.decoder);
  }

  async open(): Promise<void> {
    const { decoder, parameters, timeBase } = this.#input.track;
    if (parameters !== null) checkAv(this.#codec.parametersToContext(parameters), "set up the decoder");
    this.#codec.pktTimebase = timeBase;
    // One thread: frame threads would hold pictures back, and dozens of cameras share the cores anyway.
    this.#codec.threadCount = 1;
    checkAv(await this.#codec.open2(decoder, null), "open the decoder");
  }

  /**
   * The next picture, the caller's to free; null at the end of a file, when the pictures still inside have come out.
   * @throws AppError source.unreachable when a network source breaks off, interrupted after `stop`.
   */
  async next(): Promise<Frame | null> {
    for (;;) {
      const picture = this.#receive();
      if (picture === "end") return null;
      if (picture !== "hungry") return picture;
      if (!(await this.#feed())) {
        this.#draining = true;
        await this.#send(null);
      }
    }
  }

  /** What decodes. */
  get name(): string {
    return "software";
  }

  /** Frames per second as the stream's own headers say it; known after the first picture, if they do. */
  get frameRate(): Rational {
    return this.#codec.framerate;
  }

  /** Makes a pending `next`, and every later one, end soon. */
  stop(): void {
    this.#stopped = true;
    this.#input.interrupt();
  }

  /** Only when no `next` is pending. */
  [Symbol.dispose](): void {
    this.#codec.freeContext();
    this.#packet.free();
  }

  /** What the decoder has ready. Cheap: the work was done when the packet was sent. */
  #receive(): Frame | "hungry" | "end" {
    const frame = new Frame();
    frame.alloc();
    this.#options.onNative?.("decode");
    try {
      for (;;) {
        const code = this.#codec.receiveFrameSync(frame);
        if (code >= 0) return frame;
        if (code === AVERROR_EOF || code === AVERROR_EAGAIN) {
          frame.free();
          return this.#draining ? "end" : "hungry";
        }
        this.damaged += 1;
      }
    } finally {
      this.#options.onNative?.(null);
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
      if ((await this.#send(this.#packet)) < 0) this.damaged += 1;
    } finally {
      this.#packet.unref();
    }
  }

  async #send(packet: Packet | null): Promise<number> {
    this.#options.onNative?.("decode");
    try {
      return await this.#codec.sendPacket(packet);
    } finally {
      this.#options.onNative?.(null);
    }
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
