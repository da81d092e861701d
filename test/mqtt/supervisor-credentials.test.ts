import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { supervisorCredentials } from "../../src/mqtt/supervisor-credentials.ts";

const OFFER = {
  addon: "core_mosquitto",
  host: "core-mosquitto",
  port: 1883,
  ssl: false,
  username: "addons",
  password: "secret",
  protocol: "3.1.1",
};

describe("the broker the Supervisor offers", () => {
  let supervisor: Server;
  let baseUrl: string;
  let answer: { status: number; body: string };
  const asked: { url: string | undefined; authorization: string | undefined }[] = [];
  const signal = new AbortController().signal;

  beforeAll(async () => {
    supervisor = createServer((request, response) => {
      asked.push({ url: request.url, authorization: request.headers.authorization });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
    });
    await new Promise<void>((resolve) => supervisor.listen(0, "127.0.0.1", resolve));
    const address = supervisor.address();
    baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(() => new Promise<void>((resolve) => supervisor.close(() => resolve())));
  beforeEach(() => {
    asked.length = 0;
    offer(OFFER);
  });

  function offer(data: object): void {
    answer = { status: 200, body: JSON.stringify({ result: "ok", data }) };
  }

  const ask = (options = {}) => supervisorCredentials({ token: "token", baseUrl, ...options })(signal);

  it("is asked for with the app's token", async () => {
    expect(await ask()).toEqual({
      url: "mqtt://core-mosquitto:1883",
      username: "addons",
      password: "secret",
    });
    expect(asked).toEqual([{ url: "/services/mqtt", authorization: "Bearer token" }]);
  });

  it("is read anew every time, as it changes when the broker is installed again", async () => {
    const provider = supervisorCredentials({ token: "token", baseUrl });
    await provider(signal);
    offer({ ...OFFER, password: "new" });
    expect(await provider(signal)).toMatchObject({ password: "new" });
  });

  it.each([
    ["a port as text", { ...OFFER, port: "1884" }, { url: "mqtt://core-mosquitto:1884" }],
    ["TLS", { ...OFFER, ssl: true, port: 8883 }, { url: "mqtts://core-mosquitto:8883" }],
    ["an address of IPv6", { ...OFFER, host: "fd00::1" }, { url: "mqtt://[fd00::1]:1883" }],
    [
      "no user",
      { host: "h", port: 1883, username: null, password: "" },
      { username: undefined, password: undefined },
    ],
    [
      "the newer word for the app",
      { ...OFFER, addon: undefined, app: "core_mosquitto" },
      { username: "addons" },
    ],
  ])("is understood with %s", async (_name, data, expected) => {
    offer(data);
    expect(await ask()).toMatchObject(expected);
  });

  it.each([
    [
      "no broker is installed",
      400,
      '{"result":"error","message":"Service not enabled"}',
      "Mosquitto broker app",
    ],
    ["the answer is an error in disguise", 200, '{"result":"error"}', "Mosquitto broker app"],
    ["the answer is no JSON", 502, "Bad Gateway", "Mosquitto broker app"],
    ["the answer has no host", 200, '{"result":"ok","data":{"port":1883}}', "no usable host"],
    ["the port is out of range", 200, '{"result":"ok","data":{"host":"h","port":0}}', "no usable host"],
    ["there is no data", 200, '{"result":"ok"}', "no usable host"],
  ])("is missing, to be asked for again, when %s", async (_name, status, body, text) => {
    answer = { status, body };
    await expect(ask()).rejects.toMatchObject({
      code: "mqtt.unreachable",
      message: expect.stringContaining(text),
    });
  });

  it("tells a refused token apart", async () => {
    answer = { status: 403, body: "{}" };
    await expect(ask()).rejects.toMatchObject({
      code: "mqtt.refused",
      message: expect.stringContaining("mqtt:want"),
    });
  });

  it("is missing while there is no Supervisor", async () => {
    await expect(ask({ baseUrl: "http://127.0.0.1:1" })).rejects.toMatchObject({ code: "mqtt.unreachable" });
  });

  it("gives way to the configured broker when there is none", async () => {
    answer = { status: 400, body: '{"result":"error"}' };
    const fallback = { url: "mqtt://own:1883" };
    expect(await ask({ fallback })).toBe(fallback);
    offer(OFFER);
    expect(await ask({ fallback })).toMatchObject({ url: "mqtt://core-mosquitto:1883" });
  });
});
