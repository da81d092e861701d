import { describe, expect, it, vi } from "vitest";
import { ManualClock, systemClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import {
  ACKNOWLEDGE_TIMEOUT,
  MqttConnection,
  type MqttConnectionOptions,
  type MqttMessage,
} from "../../src/mqtt/mqtt-connection.ts";
import { House } from "./house.ts";
import { Observer, retainedOn, WAIT } from "./observer.ts";
import { Relay } from "./relay.ts";

const EVENT = { qos: 1, retain: false } as const;
const STATE = { qos: 1, retain: true } as const;

function connection(
  credentials: MqttConnectionOptions["credentials"],
  changes: Partial<MqttConnectionOptions> = {},
) {
  const messages: MqttMessage[] = [];
  let connects = 0;
  const made = new MqttConnection({
    credentials,
    clientId: "haven-test",
    statusTopic: "haven/status",
    subscriptions: ["haven/alarm/acknowledge", "homeassistant/status"],
    clock: systemClock,
    random: () => 0,
    log: silentLogger,
    onConnected: () => {
      connects += 1;
    },
    onMessage: (message) => messages.push(message),
    ...changes,
  });
  return Object.assign(made, {
    messages,
    connects: () => connects,
    [Symbol.asyncDispose]: () => made.stop(),
  });
}

/** Credentials of the daemon by way of a relay. */
function through(relay: Relay, house: House): MqttConnectionOptions["credentials"] {
  return async () => ({ ...(await house.broker.credentials()), url: `mqtt://127.0.0.1:${relay.port}` });
}

async function connected(made: { readonly connected: boolean }): Promise<void> {
  await vi.waitFor(() => expect(made.connected).toBe(true), WAIT);
}

describe("the connection to a broker", () => {
  it("publishes, and says so only when the broker has confirmed", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    await using made = connection(house.broker.credentials);
    await made.start();
    await connected(made);
    await made.publish("haven/event", "one", EVENT);
    await made.publish("haven/event", "two", { qos: 0, retain: false });
    await listener.hears("haven/event", "two");
    expect(listener.payloads("haven/event")).toEqual(["one", "two"]);
  });

  it("hears what it has subscribed to, and tells kept values from new ones", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    await other.says("homeassistant/status", "online", true);
    await using made = connection(house.broker.credentials);
    await made.start();
    await vi.waitFor(() => expect(made.messages).toHaveLength(1), WAIT);
    await other.says("haven/alarm/acknowledge", "PRESS");
    await vi.waitFor(() => expect(made.messages).toHaveLength(2), WAIT);
    expect(
      made.messages.map(({ topic, payload, retained }) => [topic, payload.toString(), retained]),
    ).toEqual([
      ["homeassistant/status", "online", true],
      ["haven/alarm/acknowledge", "PRESS", false],
    ]);
  });

  it("survives a listener that throws", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    const onMessage = vi.fn(() => {
      throw new Error("broken listener");
    });
    await using made = connection(house.broker.credentials, { onMessage });
    await made.start();
    await connected(made);
    await other.says("haven/alarm/acknowledge", "PRESS");
    await other.says("haven/alarm/acknowledge", "PRESS");
    await vi.waitFor(() => expect(onMessage).toHaveBeenCalledTimes(2), WAIT);
    expect(made.connected).toBe(true);
  });

  it("leaves a last will when its socket is torn", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using listener = await Observer.at(house.broker.access);
    await using made = connection(through(relay, house));
    await made.start();
    await connected(made);
    await made.publish("haven/status", "online", STATE);
    await listener.hears("haven/status", "online");
    relay.cut();
    await listener.hears("haven/status", "offline");
    expect((await retainedOn(house.broker.access)).get("haven/status")).toBe("offline");
  });

  it("says offline once, before it leaves cleanly", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const made = connection(house.broker.credentials);
    await made.start();
    await connected(made);
    await made.publish("haven/status", "online", STATE);
    await made.stop();
    await made.stop();
    await listener.hears("haven/status", "offline");
    await listener.caughtUp();
    expect(listener.payloads("haven/status")).toEqual(["online", "offline"]);
    expect(made.state).toEqual({ kind: "stopped" });
    await expect(made.publish("haven/event", "late", EVENT)).rejects.toMatchObject({
      code: "mqtt.unreachable",
    });
  });

  it("rejects a message at once while there is no broker", async () => {
    await using made = connection(async () => ({ url: "mqtt://127.0.0.1:1" }));
    await made.start();
    await expect(made.publish("haven/event", "x", EVENT)).rejects.toMatchObject({ code: "mqtt.unreachable" });
    await vi.waitFor(() => expect(made.state).toMatchObject({ error: { code: "mqtt.unreachable" } }), WAIT);
  });

  it("rejects a message that the broker had not confirmed when the connection broke, and never sends it again", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using listener = await Observer.at(house.broker.access);
    await using made = connection(through(relay, house));
    await made.start();
    await connected(made);
    relay.silence();
    const sent = made.publish("haven/event", "unconfirmed", EVENT);
    await listener.hears("haven/event", "unconfirmed");
    relay.cut();
    await expect(sent).rejects.toMatchObject({ code: "mqtt.unreachable" });
    relay.heal();
    await connected(made);
    await made.publish("haven/event", "after", EVENT);
    await listener.hears("haven/event", "after");
    expect(listener.payloads("haven/event")).toEqual(["unconfirmed", "after"]);
  });

  it("rejects a message that needs no confirmation when it could not even be written", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using made = connection(through(relay, house));
    await made.start();
    await connected(made);
    relay.clog();
    // More than the sockets' buffers hold, so that it waits in the client.
    const sent = made.publish("test/picture", "x".repeat(32 * 1_048_576), { qos: 0, retain: false });
    const outcome = expect(sent).rejects.toMatchObject({ code: "mqtt.unreachable" });
    relay.cut();
    await outcome;
  });

  it("gives a broker up that stops confirming, and connects anew", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    const clock = new ManualClock();
    await using made = connection(through(relay, house), { clock });
    await made.start();
    await connected(made);
    relay.silence();
    const sent = made.publish("haven/event", "x", EVENT);
    const outcome = expect(sent).rejects.toMatchObject({ code: "mqtt.unreachable" });
    clock.advance(ACKNOWLEDGE_TIMEOUT - 1);
    expect(made.connected).toBe(true);
    clock.advance(1);
    await outcome;
    relay.heal();
    await vi.waitFor(() => {
      clock.advance(100);
      expect(made.connects()).toBe(2);
    }, WAIT);
  });

  it("comes back after the broker was away, never waiting longer than 4 s", async () => {
    await using house = await House.open();
    const clock = new ManualClock();
    const attempts: number[] = [];
    await using made = connection(
      async () => {
        attempts.push(clock.monotonic());
        return house.broker.credentials();
      },
      { clock },
    );
    await made.start();
    await connected(made);
    await house.broker.stop();
    await vi.waitFor(() => expect(made.connected).toBe(false), WAIT);
    // Each failure is waited for, so that only the clock decides when the next attempt comes.
    for (const delay of [500, 1_000, 2_000, 4_000, 4_000]) {
      const before = attempts.length;
      await vi.waitFor(
        () => expect(made.state).toMatchObject({ kind: "connecting", since: clock.now() }),
        WAIT,
      );
      await new Promise(setImmediate);
      clock.advance(delay - 1);
      await new Promise(setImmediate);
      expect(attempts).toHaveLength(before);
      clock.advance(1);
      await vi.waitFor(() => expect(attempts).toHaveLength(before + 1), WAIT);
    }
    await house.broker.start();
    await vi.waitFor(() => {
      clock.advance(1_000);
      expect(made.connected).toBe(true);
    }, WAIT);
  });

  it("tells a wrong password apart, tries slowly, and asks for the credentials again", async () => {
    await using house = await House.open();
    const clock = new ManualClock();
    let asked = 0;
    let password = "wrong";
    const { port, username, password: right } = house.broker.access;
    await using made = connection(
      async () => {
        asked += 1;
        return { url: `mqtt://127.0.0.1:${port}`, username, password };
      },
      { clock },
    );
    await made.start();
    await vi.waitFor(() => expect(made.state).toMatchObject({ error: { code: "mqtt.refused" } }), WAIT);
    expect(made.state).toMatchObject({ error: { message: expect.stringContaining("check both") } });
    expect(JSON.stringify(made.state)).not.toContain("wrong");
    await new Promise(setImmediate);
    clock.advance(4_999);
    await new Promise(setImmediate);
    expect(asked).toBe(1);
    password = right;
    clock.advance(1);
    await connected(made);
    expect(asked).toBe(2);
  });

  it("goes on asking while there are no credentials yet", async () => {
    await using house = await House.open();
    let asked = 0;
    await using made = connection(async () => {
      asked += 1;
      if (asked < 2) throw new AppError("mqtt.unreachable", "no broker yet");
      return house.broker.credentials();
    });
    await made.start();
    await connected(made);
    expect(asked).toBe(2);
  });

  it.each(["", "mqtt://", "127.0.0.1", "broker.local:1883", "http://broker.local", "mqtt://host:99999"])(
    "does not guess what address was meant by %j",
    async (url) => {
      await using made = connection(async () => ({ url }));
      await made.start();
      await vi.waitFor(
        () =>
          expect(made.state).toMatchObject({
            error: { code: "config.invalid", message: expect.stringContaining("mqtt://host:1883") },
          }),
        WAIT,
      );
    },
  );

  it("stops while it is connecting to somebody who does not answer", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    relay.silence();
    const made = connection(through(relay, house));
    await made.start();
    await vi.waitFor(() => expect(relay.connections).toBe(1), WAIT);
    await made.stop();
    expect(made.connects()).toBe(0);
  });
});
