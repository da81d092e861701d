// A client of the house, outside the daemon: hears of falls when anybody would, and answers each alarm as a carer does.
import { machineTime } from "../../bench/scripted-life.ts";
import { systemClock, wait } from "../../core/clock.ts";
import { silentLogger } from "../../core/logger.ts";
import { type BrokerCredentials, MqttConnection, type MqttMessage } from "../../mqtt/mqtt-connection.ts";
import { TOPICS } from "../../mqtt/topics.ts";

/** When something was heard first, by the id of the event that confirms the fall; milliseconds of machine time. */
export interface HeardAlarms {
  readonly confirmed: ReadonlyMap<string, number>;
  readonly raised: ReadonlyMap<string, number>;
  /** The fall sensor of the event's camera went on. */
  readonly latched: ReadonlyMap<string, number>;
  /** Events that came more than once without saying that they are late. */
  readonly doubled: number;
  readonly late: number;
}

const CAMERA_TOPIC = /^haven\/camera\/([a-z0-9_-]+)\/(event|fall)$/;
const PROBE = "bench/probe";
const CONNECT_LIMIT = 20_000;

export class AlarmClient implements AsyncDisposable {
  readonly #confirmed = new Map<string, number>();
  readonly #raised = new Map<string, number>();
  readonly #latched = new Map<string, number>();
  readonly #news = new Set<string>();
  /** When a camera's sensor went on, until the event that belongs to it is known; and the other way round. */
  readonly #onSince = new Map<string, number>();
  readonly #awaited = new Map<string, string>();
  #doubled = 0;
  #late = 0;
  #probed: () => void = () => {};
  readonly #connection: MqttConnection;

  private constructor(
    broker: BrokerCredentials,
    onMessage: (client: AlarmClient, message: MqttMessage) => void,
  ) {
    this.#connection = new MqttConnection({
      credentials: () => Promise.resolve(broker),
      clientId: `haven-bench-${process.pid}`,
      statusTopic: "bench/status",
      subscriptions: ["haven/#", PROBE],
      clock: systemClock,
      random: Math.random,
      log: silentLogger,
      onConnected: () => {},
      onMessage: (message) => onMessage(this, message),
    });
  }

  /** Throws AppError interrupted when aborted first. */
  static async connect(broker: BrokerCredentials, signal: AbortSignal): Promise<AlarmClient> {
    const client = new AlarmClient(broker, (self, message) => self.#hear(message));
    await client.#connection.start();
    for (let waited = 0; !client.#connection.connected && waited < CONNECT_LIMIT; waited += 20)
      await wait(systemClock, 20, signal);
    return client;
  }

  get heard(): HeardAlarms {
    return {
      confirmed: this.#confirmed,
      raised: this.#raised,
      latched: this.#latched,
      doubled: this.#doubled,
      late: this.#late,
    };
  }

  /** From publishing a message of an alarm's size to hearing it, milliseconds: what the broker alone takes. */
  async probe(): Promise<number> {
    const at = machineTime();
    const heard = new Promise<void>((resolve) => {
      this.#probed = resolve;
    });
    await this.#connection.publish(PROBE, "x".repeat(700), { qos: 1, retain: false });
    await heard;
    return machineTime() - at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.stop();
  }

  #hear({ topic, payload, retained }: MqttMessage): void {
    const at = machineTime();
    if (topic === PROBE) this.#probed();
    const [, camera, what] = CAMERA_TOPIC.exec(topic) ?? [];
    if (camera === undefined || retained) return;
    if (what === "fall") {
      if (payload.toString() === "ON") this.#turnedOn(camera, at);
      return;
    }
    // Written by the daemon of this build.
    this.#heardEvent(camera, JSON.parse(payload.toString()) as HeardEvent, at);
  }

  #heardEvent(camera: string, { kind, event_id, late, evidence }: HeardEvent, at: number): void {
    if (late === true) this.#late += 1;
    else if (this.#news.has(event_id)) this.#doubled += 1;
    else this.#news.add(event_id);
    if (kind === "fall_confirmed" && !this.#confirmed.has(event_id)) {
      this.#confirmed.set(event_id, at);
      this.#latch(camera, event_id);
    }
    if (kind !== "alarm_raised" || evidence.cause_event_id === undefined) return;
    this.#raised.set(evidence.cause_event_id, at);
    const answer = JSON.stringify({ by: "bench", alarm_id: evidence.alarm_id });
    this.#connection.publish(TOPICS.alarmAcknowledge, answer, { qos: 1, retain: false }).catch(() => {
      // The broker is gone: what was heard until then counts.
    });
  }

  #turnedOn(camera: string, at: number): void {
    const eventId = this.#awaited.get(camera);
    this.#awaited.delete(camera);
    if (eventId === undefined) this.#onSince.set(camera, at);
    else this.#latched.set(eventId, at);
  }

  #latch(camera: string, eventId: string): void {
    const since = this.#onSince.get(camera);
    this.#onSince.delete(camera);
    if (since === undefined) this.#awaited.set(camera, eventId);
    else this.#latched.set(eventId, since);
  }
}

interface HeardEvent {
  readonly kind: string;
  readonly event_id: string;
  readonly late?: boolean;
  readonly evidence: { readonly cause_event_id?: string; readonly alarm_id?: string };
}
