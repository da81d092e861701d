// A household's own model: a manifest file with one entry, checked like ours, its weights on this machine or in an npm
// package.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError, messageOf } from "../src/core/errors.ts";
import { type ModelEntry, parseManifest } from "./manifest.ts";

/** Whether a setting names a manifest file rather than the id of a model: it ends in .json or has a slash. */
export function isManifestPath(reference: string): boolean {
  return /[/\\]|\.json$/i.test(reference);
}

/**
 * The one entry of a manifest file, the path of its weights made absolute. Throws AppError `model.missing` when the file
 * is not there, `model.unsupported` when it is not a manifest or has more than one model.
 */
export async function readOwnManifest(path: string): Promise<ModelEntry> {
  const name = `The model manifest ${path}`;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new AppError(
      "model.missing",
      `${name} cannot be read (${messageOf(error)}): correct the setting that names it, or leave it out to use the default model.`,
      { cause: error },
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new AppError("model.unsupported", `${name} is not JSON: ${messageOf(error)}.`, { cause: error });
  }
  const { models } = parseManifest(document, name);
  const [entry] = models;
  if (entry === undefined || models.length > 1) {
    throw new AppError(
      "model.unsupported",
      `${name} has ${models.length} models: leave exactly the one to use.`,
    );
  }
  if (entry.source.kind === "package") return entry;
  return { ...entry, source: { ...entry.source, path: resolve(dirname(path), entry.source.path) } };
}
