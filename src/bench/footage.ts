// Footage to measure with: the demo's living room as a camera's sensor would see it, noise and all, with a man who dances in
// it or with nobody. Made on first use and kept next to the models.
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { ensureDemoClip } from "../demo/demo-clip.ts";
import type { RgbImage } from "../domain/frame.ts";
import { encodeVideo } from "../video/encode-video.ts";
import { openVideo } from "../video/open-video.ts";
import { randomNumbers } from "./random-numbers.ts";

export interface FootageOptions {
  readonly width: number;
  readonly height: number;
  /** `dancing`: one man, seen whole, all the time. `empty`: the room alone. */
  readonly scene: "dancing" | "empty";
  /** Gives another film of the same kind: other noise. */
  readonly seed: number;
  /** How much brighter and darker it slowly gets, as when clouds pass; share of the brightness. Default 0. */
  readonly daylight?: number;
  /** Folder for the finished film. */
  readonly cacheDir: string;
  readonly progress?: (step: { readonly label: string; readonly share: number }) => void;
  readonly signal: AbortSignal;
}

/** Part of the file's name: an old film is not taken after this was changed. */
const EDITION = 1;
export const FOOTAGE_FPS = 25;
/** Of the film, which begins again where it ends: whole rounds of there and back, and of the daylight. */
export const FOOTAGE_S = 24;
/** Seconds of the demo clip: he dances; nobody is in the picture. */
const DANCE = { from: 5, to: 8 };
const NOBODY_AT = 0.2;
/** Picture rows of the demo clip that a picture of 16:9 leaves out, at the top and again at the bottom: 12 of 384. */
const CROP = 12 / 384;
/** Standard deviation of the noise, of 255: a small sensor in a room that is lit but not bright. */
const NOISE = 3;
/** x264's rate factor: 2.0 Mb/s at 1280x720 and .7 at 640x360 with this noise (.35 in an empty room), as cameras are set up. */
const CRF = 21;

/** The path of a film (H.264, 25 frames/s). Throws what `ensureDemoClip` throws. */
export async function ensureFootage(options: FootageOptions): Promise<string> {
  const { width, height, scene, seed, daylight = 0, cacheDir, signal } = options;
  const light = daylight === 0 ? "" : `-light${Math.round(daylight * 100)}`;
  const path = join(cacheDir, `bench-${scene}${light}-${width}x${height}-${seed}-${EDITION}.mp4`);
  if (await isFile(path)) return path;
  const { progress } = options;
  const clip = await ensureDemoClip({ cacheDir, signal, ...(progress === undefined ? {} : { progress }) });
  const pictures = await readScene(clip, options);
  await mkdir(cacheDir, { recursive: true });
  // Whoever else makes it at the same time makes the same: the last rename wins.
  const unfinished = join(cacheDir, `.bench-${process.pid}-${scene}-${seed}.mp4`);
  await encodeVideo(
    { path: unfinished, width, height, fps: FOOTAGE_FPS, crf: CRF },
    filmed(pictures, options),
  );
  await rename(unfinished, path);
  return path;
}

/** One round of the scene, clean. */
async function readScene(
  clip: string,
  { width, height, scene, signal }: FootageOptions,
): Promise<RgbImage[]> {
  await using stream = await openVideo({
    source: clip,
    live: false,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 10_000,
    clock: systemClock,
    signal,
  });
  const whole = Math.round(height / (1 - 2 * CROP));
  const top = Math.round((whole - height) / 2);
  const pictures: RgbImage[] = [];
  for (;;) {
    signal.throwIfAborted();
    using frame = await stream.next();
    if (frame === null || frame.mediaTimeS >= DANCE.to) break;
    if (scene === "empty" ? frame.mediaTimeS < NOBODY_AT : frame.mediaTimeS < DANCE.from) continue;
    const { data } = frame.toRgb(width, whole);
    pictures.push({ width, height, data: data.subarray(top * width * 3, (top + height) * width * 3) });
    if (scene === "empty") break;
  }
  if (pictures.length === 0) throw new AppError("internal", "The demo clip ends before its scene begins.");
  // There and back again, so that he never jumps.
  return [...pictures, ...pictures.slice(1, -1).reverse()];
}

function* filmed(pictures: readonly RgbImage[], options: FootageOptions): Generator<RgbImage> {
  const { seed, daylight = 0, progress, signal } = options;
  const [first] = pictures;
  if (first === undefined) return;
  const pixels = first.width * first.height;
  const random = randomNumbers(seed);
  const noise = noiseField(pixels * 2, random);
  const data = new Uint8ClampedArray(pixels * 3);
  const count = FOOTAGE_S * FOOTAGE_FPS;
  for (let index = 0; index < count; index += 1) {
    signal.throwIfAborted();
    const clean = pictures[index % pictures.length]?.data ?? first.data;
    const gain = 1 + daylight * Math.sin((2 * Math.PI * index) / count);
    // Another part of the field each time: as good as new noise, and there are 600 pictures.
    const offset = Math.floor(random() * pixels);
    for (let pixel = 0, at = 0; pixel < pixels; pixel += 1, at += 3) {
      const grain = noise[offset + pixel] ?? 0;
      data[at] = (clean[at] ?? 0) * gain + grain;
      data[at + 1] = (clean[at + 1] ?? 0) * gain + grain;
      data[at + 2] = (clean[at + 2] ?? 0) * gain + grain;
    }
    yield { width: first.width, height: first.height, data: new Uint8Array(data.buffer) };
    progress?.({ label: "footage", share: (index + 1) / count });
  }
}

/** Normally distributed: the sum of uniform numbers, twelve of which have a variance of one. */
function noiseField(length: number, random: () => number): Float32Array {
  return Float32Array.from({ length }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i += 1) sum += random();
    return NOISE * sum;
  });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
