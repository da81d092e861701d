// Writing into a cache folder: whole or not at all, and with errors that tell the user what to do.
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError, messageOf } from "../src/core/errors.ts";

/**
 * Writes a file so that nobody ever sees half of it: a temporary neighbour, flushed to the disk, then renamed.
 * The temporary name is unique, so that two processes writing the same file do not meet.
 */
export async function writeWhole(path: string, data: Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await using file = await open(temporary, "wx", mode);
    await file.writeFile(data);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, error);
  }
  await rename(temporary, path);
}

export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The AppError for a failed write under `path`: says whether the disk is full, read-only, or not ours. */
export function unwritable(path: string, error: unknown): AppError {
  const options = { cause: error };
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new AppError(
        "model.missing",
        `The disk is full, ${path} could not be written: free some space (a fetch needs about 250 MB), or set HAVEN_MODELS_DIR to a folder on another disk, then run \`haven models fetch\` again.`,
        options,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
      return new AppError(
        "model.missing",
        `${path} cannot be written (${messageOf(error)}): set HAVEN_MODELS_DIR to a folder that this user may write to, then run \`haven models fetch\` again.`,
        options,
      );
    default:
      return new AppError("model.missing", `${path} could not be written: ${messageOf(error)}.`, options);
  }
}
