// Pictures of bodies in a folder for each person, as the models of a living house see them: with a pose that keeps the background
// out.
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ModelStore } from "../../../models/model-store.ts";
import { AppError, isAppError, messageOf } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Box } from "../../domain/geometry.ts";
import type { BodyCrop } from "../../evaluation/reid-evaluation.ts";
import { InferencePool } from "../../inference/inference-pool.ts";
import { decodeStill } from "../../video/decode-still.ts";
import { CROP_HEIGHT, CROP_WIDTH } from "../../vision/appearance-descriptor.ts";
import {
  APPEARANCE_MODEL,
  AppearanceEmbedder,
  type AppearanceFrame,
  poseInCrop,
} from "../../vision/appearance-embedder.ts";
import { type LookFrame, poseIn } from "../../vision/pose-crop.ts";
import { THUNDER_MODEL, Thunder } from "../../vision/thunder.ts";
import { LazyBar } from "../prepare-models.ts";

const WHOLE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };
const PICTURE = /^([^_]+)_.+\.(png|jpe?g|webp)$/i;

/** One picture of a body, not looked at yet. */
export interface CropFile {
  readonly personId: string;
  readonly cameraId: string;
  readonly file: string;
}

/** FOLDER/PERSON/CAMERA_ANYTHING.png or .jpg. Throws AppError `input.invalid` for a folder in which there are none. */
export async function findCrops(folder: string): Promise<readonly CropFile[]> {
  const people = await namesIn(folder);
  const found: CropFile[] = [];
  for (const personId of people) {
    const names = await namesIn(join(folder, personId)).catch(() => []);
    for (const name of names) {
      const cameraId = PICTURE.exec(name)?.[1];
      if (cameraId !== undefined) found.push({ personId, cameraId, file: join(folder, personId, name) });
    }
  }
  if (found.length > 0) return found;
  throw new AppError(
    "input.invalid",
    `${folder} has no crops: they are looked for as PERSON/CAMERA_VIEW.png, a folder for each person`,
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new AppError(
      "input.invalid",
      `${folder} cannot be read (${messageOf(error)}): give the folder of the crops`,
    );
  }
}

/** Looks at bodies in pictures; open while there are pictures. */
export class BodyViewer implements AsyncDisposable {
  readonly workers: number;
  readonly #pool: InferencePool;
  readonly #embedder: AppearanceEmbedder;
  readonly #thunder: Thunder;

  private constructor(pool: InferencePool, embedder: AppearanceEmbedder) {
    this.workers = pool.workers;
    this.#pool = pool;
    this.#embedder = embedder;
    this.#thunder = new Thunder(pool);
  }

  /** Fetches what is missing. Throws AppError `model.*`. */
  static async open(log: Logger, signal: AbortSignal): Promise<BodyViewer> {
    const store = new ModelStore({ log });
    using bar = new LazyBar("models");
    const models = [APPEARANCE_MODEL, THUNDER_MODEL];
    await store.ensure(models, { signal, progress: (step) => bar.show(step) });
    const pool = await InferencePool.create({
      workers: availableParallelism(),
      // The same result on every machine.
      provider: "cpu",
      log,
      modelPath: (id) => store.pathOf(id),
    });
    try {
      await pool.load(THUNDER_MODEL);
      return new BodyViewer(
        pool,
        await AppearanceEmbedder.create(await store.resolve(APPEARANCE_MODEL), pool),
      );
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the body in `box` looks like, before it is standardised. The frame must live until then. */
  async describe(frame: LookFrame & AppearanceFrame, box: Box): Promise<Float32Array> {
    const pose = await poseIn(frame, box, this.#thunder, 0);
    const crop = frame.toRgbRegion(box, CROP_WIDTH, CROP_HEIGHT);
    return await this.#embedder.describe(crop, poseInCrop(pose, box));
  }

  /** Throws AppError `input.invalid`, with the file's name, for what is no picture. */
  async describeFile({ personId, cameraId, file }: CropFile): Promise<BodyCrop> {
    try {
      using frame = await decodeStill(await readFile(file));
      return { personId, cameraId, descriptor: await this.describe(frame, WHOLE) };
    } catch (error) {
      if (!isAppError(error, "input.invalid")) throw error;
      throw new AppError("input.invalid", `${file}: ${error.message}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}

/** All of them, as many at a time as there are workers. */
export async function describeCrops(
  viewer: BodyViewer,
  files: readonly CropFile[],
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<readonly BodyCrop[]> {
  const crops: BodyCrop[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < files.length; index = next++) {
      signal.throwIfAborted();
      const file = files[index];
      if (file === undefined) return;
      crops[index] = await viewer.describeFile(file);
      progress(crops.length);
    }
  };
  await Promise.all(Array.from({ length: viewer.workers }, work));
  return crops;
}
