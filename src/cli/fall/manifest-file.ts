import { readFile } from "node:fs/promises";
import { AppError, messageOf } from "../../core/errors.ts";
import { type FallManifest, parseFallManifest } from "../../evaluation/fall-manifest.ts";

/** Throws AppError input.invalid that names the file, for one that cannot be read, is not JSON or is no manifest. */
export async function readManifest(file: string): Promise<FallManifest> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new AppError("input.invalid", `the manifest ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError("input.invalid", `the manifest ${file} is not JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseFallManifest(json, file);
}
