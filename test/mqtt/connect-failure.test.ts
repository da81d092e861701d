import { describe, expect, it } from "vitest";
import { connectFailure } from "../../src/mqtt/connect-failure.ts";

const failure = (code: string | number | null) =>
  connectFailure("mqtt://broker:1883", code === null ? null : Object.assign(new Error("reason"), { code }));

describe("a failed connection to a broker", () => {
  it.each([
    [4, "mqtt.refused", "check both"],
    [5, "mqtt.refused", "check both"],
    [1, "mqtt.refused", "MQTT 3.1.1"],
    [2, "mqtt.refused", "MQTT 3.1.1"],
    [3, "mqtt.unreachable", "check that it runs"],
    ["ECONNREFUSED", "mqtt.unreachable", "check that it runs"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "mqtt.unreachable", "NODE_EXTRA_CA_CERTS"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "mqtt.unreachable", "NODE_EXTRA_CA_CERTS"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "mqtt.unreachable", "NODE_EXTRA_CA_CERTS"],
    [null, "mqtt.unreachable", "it closed the connection"],
  ])("is understood from code %j", (code, expected, advice) => {
    expect(failure(code)).toMatchObject({ code: expected, message: expect.stringContaining(advice) });
  });
});
