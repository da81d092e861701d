// What the models that tell people apart say of their own scales, from their manifests.
import type { ModelEntry } from "../models/manifest.ts";
import type { ModelStore } from "../models/model-store.ts";
import { type IdentityModels, identityModels } from "./app-identity.ts";
import type { Config } from "./config/config.ts";
import { isAppError } from "./core/errors.ts";

/** One that cannot be had has the usual scale; vision says what is wrong with it. */
export async function identityModelsOf(
  store: Pick<ModelStore, "resolve">,
  { faceModel, appearanceModel }: Config["reid"],
): Promise<IdentityModels> {
  const [face, appearance] = await Promise.all([entryOf(store, faceModel), entryOf(store, appearanceModel)]);
  return identityModels(face, appearance);
}

async function entryOf(store: Pick<ModelStore, "resolve">, reference: string): Promise<ModelEntry | null> {
  try {
    return await store.resolve(reference);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return null;
  }
}
