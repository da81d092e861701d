// Writes pictures to a video file: footage for the demo and for tests. H.264 where the FFmpeg of node-av has it (its
// prebuilt ones do), MPEG-4 elsewhere.
import { rm } from "node:fs/promises";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_QUIET,
  AV_OPT_TYPE_INT,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_GLOBALHEADER,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_MPEG4,
  SWS_BILINEAR,
} from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
  SoftwareScaleContext,
  type Stream,
} from "node-av/lib";
import type { Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { checkAv } from "./av-error.ts";
import { fileUrlForFfmpeg } from "./source-address.ts";

export interface VideoWriterOptions {
  /** The ending chooses the container: .mp4, .mkv, .ts, .avi. */
  readonly path: string;
  /** Pixels; even. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Default H.264. */
  readonly codec?: "h264" | "h265";
  /** x264's constant rate factor: 0 best .. 51 worst. Default 20. */
  readonly crf?: number;
  /** Frames from one keyframe to the next. Default two seconds' worth. */
  readonly keyframeEvery?: number;
  /** Pictures that refer to later ones; better compression, but the decoder has to reorder. Default 0. */
  readonly bFrames?: number;
  /** Written into the file as the time of recording. */
  readonly createdAt?: Millis;
}

const TICKS_PER_S = 90_000;

export class VideoWriter implements AsyncDisposable {
  readonly #options: VideoWriterOptions;
  readonly #output = new FormatContext();
  readonly #encoder = new CodecContext();
  readonly #scaler = new SoftwareScaleContext();
  readonly #picture = new Frame();
  readonly #packet = new Packet();
  #stream: Stream | null = null;
  #written = 0;
  #finished = false;
  #disposed = false;

  private constructor(options: VideoWriterOptions) {
    this.#options = options;
  }

  /** @throws AppError input.invalid when the size or the file's ending will not do, or the file cannot be written. */
  static async create(options: VideoWriterOptions): Promise<VideoWriter> {
    Log.setLevel(AV_LOG_QUIET);
    const writer = new VideoWriter(options);
    try {
      await writer.#open();
      return writer;
    } catch (error) {
      await writer[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** @param atS time of the picture in seconds; later than the one before. Default: the next at `fps`. */
  async write(image: RgbImage, atS: number = this.#written / this.#options.fps): Promise<void> {
    using source = Frame.fromVideoBuffer(
      Buffer.from(image.data.buffer, image.data.byteOffset, image.data.length),
      { width: image.width, height: image.height, format: AV_PIX_FMT_RGB24 },
    );
    checkAv(this.#picture.makeWritable(), "allocate a picture");
    checkAv(this.#scaler.scaleFrameSync(this.#picture, source), "convert a picture");
    this.#picture.pts = BigInt(Math.round((atS * this.#encoder.timeBase.den) / this.#encoder.timeBase.num));
    checkAv(await this.#encoder.sendFrame(this.#picture), "encode a picture");
    this.#written += 1;
    await this.#drain();
  }

  /** Completes the file. Without it, disposing removes what was written. */
  async finish(): Promise<void> {
    checkAv(await this.#encoder.sendFrame(null), "end the encoder");
    await this.#drain();
    checkAv(await this.#output.writeTrailer(), "complete the file");
    this.#finished = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#stream !== null) await this.#output.closeOutput();
    this.#output.freeContext();
    this.#encoder.freeContext();
    this.#scaler.freeContext();
    this.#picture.free();
    this.#packet.free();
    if (!this.#finished && this.#stream !== null) await rm(this.#options.path, { force: true });
  }

  async #open(): Promise<void> {
    const { path, width, height } = this.#options;
    if (width % 2 !== 0 || height % 2 !== 0) {
      throw new AppError("input.invalid", `A video of ${width}x${height} cannot be written: use even sizes.`);
    }
    try {
      this.#output.allocOutputContext2(null, null, fileUrlForFfmpeg(path));
    } catch (cause) {
      throw new AppError("input.invalid", `${path} cannot be written: name it .mp4, .mkv, .ts or .avi.`, {
        cause,
      });
    }
    await this.#openEncoder();
    this.#packet.alloc();
    this.#picture.alloc();
    this.#picture.width = width;
    this.#picture.height = height;
    this.#picture.format = AV_PIX_FMT_YUV420P;
    this.#picture.colorSpace = AVCOL_SPC_BT709;
    this.#picture.colorRange = AVCOL_RANGE_MPEG;
    checkAv(this.#picture.getBuffer(0), "allocate a picture");
    this.#scaler.allocContext();
    this.#scaler.setOption("sws_flags", SWS_BILINEAR, AV_OPT_TYPE_INT);
    await this.#openFile(path);
  }

  async #openEncoder(): Promise<void> {
    const { width, height, fps, crf = 20, bFrames = 0, keyframeEvery = Math.round(2 * fps) } = this.#options;
    const isH265 = this.#options.codec === "h265";
    const x264 = Codec.findEncoderByName(isH265 ? FF_ENCODER_LIBX265 : FF_ENCODER_LIBX264);
    const codec = x264 ?? (isH265 ? null : Codec.findEncoderByName(FF_ENCODER_MPEG4));
    if (codec === null) {
      throw new AppError("internal", "The FFmpeg of node-av was built without a video encoder.");
    }
    const encoder = this.#encoder;
    encoder.allocContext3(codec);
    encoder.width = width;
    encoder.height = height;
    encoder.pixelFormat = AV_PIX_FMT_YUV420P;
    encoder.colorSpace = AVCOL_SPC_BT709;
    encoder.colorRange = AVCOL_RANGE_MPEG;
    encoder.timeBase = x264 === null ? new Rational(1, Math.round(fps)) : new Rational(1, TICKS_PER_S);
    encoder.framerate = new Rational(Math.round(fps * 1000), 1000);
    encoder.gopSize = keyframeEvery;
    encoder.maxBFrames = bFrames;
    if (((this.#output.oformat?.flags ?? 0) & AVFMT_GLOBALHEADER) !== 0) {
      encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    // The stream's own headers then tell `fps` and not our ticks.
    const forX264 = { preset: "veryfast", crf, "x264-params": "force-cfr=1" };
    // Keyframes stand alone, as cameras send them: pictures after one do not refer to what was before it.
    const forX265 = { preset: "ultrafast", crf, "x265-params": "log-level=none:open-gop=0" };
    using settings = Dictionary.fromObject(x264 === null ? {} : isH265 ? forX265 : forX264);
    if (x264 === null) encoder.globalQuality = crf * 10;
    checkAv(await encoder.open2(codec, settings), "open the video encoder");
  }

  async #openFile(path: string): Promise<void> {
    const stream = this.#output.newStream(null);
    checkAv(stream.codecpar.fromContext(this.#encoder), "describe the video");
    stream.timeBase = new Rational(1, TICKS_PER_S);
    stream.avgFrameRate = this.#encoder.framerate;
    const { createdAt } = this.#options;
    if (createdAt !== undefined) {
      this.#output.metadata = Dictionary.fromObject({ creation_time: new Date(createdAt).toISOString() });
    }
    const opened = await this.#output.openOutput();
    if (opened < 0) {
      throw new AppError("input.invalid", `${path} cannot be written: check the folder and its permissions.`);
    }
    this.#stream = stream;
    // The index first, so that a player or a download can begin before the file is complete.
    using settings = Dictionary.fromObject(/\.(mp4|mov)$/i.test(path) ? { movflags: "+faststart" } : {});
    checkAv(await this.#output.writeHeader(settings), "begin the file");
  }

  async #drain(): Promise<void> {
    const stream = this.#stream;
    if (stream === null) return;
    for (;;) {
      const code = this.#encoder.receivePacketSync(this.#packet);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      checkAv(code, "encode a picture");
      this.#packet.streamIndex = stream.index;
      this.#packet.rescaleTs(this.#encoder.timeBase, stream.timeBase);
      checkAv(await this.#output.interleavedWriteFrame(this.#packet), "write to the file");
    }
  }
}
