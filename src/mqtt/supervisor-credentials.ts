import { AppError, messageOf } from "../core/errors.ts";
import type { BrokerCredentials, CredentialsProvider } from "./mqtt-connection.ts";

export interface SupervisorCredentialsOptions {
  /** SUPERVISOR_TOKEN of the app's environment. */
  readonly token: string;
  /** Used while the Supervisor has no broker to offer; without it the caller tries again later. */
  readonly fallback?: BrokerCredentials | undefined;
  /** Default http://supervisor; tests put a server of their own there. */
  readonly baseUrl?: string | undefined;
}

/** The Supervisor answers from memory; longer than this it is not there. */
const TIMEOUT_MS = 10_000;

/**
 * The credentials of the broker that Home Assistant's Supervisor offers, read anew at every call: a broker that was
 * installed again has another password, and one that is installed later than this app appears without a restart.
 * The answer's form: {"result":"ok","data":{"host","port","ssl","username","password",...}}, where `port` may be text
 * and user and password may be missing.
 * @throws AppError `mqtt.unreachable` when there is no broker, no Supervisor or no usable answer; `mqtt.refused` when
 *   the Supervisor does not accept the token.
 */
export function supervisorCredentials(options: SupervisorCredentialsOptions): CredentialsProvider {
  return async (signal) => {
    try {
      return await ask(options, signal);
    } catch (error) {
      if (options.fallback !== undefined) return options.fallback;
      throw error;
    }
  };
}

async function ask(options: SupervisorCredentialsOptions, signal: AbortSignal): Promise<BrokerCredentials> {
  const url = `${options.baseUrl ?? "http://supervisor"}/services/mqtt`;
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${options.token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    status = response.status;
    // The refusal of a missing broker need not be JSON; its status says enough.
    body = await response.json().catch(() => null);
  } catch (error) {
    throw new AppError(
      "mqtt.unreachable",
      `The Supervisor does not answer (${messageOf(error)}): MQTT credentials are asked for again later.`,
      { cause: error },
    );
  }
  if (status === 401 || status === 403)
    throw new AppError(
      "mqtt.refused",
      "The Supervisor does not give this app the MQTT credentials: its manifest needs services: [mqtt:want].",
      { fields: { status } },
    );
  const answer = (body ?? {}) as { readonly result?: unknown; readonly data?: unknown };
  if (status !== 200 || answer.result !== "ok")
    throw new AppError(
      "mqtt.unreachable",
      "Home Assistant offers no MQTT broker yet: install and start the Mosquitto broker app, or enter a broker in the MQTT settings.",
      { fields: { status } },
    );
  const credentials = parse(answer.data);
  if (credentials === null)
    throw new AppError("mqtt.unreachable", "The Supervisor's MQTT answer names no usable host and port.");
  return credentials;
}

function parse(data: unknown): BrokerCredentials | null {
  if (typeof data !== "object" || data === null) return null;
  const { host, port, ssl, username, password } = data as Readonly<Record<string, unknown>>;
  const number = Number(port);
  if (typeof host !== "string" || host === "" || !Number.isInteger(number) || number < 1 || number > 65_535)
    return null;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${ssl === true || ssl === "true" ? "mqtts" : "mqtt"}://${name}:${number}`,
    username: textOrNothing(username),
    password: textOrNothing(password),
  };
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
