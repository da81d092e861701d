// Pictures that say which one they are: footage in which a lost, repeated or reordered frame is seen.
import { join } from "node:path";
import type { RgbImage } from "../../src/domain/frame.ts";
import { encodeVideo } from "../../src/video/encode-video.ts";
import type { VideoWriterOptions } from "../../src/video/video-writer.ts";

const BITS = 16;

/** A moving pattern with `number` in black and white bars over the upper half; survives scaling and compression. */
export function codedPicture(number: number, width = 320, height = 240): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) {
      if (y < height / 2) {
        const bit = (number >> Math.floor((x * BITS) / width)) & 1;
        data[at] = data[at + 1] = data[at + 2] = bit === 1 ? 235 : 20;
      } else {
        data[at] = (x + number * 4) % 256;
        data[at + 1] = (y * 2) % 256;
        data[at + 2] = 100;
      }
    }
  }
  return { width, height, data };
}

/** The number in a picture of any size made by codedPicture. */
export function numberIn(image: RgbImage): number {
  const y = Math.floor(image.height / 4);
  let number = 0;
  for (let bit = 0; bit < BITS; bit += 1) {
    const x = Math.floor(((bit + 0.5) * image.width) / BITS);
    if ((image.data[(y * image.width + x) * 3] ?? 0) > 128) number |= 1 << bit;
  }
  return number;
}

/** Writes pictures 0 .. frames-1 to a file in `folder` and gives its path. */
export async function codedVideo(
  folder: string,
  options: { readonly name?: string; readonly frames: number } & Partial<VideoWriterOptions>,
): Promise<string> {
  const { name = "coded.mp4", frames, ...rest } = options;
  const path = join(folder, name);
  const settings = { path, width: 320, height: 240, fps: 25, ...rest };
  await encodeVideo(settings, numbered(frames, settings.width, settings.height));
  return path;
}

function* numbered(frames: number, width: number, height: number): Iterable<RgbImage> {
  for (let number = 0; number < frames; number += 1) yield codedPicture(number, width, height);
}
