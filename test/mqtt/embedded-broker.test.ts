import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it, vi } from "vitest";
import { brokerIn, House, PASSWORD_FILE } from "./house.ts";
import { Observer, retainedOn, WAIT } from "./observer.ts";

describe("the embedded broker", () => {
  it("makes a password once, tells it that once, and keeps it readable for the owner only", async () => {
    await using house = await House.open();
    const first = house.broker.access;
    expect(first).toMatchObject({ created: true, username: "haven", host: "127.0.0.1" });
    expect(first.password).toMatch(/^[\w-]{24}$/);
    expect(statSync(join(house.folder, PASSWORD_FILE)).mode & 0o777).toBe(0o600);
    await house.broker.stop();

    const again = brokerIn(house.folder, 0);
    await again.start();
    expect(again.access).toMatchObject({ created: false, username: "haven", password: first.password });
    await again.stop();
  });

  it("never writes the daemon's own password down", async () => {
    await using house = await House.open();
    const { password } = await house.broker.credentials();
    expect(password).toBeDefined();
    expect(readFileSync(join(house.folder, PASSWORD_FILE), "utf8")).not.toContain(password);
  });

  it("says what to do with a password file it cannot use, and does not overwrite it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "haven-mqtt-"));
    const file = join(folder, PASSWORD_FILE);
    for (const content of ["not json", "{}", '{"username":"haven","password":""}', "null"]) {
      writeFileSync(file, content);
      await expect(brokerIn(folder, 0).start()).rejects.toMatchObject({
        code: "config.unreadable",
        message: expect.stringContaining("delete it to get a new broker password"),
      });
      expect(readFileSync(file, "utf8")).toBe(content);
    }
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["a wrong password", { username: "haven", password: "wrong" }],
    ["another user's name", { username: "haven-daemon", password: "" }],
    ["no credentials at all", {}],
  ])("refuses %s", async (_name, credentials) => {
    await using house = await House.open();
    const url = `mqtt://127.0.0.1:${house.broker.access.port}`;
    const attempt = connectAsync(url, { ...credentials, protocolVersion: 4, reconnectPeriod: 0 });
    await expect(attempt).rejects.toMatchObject({ code: 4 });
  });

  it.each([
    "haven/status",
    "haven/alarm/state",
    "haven/camera/bedroom/fall",
    "haven/camera/bedroom/event",
    "homeassistant/device/haven/config",
    "homeassistant/device/haven_cam_bedroom/config",
    "$SYS/fake",
  ])("lets nobody but the daemon write %s", async (topic) => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    await using forger = await Observer.at(house.broker.access);
    // MQTT 3.1.1 cannot refuse a publish: the broker ends the connection.
    forger.says(topic, "OFF", true).catch(() => {});
    await vi.waitFor(() => expect(forger.connected).toBe(false), WAIT);
    await listener.caughtUp();
    expect(listener.latest(topic)).toBeUndefined();
    expect([...(await retainedOn(house.broker.access)).keys()]).toEqual([]);
  });

  it("lets the house give commands, greet as Home Assistant and keep values of its own", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const topics = [
      "haven/camera/bedroom/privacy/set",
      "haven/alarm/acknowledge",
      "homeassistant/status",
      "homeassistant/device/haven_cousin/config",
      "zigbee2mqtt/lamp",
    ];
    for (const topic of topics) await listener.says(topic, "hello");
    for (const topic of topics) await listener.hears(topic, "hello");
  });

  it("passes a command on but does not keep it, even when asked to", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    await listener.says("haven/alarm/acknowledge", "PRESS", true);
    await listener.says("zigbee2mqtt/lamp", "ON", true);
    await listener.hears("haven/alarm/acknowledge", "PRESS");
    expect([...(await retainedOn(house.broker.access)).keys()]).toEqual(["zigbee2mqtt/lamp"]);
  });

  it("says that its port is taken and what to do about it", async () => {
    await using house = await House.open();
    const second = brokerIn(house.folder, house.broker.access.port);
    await expect(second.start()).rejects.toMatchObject({
      code: "port.taken",
      message: expect.stringMatching(/another MQTT broker.*another port/),
    });
  });

  it("stops with clients connected and with sockets that never said who they are", async () => {
    await using house = await House.open();
    const { port } = house.broker.access;
    await using client = await Observer.at(house.broker.access);
    const stranger = dial(port, "127.0.0.1");
    await new Promise((resolve) => stranger.once("connect", resolve));
    const gone = new Promise((resolve) => stranger.once("close", resolve));
    await house.broker.stop();
    await house.broker.stop();
    await gone;
    await vi.waitFor(() => expect(client.connected).toBe(false), WAIT);
    const successor = brokerIn(house.folder, port);
    await successor.start();
    await successor.stop();
  });
});
