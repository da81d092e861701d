import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/core/logger.ts";
import { EmbeddedBroker } from "../../src/mqtt/embedded-broker.ts";

export const PASSWORD_FILE = "mqtt-password.json";

/** A broker with a folder of its own, on a free port that it keeps when it is stopped and started again. */
export class House implements AsyncDisposable {
  readonly broker: EmbeddedBroker;
  readonly folder: string;

  private constructor(broker: EmbeddedBroker, folder: string) {
    this.broker = broker;
    this.folder = folder;
  }

  static async open(): Promise<House> {
    const folder = mkdtempSync(join(tmpdir(), "haven-mqtt-"));
    const finder = brokerIn(folder, 0);
    await finder.start();
    const { port } = finder.access;
    await finder.stop();
    rmSync(join(folder, PASSWORD_FILE));
    const broker = brokerIn(folder, port);
    await broker.start();
    return new House(broker, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker.stop();
    rmSync(this.folder, { recursive: true });
  }
}

export function brokerIn(folder: string, port: number): EmbeddedBroker {
  return new EmbeddedBroker({
    passwordFile: join(folder, PASSWORD_FILE),
    host: "127.0.0.1",
    port,
    log: silentLogger,
  });
}
