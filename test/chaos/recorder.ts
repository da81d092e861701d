// A client of the house that misses nothing: a persistent session with QoS 1, straight at the broker.
import { connect, type MqttClient } from "mqtt";
import { machineTime } from "../../src/bench/scripted-life.ts";

export interface Heard {
  /** Milliseconds of machine time. */
  readonly at: number;
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

/** An event as it stands on the wire, as far as a trial looks at it. */
export interface HeardEvent {
  readonly at: number;
  readonly id: string;
  readonly kind: string;
  readonly late: boolean;
  readonly ageS: number | null;
  readonly mediaTimeS: number | null;
  readonly alarmId: string | null;
  readonly causeEventId: string | null;
}

export class Recorder implements AsyncDisposable {
  readonly heard: Heard[] = [];
  readonly events: HeardEvent[] = [];
  readonly #client: MqttClient;
  #listening = false;

  constructor(port: number, id: string) {
    const client = connect(`mqtt://127.0.0.1:${port}`, {
      clientId: id,
      clean: false,
      protocolVersion: 4,
      reconnectPeriod: 50,
      connectTimeout: 5_000,
      resubscribe: false,
    });
    this.#client = client;
    client.on("error", () => {});
    client.on("close", () => {
      this.#listening = false;
    });
    client.on("connect", () => {
      client.stream.on("error", () => {});
      // A broker that was killed knows nothing of the session.
      client.subscribe("#", { qos: 1 }, (error) => {
        this.#listening = error === null;
      });
    });
    client.on("message", (topic, payload, packet) => {
      // A broker that is not sure whether we got something sends it again and says so: that is its doing, not Haven's.
      if (packet.dup) return;
      const heard = { at: machineTime(), topic, payload: payload.toString(), retained: packet.retain };
      this.heard.push(heard);
      if (topic.endsWith("/event")) this.events.push(eventOf(heard));
    });
  }

  get listening(): boolean {
    return this.#listening && this.#client.connected;
  }

  last(topic: string): string | undefined {
    return this.heard.findLast((message) => message.topic === topic)?.payload;
  }

  async say(topic: string, payload: string): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }
}

function eventOf({ at, payload }: Heard): HeardEvent {
  const event = JSON.parse(payload) as {
    readonly event_id: string;
    readonly kind: string;
    readonly late?: boolean;
    readonly age_s?: number;
    readonly media_time_s: number | null;
    readonly evidence: { readonly alarm_id?: string; readonly cause_event_id?: string };
  };
  return {
    at,
    id: event.event_id,
    kind: event.kind,
    late: event.late === true,
    ageS: event.age_s ?? null,
    mediaTimeS: event.media_time_s,
    alarmId: event.evidence.alarm_id ?? null,
    causeEventId: event.evidence.cause_event_id ?? null,
  };
}
