// A running daemon with its embedded broker, and an MQTT client that remembers everything it heard.
import type { ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { connectAsync, type MqttClient } from "mqtt";
import { vi } from "vitest";
import { brokerLogin, freePort, spawnHaven, type TemporaryFolder } from "./haven-process.ts";

export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export interface DaemonSetup {
  readonly folder: TemporaryFolder;
  /** YAML below `cameras:`. */
  readonly cameras: string;
  readonly apiPort: number;
  readonly mqttPort: number;
}

export async function setUp(folder: TemporaryFolder, cameras: string): Promise<DaemonSetup> {
  return { folder, cameras, apiPort: await freePort(), mqttPort: await freePort() };
}

/** Patient: a machine that runs other tests at the same time takes its time to load a model. */
export const PATIENCE = { timeout: 90_000, interval: 50 };

export class Daemon implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly heard: Heard[] = [];
  readonly client: MqttClient;
  readonly #setup: DaemonSetup;
  log = "";

  private constructor(setup: DaemonSetup, process: ChildProcess, client: MqttClient, log: () => string) {
    this.#setup = setup;
    this.process = process;
    this.client = client;
    this.log = log();
    process.stderr?.on("data", (chunk: Buffer) => {
      this.log += chunk.toString();
    });
    client.on("message", (topic, payload, packet) =>
      this.heard.push({ topic, payload: payload.toString(), retain: packet.retain }),
    );
  }

  static async start(setup: DaemonSetup): Promise<Daemon> {
    const { folder, cameras, apiPort, mqttPort } = setup;
    const config = folder.file("haven.yaml");
    await writeFile(
      config,
      `cameras:\n${cameras}\nmqtt:\n  embedded:\n    port: ${mqttPort}\napi:\n  port: ${apiPort}\n`,
    );
    const process = spawnHaven(["run", "--config", config, "--data", folder.path]);
    let log = "";
    const early = (chunk: Buffer) => {
      log += chunk.toString();
    };
    process.stderr?.on("data", early);
    const client = await vi.waitFor(async () => {
      if (process.exitCode !== null) throw new Error(`the daemon ended: ${log}`);
      const login = brokerLogin(folder.path);
      if (login === null) throw new Error("the broker has no password yet");
      return await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { ...login, protocolVersion: 4 });
    }, PATIENCE);
    process.stderr?.off("data", early);
    const daemon = new Daemon(setup, process, client, () => log);
    await client.subscribeAsync("#", { qos: 1 });
    return daemon;
  }

  /** The latest retained or live payload of a topic. */
  last(topic: string): string | undefined {
    return this.heard.findLast((message) => message.topic === topic)?.payload;
  }

  /** Events heard, in order. */
  events(): readonly { readonly kind: string; readonly event_id: string; readonly [key: string]: unknown }[] {
    return this.heard
      .filter((message) => message.topic.endsWith("/event"))
      .map((message) => JSON.parse(message.payload));
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await vi.waitFor(() => {
      if (!condition()) throw new Error(`${what} did not happen; the log:\n${this.log.slice(-3000)}`);
    }, PATIENCE);
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.#setup.apiPort}${path}`);
    const type = response.headers.get("content-type") ?? "";
    return {
      status: response.status,
      body: type.includes("json") ? await response.json() : await response.arrayBuffer(),
    };
  }

  /** Ends it the hard way; the client stays as it is. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("close", resolve));
    this.process.kill("SIGKILL");
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.end(true);
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once("close", resolve));
    this.process.kill("SIGTERM");
    await gone;
  }
}
