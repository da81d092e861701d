// haven.yaml on disk: loaded at the start, changed by the panel, re-read when somebody edited it. What the daemon runs on
// is always a configuration that was whole: a file that no longer parses is refused, and the old one goes on.
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { AppError, isAppError, messageOf } from "../core/errors.ts";
import { writeAtomically } from "./atomic-write.ts";
import { type Config, configOf, entriesOf } from "./config.ts";
import type { ConfigEntries } from "./config-schema.ts";
import { writeDifferences } from "./config-writing.ts";
import type { Environment } from "./environment.ts";
import { checkedEntries, loadConfig, parseYaml } from "./load-config.ts";

export type Reloaded =
  | { readonly kind: "unchanged" | "changed"; readonly config: Config }
  /** The file is broken or unreadable; `config` is the one that goes on. */
  | { readonly kind: "refused"; readonly config: Config; readonly error: AppError };

const NEW_FILE = `# Haven's configuration. The panel writes here too and keeps your comments.
# Secrets belong into the environment: write \${NAME}.
`;

export class ConfigFile {
  readonly path: string;
  readonly #env: Environment;
  #text: string | null;
  #config: Config;
  /** One change after another, each on what the one before it left. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(path: string, env: Environment, text: string | null) {
    this.path = path;
    this.#env = env;
    this.#text = text;
    this.#config = this.#parse(text);
  }

  /** A missing file is a configuration of defaults. Throws AppError config.invalid or config.unreadable. */
  static async open(path: string, env: Environment): Promise<ConfigFile> {
    return new ConfigFile(path, env, await read(path));
  }

  get config(): Config {
    return this.#config;
  }

  /** Takes over what somebody edited. Never throws: a broken file is answered, and the old configuration goes on. */
  reload(): Promise<Reloaded> {
    return this.#inTurn(async () => {
      try {
        const changed = await this.#readAnew();
        return { kind: changed ? "changed" : "unchanged", config: this.#config };
      } catch (error) {
        if (!isAppError(error)) throw error;
        return { kind: "refused", config: this.#config, error };
      }
    });
  }

  /**
   * Changes the configuration and the file. `change` gets the configuration as it stands in the file now, edits of others
   * included, and gives the one it wants; what it gives is checked like the file itself. Comments, `${NAME}` references
   * and unwritten defaults stay as they are. Throws AppError config.invalid (nothing was written) or config.unwritable,
   * and whatever `change` throws.
   */
  update(change: (config: Config) => Config): Promise<Config> {
    return this.#inTurn(async () => {
      await this.#readAnew();
      const before = entriesOf(this.#config);
      const after = checkedEntries(entriesOf(change(this.#config)));
      const wanted = configOf(after, this.path);
      if (isDeepStrictEqual(wanted, this.#config)) return this.#config;
      const text = this.#written(before, entriesOf(wanted));
      if (!isDeepStrictEqual(this.#readBack(text), wanted))
        throw this.#unwritable("the change cannot be made in it");
      try {
        await writeAtomically(this.path, text);
      } catch (error) {
        throw this.#unwritable(messageOf(error), error);
      }
      this.#text = text;
      this.#config = wanted;
      return wanted;
    });
  }

  #written(before: ConfigEntries, after: ConfigEntries): string {
    const { document } = parseYaml(this.#text ?? NEW_FILE, this.path);
    try {
      writeDifferences(document, { before, after, env: this.#env });
    } catch (error) {
      throw this.#unwritable(messageOf(error), error);
    }
    return document.toString({ lineWidth: 0, flowCollectionPadding: false });
  }

  #readBack(text: string): Config | null {
    try {
      return this.#parse(text);
    } catch {
      return null;
    }
  }

  async #readAnew(): Promise<boolean> {
    const text = await read(this.path);
    if (text === this.#text) return false;
    // Defaults have no cameras: a file that is gone for a moment must not stop the watching.
    if (text === null) throw new AppError("config.unreadable", `${this.path} is gone; put it back`);
    const config = this.#parse(text);
    const changed = !isDeepStrictEqual(config, this.#config);
    this.#text = text;
    this.#config = config;
    return changed;
  }

  #parse(text: string | null): Config {
    return loadConfig(text ?? "", { file: this.path, env: this.#env });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => {});
    return result;
  }

  #unwritable(reason: string, cause?: unknown): AppError {
    return new AppError(
      "config.unwritable",
      `${this.path} could not be changed (${reason}); make it writable, or edit it by hand`,
      { cause },
    );
  }
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new AppError("config.unreadable", `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
