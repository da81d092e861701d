// A folder of observations, one packed file for each clip and shift of the sampling: what vision saw is slow to find out
// and does not depend on what is made of it, so it is kept and used again as long as it fits.
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { AppError, messageOf } from "../../core/errors.ts";
import {
  decodeRecording,
  encodeRecording,
  type ObservationRecording,
} from "../../domain/observation-recording.ts";

/** Unpacked. An hour of two people at ten frames a second is a tenth of it; what claims to be more is no recording. */
const LARGEST_BYTES = 2 ** 29;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

export interface ClipKey {
  /** As the manifest names it. */
  readonly file: string;
  readonly offsetS: number;
}

export class ObservationFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws AppError store.unusable when the folder cannot be made. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
    } catch (error) {
      throw new AppError(
        "store.unusable",
        `the folder ${this.#folder} cannot be made (${messageOf(error)}); choose another with --observations`,
        { cause: error },
      );
    }
  }

  /** null where there is none. Throws AppError input.invalid for one that is damaged. */
  async read(key: ClipKey): Promise<ObservationRecording | null> {
    const path = this.#path(key);
    let packed: Buffer;
    try {
      packed = await readFile(path);
    } catch {
      return null;
    }
    return await unpackRecording(packed, path);
  }

  /** A reader finds all of it or nothing. */
  async write(key: ClipKey, recording: ObservationRecording): Promise<void> {
    const path = this.#path(key);
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, await pack(encodeRecording(recording)));
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw new AppError(
        "store.unusable",
        `${path} cannot be written (${messageOf(error)}); make room there`,
        {
          cause: error,
        },
      );
    }
  }

  #path({ file, offsetS }: ClipKey): string {
    const name = file.replaceAll("/", "__").replaceAll(/[^\w.-]/g, "_");
    const shift = String(Math.round(offsetS * 1000)).padStart(3, "0");
    return join(this.#folder, `${name}.${shift}ms.json.gz`);
  }
}

/** Throws AppError input.invalid that names `source`. */
export async function unpackRecording(packed: Uint8Array, source: string): Promise<ObservationRecording> {
  let text: string;
  try {
    text = (await unpack(packed, { maxOutputLength: LARGEST_BYTES })).toString("utf8");
  } catch (error) {
    throw new AppError(
      "input.invalid",
      `${source} is damaged (${messageOf(error)}); delete it, and it is made anew`,
      { cause: error },
    );
  }
  return decodeRecording(text, source);
}
