// The house's broker, in a process of its own: mosquitto where it is installed, else the engine of the embedded one.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Debian puts it into /usr/sbin, which is not everybody's path. */
export const MOSQUITTO =
  [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]
    .map((place) => join(place, "mosquitto"))
    .find((path) => existsSync(path)) ?? null;

const START_TRIES = 400;

export class Broker implements AsyncDisposable {
  readonly port: number;
  readonly #config: string;
  #child: ChildProcess | null = null;
  #closed: Promise<unknown> = Promise.resolve();

  constructor(folder: string, port: number) {
    this.port = port;
    this.#config = join(folder, "mosquitto.conf");
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const child = await this.#spawn();
    this.#child = child;
    child.on("error", () => {});
    this.#closed = new Promise((resolve) => child.once("close", resolve));
    for (let tries = 0; tries < START_TRIES; tries += 1) {
      if (await answers(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error("the broker does not start");
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#closed;
  }

  abandon(): void {
    this.#child?.kill("SIGKILL");
  }

  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #spawn(): Promise<ChildProcess> {
    if (MOSQUITTO === null) {
      const entry = fileURLToPath(new URL("./broker-main.js", import.meta.url));
      return fork(entry, [String(this.port)], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    }
    await writeFile(
      this.#config,
      `listener ${this.port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n`,
    );
    return spawn(MOSQUITTO, ["-c", this.#config], { stdio: "ignore" });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
