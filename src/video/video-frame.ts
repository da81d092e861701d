import type { Frame } from "node-av/lib";
import { AppError } from "../core/errors.ts";
import type { LumaImage, RgbImage } from "../domain/frame.ts";
import type { Box } from "../domain/geometry.ts";
import { turnRgb } from "../domain/turn-rgb.ts";
import { type FrameConverter, turnLuma } from "./frame-converter.ts";

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
   * What `box` (normalised to the picture; may reach past its edge, where it is black) shows, scaled to exactly `width` x
   * `height`. Blocks for less than 1 ms for a model's input. Throws AppError `internal` for a box without area.
   */
  toRgbRegion(box: Box, width: number, height: number): RgbImage {
    const native = this.#living();
    if (!(box.x2 > box.x1 && box.y2 > box.y1))
      throw new AppError("internal", "A part without area was asked of a frame.");
    const { quarterTurns } = this.#presentation;
    const sideways = quarterTurns % 2 === 1;
    const turned = asDecoded(box, quarterTurns);
    const region = {
      x: turned.x1 * native.width,
      y: turned.y1 * native.height,
      width: (turned.x2 - turned.x1) * native.width,
      height: (turned.y2 - turned.y1) * native.height,
    };
    const part = this.#converter.toRgbRegion(
      native,
      region,
      sideways ? height : width,
      sideways ? width : height,
    );
    return turnRgb(part, quarterTurns);
  }

  /**
   * Its brightness scaled to exactly `width` x `height`, upright, black 0 and white 255 whatever the source's range and
   * depth. For thumbnails: blocks for about .2 ms at 720p.
   */
  toLuma(width: number, height: number): LumaImage {
    const native = this.#living();
    const { quarterTurns } = this.#presentation;
    if (quarterTurns % 2 === 0) return turnLuma(this.#converter.toLuma(native, width, height), quarterTurns);
    return turnLuma(this.#converter.toLuma(native, height, width), quarterTurns);
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

/** Where a box of the upright picture lies in the decoded one, which `quarterTurns` make upright; both normalised. */
function asDecoded(box: Box, quarterTurns: Presentation["quarterTurns"]): Box {
  const { x1, y1, x2, y2 } = box;
  switch (quarterTurns) {
    case 0:
      return box;
    case 1:
      return { x1: y1, y1: 1 - x2, x2: y2, y2: 1 - x1 };
    case 2:
      return { x1: 1 - x2, y1: 1 - y2, x2: 1 - x1, y2: 1 - y1 };
    case 3:
      return { x1: 1 - y2, y1: x1, x2: 1 - y1, y2: x2 };
  }
}

/** JPEG keeps colours for blocks of two by two pixels. */
function even(value: number): number {
  return Math.max(2, Math.round(value / 2) * 2);
}
