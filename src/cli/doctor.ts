// `haven doctor`: tries what Haven needs on this machine, for real where that is possible, and says what to do about
// what does not work. Every check stands by itself; one that fails or throws does not keep the others from running.
import { existsSync } from "node:fs";
import { ModelStore } from "../../models/model-store.ts";
import type { Config } from "../config/config.ts";
import { ConfigFile } from "../config/config-file.ts";
import { loadConfig } from "../config/load-config.ts";
import { messageOf } from "../core/errors.ts";
import { createLogger } from "../core/logger.ts";
import { checkBroker } from "./doctor/broker-check.ts";
import type { DoctorContext, Finding } from "./doctor/finding.ts";
import { checkClock, checkNode, checkPanel } from "./doctor/machine-checks.ts";
import { checkDatabase, checkDisk } from "./doctor/storage-checks.ts";
import {
  checkCameras,
  checkDecoder,
  checkHardwareDecoders,
  checkModels,
  checkProviders,
} from "./doctor/vision-checks.ts";
import { findPlaces } from "./places.ts";

type Check = (context: DoctorContext) => Promise<readonly Finding[]>;

const CHECKS: readonly { readonly name: string; readonly run: Check }[] = [
  { name: "node", run: checkNode },
  { name: "models", run: checkModels },
  { name: "execution providers", run: checkProviders },
  { name: "video decoder", run: checkDecoder },
  { name: "hardware decoding", run: checkHardwareDecoders },
  { name: "database", run: checkDatabase },
  { name: "disk", run: checkDisk },
  { name: "broker", run: checkBroker },
  { name: "panel", run: checkPanel },
  { name: "clock", run: checkClock },
  { name: "cameras", run: checkCameras },
];

/** 0 when nothing failed, 2 when something did. Throws only when interrupted. */
export async function doctor(
  flags: { readonly config?: string; readonly data?: string; readonly json: boolean },
  signal: AbortSignal,
): Promise<number> {
  // What a check provokes is reported as its finding, not twice.
  const log = createLogger({ level: "silent", pretty: false });
  const places = findPlaces(flags, process.env);
  const findings: Finding[] = [];
  const say = (finding: Finding) => {
    findings.push(finding);
    if (!flags.json) process.stdout.write(format(finding));
  };
  let config: Config;
  try {
    config = (await ConfigFile.open(places.configFile, process.env)).config;
    const detail = existsSync(places.configFile)
      ? places.configFile
      : `defaults; ${places.configFile} is not there`;
    say({ check: "configuration", state: "ok", detail, remedy: null });
  } catch (error) {
    say({
      check: "configuration",
      state: "failed",
      detail: messageOf(error),
      remedy: "mend the lines named above; the checks below use the defaults",
    });
    config = loadConfig("", { file: places.configFile, env: {} });
  }
  const context: DoctorContext = { places, config, store: new ModelStore({ log }), log, signal };
  for (const { name, run } of CHECKS) {
    signal.throwIfAborted();
    try {
      for (const finding of await run(context)) say(finding);
    } catch (error) {
      say({
        check: name,
        state: "failed",
        detail: messageOf(error),
        remedy: "this is unexpected: report it with this line",
      });
    }
  }
  const failed = findings.filter((finding) => finding.state === "failed").length;
  if (flags.json) process.stdout.write(`${JSON.stringify({ ok: failed === 0, findings })}\n`);
  else
    process.stdout.write(
      failed === 0 ? "\nHaven can run here.\n" : `\n${failed} of ${findings.length} checks failed.\n`,
    );
  return failed === 0 ? 0 : 2;
}

const MARK = { ok: "ok     ", warning: "warning", failed: "FAILED " } as const;

function format({ check, state, detail, remedy }: Finding): string {
  const line = `${MARK[state]} ${check}: ${detail}\n`;
  return remedy === null ? line : `${line}        -> ${remedy}\n`;
}
