// Entry of a daemon whose cameras are acted: the whole App as `haven run` composes it, with the scripted process in vision's
// place. Arguments: haven.yaml, the data folder, and the file that stands in for vision (this build's when left out). It tells
// whoever forked it how long alarms take, and goes when it does.

import { App } from "../../app.ts";
import { NO_MODELS } from "../../app-identity.ts";
import { ConfigFile } from "../../config/config-file.ts";
import { systemClock } from "../../core/clock.ts";
import { entryPoint } from "../../core/entry-point.ts";
import { createLogger } from "../../core/logger.ts";
import { databasePath, makeDataDir, versionOf } from "../places.ts";
import { traceAlarms } from "./alarm-stages.ts";

const [configFile = "haven.yaml", dataDir = ".", visionEntry] = process.argv.slice(2);

makeDataDir(dataDir);
const file = await ConfigFile.open(configFile, process.env);
const level = file.config.general.logLevel;
const app = new App({
  file,
  dataDir,
  databasePath: databasePath(file.config, dataDir),
  // Nobody looks for models: nothing is detected here.
  modelsDir: dataDir,
  panelDir: null,
  version: versionOf(),
  supervisor: null,
  clock: systemClock,
  log: createLogger({ level, pretty: false }),
  logLevel: level,
  random: Math.random,
  identityModels: () => Promise.resolve(NO_MODELS),
  repairModels: () => Promise.resolve(),
  visionEntry: visionEntry ?? entryPoint(import.meta.url, "./scripted-vision-main.ts"),
});
// The clock's timers let the process end.
const alive = setInterval(() => {}, 2 ** 30);
let stopping = false;

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await app.stop();
  clearInterval(alive);
  if (process.connected) process.disconnect();
}

process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => {});
process.on("disconnect", () => void stop());
if (process.send !== undefined)
  traceAlarms((trace) => {
    if (process.connected) process.send?.(trace);
  });
await app.start();
