// The detector a benchmark runs: the default one, another model of the store, or one of a manifest of one's own.

import { resolve } from "node:path";
import { type ModelEntry, modelEntry, modelManifest } from "../../../models/manifest.ts";
import { ModelStore } from "../../../models/model-store.ts";
import { isManifestPath, readOwnManifest } from "../../../models/own-manifest.ts";
import { silentLogger } from "../../core/logger.ts";

export interface MeasuredDetector {
  readonly entry: ModelEntry;
  /** What goes into the setting `inference.detector`. */
  readonly setting: string;
  readonly modelPath: (modelId: string) => Promise<string>;
}

/** Throws AppError not-found or model.* when there is no such model. */
export async function findDetector(reference: string, modelsDir: string): Promise<MeasuredDetector> {
  const own = isManifestPath(reference);
  const setting = own ? resolve(reference) : reference;
  const entry = own ? await readOwnManifest(setting) : modelEntry(reference);
  const models = own ? [...modelManifest.models, entry] : modelManifest.models;
  const store = new ModelStore({
    log: silentLogger,
    directory: modelsDir,
    manifest: { ...modelManifest, models },
  });
  return { entry, setting, modelPath: (id) => store.pathOf(id) };
}
