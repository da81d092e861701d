import type { RgbImage } from "../domain/frame.ts";
import { VideoWriter, type VideoWriterOptions } from "./video-writer.ts";

/** Writes pictures to a video file, one after another at `fps`. A failure leaves no file behind. */
export async function encodeVideo(
  options: VideoWriterOptions,
  pictures: Iterable<RgbImage> | AsyncIterable<RgbImage>,
): Promise<void> {
  const writer = await VideoWriter.create(options);
  try {
    for await (const picture of pictures) await writer.write(picture);
    await writer.finish();
  } finally {
    await writer[Symbol.asyncDispose]();
  }
}
