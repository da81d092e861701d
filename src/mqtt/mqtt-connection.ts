// Keeps one connection to a broker alive: back-off with jitter, last will, and a publish that says whether the broker
// has taken the message. Nothing is queued here: what could not be delivered is given back to whoever sent it.
//
// Every attempt uses a fresh mqtt.js client with its own reconnecting switched off. mqtt.js reconnects at a fixed
// period to a fixed address, and re-sends unacknowledged messages of the old connection: an event that the outbox has
// meanwhile given up or sent again would come twice. A fresh client also asks for the credentials again, which change
// when Home Assistant's broker is installed anew.
import { Socket } from "node:net";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { type BackOffPolicy, backOffDelay, RECONNECT } from "../core/back-off.ts";
import { type Clock, type Millis, wait } from "../core/clock.ts";
import { AppError, isAppError, messageOf } from "../core/errors.ts";
import { type Logger, redactUrl } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import { checkAddress, connectFailure } from "./connect-failure.ts";

export interface BrokerCredentials {
  /** mqtt://host:1883 or mqtts://host:8883 */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM of the authority that signed the broker's certificate, for mqtts with a certificate of one's own. */
  readonly ca?: string | undefined;
}

/** Asked before every attempt. Rejects with `mqtt.unreachable` while there is no broker: it is asked again later. */
export type CredentialsProvider = (signal: AbortSignal) => Promise<BrokerCredentials>;

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** A value the broker had kept, delivered because of our subscribing: old news, not something happening now. */
  readonly retained: boolean;
}

export type ConnectionState =
  | { readonly kind: "stopped" }
  /** `error`: why the last attempt or connection ended; null before the first. */
  | { readonly kind: "connecting"; readonly since: Millis; readonly error: AppError | null }
  | { readonly kind: "connected"; readonly since: Millis };

export interface MqttConnectionOptions {
  readonly credentials: CredentialsProvider;
  /**
   * Must stay the same over reconnects, best over restarts too: a broker that has not noticed the loss of the old
   * connection drops it (and sends its last will) when the same client comes back. With a new id that last will
   * would arrive later and declare a living daemon dead.
   */
  readonly clientId: string;
  /** Retained topic that gets `offline` when the connection breaks or is stopped. */
  readonly statusTopic: string;
  readonly subscriptions: readonly string[];
  readonly clock: Clock;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Logger;
  /** After every connect, subscriptions included. `online` is announced from here, after discovery. */
  readonly onConnected: () => void;
  readonly onMessage: (message: MqttMessage) => void;
}

export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/**
 * An alarm waits for the broker: every 4 s one connection is tried, which no broker of a house minds. (Pauses of up to 30 s, as
 * between attempts to reach a camera, told an alarm 20 s after an outage of a minute was over.)
 */
const UNREACHABLE: BackOffPolicy = { ...RECONNECT, max: 4_000 };
/** A wrong password or address does not mend itself within seconds, and brokers ban clients that keep trying. */
const REFUSED: BackOffPolicy = { first: 5_000, max: 60_000, factor: 2, jitter: 0.25 };
/** A connection that ends sooner did not really succeed: the back-off goes on where it was. */
const STABLE_AFTER: Millis = 10_000;
/**
 * A broker that is alive confirms within milliseconds (p99 2.4 ms measured on loopback); one that
 * takes this long is treated as lost, so that an outbox can act before the keep-alive would notice.
 */
export const ACKNOWLEDGE_TIMEOUT: Millis = 10_000;
const CONNECT_TIMEOUT: Millis = 10_000;
/** Seconds. A silent loss is noticed by both sides after one and a half times this. */
const KEEP_ALIVE_S = 15;
const FAREWELL_TIMEOUT: Millis = 2_000;

export class MqttConnection implements Service {
  readonly #options: MqttConnectionOptions;
  #state: ConnectionState = { kind: "stopped" };
  #client: MqttClient | null = null;
  #stopping = new AbortController();
  #loop: Promise<void> | null = null;
  /** One per message or subscription the broker has not confirmed yet. */
  readonly #waiting = new Set<(error: AppError) => void>();

  constructor(options: MqttConnectionOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get connected(): boolean {
    return this.#client !== null;
  }

  /** No connection is wanted: not started, stopping or stopped. */
  get stopping(): boolean {
    return this.#loop === null;
  }

  /** Begins to connect; does not wait for a broker that may not be there yet. */
  async start(): Promise<void> {
    if (this.#loop !== null) return;
    this.#stopping = new AbortController();
    this.#state = { kind: "connecting", since: this.#options.clock.now(), error: null };
    this.#loop = this.#run(this.#stopping.signal);
  }

  /** Says `offline` and leaves cleanly, so that the broker does not send the last will on top. */
  async stop(): Promise<void> {
    const loop = this.#loop;
    if (loop === null) return;
    this.#loop = null;
    const { clock, statusTopic } = this.#options;
    if (this.connected) {
      const farewell = this.publish(statusTopic, "offline", { qos: 1, retain: true });
      await Promise.race([farewell, wait(clock, FAREWELL_TIMEOUT, this.#stopping.signal)]).catch(() => {
        // The connection broke meanwhile: the last will says the same.
      });
    }
    this.#stopping.abort(new AppError("interrupted", "The MQTT connection was stopped."));
    await loop;
    this.#state = { kind: "stopped" };
  }

  /**
   * Resolves when the broker has confirmed (QoS 1) or the message was written (QoS 0).
   * @throws AppError `mqtt.unreachable` when there is no connection, or it ends before the broker has confirmed. The
   *   broker may have got the message all the same: whoever sends it again must make repeats harmless (event ids).
   */
  publish(topic: string, payload: string, options: PublishOptions): Promise<void> {
    const client = this.#client;
    if (client === null)
      return Promise.reject(
        new AppError("mqtt.unreachable", "There is no connection to the MQTT broker; send it again later."),
      );
    return this.#confirmed(client, (done) => client.publish(topic, payload, options, done));
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    let attempt = 0;
    while (!signal.aborted) {
      const startedAt = clock.monotonic();
      const error = await this.#session(signal);
      if (signal.aborted) return;
      if (clock.monotonic() - startedAt >= STABLE_AFTER && this.#state.kind === "connected") attempt = 0;
      this.#report(error);
      const policy = error.code === "mqtt.unreachable" ? UNREACHABLE : REFUSED;
      await wait(clock, backOffDelay(policy, attempt, random()), signal).catch(() => {
        // Stopped while waiting: the loop's condition ends it.
      });
      attempt += 1;
    }
  }

  /** One connection from asking for credentials to its end; resolves with the reason of the end, never rejects. */
  async #session(signal: AbortSignal): Promise<AppError> {
    let client: MqttClient;
    let url = "";
    try {
      const credentials = await this.#options.credentials(signal);
      url = redactUrl(credentials.url);
      if (signal.aborted) return new AppError("interrupted", "Stopped while connecting.");
      checkAddress(credentials.url);
      client = connect(credentials.url, this.#clientOptions(credentials));
      // TCP holds small packets back until the one before was acknowledged, which receivers delay by 40 ms: each alarm's.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    } catch (error) {
      if (isAppError(error)) return error;
      return new AppError("internal", `Connecting to the MQTT broker failed (${messageOf(error)}).`, {
        cause: error,
      });
    }
    let cause: Error | null = null;
    client.on("error", (error) => {
      cause ??= error;
    });
    client.on("message", (topic, payload, packet) =>
      this.#receive({ topic, payload, retained: packet.retain }),
    );
    const closed = new Promise<false>((resolve) => client.once("close", () => resolve(false)));
    const accepted = new Promise<true>((resolve) => client.once("connect", () => resolve(true)));
    const onAbort = () => this.#leave(client);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      if (!(await Promise.race([accepted, closed]))) return connectFailure(url, cause);
      await this.#subscribe(client);
      if (client.connected && !signal.aborted) this.#begin(client, url);
      await closed;
      return new AppError("mqtt.unreachable", `The connection to the MQTT broker at ${url} broke.`, {
        cause,
      });
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#client = null;
      client.end(true);
      for (const reject of [...this.#waiting])
        reject(
          new AppError("mqtt.unreachable", "The MQTT connection ended before the broker confirmed.", {
            cause,
          }),
        );
    }
  }

  #begin(client: MqttClient, url: string): void {
    this.#client = client;
    this.#state = { kind: "connected", since: this.#options.clock.now() };
    this.#options.log.info({ broker: url }, "connected to the MQTT broker");
    this.#options.onConnected();
  }

  async #subscribe(client: MqttClient): Promise<void> {
    const wanted = Object.fromEntries(
      this.#options.subscriptions.map((topic) => [topic, { qos: 1 as const }]),
    );
    try {
      await this.#confirmed(client, (done) => client.subscribe(wanted, (error) => done(error ?? undefined)));
    } catch (error) {
      // Alarms must go out even where commands may not come in.
      if (client.connected)
        this.#options.log.error(
          { err: error },
          "the MQTT broker refuses a subscription; allow the user to read haven/# and homeassistant/#",
        );
    }
  }

  /** Runs a request that calls back when the broker has answered; takes the connection down when it does not. */
  #confirmed(client: MqttClient, request: (done: (error?: Error) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        if (!this.#waiting.delete(settle)) return;
        timer[Symbol.dispose]();
        if (error === undefined) return resolve();
        if (isAppError(error)) return reject(error);
        const message = `The MQTT broker did not take the message (${messageOf(error)}); send it again later.`;
        reject(new AppError("mqtt.unreachable", message, { cause: error }));
      };
      const timer = this.#options.clock.schedule(ACKNOWLEDGE_TIMEOUT, () => {
        this.#options.log.warn("the MQTT broker has stopped confirming; connecting anew");
        client.stream.destroy();
      });
      this.#waiting.add(settle);
      request((error) => settle(error ?? undefined));
    });
  }

  /** Ends the connection with a DISCONNECT where the broker still answers, by force where it does not. */
  #leave(client: MqttClient): void {
    if (!client.connected || this.#waiting.size > 0) {
      client.end(true);
      return;
    }
    const timer = this.#options.clock.schedule(FAREWELL_TIMEOUT, () => client.stream.destroy());
    client.once("close", () => timer[Symbol.dispose]());
    client.end();
  }

  #receive(message: MqttMessage): void {
    try {
      this.#options.onMessage(message);
    } catch (error) {
      this.#options.log.error({ err: error, topic: message.topic }, "handling an MQTT message failed");
    }
  }

  /** Warns when the reason changes, not at every attempt of an outage. */
  #report(error: AppError): void {
    const before = this.#state.kind === "connecting" ? this.#state.error : null;
    const fields = { code: error.code, reason: error.message, ...error.fields };
    if (before?.message === error.message)
      this.#options.log.debug(fields, "still not connected to the MQTT broker");
    else this.#options.log.warn(fields, "not connected to the MQTT broker");
    this.#state = { kind: "connecting", since: this.#options.clock.now(), error };
  }

  #clientOptions(credentials: BrokerCredentials): IClientOptions {
    const { username, password, ca } = credentials;
    return {
      protocolVersion: 4,
      clean: true,
      clientId: this.#options.clientId,
      keepalive: KEEP_ALIVE_S,
      connectTimeout: CONNECT_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      will: { topic: this.#options.statusTopic, payload: Buffer.from("offline"), qos: 1, retain: true },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
    };
  }
}
