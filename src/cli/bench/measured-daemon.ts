// The whole daemon, as `haven run` starts it, in a house of its own: what its processes use, how late its event loop runs,
// and how its cameras fare by its own account.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AlarmJson, AlarmsJson, CameraJson, CamerasJson } from "../../api/contract.ts";
import type { LoopDelay, LoopQuestion } from "../../bench/loop-probe.ts";
import { childrenOf, type ProcessUsage, usageOf } from "../../bench/process-usage.ts";
import { systemClock, wait } from "../../core/clock.ts";
import { entryPoint } from "../../core/entry-point.ts";
import { AppError } from "../../core/errors.ts";

export interface MeasuredDaemonOptions {
  readonly cameras: readonly { readonly id: string; readonly source: string }[];
  /** More of haven.yaml, section by section. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly signal: AbortSignal;
}

export interface DaemonUsage {
  readonly main: ProcessUsage;
  readonly vision: ProcessUsage;
}

const START_LIMIT = 90_000;
const STOP_LIMIT = 15_000;

export class MeasuredDaemon implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #api: string;
  readonly #signal: AbortSignal;
  readonly #closed: Promise<unknown>;
  #log = "";

  private constructor(child: ChildProcess, folder: string, api: string, signal: AbortSignal) {
    this.#child = child;
    this.#folder = folder;
    this.#api = api;
    this.#signal = signal;
    this.#closed = once(child, "close");
    child.on("error", () => {});
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-8_000);
    });
  }

  /** Resolves when every camera is online and was analysed. Throws AppError when that does not happen. */
  static async start({ cameras, settings, signal }: MeasuredDaemonOptions): Promise<MeasuredDaemon> {
    const folder = await mkdtemp(join(tmpdir(), "haven-bench-"));
    const apiPort = await freePort();
    const config = {
      ...settings,
      // JSON is YAML.
      cameras: cameras.map(({ id, source }) => ({ id, name: id, source })),
      api: { port: apiPort },
      mqtt: { embedded: { port: await freePort() } },
    };
    const file = join(folder, "haven.yaml");
    await writeFile(file, JSON.stringify(config, null, 1));
    const child = fork(
      entryPoint(import.meta.url, "../../main.ts"),
      ["run", "--config", file, "--data", folder],
      {
        execArgv: ["--import", pathToFileURL(entryPoint(import.meta.url, "../../bench/loop-probe.ts")).href],
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      },
    );
    const daemon = new MeasuredDaemon(child, folder, `http://127.0.0.1:${apiPort}/api`, signal);
    try {
      await daemon.#untilWatching();
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
    return daemon;
  }

  /** How each camera fares. */
  async cameras(): Promise<readonly CameraJson[]> {
    return ((await this.#get("/cameras")) as CamerasJson).cameras;
  }

  async openAlarms(): Promise<readonly AlarmJson[]> {
    return ((await this.#get("/alarms")) as AlarmsJson).alarms;
  }

  usage(): DaemonUsage {
    const { pid } = this.#child;
    const [vision] = pid === undefined ? [] : childrenOf(pid);
    if (pid === undefined || vision === undefined) throw this.#gone();
    return { main: usageOf(pid), vision: usageOf(vision) };
  }

  /** Forgets how late the event loop was so far. */
  forgetLoopDelay(): void {
    const question: LoopQuestion = "forget";
    this.#child.send(question);
  }

  async loopDelay(): Promise<LoopDelay> {
    const question: LoopQuestion = "delay";
    const answer = once(this.#child, "message", { signal: this.#signal });
    this.#child.send(question);
    const [delay] = (await answer) as [LoopDelay];
    return delay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    using _ = systemClock.schedule(STOP_LIMIT, () => this.#child.kill("SIGKILL"));
    await this.#closed;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #untilWatching(): Promise<void> {
    const startBy = systemClock.monotonic() + START_LIMIT;
    for (;;) {
      if (this.#child.exitCode !== null) throw this.#gone();
      const cameras = await this.cameras().catch(() => []);
      const waiting = cameras.filter(({ status }) => status.availability !== "online");
      if (cameras.length > 0 && waiting.length === 0) return;
      if (systemClock.monotonic() > startBy) {
        const reasons = waiting.map(({ id, status }) => `${id}: ${status.reason ?? status.availability}`);
        throw new AppError(
          "source.unreachable",
          `Not every camera came online within ${START_LIMIT / 1000} s (${reasons.join("; ") || this.#log}).`,
        );
      }
      await wait(systemClock, 200, this.#signal);
    }
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#api}${path}`, { signal: this.#signal });
    if (!response.ok) throw new AppError("internal", `The daemon answered ${path} with ${response.status}.`);
    return await response.json();
  }

  #gone(): AppError {
    return new AppError("vision.down", `The daemon that was being measured ended by itself: ${this.#log}`);
  }
}

/** One that is free now; whoever is quick may still take it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string")
    throw new AppError("internal", "A port has no number.");
  return address.port;
}
