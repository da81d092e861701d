// One decoder against software on the same clip: whether it gives the same pictures, and in what time.

import { systemClock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { DecoderChoice } from "./hardware-device.ts";
import { openVideo } from "./open-video.ts";

export interface Decoded {
  /** What really decoded. */
  readonly decoder: DecoderChoice;
  readonly pictures: readonly RgbImage[];
  /** Per picture after the first, without scaling. */
  readonly msPerFrame: number;
  /** Of all the process's threads. */
  readonly cpuMsPerFrame: number;
}

/** Long enough for references from picture to picture to go wrong visibly, short enough for every start. */
export const TRIAL_PICTURES = 30;
/** 720p: what cameras send; devices refuse sizes that are very small. */
export const TRIAL_SIZE = { width: 1280, height: 720 } as const;
/** Compared at this size. */
const COMPARED = { width: 320, height: 180 } as const;

/**
 * H.264 says to the bit what a decoder gives; what is left are the ways from there to RGB: the device's pictures are
 * NV12, software's are planar. Levels of 255, mean over a picture; one step is what rounding twice can make.
 */
const TOLERANCE = 1;

/** A pattern that moves and has edges and colours everywhere. */
export function* trialPictures(): Iterable<RgbImage> {
  const { width, height } = TRIAL_SIZE;
  for (let number = 0; number < TRIAL_PICTURES; number += 1) {
    const data = new Uint8Array(width * height * 3);
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 3) {
        data[at] = ((x + number * 8) >> 5) % 2 === 0 ? 200 : 50;
        data[at + 1] = (y + number * 3) % 256;
        data[at + 2] = (x + y) % 256;
      }
    }
    yield { width, height, data };
  }
}

/** Decodes a file to its end. */
export async function decodeAll(path: string, decoder: DecoderChoice): Promise<Decoded> {
  const pictures: RgbImage[] = [];
  await using stream = await openVideo({
    source: path,
    live: false,
    decoder,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 10_000,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  let spent = 0;
  let cpu = 0;
  for (;;) {
    const start = performance.now();
    const before = process.cpuUsage();
    const frame = await stream.next();
    // The first was decoded while the stream was opened.
    if (pictures.length > 0) {
      const { user, system } = process.cpuUsage(before);
      spent += performance.now() - start;
      cpu += (user + system) / 1000;
    }
    if (frame === null) break;
    pictures.push(frame.toRgb(COMPARED.width, COMPARED.height));
    frame[Symbol.dispose]();
  }
  const count = Math.max(1, pictures.length - 1);
  return { decoder: stream.decoder, pictures, msPerFrame: spent / count, cpuMsPerFrame: cpu / count };
}

/** @throws AppError internal when the pictures are not those of software, with a sentence that says how far off. */
export function checkSamePictures(software: Decoded, hardware: Decoded): void {
  const [expected, found] = [software.pictures, hardware.pictures];
  if (expected.length === 0 || expected.length !== found.length) {
    throw new AppError("internal", `It gave ${found.length} of ${expected.length} pictures`);
  }
  const worst = Math.max(...expected.map((picture, index) => differenceOf(picture, found[index])));
  if (worst > TOLERANCE) {
    throw new AppError("internal", `Its pictures are wrong: by ${worst.toFixed(1)} of 255 levels`);
  }
}

function differenceOf(a: RgbImage, b: RgbImage | undefined): number {
  if (b === undefined || a.data.length !== b.data.length) return 255;
  let sum = 0;
  for (let at = 0; at < a.data.length; at += 1) sum += Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0));
  return sum / a.data.length;
}
