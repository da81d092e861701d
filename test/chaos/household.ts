// One house in a trial: its broker, the way to it, the daemon with one acted camera, two clients, and a disk of its own.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, rmSync, type WriteStream } from "node:fs";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import type { AlarmJson } from "../../src/api/contract.ts";
import { childrenOf } from "../../src/bench/process-usage.ts";
import { machineTime, type ScriptedLife } from "../../src/bench/scripted-life.ts";
import { freePort } from "../../src/cli/bench/measured-daemon.ts";
import { systemClock } from "../../src/core/clock.ts";
import { Broker } from "./broker.ts";
import { Network } from "./network.ts";
import { CLOCK_VARIABLE, STEP_VARIABLE, type Step } from "./plan.ts";
import { Recorder } from "./recorder.ts";
import { makeSmallDisk, type SmallDisk } from "./small-disk.ts";

export const CAMERA = "haven/camera/room";

/** Somebody on the floor is an alarm of its own after this, seconds: what finds a fall that no running daemon has seen. */
export const LONG_LIE_S = 20;
const STOP_LIMIT = 10_000;

export interface StoredMessage {
  readonly id: string;
  readonly kind: string;
  /** Null while no broker has confirmed it. */
  readonly deliveredAt: number | null;
}

/** Those that stand: when the trial is broken off, nothing of them may stay behind. */
const standing = new Set<Household>();
process.once("exit", () => {
  for (const house of standing) house.abandon();
});

export class Household implements AsyncDisposable {
  readonly broker: Broker;
  readonly network: Network;
  readonly disk: SmallDisk;
  readonly recorder: Recorder;
  readonly second: Recorder;
  readonly #folder: string;
  readonly #apiPort: number;
  readonly #log: WriteStream;
  #daemon: ChildProcess | null = null;
  #gone: Promise<unknown> = Promise.resolve();
  #life: ScriptedLife | null = null;

  private constructor(parts: {
    readonly folder: string;
    readonly apiPort: number;
    readonly broker: Broker;
    readonly network: Network;
    readonly disk: SmallDisk;
  }) {
    this.#folder = parts.folder;
    this.#apiPort = parts.apiPort;
    this.broker = parts.broker;
    this.network = parts.network;
    this.disk = parts.disk;
    this.recorder = new Recorder(parts.broker.port, "recorder");
    this.second = new Recorder(parts.broker.port, "second");
    this.#log = createWriteStream(join(parts.folder, "daemon.log"));
    standing.add(this);
  }

  static async build(): Promise<Household> {
    const folder = await mkdtemp(join(tmpdir(), "haven-chaos-"));
    const broker = new Broker(folder, await freePort());
    await broker.start();
    const network = await Network.to(broker.port);
    const apiPort = await freePort();
    const house = new Household({ folder, apiPort, broker, network, disk: makeSmallDisk(folder) });
    const config = {
      general: { log_level: "info" },
      cameras: [{ id: "room", name: "Room", source: join(folder, "scene.json") }],
      inference: { fps: 10 },
      adl: { on_floor_after_seconds: LONG_LIE_S / 2, long_lie_after_seconds: LONG_LIE_S },
      storage: { path: join(house.disk.path, "haven.db") },
      api: { port: apiPort },
      mqtt: { url: `mqtt://127.0.0.1:${network.port}` },
    };
    await writeFile(join(folder, "haven.yaml"), JSON.stringify(config));
    await house.setClock(0);
    await house.act(null);
    return house;
  }

  /** With a step, the daemon dies there. */
  startDaemon(step: Step | null = null): void {
    const entry = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const args = [join(this.#folder, "haven.yaml"), this.#folder, entry("./vision-main.js")];
    const child = fork(entry("./daemon-main.js"), args, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
      env: {
        ...process.env,
        [CLOCK_VARIABLE]: this.#clockFile,
        ...(step === null ? {} : { [STEP_VARIABLE]: step }),
      },
    });
    child.on("error", () => {});
    child.stderr?.on("data", (chunk: Buffer) => this.#log.write(chunk));
    this.#gone = once(child, "close");
    this.#daemon = child;
  }

  get daemonRuns(): boolean {
    return this.#daemon !== null && this.#daemon.exitCode === null && this.#daemon.signalCode === null;
  }

  get daemonPid(): number {
    return this.#daemon?.pid ?? 0;
  }

  /** Null while there is none. */
  get visionPid(): number | null {
    try {
      return childrenOf(this.daemonPid)[0] ?? null;
    } catch {
      return null;
    }
  }

  /** Resolves when it is gone. */
  async endDaemon(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#daemon;
    child?.kill(signal);
    using _ = systemClock.schedule(STOP_LIMIT, () => child?.kill("SIGKILL"));
    await this.#gone;
  }

  /** What becomes of the person; they are the same one throughout. */
  async act(life: ScriptedLife | null): Promise<void> {
    this.#life = life;
    await this.#write("scene.json", JSON.stringify({ lives: life === null ? [] : [life] }));
  }

  async getUp(): Promise<void> {
    if (this.#life !== null) await this.act({ ...this.#life, risesAt: machineTime() });
  }

  /** How far the wall clock is off from now on. */
  async setClock(offsetMs: number): Promise<void> {
    await this.#write("clock", String(Math.round(offsetMs)));
  }

  /** The alarms that are not cleared, by the API; null while it does not answer. */
  async alarms(): Promise<readonly AlarmJson[] | null> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#apiPort}/api/alarms`);
      return response.ok ? ((await response.json()) as { alarms: readonly AlarmJson[] }).alarms : null;
    } catch {
      return null;
    }
  }

  /** What the database of a daemon that has ended holds of messages that have to arrive, in their order. */
  readMessages(): readonly StoredMessage[] {
    const db = new Database(join(this.disk.path, "haven.db"));
    try {
      return db
        .prepare<[], StoredMessage>(
          `SELECT event_id AS id, kind, delivered_at AS deliveredAt FROM outbox JOIN events USING (event_id)
           ORDER BY outbox_id`,
        )
        .all();
    } finally {
      db.close();
    }
  }

  async readLog(): Promise<string> {
    return await readFile(join(this.#folder, "daemon.log"), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.broker.thaw();
    await this.endDaemon("SIGKILL");
    await this.recorder[Symbol.asyncDispose]();
    await this.second[Symbol.asyncDispose]();
    await this.network[Symbol.asyncDispose]();
    await this.broker[Symbol.asyncDispose]();
    this.disk[Symbol.dispose]();
    standing.delete(this);
    await new Promise<void>((resolve) => this.#log.end(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Whatever of it can be ended at once is: this process is about to. */
  abandon(): void {
    this.#daemon?.kill("SIGKILL");
    this.broker.abandon();
    this.disk[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #clockFile(): string {
    return join(this.#folder, "clock");
  }

  /** Whole or not at all: it is read at any moment. */
  async #write(name: string, text: string): Promise<void> {
    const file = join(this.#folder, name);
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }
}
