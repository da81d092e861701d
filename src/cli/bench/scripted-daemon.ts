// The daemon with acted cameras in a process of its own, and a folder for its configuration, its database and its scenes.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CamerasJson } from "../../api/contract.ts";
import type { ScriptedScene } from "../../bench/scripted-life.ts";
import { systemClock, wait } from "../../core/clock.ts";
import { entryPoint } from "../../core/entry-point.ts";
import { AppError } from "../../core/errors.ts";
import { brokerPassword } from "../../mqtt/broker-password.ts";
import type { BrokerCredentials } from "../../mqtt/mqtt-connection.ts";
import type { AlarmTrace } from "./alarm-stages.ts";
import { freePort } from "./measured-daemon.ts";

export interface ScriptedDaemonOptions {
  /** Camera id to who does what before it. */
  readonly scenes: ReadonlyMap<string, ScriptedScene>;
  /** Somebody else's broker; null for the daemon's own. */
  readonly brokerUrl: string | null;
  readonly onTrace: (trace: AlarmTrace) => void;
  readonly signal: AbortSignal;
}

const START_LIMIT = 60_000;
const STOP_LIMIT = 15_000;

export class ScriptedDaemon implements AsyncDisposable {
  /** How a client of the house connects. */
  readonly broker: BrokerCredentials;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #closed: Promise<unknown>;

  private constructor(
    child: ChildProcess,
    folder: string,
    broker: BrokerCredentials,
    closed: Promise<unknown>,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.broker = broker;
    this.#closed = closed;
  }

  /** Resolves when every camera is online. Throws AppError when that does not happen. */
  static async start(options: ScriptedDaemonOptions): Promise<ScriptedDaemon> {
    const { scenes, brokerUrl, onTrace, signal } = options;
    const folder = await mkdtemp(join(tmpdir(), "haven-bench-"));
    const [apiPort, brokerPort] = [await freePort(), await freePort()];
    for (const [id, scene] of scenes) await writeScene(folder, id, scene);
    const config = {
      general: { log_level: "error" },
      cameras: [...scenes.keys()].map((id) => ({ id, name: id, source: join(folder, `${id}.json`) })),
      inference: { fps: 10 },
      api: { port: apiPort },
      mqtt: brokerUrl === null ? { embedded: { port: brokerPort } } : { url: brokerUrl },
    };
    const file = join(folder, "haven.yaml");
    // JSON is YAML.
    await writeFile(file, JSON.stringify(config, null, 1));
    const child = fork(entryPoint(import.meta.url, "./scripted-daemon-main.ts"), [file, folder], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
    });
    const closed = once(child, "close");
    let log = "";
    child.on("error", () => {});
    child.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-8_000);
    });
    // Both ends come from one build.
    child.on("message", (trace) => onTrace(trace as AlarmTrace));
    try {
      await untilOnline(child, `http://127.0.0.1:${apiPort}/api/cameras`, signal, () => log);
      const broker =
        brokerUrl === null
          ? { url: `mqtt://127.0.0.1:${brokerPort}`, ...brokerPassword(join(folder, "broker-password.json")) }
          : { url: brokerUrl };
      return new ScriptedDaemon(child, folder, broker, closed);
    } catch (error) {
      await end(child, closed, folder);
      throw error;
    }
  }

  /** Takes effect with the camera's next picture. */
  async play(cameraId: string, scene: ScriptedScene): Promise<void> {
    await writeScene(this.#folder, cameraId, scene);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#child, this.#closed, this.#folder);
  }
}

async function end(child: ChildProcess, closed: Promise<unknown>, folder: string): Promise<void> {
  child.kill("SIGTERM");
  using _ = systemClock.schedule(STOP_LIMIT, () => child.kill("SIGKILL"));
  await closed;
  await rm(folder, { recursive: true, force: true });
}

async function untilOnline(
  child: ChildProcess,
  url: string,
  signal: AbortSignal,
  log: () => string,
): Promise<void> {
  const startBy = systemClock.monotonic() + START_LIMIT;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new AppError("internal", `The daemon that was to be measured ended by itself: ${log()}`);
    const cameras = await fetch(url, { signal })
      .then(async (response) => ((await response.json()) as CamerasJson).cameras)
      .catch(() => []);
    if (cameras.length > 0 && cameras.every(({ status }) => status.availability === "online")) return;
    if (systemClock.monotonic() > startBy)
      throw new AppError("source.unreachable", `Not every camera came online: ${log()}`);
    await wait(systemClock, 100, signal);
  }
}

/** Whole or not at all: it is read at any moment. */
async function writeScene(folder: string, cameraId: string, scene: ScriptedScene): Promise<void> {
  const file = join(folder, `${cameraId}.json`);
  await writeFile(`${file}.new`, JSON.stringify(scene));
  await rename(`${file}.new`, file);
}
