// Which MQTT broker: the configured one, else Home Assistant's, else our own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config/config.ts";
import { type HaOptions, parseHaOptions } from "./config/ha-options.ts";
import { AppError, messageOf } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import { EmbeddedBroker } from "./mqtt/embedded-broker.ts";
import type { BrokerCredentials, CredentialsProvider } from "./mqtt/mqtt-connection.ts";
import { supervisorCredentials } from "./mqtt/supervisor-credentials.ts";

export interface SupervisorAccess {
  readonly token: string;
  readonly options: HaOptions;
}

export interface BrokerChoice {
  readonly credentials: CredentialsProvider;
  /** To be started before the first connection; null when the broker is somebody else's. */
  readonly embedded: EmbeddedBroker | null;
  /** For people: where the broker is, without credentials. */
  readonly describe: () => string;
}

export async function readSupervisorOptions(file: string): Promise<HaOptions> {
  let json: string;
  try {
    json = await readFile(file, "utf8");
  } catch (error) {
    throw new AppError("config.unreadable", `the app's options ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseHaOptions(json);
}

export function chooseBroker(
  { mqtt }: Pick<Config, "mqtt">,
  supervisor: SupervisorAccess | null,
  options: { readonly dataDir: string; readonly log: Logger },
): BrokerChoice {
  const configured = configuredBroker({ mqtt }, supervisor);
  const embeddedWanted =
    mqtt.embedded.enabled === true ||
    (mqtt.embedded.enabled === "auto" && configured === null && supervisor === null);
  if (embeddedWanted) {
    const embedded = new EmbeddedBroker({
      passwordFile: join(options.dataDir, "broker-password.json"),
      host: mqtt.embedded.host,
      port: mqtt.embedded.port,
      log: options.log,
    });
    return {
      embedded,
      credentials: embedded.credentials,
      describe: () => `embedded, ${mqtt.embedded.host}:${mqtt.embedded.port}`,
    };
  }
  if (configured !== null)
    return { embedded: null, credentials: async () => configured, describe: () => hostOf(configured.url) };
  if (supervisor !== null)
    return {
      embedded: null,
      credentials: supervisorCredentials({ token: supervisor.token }),
      describe: () => "Home Assistant's broker",
    };
  throw new AppError(
    "config.invalid",
    "mqtt.embedded.enabled is false and mqtt.url is missing: give a broker's address, or let Haven run its own",
  );
}

/** The file's own broker wins over the one of the app's options. */
function configuredBroker(
  { mqtt }: Pick<Config, "mqtt">,
  supervisor: SupervisorAccess | null,
): BrokerCredentials | null {
  if (mqtt.url !== undefined) return { url: mqtt.url, username: mqtt.username, password: mqtt.password };
  const given = supervisor?.options.mqtt ?? null;
  if (given === null) return null;
  return {
    url: `mqtt://${given.host}:${given.port}`,
    username: given.username ?? undefined,
    password: given.password ?? undefined,
  };
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "the configured broker";
  }
}
