import { connectAsync, type MqttClient } from "mqtt";
import { vi } from "vitest";
import type { BrokerAccess } from "../../src/mqtt/embedded-broker.ts";

export interface Seen {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

/** Another client of the house, as Home Assistant is one: it hears everything, in order, and may say something. */
export class Observer implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  static async at(access: BrokerAccess, topic = "#"): Promise<Observer> {
    const { host, port, username, password } = access;
    const client = await connectAsync(`mqtt://${host}:${port}`, {
      username,
      password,
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    const observer = new Observer(client);
    client.on("message", (at, payload, packet) =>
      observer.seen.push({ topic: at, payload: payload.toString("utf8"), retained: packet.retain }),
    );
    await client.subscribeAsync(topic, { qos: 1 });
    return observer;
  }

  /** The latest value heard on a topic; undefined when none was heard. */
  latest(topic: string): string | undefined {
    return this.seen.filter((message) => message.topic === topic).at(-1)?.payload;
  }

  payloads(topic: string): readonly string[] {
    return this.seen.filter((message) => message.topic === topic).map((message) => message.payload);
  }

  async hears(topic: string, payload: string): Promise<void> {
    await vi.waitFor(() => {
      if (this.latest(topic) !== payload)
        throw new Error(`${topic} is ${this.latest(topic)}, not ${payload}`);
    }, WAIT);
  }

  async says(topic: string, payload: string, retain = false): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1, retain });
  }

  /** Resolves once everything that was sent to the broker before has been heard. */
  async caughtUp(): Promise<void> {
    const mark = `mark-${this.seen.length}-${Math.random()}`;
    await this.says("test/mark", mark);
    await this.hears("test/mark", mark);
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}

let newcomers = 0;

/** What the broker has kept, as somebody who comes new sees it. */
export async function retainedOn(access: BrokerAccess): Promise<ReadonlyMap<string, string>> {
  newcomers += 1;
  const last = `test/last/${newcomers}`;
  await using writer = await Observer.at(access, "test/none");
  // aedes hands retained values over in the order in which their topics first appeared: this one ends the list.
  await writer.says(last, "end", true);
  await using newcomer = await Observer.at(access);
  await newcomer.hears(last, "end");
  const kept = newcomer.seen.filter(({ topic, retained }) => retained && !topic.startsWith("test/"));
  return new Map(kept.map(({ topic, payload }) => [topic, payload]));
}

export const WAIT = { timeout: 10_000, interval: 5 };
