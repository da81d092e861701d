// Pictures of faces in a folder for each person, described as a camera's and an uploaded photo's faces are.
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ModelStore } from "../../../models/model-store.ts";
import { AppError, isAppError, messageOf } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { FaceSample } from "../../domain/tracklet.ts";
import { InferencePool } from "../../inference/inference-pool.ts";
import type { ModelThresholds } from "../../reid/decision-settings.ts";
import { decodeStill } from "../../video/decode-still.ts";
import { FaceDescriber, type FaceLimits } from "../../vision/face-describer.ts";
import { describePhoto } from "../../vision/photo-faces.ts";
import { LazyBar } from "../prepare-models.ts";

const PICTURE = /\.(jpe?g|png|webp|pgm)$/i;

export interface FacePicture {
  readonly personId: string;
  readonly file: string;
}

/** FOLDER/PERSON/ANYTHING.jpg, .png, .webp or .pgm. Throws AppError `input.invalid` for a folder in which there are none. */
export async function findFacePictures(folder: string): Promise<readonly FacePicture[]> {
  const found: FacePicture[] = [];
  for (const personId of await namesIn(folder)) {
    const names = await namesIn(join(folder, personId)).catch(() => []);
    for (const name of names)
      if (PICTURE.test(name)) found.push({ personId, file: join(folder, personId, name) });
  }
  if (found.length > 0) return found;
  throw new AppError(
    "input.invalid",
    `${folder} has no pictures of faces: they are looked for as PERSON/NAME.jpg, a folder for each person`,
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new AppError(
      "input.invalid",
      `${folder} cannot be read (${messageOf(error)}): give the folder of the pictures`,
    );
  }
}

export interface FaceViewerOptions {
  readonly detector: string;
  readonly model: string;
  readonly limits: FaceLimits;
}

/** Looks for faces in pictures; open while there are pictures. */
export class FaceViewer implements AsyncDisposable {
  readonly workers: number;
  /** What the model's manifest says of its own scale. */
  readonly thresholds: ModelThresholds;
  readonly #pool: InferencePool;
  readonly #describer: FaceDescriber;

  private constructor(pool: InferencePool, describer: FaceDescriber, thresholds: ModelThresholds) {
    this.workers = pool.workers;
    this.thresholds = thresholds;
    this.#pool = pool;
    this.#describer = describer;
  }

  /** Fetches what is missing. Throws AppError `model.*`. */
  static async open(
    { detector, model, limits }: FaceViewerOptions,
    log: Logger,
    signal: AbortSignal,
  ): Promise<FaceViewer> {
    const store = new ModelStore({ log });
    const entries = { detector: await store.resolve(detector), embedder: await store.resolve(model) };
    using bar = new LazyBar("models");
    await store.ensure([entries.detector.id, entries.embedder.id], {
      signal,
      progress: (step) => bar.show(step),
    });
    const pool = await InferencePool.create({
      workers: availableParallelism(),
      // The same result on every machine.
      provider: "cpu",
      log,
      modelPath: (id) => store.pathOf(id),
    });
    try {
      const describer = await FaceDescriber.create(entries, pool, limits);
      return new FaceViewer(pool, describer, entries.embedder.thresholds);
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The largest face of the picture; null without any. Throws AppError `input.invalid`, with the file's name, for what is no picture. */
  async faceIn(file: string): Promise<FaceSample | null> {
    try {
      using frame = await decodeStill(await readFile(file));
      const { faces } = await describePhoto(frame, {
        describer: this.#describer,
        people: null,
        encode: async () => new Uint8Array(),
      });
      return faces[0]?.sample ?? null;
    } catch (error) {
      if (!isAppError(error, "input.invalid")) throw error;
      throw new AppError("input.invalid", `${file}: ${error.message}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}
