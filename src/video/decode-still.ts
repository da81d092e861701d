// One picture out of a file in memory: what somebody uploads as a photo.
import {
  AV_LOG_QUIET,
  AVERROR_EAGAIN,
  FF_DECODER_MJPEG,
  FF_DECODER_PGM,
  FF_DECODER_PNG,
  FF_DECODER_WEBP,
} from "node-av/constants";
import { Codec, CodecContext, Dictionary, Frame, Log, Packet } from "node-av/lib";
import { AppError } from "../core/errors.ts";
import { FrameConverter } from "./frame-converter.ts";
import { type StillHeader, stillHeaderOf } from "./still-header.ts";
import { VideoFrame } from "./video-frame.ts";

export const MAX_STILL_BYTES = 20 * 1024 * 1024;
/** A phone's largest, and 150 MB of pixels. */
export const MAX_STILL_PIXELS = 50_000_000;

const DECODERS = {
  jpeg: FF_DECODER_MJPEG,
  png: FF_DECODER_PNG,
  webp: FF_DECODER_WEBP,
  pgm: FF_DECODER_PGM,
} as const;

/**
 * The picture of a JPEG, PNG or WebP file, upright; the caller's to dispose. Throws AppError `input.invalid` for anything
 * else, for half a file, and for one with more than 20 MB or 50 megapixels.
 */
export async function decodeStill(file: Uint8Array): Promise<VideoFrame> {
  // What FFmpeg has to say about a file goes nowhere: this says it in a sentence.
  Log.setLevel(AV_LOG_QUIET);
  const header = checkedHeader(file);
  const native = await decode(file, header);
  if (native === null || native.width !== header.width || native.height !== header.height) {
    native?.free();
    throw invalid("The photo is damaged: save it anew and try again.");
  }
  const sideways = header.quarterTurns % 2 === 1;
  const presentation = {
    quarterTurns: header.quarterTurns,
    width: sideways ? native.height : native.width,
    height: sideways ? native.width : native.height,
  };
  const converter = new FrameConverter();
  const frame = new VideoFrame(native, 0, presentation, converter);
  // The frame alone holds it now.
  converter.release();
  return frame;
}

function checkedHeader(file: Uint8Array): StillHeader {
  if (file.length === 0) throw invalid("The photo is empty: choose another file.");
  if (file.length > MAX_STILL_BYTES)
    throw invalid(
      `The photo has ${(file.length / 2 ** 20).toFixed(0)} MB, and 20 are the most: send a smaller one.`,
    );
  const header = stillHeaderOf(file);
  if (header === null) throw invalid("The file is no photo that can be read: send a JPEG, PNG or WebP file.");
  const { width, height, torn } = header;
  if (width * height > MAX_STILL_PIXELS)
    throw invalid(
      `The photo has ${width}x${height} pixels, and ${MAX_STILL_PIXELS / 1e6} million are the most: send a smaller one.`,
    );
  if (torn) throw invalid("The photo is cut off in the middle: send the whole file.");
  return header;
}

async function decode(file: Uint8Array, { format }: StillHeader): Promise<Frame | null> {
  const codec = Codec.findDecoderByName(DECODERS[format]);
  if (codec === null) throw new AppError("internal", `The FFmpeg of node-av was built without ${format}.`);
  using decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.threadCount = 1;
  // What the header says is not taken on trust.
  using limits = Dictionary.fromObject({ max_pixels: String(MAX_STILL_PIXELS) });
  if ((await decoder.open2(codec, limits)) < 0) return null;
  using packet = new Packet();
  packet.alloc();
  packet.data = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if ((await decoder.sendPacket(packet)) < 0) return null;
  const frame = new Frame();
  frame.alloc();
  let code = decoder.receiveFrameSync(frame);
  if (code === AVERROR_EAGAIN) {
    await decoder.sendPacket(null);
    code = decoder.receiveFrameSync(frame);
  }
  if (code >= 0 && frame.decodeErrorFlags === 0) return frame;
  frame.free();
  return null;
}

function invalid(message: string): AppError {
  return new AppError("input.invalid", message);
}
