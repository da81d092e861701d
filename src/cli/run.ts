// `haven run`: the daemon.
import { ModelStore } from "../../models/model-store.ts";
import { App } from "../app.ts";
import { readSupervisorOptions } from "../app-broker.ts";
import { identityModelsOf } from "../app-models.ts";
import type { Config } from "../config/config.ts";
import { ConfigFile } from "../config/config-file.ts";
import { systemClock } from "../core/clock.ts";
import { isAppError, messageOf } from "../core/errors.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import { databasePath, findPlaces, makeDataDir, type Places, panelDir, versionOf } from "./places.ts";
import { prepareModels, REQUIRED_MODELS } from "./prepare-models.ts";

export interface RunFlags {
  readonly config?: string;
  readonly data?: string;
}

/** Resolves when it was asked to stop. Throws AppError when it cannot start. */
export async function runDaemon(flags: RunFlags, signal: AbortSignal): Promise<void> {
  const places = findPlaces(flags, process.env);
  makeDataDir(places.dataDir);
  const supervisor =
    places.supervisor === null
      ? null
      : {
          token: places.supervisor.token,
          options: await readSupervisorOptions(places.supervisor.optionsFile),
        };
  const file = await ConfigFile.open(places.configFile, process.env);
  const level = supervisor?.options.logLevel ?? file.config.general.logLevel;
  const log = createLogger({ level, pretty: process.stderr.isTTY === true });
  const modelsDir = await modelsOrNot(log, file.config, signal);
  const app = new App({
    file,
    dataDir: places.dataDir,
    databasePath: databasePath(file.config, places.dataDir),
    modelsDir,
    panelDir: panelDir(),
    version: versionOf(),
    supervisor,
    clock: systemClock,
    log,
    logLevel: level,
    random: Math.random,
    identityModels: (reid) => identityModelsOf(new ModelStore({ log, directory: modelsDir }), reid),
    repairModels: () => new ModelStore({ log, directory: modelsDir }).ensure(REQUIRED_MODELS, { signal }),
  });
  await app.start();
  greet(app, places);
  await aborted(signal);
  log.info("stopping");
  await app.stop();
}

/** Without its models Haven cannot see, but alarms that stand, the panel and MQTT must work all the same. */
async function modelsOrNot(log: Logger, config: Config, signal: AbortSignal): Promise<string> {
  try {
    return await prepareModels(log, signal, config);
  } catch (error) {
    if (isAppError(error, "interrupted")) throw error;
    log.error({ reason: messageOf(error) }, "the models are not there: cameras stay offline until they are");
    return new ModelStore({ log }).directory;
  }
}

/** For whoever started it at a terminal; written past the log, which must not hold the password. */
function greet(app: App, places: Places): void {
  const lines = [`Haven's panel: http://localhost:${app.panelPort}`];
  const access = app.brokerAccess;
  if (access !== null) {
    lines.push(`MQTT broker: ${access.host}:${access.port}, user ${access.username}`);
    if (access.created)
      lines.push(
        `MQTT password (shown this once; kept in ${places.dataDir}): ${access.password}`,
        `Listen with: mosquitto_sub -h ${access.host} -p ${access.port} -u ${access.username} -P ${access.password} -t '#' -v`,
      );
  }
  process.stderr.write(`\n  ${lines.join("\n  ")}\n\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
