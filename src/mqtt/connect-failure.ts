import { AppError, messageOf } from "../core/errors.ts";
import { redactUrl } from "../core/logger.ts";

const SCHEMES = ["mqtt:", "mqtts:"];

/**
 * mqtt.js fills what an address lacks with localhost, and would talk to some other house's broker there.
 * @throws AppError `config.invalid`
 */
export function checkAddress(url: string): void {
  let parsed: URL | null = null;
  try {
    parsed = new URL(url);
  } catch {
    // Not even an address; said below.
  }
  if (parsed !== null && SCHEMES.includes(parsed.protocol) && parsed.hostname !== "") return;
  throw new AppError(
    "config.invalid",
    `"${redactUrl(url)}" is not the address of an MQTT broker: write mqtt://host:1883, or mqtts://host:8883 for TLS.`,
  );
}

/** MQTT 3.1.1, table 3.1: CONNACK return codes. */
const PROTOCOL_REFUSED = 1;
const IDENTIFIER_REJECTED = 2;
export const BAD_USERNAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

/** What a failed attempt means: `mqtt.refused` when the broker said no, `mqtt.unreachable` for everything else. */
export function connectFailure(url: string, cause: Error | null): AppError {
  const code = cause !== null && "code" in cause ? cause.code : null;
  const details = { fields: { broker: url }, cause: cause ?? undefined };
  if (code === BAD_USERNAME_OR_PASSWORD || code === NOT_AUTHORIZED)
    return new AppError(
      "mqtt.refused",
      `The MQTT broker at ${url} refuses the user name or password: check both in the MQTT settings.`,
      details,
    );
  if (code === PROTOCOL_REFUSED || code === IDENTIFIER_REJECTED)
    return new AppError(
      "mqtt.refused",
      `The MQTT broker at ${url} refuses this client (${messageOf(cause)}): it must accept MQTT 3.1.1.`,
      details,
    );
  // Node's and OpenSSL's names for a certificate that cannot be trusted, DEPTH_ZERO_SELF_SIGNED_CERT among them.
  if (typeof code === "string" && /CERT|UNABLE_TO_/.test(code))
    return new AppError(
      "mqtt.unreachable",
      `The certificate of the MQTT broker at ${url} is not trusted (${messageOf(cause)}): name the certificate file of the authority that signed it in NODE_EXTRA_CA_CERTS and start Haven again.`,
      details,
    );
  const reason = cause === null ? "it closed the connection" : messageOf(cause);
  return new AppError(
    "mqtt.unreachable",
    `The MQTT broker at ${url} cannot be reached (${reason}): check that it runs and that its address is right.`,
    details,
  );
}
