import type { Frame } from "node-av/lib";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { type FrameConverter, turnRgb } from "./frame-converter.ts";

/** How the decoded picture has to be turned and stretched to be seen upright and with square pixels. */
export interface Presentation {
  /** Clockwise quarter turns. */
  readonly quarterTurns: 0 | 1 | 2 | 3;
  readonly width: number;
  readonly height: number;
}

/** One decoded picture in native memory, not scaled yet. Whoever holds it disposes it. */
export class VideoFrame implements Disposable {
  /** Seconds from the first frame of the stream; strictly increasing. */
  readonly mediaTimeS: number;
  /** Size as it is to be seen: upright, square pixels. */
  readonly width: number;
  readonly height: number;
  readonly #presentation: Presentation;
  readonly #converter: FrameConverter;
  #native: Frame | null;

  /** Takes the native frame over. */
  constructor(native: Frame, mediaTimeS: number, presentation: Presentation, converter: FrameConverter) {
    this.#native = native;
    this.mediaTimeS = mediaTimeS;
    this.width = presentation.width;
    this.height = presentation.height;
    this.#presentation = presentation;
    this.#converter = converter;
    converter.retain();
  }

  /** The picture scaled to exactly `width` x `height` (the aspect is the caller's affair). Blocks for about 1 ms. */
  toRgb(width: number, height: number): RgbImage {
    const native = this.#living();
    if (this.#presentation.quarterTurns % 2 === 0) {
      return turnRgb(this.#converter.toRgb(native, width, height), this.#presentation.quarterTurns);
    }
    return turnRgb(this.#converter.toRgb(native, height, width), this.#presentation.quarterTurns);
  }

  /**
   * A JPEG no wider than `maxWidth`, never enlarged. The frame may be disposed as soon as this has returned its promise.
   * @param options.quality 1..100
   */
  async toJpeg(options: { readonly maxWidth: number; readonly quality: number }): Promise<Uint8Array> {
    const native = this.#living();
    const width = even(Math.min(this.width, options.maxWidth));
    const height = even((this.height * width) / this.width);
    if (this.#presentation.quarterTurns === 0)
      return this.#converter.toJpeg(native, width, height, options.quality);
    return this.#converter.rgbToJpeg(this.toRgb(width, height), options.quality);
  }

  /** A second hold on the same pixels (none are copied), to be disposed on its own. */
  share(): VideoFrame {
    const clone = this.#living().clone();
    if (clone === null) throw new AppError("internal", "FFmpeg has no memory left for another frame.");
    return new VideoFrame(clone, this.mediaTimeS, this.#presentation, this.#converter);
  }

  [Symbol.dispose](): void {
    if (this.#native === null) return;
    this.#native.free();
    this.#native = null;
    this.#converter.release();
  }

  #living(): Frame {
    if (this.#native === null) throw new AppError("internal", "A frame was used after it had been disposed.");
    return this.#native;
  }
}

/** JPEG keeps colours for blocks of two by two pixels. */
function even(value: number): number {
  return Math.max(2, Math.round(value / 2) * 2);
}
