import type { Outbox } from "./alarms/outbox.ts";
import { type Clock, wait } from "./core/clock.ts";
import type { Service } from "./core/service.ts";
import type { HavenMqtt } from "./mqtt/haven-mqtt.ts";

const FAREWELL_LIMIT = 1_000;
const FAREWELL_STEP = 20;

/** Carries what waits in the outbox to the broker for as long as the daemon lives. */
export class EventDelivery implements Service {
  readonly #outbox: Outbox;
  readonly #mqtt: HavenMqtt;
  readonly #clock: Clock;
  readonly #silence = new AbortController();
  #delivering: Promise<void> = Promise.resolve();

  constructor(outbox: Outbox, mqtt: HavenMqtt, clock: Clock) {
    this.#outbox = outbox;
    this.#mqtt = mqtt;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    this.#delivering = this.#outbox.deliver(
      {
        isReady: () => this.#mqtt.state.kind === "connected",
        send: async ({ event, late, ageS }) => {
          await this.#mqtt.sendEvent(event, { late, ageS });
          return "delivered";
        },
      },
      this.#silence.signal,
    );
  }

  /** What was recorded last still goes out when the broker takes it at once; else it waits on disk for the next start. */
  async stop(): Promise<void> {
    for (let waited = 0; waited < FAREWELL_LIMIT && this.waiting() > 0; waited += FAREWELL_STEP) {
      if (this.#mqtt.state.kind !== "connected" || this.#silence.signal.aborted) break;
      await wait(this.#clock, FAREWELL_STEP, this.#silence.signal);
    }
    this.#silence.abort();
    await this.#delivering;
  }

  /** Messages that no broker has confirmed; 0 while the database cannot say. */
  waiting(): number {
    try {
      return this.#outbox.pending();
    } catch {
      return 0;
    }
  }
}
