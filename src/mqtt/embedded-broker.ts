// An MQTT 3.1.1 broker inside the daemon, for houses that have none. Loopback unless told otherwise, one user for the
// house, and nobody but the daemon may say what the daemon says.
//
// Retained values live in memory only. That is right for ours: the daemon announces everything anew when it starts, and
// a value of an earlier run would be a guess about the present. Values of others that should survive a restart need a
// broker of their own.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type AedesOptions } from "aedes";
import { AppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import { brokerPassword } from "./broker-password.ts";
import { BAD_USERNAME_OR_PASSWORD } from "./connect-failure.ts";
import type { BrokerCredentials } from "./mqtt-connection.ts";
import { isCommandTopic, isOwnTopic } from "./topics.ts";

export interface EmbeddedBrokerOptions {
  /** Where the password is kept, mode 0600. */
  readonly passwordFile: string;
  /** 127.0.0.1 keeps it inside this machine; 0.0.0.0 opens it to the house. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly log: Logger;
}

export interface BrokerAccess {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** The password was made by this start: show it once. */
  readonly created: boolean;
}

/** The daemon's own user. Its password is made at every start and never leaves the process. */
const DAEMON = "haven-daemon";

export class EmbeddedBroker implements Service {
  readonly #options: EmbeddedBrokerOptions;
  readonly #daemonPassword = randomBytes(24).toString("base64url");
  readonly #sockets = new Set<Socket>();
  /** Clients that have shown the daemon's password. */
  readonly #daemons = new WeakSet<object>();
  #broker: Aedes | null = null;
  #server: Server | null = null;
  #access: BrokerAccess | null = null;

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
  }

  /**
   * @throws AppError `port.taken` when something listens there already, `config.unreadable` when the password file
   *   cannot be used.
   */
  async start(): Promise<void> {
    if (this.#server !== null) return;
    const { passwordFile, host, log } = this.#options;
    const household = brokerPassword(passwordFile);
    const broker = await Aedes.createBroker({
      authenticate: this.#authenticator(household.username, household.password),
      authorizePublish: this.#authorizePublish,
    });
    broker.on("clientError", (client, error) =>
      log.debug({ err: error, client: client.id }, "an MQTT client failed"),
    );
    broker.on("connectionError", (_client, error) => log.debug({ err: error }, "an MQTT connection failed"));
    const server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      broker.handle(socket);
    });
    try {
      const port = await listen(server, host, this.#options.port);
      this.#access = { ...household, host, port };
      log.info({ host, port }, "the embedded MQTT broker is ready");
    } catch (error) {
      await closeBroker(broker);
      throw error;
    }
    this.#broker = broker;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const broker = this.#broker;
    const server = this.#server;
    this.#broker = null;
    this.#server = null;
    if (broker === null || server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await closeBroker(broker);
    // Those that never said CONNECT are unknown to the broker and would keep the server open.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** What a client of the house needs to connect; known once started. */
  get access(): BrokerAccess {
    if (this.#access === null) throw new AppError("internal", "The embedded broker has not been started.");
    return this.#access;
  }

  /** How the daemon itself connects: hand it to the connection as its credentials provider. */
  readonly credentials = async (): Promise<BrokerCredentials> => {
    const { host, port } = this.access;
    const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    const name = reachable.includes(":") ? `[${reachable}]` : reachable;
    return { url: `mqtt://${name}:${port}`, username: DAEMON, password: this.#daemonPassword };
  };

  #authenticator(username: string, password: string): NonNullable<AedesOptions["authenticate"]> {
    const household = digest(username, password);
    const daemon = digest(DAEMON, this.#daemonPassword);
    return (client, givenName, givenPassword, done) => {
      const given = digest(givenName ?? "", givenPassword?.toString("utf8") ?? "");
      // Both are always compared, in constant time: how long it takes tells nothing.
      const isDaemon = timingSafeEqual(given, daemon);
      const isHousehold = timingSafeEqual(given, household);
      if (isDaemon) this.#daemons.add(client);
      if (isDaemon || isHousehold) return done(null, true);
      this.#options.log.warn("an MQTT client was refused: wrong user name or password");
      done(
        Object.assign(new Error("wrong user name or password"), { returnCode: BAD_USERNAME_OR_PASSWORD }),
        false,
      );
    };
  }

  /**
   * Who may write what: the daemon everything; the house (Home Assistant, scripts, phones: one user) everything but the
   * daemon's own states, events and discovery, so that no client can feign or silence an alarm. Commands and Home
   * Assistant's birth message are thereby allowed. MQTT 3.1.1 has no refusal for a publish but to end the connection.
   */
  readonly #authorizePublish: NonNullable<AedesOptions["authorizePublish"]> = (client, packet, done) => {
    const isDaemon = client !== null && this.#daemons.has(client);
    if (!isDaemon && (isOwnTopic(packet.topic) || packet.topic.startsWith("$"))) {
      this.#options.log.warn(
        { topic: packet.topic, client: client?.id ?? null },
        "an MQTT client was disconnected: only the daemon may write this topic",
      );
      return done(new Error(`only the daemon may write ${packet.topic}`));
    }
    // A command is for now; kept, it would be given again to whoever subscribes next.
    if (isCommandTopic(packet.topic)) packet.retain = false;
    done(null);
  };
}

function digest(username: string, password: string): Buffer {
  return createHash("sha256")
    .update(JSON.stringify([username, password]))
    .digest();
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = "code" in error && error.code === "EADDRINUSE";
      const message = taken
        ? `Port ${port} on ${host} is taken, probably by another MQTT broker: use that one (set its address in the MQTT settings) or give the embedded broker another port.`
        : `The embedded MQTT broker cannot listen on ${host}:${port} (${messageOf(error)}): choose another address or port in the MQTT settings.`;
      const code = taken ? "port.taken" : "config.invalid";
      reject(new AppError(code, message, { fields: { host, port }, cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function closeBroker(broker: Aedes): Promise<void> {
  return new Promise((resolve) => broker.close(() => resolve()));
}
