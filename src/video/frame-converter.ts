// Scales decoded pictures and makes JPEGs of them. One per stream: scaler contexts are kept per size; a context notices
// by itself when size, pixel format or colour space of what comes in change in mid-stream.
import {
  AV_CODEC_FLAG_QSCALE,
  AV_OPT_TYPE_INT,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AVERROR_EAGAIN,
  type AVPixelFormat,
  FF_ENCODER_MJPEG,
  FF_QP2LAMBDA,
  SWS_AREA,
  SWS_BILINEAR,
} from "node-av/constants";
import {
  avImageCopyToBuffer,
  Codec,
  CodecContext,
  Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
} from "node-av/lib";
import { AppError } from "../core/errors.ts";
import type { LumaImage, RgbImage } from "../domain/frame.ts";
import { checkAv } from "./av-error.ts";
import { type PixelRegion, RegionScaler } from "./region-scaler.ts";

interface Scaled {
  readonly context: SoftwareScaleContext;
  readonly target: Frame;
}

/** Sizes in use at once: thumbnail, detector inputs, live pictures, snapshots. More than these are made anew. */
const MAX_SIZES = 8;

export class FrameConverter {
  readonly #scaled = new Map<string, Scaled>();
  readonly #regions = new RegionScaler();
  /** The stream and each of its living frames hold it: a held frame outlives its stream. */
  #holders = 1;

  retain(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    for (const scaled of this.#scaled.values()) freeScaled(scaled);
    this.#scaled.clear();
    this.#regions[Symbol.dispose]();
  }

  toRgb(source: Frame, width: number, height: number): RgbImage {
    return { width, height, data: this.#packed(source, width, height, AV_PIX_FMT_RGB24) };
  }

  /**
   * Brightness alone, 0..255 whatever range and depth the source has: grey in FFmpeg is of full range. The colours are not
   * read. CPU time of an 80x45 thumbnail of a 720p picture: .19 ms; of a 320x240 one .03.
   */
  toLuma(source: Frame, width: number, height: number): LumaImage {
    return { width, height, data: this.#packed(source, width, height, AV_PIX_FMT_GRAY8) };
  }

  /** A part of the picture scaled to exactly `width` x `height`, black where it reaches past the edge. */
  toRgbRegion(source: Frame, region: PixelRegion, width: number, height: number): RgbImage {
    if (this.#holders <= 0) throw new AppError("internal", "A frame outlived its hold on the scalers.");
    return this.#regions.toRgb(source, region, width, height);
  }

  /** @param quality 1..100, as other JPEG encoders count it. */
  async toJpeg(source: Frame, width: number, height: number, quality: number): Promise<Uint8Array> {
    const { context } = this.#contextFor(source, width, height, AV_PIX_FMT_YUVJ420P);
    // Its own picture: encoding goes on in another thread while the next frame is scaled.
    using picture = newFrame(width, height, AV_PIX_FMT_YUVJ420P);
    checkAv(context.scaleFrameSync(picture, source), "scale a picture");
    picture.quality = qscaleOf(quality) * FF_QP2LAMBDA;
    picture.pts = 0n;
    return await encodeJpeg(picture);
  }

  async rgbToJpeg(image: RgbImage, quality: number): Promise<Uint8Array> {
    using source = Frame.fromVideoBuffer(Buffer.from(image.data.buffer), {
      width: image.width,
      height: image.height,
      format: AV_PIX_FMT_RGB24,
    });
    return await this.toJpeg(source, image.width, image.height, quality);
  }

  /** Scaled pixels of a packed format, rows without padding. */
  #packed(source: Frame, width: number, height: number, format: AVPixelFormat): Uint8Array {
    const { context, target } = this.#contextFor(source, width, height, format);
    checkAv(context.scaleFrameSync(target, source), "scale a picture");
    const data = new Uint8Array(width * height * (format === AV_PIX_FMT_GRAY8 ? 1 : 3));
    const planes = target.data;
    if (planes === null) throw new AppError("internal", "The scaler gave a picture without pixels.");
    const buffer = Buffer.from(data.buffer);
    checkAv(
      avImageCopyToBuffer(buffer, data.length, planes, target.linesize, format, width, height, 1),
      "copy a picture's rows",
    );
    return data;
  }

  #contextFor(source: Frame, width: number, height: number, format: AVPixelFormat): Scaled {
    // Both filters average what they shrink; area is as sharp and takes two thirds of the time (640x360 from 768x432:
    // 0.64 against 1.1 ms), but repeats pixels when it enlarges.
    const shrinks = width <= source.width && height <= source.height;
    const key = `${format} ${width}x${height} ${shrinks}`;
    if (this.#holders <= 0) throw new AppError("internal", "A frame outlived its hold on the scalers.");
    let scaled = this.#scaled.get(key);
    if (scaled === undefined) {
      scaled = newScaled(width, height, format, shrinks ? SWS_AREA : SWS_BILINEAR);
      this.#makeRoom();
    } else {
      this.#scaled.delete(key);
    }
    this.#scaled.set(key, scaled);
    return scaled;
  }

  #makeRoom(): void {
    for (const [key, oldest] of this.#scaled) {
      if (this.#scaled.size < MAX_SIZES) return;
      freeScaled(oldest);
      this.#scaled.delete(key);
    }
  }
}

/** Turns a picture of brightness clockwise. */
export function turnLuma(image: LumaImage, quarterTurns: 0 | 1 | 2 | 3): LumaImage {
  if (quarterTurns === 0) return image;
  const { width, height, data } = image;
  const turned = new Uint8Array(data.length);
  const sideways = quarterTurns !== 2;
  for (let y = 0, from = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, from += 1) {
      const tx = quarterTurns === 1 ? height - 1 - y : quarterTurns === 2 ? width - 1 - x : y;
      const ty = quarterTurns === 1 ? x : quarterTurns === 2 ? height - 1 - y : width - 1 - x;
      turned[ty * (sideways ? height : width) + tx] = data[from] ?? 0;
    }
  }
  return { width: sideways ? height : width, height: sideways ? width : height, data: turned };
}

export function newFrame(width: number, height: number, format: AVPixelFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  if (format === AV_PIX_FMT_YUVJ420P) {
    // What JFIF prescribes: the matrix of BT.601; the "J" already says full range.
    frame.colorSpace = AVCOL_SPC_BT470BG;
  }
  checkAv(frame.getBuffer(0), "allocate a picture");
  return frame;
}

function newScaled(width: number, height: number, format: AVPixelFormat, filter: number): Scaled {
  const context = new SoftwareScaleContext();
  context.allocContext();
  context.setOption("sws_flags", filter, AV_OPT_TYPE_INT);
  return { context, target: newFrame(width, height, format) };
}

function freeScaled(scaled: Scaled): void {
  scaled.context.freeContext();
  scaled.target.free();
}

/**
 * The mjpeg encoder counts 2 (best) .. 31 (worst): eighths of MPEG's intra matrix (mean 33.0). `quality` is meant as by
 * the Independent JPEG Group: a percentage of the table in ITU-T T.81 annex K (mean 57.6), 100 % at 50.
 */
function qscaleOf(quality: number): number {
  const q = Math.min(100, Math.max(1, quality));
  const percent = q < 50 ? 5000 / q : 200 - 2 * q;
  return Math.min(31, Math.max(2, Math.round(((57.6 / 33.0) * 8 * percent) / 100)));
}

async function encodeJpeg(picture: Frame): Promise<Uint8Array> {
  const codec = Codec.findEncoderByName(FF_ENCODER_MJPEG);
  if (codec === null)
    throw new AppError("internal", "The FFmpeg of node-av was built without a JPEG encoder.");
  using encoder = new CodecContext();
  encoder.allocContext3(codec);
  encoder.width = picture.width;
  encoder.height = picture.height;
  encoder.pixelFormat = AV_PIX_FMT_YUVJ420P;
  encoder.colorRange = AVCOL_RANGE_JPEG;
  encoder.timeBase = new Rational(1, 25);
  encoder.threadCount = 1;
  encoder.setFlags(AV_CODEC_FLAG_QSCALE);
  encoder.globalQuality = picture.quality;
  checkAv(await encoder.open2(codec, null), "open the JPEG encoder");
  using packet = new Packet();
  packet.alloc();
  checkAv(await encoder.sendFrame(picture), "encode a JPEG");
  let result = encoder.receivePacketSync(packet);
  if (result === AVERROR_EAGAIN) {
    checkAv(await encoder.sendFrame(null), "encode a JPEG");
    result = encoder.receivePacketSync(packet);
  }
  checkAv(result, "encode a JPEG");
  if (packet.data === null) throw new AppError("internal", "The JPEG encoder gave nothing.");
  return new Uint8Array(packet.data);
}
