// Where things are: data, configuration and the built panel, in and outside of Home Assistant.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError, messageOf } from "../core/errors.ts";

export interface Places {
  readonly dataDir: string;
  readonly configFile: string;
  /** Set when the Supervisor started us. */
  readonly supervisor: { readonly token: string; readonly optionsFile: string } | null;
}

const SUPERVISOR_DATA = "/data";

/** `--data` and `--config` win; under the Supervisor all is in /data; elsewhere the XDG base directories hold. */
export function findPlaces(flags: { config?: string; data?: string }, env: NodeJS.ProcessEnv): Places {
  const token = env.SUPERVISOR_TOKEN;
  const optionsFile = join(SUPERVISOR_DATA, "options.json");
  const supervisor = token !== undefined && existsSync(optionsFile) ? { token, optionsFile } : null;
  const dataDir = resolve(
    flags.data ??
      (supervisor === null
        ? join(env.XDG_DATA_HOME ?? join(homedir(), ".local/share"), "haven")
        : SUPERVISOR_DATA),
  );
  const here = resolve("haven.yaml");
  const inData = join(dataDir, "haven.yaml");
  const configFile = resolve(flags.config ?? (supervisor === null && existsSync(here) ? here : inData));
  return { dataDir, configFile, supervisor };
}

/** Throws AppError store.unusable when the folder cannot be made. */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AppError(
      "store.unusable",
      `the data folder ${dataDir} cannot be made (${messageOf(error)}); choose another with --data`,
      { cause: error },
    );
  }
}

/** The project's folder: sources and compiled files both lie below it. */
function projectDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "package.json"))) {
    const parent = dirname(dir);
    if (parent === dir) throw new AppError("internal", "package.json was not found above the program");
    dir = parent;
  }
  return dir;
}

export function panelDir(): string {
  return join(projectDir(), "dist/panel");
}

export function versionOf(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(projectDir(), "package.json"), "utf8"));
  const version =
    typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : null;
  return typeof version === "string" ? version : "0.0.0";
}

export function databasePath(
  config: { readonly storage: { readonly path?: string } },
  dataDir: string,
): string {
  return config.storage.path ?? join(dataDir, "haven.db");
}
