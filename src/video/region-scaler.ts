// Scales a part of a decoded picture. The part is cut out of native memory first, so that what it costs goes with its
// own size and not with the picture's.
import {
  AV_OPT_TYPE_INT,
  AV_PIX_FMT_RGB24,
  type AVPixelFormat,
  SWS_AREA,
  SWS_BILINEAR,
} from "node-av/constants";
import { avImageAlloc, avImageCopy2, Frame, SoftwareScaleContext } from "node-av/lib";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { checkAv } from "./av-error.ts";

/** A part of a decoded picture, its pixels; may reach past the edge. */
export interface PixelRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Of one plane: bytes of a row of PROBE pixels, and rows of a picture PROBE pixels high. */
interface PlaneLayout {
  readonly rowBytes: number;
  readonly rows: number;
}

const PROBE = 64;
/** Cuts lie on multiples of this, pixels: the coarsest chroma there is (4:1:0, 4:1:1) has one value for 4. */
const CUT_STEP = 4;
/** Narrower regions are widened: enlarging parts of a pixel shows nothing, and the way to them needs memory. */
const MIN_SIDE = 4;

export class RegionScaler implements Disposable {
  readonly #contexts = new Map<number, SoftwareScaleContext>();
  readonly #layouts = new Map<AVPixelFormat, readonly PlaneLayout[] | null>();

  /**
   * The region scaled to exactly `width` x `height`; what lies past the picture's edge is black. Right to a pixel of the
   * result, or of the picture where that is coarser.
   */
  toRgb(source: Frame, region: PixelRegion, width: number, height: number): RgbImage {
    const across = span(region.x, region.width, source.width, width);
    const down = span(region.y, region.height, source.height, height);
    const data = new Uint8Array(width * height * 3);
    if (across.length <= 0 || down.length <= 0) return { width, height, data };
    using cut = this.#cut(source, across.start, down.start, across.length, down.length);
    using scaled = newPicture(across.scaled, down.scaled, AV_PIX_FMT_RGB24);
    checkAv(this.#contextFor(cut, scaled).scaleFrameSync(scaled, cut), "scale a part of a picture");
    lay(scaled, { left: across.at, top: down.at }, { width, height, data });
    return { width, height, data };
  }

  [Symbol.dispose](): void {
    for (const context of this.#contexts.values()) context.freeContext();
    this.#contexts.clear();
  }

  #cut(source: Frame, x: number, y: number, width: number, height: number): Frame {
    const planes = source.data;
    const layout = this.#layoutOf(source.format as AVPixelFormat);
    // A palette, or rows from the bottom to the top: rare enough to be converted whole first.
    if (planes === null || layout === null || layout.some((_, plane) => !((source.linesize[plane] ?? 0) > 0)))
      return this.#cutConverted(source, x, y, width, height);
    const part = newPicture(width, height, source.format as AVPixelFormat);
    checkAv(part.copyProps(source), "copy a picture's colours");
    const target = part.data;
    if (target === null) throw new AppError("internal", "FFmpeg gave a picture without pixels.");
    const cut = layout.map(({ rowBytes, rows }, plane) => {
      const offset = ((y * rows) / PROBE) * (source.linesize[plane] ?? 0) + (x * rowBytes) / PROBE;
      return (planes[plane] ?? Buffer.alloc(0)).subarray(offset);
    });
    const format = source.format as AVPixelFormat;
    avImageCopy2(target, part.linesize, cut, source.linesize, format, width, height);
    return part;
  }

  #cutConverted(source: Frame, x: number, y: number, width: number, height: number): Frame {
    using whole = newPicture(source.width, source.height, AV_PIX_FMT_RGB24);
    checkAv(this.#contextFor(source, whole).scaleFrameSync(whole, source), "convert a picture");
    return this.#cut(whole, x, y, width, height);
  }

  #layoutOf(format: AVPixelFormat): readonly PlaneLayout[] | null {
    const known = this.#layouts.get(format);
    if (known !== undefined) return known;
    const layout = probeLayout(format);
    this.#layouts.set(format, layout);
    return layout;
  }

  /** A context takes any size, so two are enough: see FrameConverter on the filters. */
  #contextFor(source: Frame, target: Frame): SoftwareScaleContext {
    const shrinks = target.width <= source.width && target.height <= source.height;
    const filter = shrinks ? SWS_AREA : SWS_BILINEAR;
    const known = this.#contexts.get(filter);
    if (known !== undefined) return known;
    const context = new SoftwareScaleContext();
    context.allocContext();
    context.setOption("sws_flags", filter, AV_OPT_TYPE_INT);
    this.#contexts.set(filter, context);
    return context;
  }
}

/**
 * Along one axis: which of the picture's pixels are needed, `scaled` to how many, and where the first of those lies in
 * the result (before its start, where the cut had to begin earlier).
 */
function span(from: number, length: number, available: number, size: number) {
  const wide = Math.max(length, MIN_SIDE);
  const first = from - (wide - length) / 2;
  const start = Math.floor(Math.max(0, first) / CUT_STEP) * CUT_STEP;
  const end = Math.min(available, Math.ceil((first + wide) / CUT_STEP) * CUT_STEP);
  const scale = size / wide;
  return {
    start,
    length: end - start,
    scaled: Math.max(1, Math.round((end - start) * scale)),
    at: Math.round((start - first) * scale),
  };
}

/** Copies what falls into the target. */
function lay(picture: Frame, at: { readonly left: number; readonly top: number }, target: RgbImage): void {
  const pixels = picture.data?.[0];
  const stride = picture.linesize[0];
  if (pixels === undefined || stride === undefined)
    throw new AppError("internal", "The scaler gave a picture without pixels.");
  const x1 = Math.max(0, at.left);
  const x2 = Math.min(target.width, at.left + picture.width);
  if (x2 <= x1) return;
  const y2 = Math.min(target.height, at.top + picture.height);
  for (let y = Math.max(0, at.top); y < y2; y += 1) {
    const from = (y - at.top) * stride + (x1 - at.left) * 3;
    target.data.set(pixels.subarray(from, from + (x2 - x1) * 3), (y * target.width + x1) * 3);
  }
}

/** Null for formats whose planes are not simply pixels. */
function probeLayout(format: AVPixelFormat): readonly PlaneLayout[] | null {
  using picture = newPicture(PROBE, PROBE, format);
  const planes = picture.data ?? [];
  const { linesizes } = avImageAlloc(PROBE, PROBE, format, 1);
  const layout = planes.map((plane, index) => ({
    rowBytes: linesizes[index] ?? 0,
    rows: plane.length / (picture.linesize[index] ?? 0),
  }));
  const isPlain = ({ rowBytes, rows }: PlaneLayout) =>
    Number.isInteger((rowBytes * CUT_STEP) / PROBE) &&
    Number.isInteger((rows * CUT_STEP) / PROBE) &&
    rows > 0;
  return layout.length > 0 && layout.every(isPlain) ? layout : null;
}

function newPicture(width: number, height: number, format: AVPixelFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  checkAv(frame.getBuffer(0), "allocate a picture");
  return frame;
}
