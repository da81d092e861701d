// Looks whether the configuration file was edited, and takes it into use or says why not: once for each refusal.
import type { Config } from "./config/config.ts";
import type { ConfigFile } from "./config/config-file.ts";
import type { Logger } from "./core/logger.ts";

export class ConfigWatch {
  readonly #file: ConfigFile;
  readonly #log: Logger;
  readonly #apply: (config: Config) => void;
  /** What the file was refused for when it was last looked at. */
  #refusal: string | null = null;

  constructor(parts: {
    readonly file: ConfigFile;
    readonly log: Logger;
    readonly apply: (config: Config) => void;
  }) {
    this.#file = parts.file;
    this.#log = parts.log;
    this.#apply = parts.apply;
  }

  async look(): Promise<void> {
    const result = await this.#file.reload();
    if (result.kind === "changed") {
      this.#log.info("the configuration file was edited");
      this.#apply(result.config);
    } else if (result.kind === "refused" && result.error.message !== this.#refusal) {
      this.#log.error({ reason: result.error.message }, "the configuration file was edited and is refused");
    }
    this.#refusal = result.kind === "refused" ? result.error.message : null;
  }
}
