// Keeps the broker's retained values equal to the daemon's: sends what changed, and everything again whenever
// somebody may have missed it. It holds one value per topic, the latest; there is nothing in it that could be a past
// event, and an outage of a week costs no more memory than one of a second.
import type { Logger } from "../core/logger.ts";
import type { MqttConnection } from "./mqtt-connection.ts";

/** The order of an announcement: Home Assistant learns what exists, then whether it is there, then its values. */
export const RANKS = ["discovery", "availability", "state"] as const;
export type Rank = (typeof RANKS)[number];

interface Entry {
  readonly topic: string;
  readonly rank: Rank;
  /** "" removes the retained value from the broker. */
  readonly payload: string;
  /** Sent once, right before the payload. */
  readonly before: string | null;
}

export interface StatePublisherOptions {
  readonly connection: Pick<MqttConnection, "connected" | "publish">;
  readonly log: Logger;
}

export class StatePublisher {
  readonly #connection: StatePublisherOptions["connection"];
  readonly #log: Logger;
  /** In the order in which topics were first set. */
  readonly #entries = new Map<string, Entry>();
  /** Topics whose latest value has yet to be handed to the connection. */
  readonly #unsent = new Set<string>();
  #sending = false;
  #announcements = 0;

  constructor(options: StatePublisherOptions) {
    this.#connection = options.connection;
    this.#log = options.log;
  }

  /**
   * Makes `payload` the value of `topic`, now or as soon as there is a connection. The same value again is not sent.
   * `before` goes out once ahead of a changed payload: Home Assistant forgets a component in two steps.
   */
  set(topic: string, rank: Rank, payload: string, before: string | null = null): void {
    const known = this.#entries.get(topic);
    if (known?.payload === payload && before === null) return;
    this.#entries.set(topic, { topic, rank, payload, before });
    this.#unsent.add(topic);
    void this.#send();
  }

  /** Removes the retained value, also one that an earlier run has left. */
  clear(topic: string, rank: Rank): void {
    this.set(topic, rank, "");
  }

  /** The value last set; null for none. */
  get(topic: string): string | null {
    const payload = this.#entries.get(topic)?.payload ?? "";
    return payload === "" ? null : payload;
  }

  /** Sends the value of one topic again, as somebody else has overwritten it. */
  repeat(topic: string): void {
    if (!this.#entries.has(topic)) return;
    this.#unsent.add(topic);
    void this.#send();
  }

  /** Sends every value again: after a connect, and when Home Assistant has restarted. */
  announce(): void {
    this.#announcements += 1;
    for (const topic of this.#entries.keys()) this.#unsent.add(topic);
    void this.#send();
  }

  /** One sender at a time, rank by rank; values that change meanwhile go into the next round. Never rejects. */
  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
        const announcements = this.#announcements;
        const results = await Promise.allSettled(batch.map((entry) => this.#deliver(entry)));
        const failed = results.filter((result) => result.status === "rejected");
        if (failed.length === 0) continue;
        this.#log.debug({ failed: failed.length }, "retained values wait for the next connection");
        // A message fails only with its connection, and the next one announces everything; it may be there already.
        if (announcements === this.#announcements) return;
      }
    } finally {
      this.#sending = false;
    }
  }

  #nextBatch(): readonly Entry[] {
    if (!this.#connection.connected || this.#unsent.size === 0) return [];
    for (const rank of RANKS) {
      const batch = [...this.#entries.values()].filter(
        (entry) => entry.rank === rank && this.#unsent.has(entry.topic),
      );
      if (batch.length > 0) return batch;
    }
    return [];
  }

  async #deliver(entry: Entry): Promise<void> {
    this.#unsent.delete(entry.topic);
    if (entry.before !== null) await this.#publish(entry.topic, entry.before);
    await this.#publish(entry.topic, entry.payload);
    // A newer value stands in the map already and waits for its own turn.
    if (this.#entries.get(entry.topic) !== entry) return;
    if (entry.payload === "") {
      this.#entries.delete(entry.topic);
      this.#unsent.delete(entry.topic);
    } else if (entry.before !== null) this.#entries.set(entry.topic, { ...entry, before: null });
  }

  #publish(topic: string, payload: string): Promise<void> {
    return this.#connection.publish(topic, payload, { qos: 1, retain: true });
  }
}
