import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { HavenMqttOptions } from "../../src/mqtt/haven-mqtt.ts";
import { AT, alarm, camera, fall, havenMqtt, room, status } from "./examples.ts";
import { findings } from "./home-assistant-schema.ts";
import { House } from "./house.ts";
import { KeepingBroker } from "./keeping-broker.ts";
import { Observer, retainedOn, type Seen, WAIT } from "./observer.ts";
import { Relay } from "./relay.ts";

const CAMERA = "haven/camera/bedroom";
const DISCOVERY = "homeassistant/device/haven_cam_bedroom/config";
const NOW = { late: false, ageS: 0 };

function through(relay: Relay, house: House): HavenMqttOptions["credentials"] {
  return async () => ({ ...(await house.broker.credentials()), url: `mqtt://127.0.0.1:${relay.port}` });
}

function kindOf({ topic }: Seen): "discovery" | "availability" | "state" {
  if (topic.startsWith("homeassistant/device/")) return "discovery";
  return /\/status$/.test(topic) ? "availability" : "state";
}

/** What the daemon said from position `from` on. */
function said(listener: Observer, from = 0): readonly Seen[] {
  return listener.seen
    .slice(from)
    .filter(({ topic }) => topic.startsWith("haven/") || topic.startsWith("homeassistant/device/"))
    .filter(({ topic }) => topic !== "haven/alarm/acknowledge");
}

describe("an announcement", () => {
  it("says what exists, then whether it is there, then its values", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    // In an order that is not the announcement's.
    haven.setAlarm([]);
    haven.setCamera(camera());
    haven.setRoomState(room());
    haven.setCameraStatus(status());
    await haven.start();
    await listener.hears(`${CAMERA}/occupancy`, "ON");
    await listener.caughtUp();
    const order = said(listener).map(kindOf);
    expect(order).toEqual([...order].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
    expect(new Set(order)).toEqual(new Set(ORDER));
    for (const { topic, payload } of listener.seen)
      if (topic.startsWith("homeassistant/device/")) expect(findings(payload), topic).toEqual([]);
  });

  it("holds every value of a camera under its name", async () => {
    await using house = await House.open();
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setCameraStatus(status());
    haven.setRoomState(room({ personCount: 2, fall: true, bedOccupied: null }));
    await haven.start();
    await vi.waitFor(async () => {
      const kept = await retainedOn(house.broker.access);
      expect(Object.fromEntries(kept)).toMatchObject({
        "haven/status": "online",
        [`${CAMERA}/status`]: "online",
        [`${CAMERA}/status_attributes`]:
          '{"reason":null,"since":"2026-11-20T08:01:02.345Z","blind":null,"pace":"full","detector_input":256,"decoder":"software"}',
        [`${CAMERA}/occupancy`]: "ON",
        [`${CAMERA}/person_count`]: "2",
        [`${CAMERA}/fall`]: "ON",
        [`${CAMERA}/bed`]: "None",
        [`${CAMERA}/privacy`]: "OFF",
        [`${CAMERA}/fps`]: "10",
      });
    }, WAIT);
  });

  it("calls a camera offline until its status is known, whatever an earlier run had said", async () => {
    await using house = await House.open();
    const first = havenMqtt(house.broker.credentials).haven;
    first.setCamera(camera());
    first.setCameraStatus(status());
    await first.start();
    await using listener = await Observer.at(house.broker.access);
    await listener.hears(`${CAMERA}/status`, "online");
    await first.stop();
    const second = havenMqtt(house.broker.credentials).haven;
    await using _ = second;
    second.setCamera(camera());
    await second.start();
    await listener.hears(`${CAMERA}/status`, "offline");
    second.setCamera(camera({ id: "hall", privacy: true }));
    await listener.hears("haven/camera/hall/status", "privacy");
  });

  it("is repeated in order when Home Assistant starts, once for several births, and without past events", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const clock = new ManualClock(AT);
    const { haven, commands } = havenMqtt(house.broker.credentials, { clock, random: () => 0.5 });
    await using _ = haven;
    haven.setCamera(camera());
    haven.setCameraStatus(status());
    haven.setRoomState(room());
    await haven.start();
    await listener.hears(`${CAMERA}/occupancy`, "ON");
    await haven.sendEvent(fall(), NOW);
    await listener.caughtUp();
    const from = listener.seen.length;

    await listener.says("homeassistant/status", "online");
    await listener.says("homeassistant/status", "online");
    await heard(listener, commands);
    clock.advance(1_499);
    await listener.caughtUp();
    expect(said(listener, from)).toEqual([]);
    clock.advance(1);
    await vi.waitFor(
      () => expect(said(listener, from).map(({ topic }) => topic)).toContain(`${CAMERA}/fps`),
      WAIT,
    );
    await listener.caughtUp();
    clock.advance(10_000);
    await listener.caughtUp();
    const repeated = said(listener, from);
    const order = repeated.map(kindOf);
    expect(order).toEqual([...order].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
    expect(new Set(repeated.map(({ topic }) => topic)).size).toBe(repeated.length);
    expect(repeated.map(({ topic }) => topic)).toEqual(
      expect.arrayContaining([DISCOVERY, "haven/status", `${CAMERA}/status`, `${CAMERA}/occupancy`]),
    );
    expect(repeated.filter(({ topic }) => topic.endsWith("/event"))).toEqual([]);
  });

  it("is not made twice for a birth message that the broker had kept", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    await listener.says("homeassistant/status", "online", true);
    const { haven, commands } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera({ bed: true }));
    await haven.start();
    await listener.hears(`${CAMERA}/privacy`, "OFF");
    await heard(listener, commands);
    await new Promise(setImmediate);
    await heard(listener, commands);
    expect(listener.payloads(DISCOVERY)).toHaveLength(1);
    // A new one counts: Home Assistant that keeps its birth message is still heard when it restarts.
    await listener.says("homeassistant/status", "online", true);
    await vi.waitFor(() => expect(listener.payloads(DISCOVERY)).toHaveLength(2), WAIT);
  });
});

describe("states", () => {
  it("are sent when they change and not when they do not", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera({ bed: false }));
    haven.setRoomState(room({ bedOccupied: null }));
    await haven.start();
    await listener.hears(`${CAMERA}/occupancy`, "ON");
    const from = listener.seen.length;
    haven.setCamera(camera({ bed: false }));
    haven.setRoomState(room({ bedOccupied: null }));
    haven.setRoomState(room({ bedOccupied: null, personCount: 2 }));
    await listener.hears(`${CAMERA}/person_count`, "2");
    haven.setAlarm([]);
    await listener.hears("haven/alarm/state", "idle");
    expect(said(listener, from).map(({ topic }) => topic)).toEqual([
      `${CAMERA}/person_count`,
      "haven/alarm/attributes",
      "haven/alarm/state",
    ]);
  });

  it("of an outage arrive as the latest value only", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(through(relay, house));
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    haven.setRoomState(room({ personCount: 0 }));
    await listener.hears(`${CAMERA}/person_count`, "0");
    relay.cut();
    await vi.waitFor(() => expect(haven.state.kind).toBe("connecting"), WAIT);
    for (let count = 1; count <= 50; count += 1) haven.setRoomState(room({ personCount: count }));
    await expect(haven.sendEvent(fall(), NOW)).rejects.toMatchObject({ code: "mqtt.unreachable" });
    relay.heal();
    await listener.hears(`${CAMERA}/person_count`, "50");
    await listener.caughtUp();
    expect(listener.payloads(`${CAMERA}/person_count`)).toEqual(["0", "50"]);
    // The event was given back to the outbox and is not sent behind its back.
    expect(listener.payloads(`${CAMERA}/event`)).toEqual([]);
  });

  it("that change while the broker is slow to confirm arrive in their latest form", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using listener = await Observer.at(house.broker.access);
    const clock = new ManualClock(AT);
    const { haven } = havenMqtt(through(relay, house), { clock });
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await listener.hears(`${CAMERA}/privacy`, "OFF");
    relay.silence();
    haven.setAlarm([alarm()]);
    haven.setAlarm([alarm({ state: "acknowledged" })]);
    haven.setAlarm([]);
    await listener.caughtUp();
    relay.cut();
    relay.heal();
    await vi.waitFor(() => {
      clock.advance(500);
      expect(listener.latest("haven/alarm/state")).toBe("idle");
    }, WAIT);
  });

  it("of cameras that nobody has set are not published", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    await haven.start();
    haven.setRoomState(room({ cameraId: "attic" }));
    haven.setCameraStatus(status({ cameraId: "attic" }));
    haven.setAlarm([]);
    await listener.hears("haven/alarm/state", "idle");
    await listener.caughtUp();
    expect(listener.seen.filter(({ topic }) => topic.includes("attic"))).toEqual([]);
  });

  it("describe a fall while it lasts, and are there before the latch that they describe", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    haven.setRoomState(room());
    await listener.hears(`${CAMERA}/fall`, "OFF");
    await haven.sendEvent(fall(), NOW);
    haven.setRoomState(room({ fall: true }));
    await listener.hears(`${CAMERA}/fall`, "ON");
    const topics = listener.seen.map(({ topic }) => topic);
    expect(topics.lastIndexOf(`${CAMERA}/fall_attributes`)).toBeLessThan(
      topics.lastIndexOf(`${CAMERA}/fall`),
    );
    expect(JSON.parse(listener.latest(`${CAMERA}/fall_attributes`) ?? "")).toEqual({
      event_id: "01J0000000000000000000FALL",
      since: "2026-11-20T08:01:02.345Z",
      confidence: 0.93,
      person_id: "p_3f9c",
      person_name: "Rosa",
      zone: "floor",
    });
    haven.setRoomState(room({ fall: false }));
    await listener.hears(`${CAMERA}/fall`, "OFF");
    await listener.hears(`${CAMERA}/fall_attributes`, "{}");
    haven.setRoomState(room({ fall: true }));
    await listener.hears(`${CAMERA}/fall`, "ON");
    await listener.caughtUp();
    expect(listener.latest(`${CAMERA}/fall_attributes`)).toBe("{}");
  });

  it("of the alarm are raised until the last one is acknowledged, and tell the most urgent first", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    await haven.start();
    const seenTo = alarm({ id: "a", state: "acknowledged", acknowledgedAt: AT + 1, acknowledgedBy: "Carla" });
    haven.setAlarm([seenTo, alarm({ id: "b" }), alarm({ id: "c", state: "cleared" })]);
    await listener.hears("haven/alarm/state", "raised");
    const attributes = JSON.parse(listener.latest("haven/alarm/attributes") ?? "");
    expect(attributes.open).toBe(2);
    expect(attributes.alarms.map((entry: { alarm_id: string }) => entry.alarm_id)).toEqual(["b", "a"]);
    expect(attributes.alarms[1]).toMatchObject({
      acknowledged_by: "Carla",
      area: "Bedroom",
      cause: "fall_confirmed",
    });
    haven.setAlarm([seenTo]);
    await listener.hears("haven/alarm/state", "acknowledged");
    haven.setAlarm([]);
    await listener.hears("haven/alarm/state", "idle");
  });

  it("include the daemon's statistics under the names that its sensors read", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    await haven.start();
    haven.setStats({
      startedAt: AT,
      cameras: 3,
      camerasOnline: 2,
      analysedFps: 19.96,
      dropped: 4,
      eventsWaiting: 0,
      provider: "webgpu",
      eventLoopDelayMs: 3.127,
      memoryBytes: 220 * 1_048_576,
    });
    await vi.waitFor(() => expect(listener.latest("haven/stats")).toBeDefined(), WAIT);
    const stats = JSON.parse(listener.latest("haven/stats") ?? "");
    expect(stats).toEqual({
      started_at: "2026-11-20T08:01:02.345Z",
      cameras: 3,
      cameras_online: 2,
      analysed_fps: 20,
      dropped_frames: 4,
      events_waiting: 0,
      provider: "webgpu",
      event_loop_delay_ms: 3.1,
      memory_mib: 220,
    });
    const device = JSON.parse(listener.latest("homeassistant/device/haven/config") ?? "");
    const templates = Object.values<{ state_topic?: string; value_template?: string }>(device.components)
      .filter((component) => component.state_topic === "haven/stats")
      .map((component) => /value_json\.(\w+)/.exec(component.value_template ?? "")?.[1]);
    expect(templates.length).toBeGreaterThan(3);
    for (const key of templates) expect(stats).toHaveProperty(key ?? "?");
  });
});

describe("events", () => {
  it("arrive once, unkept, as the wire JSON with the type Home Assistant looks for", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await listener.hears("haven/status", "online");
    await haven.sendEvent(fall(), NOW);
    await listener.caughtUp();
    const [event, ...more] = listener.payloads(`${CAMERA}/event`).map((payload) => JSON.parse(payload));
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      event_type: "fall_confirmed",
      kind: "fall_confirmed",
      event_id: "01J0000000000000000000FALL",
      camera_id: "bedroom",
      person_name: "Rosa",
      evidence: { on_ground_s: 2 },
    });
    expect(event).not.toHaveProperty("late");
    expect((await retainedOn(house.broker.access)).has(`${CAMERA}/event`)).toBe(false);
  });

  it("say that they are late, and how old", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await listener.hears("haven/status", "online");
    await haven.sendEvent(fall(), { late: true, ageS: 61.249 });
    await listener.caughtUp();
    expect(JSON.parse(listener.latest(`${CAMERA}/event`) ?? "")).toMatchObject({ late: true, age_s: 61.2 });
  });

  it("of no camera go to the daemon's own topic", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    await haven.start();
    await listener.hears("haven/status", "online");
    await haven.sendEvent(fall({ cameraId: null }), NOW);
    await listener.caughtUp();
    expect(listener.payloads("haven/event")).toHaveLength(1);
  });

  it("are not repeated after the broker was restarted, while everything else is announced again", async () => {
    await using house = await House.open();
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setRoomState(room());
    await haven.start();
    {
      await using before = await Observer.at(house.broker.access);
      await before.hears("haven/status", "online");
      await haven.sendEvent(fall(), NOW);
      await before.caughtUp();
      expect(before.payloads(`${CAMERA}/event`)).toHaveLength(1);
    }
    await house.broker.stop();
    await vi.waitFor(() => expect(haven.state.kind).toBe("connecting"), WAIT);
    await house.broker.start();
    await using after = await Observer.at(house.broker.access);
    await after.hears(`${CAMERA}/occupancy`, "ON");
    await after.caughtUp();
    expect(after.latest("haven/status")).toBe("online");
    expect(after.latest(DISCOVERY)).toBeDefined();
    expect(after.payloads(`${CAMERA}/event`)).toEqual([]);
  });
});

describe("commands", () => {
  it("reach the daemon", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    const { haven, commands } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await other.hears("haven/status", "online");
    await other.says("haven/alarm/acknowledge", "PRESS");
    await other.says(`${CAMERA}/privacy/set`, "ON");
    await vi.waitFor(
      () =>
        expect(commands).toEqual([
          { kind: "acknowledge", by: "mqtt", alarmId: null },
          { kind: "privacy", cameraId: "bedroom", on: true },
        ]),
      WAIT,
    );
  });

  it("change no state by themselves: the switch shows what the daemon does", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    const { haven, commands } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await other.hears(`${CAMERA}/privacy`, "OFF");
    await other.says(`${CAMERA}/privacy/set`, "ON");
    await vi.waitFor(() => expect(commands).toHaveLength(1), WAIT);
    await other.caughtUp();
    expect(other.payloads(`${CAMERA}/privacy`)).toEqual(["OFF"]);
    haven.setCamera(camera({ privacy: true }));
    await other.hears(`${CAMERA}/privacy`, "ON");
  });

  it("are ignored, and complained of once, when they are malformed or for a camera nobody knows", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    const complaints: string[] = [];
    const log: typeof silentLogger = Object.create(silentLogger, {
      warn: { value: (_fields: object, text: string) => complaints.push(text) },
    });
    const { haven, commands } = havenMqtt(house.broker.credentials, { log });
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await other.hears("haven/status", "online");
    for (let i = 0; i < 3; i += 1) {
      await other.says(`${CAMERA}/privacy/set`, "perhaps");
      await other.says("haven/camera/attic/privacy/set", "ON");
      await other.says("haven/camera/attic/detect/set", "ON");
    }
    await other.says("haven/alarm/acknowledge", '{"by":"last"}');
    await vi.waitFor(
      () => expect(commands).toEqual([{ kind: "acknowledge", by: "last", alarmId: null }]),
      WAIT,
    );
    expect(complaints).toEqual([
      "a malformed command was ignored",
      "a command for an unknown camera was ignored",
    ]);
  });

  it("are ignored when a broker had kept them from an earlier time", async () => {
    await using keeper = await KeepingBroker.open();
    await using other = await Observer.at(keeper);
    await other.says("haven/alarm/acknowledge", "PRESS", true);
    await other.says(`${CAMERA}/privacy/set`, "ON", true);
    const { haven, commands } = havenMqtt(async () => ({ url: `mqtt://127.0.0.1:${keeper.port}` }));
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await other.hears("haven/status", "online");
    await other.says("haven/alarm/acknowledge", '{"by":"now"}');
    await vi.waitFor(() => expect(commands).not.toEqual([]), WAIT);
    expect(commands).toEqual([{ kind: "acknowledge", by: "now", alarmId: null }]);
  });
});

describe("a camera that goes", () => {
  it("leaves nothing behind", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setCamera(camera({ id: "hall", name: "Hall", area: "Hall" }));
    haven.setCameraStatus(status());
    haven.setRoomState(room());
    await haven.start();
    await listener.hears(`${CAMERA}/occupancy`, "ON");
    haven.removeCamera("bedroom");
    await listener.hears(DISCOVERY, "");
    await vi.waitFor(async () => {
      const kept = [...(await retainedOn(house.broker.access)).keys()];
      expect(kept.filter((topic) => topic.includes("bedroom"))).toEqual([]);
      expect(kept).toContain("haven/camera/hall/privacy");
    }, WAIT);
    // Entities first: Home Assistant must not see an empty value where there still is an entity.
    const cleared = listener.seen.filter(({ payload }) => payload === "").map(({ topic }) => topic);
    expect(cleared[0]).toBe(DISCOVERY);
    haven.setRoomState(room());
    haven.setAlarm([]);
    await listener.hears("haven/alarm/state", "idle");
    expect(listener.latest(`${CAMERA}/occupancy`)).toBe("");
  });

  it("is removed after the outage in which it was taken out", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(through(relay, house));
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await listener.hears(`${CAMERA}/privacy`, "OFF");
    relay.cut();
    await vi.waitFor(() => expect(haven.state.kind).toBe("connecting"), WAIT);
    haven.removeCamera("bedroom");
    relay.heal();
    await listener.hears(DISCOVERY, "");
    await listener.hears(`${CAMERA}/privacy`, "");
  });

  it("while the daemon was not running is removed once all cameras are known, and not before", async () => {
    await using house = await House.open();
    const first = havenMqtt(house.broker.credentials).haven;
    first.setCamera(camera());
    first.setCamera(camera({ id: "hall", name: "Hall" }));
    await first.start();
    await using listener = await Observer.at(house.broker.access);
    await listener.hears("haven/camera/hall/privacy", "OFF");
    await first.stop();

    const { haven: second, commands } = havenMqtt(house.broker.credentials);
    await using _ = second;
    await second.start();
    await listener.hears("haven/status", "online");
    await heard(listener, commands);
    expect(listener.latest(DISCOVERY)).not.toBe("");
    second.setCamera(camera({ id: "hall", name: "Hall" }));
    second.removeUnknownCameras();
    await listener.hears(DISCOVERY, "");
    await listener.hears(`${CAMERA}/status`, "");
    await listener.caughtUp();
    expect(listener.payloads("homeassistant/device/haven_cam_hall/config")).not.toContain("");
  });

  it("takes its bed along in two steps when only the bed zone goes", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setRoomState(room());
    await haven.start();
    await listener.hears(`${CAMERA}/bed`, "ON");
    const from = listener.payloads(DISCOVERY).length;
    haven.setCamera(camera({ bed: false }));
    await listener.hears(`${CAMERA}/bed`, "");
    await listener.caughtUp();
    const steps = listener.payloads(DISCOVERY).slice(from);
    expect(steps.map((payload) => JSON.parse(payload).components.bed)).toEqual([
      { platform: "binary_sensor" },
      undefined,
    ]);
    expect(steps.flatMap(findings)).toEqual([]);
    // From then on the bed is no longer mentioned.
    await listener.says("homeassistant/status", "online");
    await vi.waitFor(() => expect(listener.payloads(DISCOVERY).length).toBeGreaterThan(from + 2), WAIT);
    await listener.hears("haven/status", "online");
    await listener.caughtUp();
    expect(listener.payloads(DISCOVERY).slice(from + 2)).toEqual(steps.slice(1));
    haven.setRoomState(room({ bedOccupied: null, personCount: 3 }));
    await listener.hears(`${CAMERA}/person_count`, "3");
    expect(listener.latest(`${CAMERA}/bed`)).toBe("");
  });
});

describe("the daemon's own status", () => {
  it("is set right when the last will of an earlier connection comes late", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using listener = await Observer.at(house.broker.access);
    const old = havenMqtt(through(relay, house), { clientId: "before-the-crash" }).haven;
    await old.start();
    await listener.hears("haven/status", "online");
    const stranded = relay.strand();
    const { haven } = havenMqtt(house.broker.credentials, { clientId: "after-the-crash" });
    await using _ = haven;
    await haven.start();
    await vi.waitFor(() => expect(haven.state.kind).toBe("connected"), WAIT);
    await listener.caughtUp();
    const from = listener.payloads("haven/status").length;
    relay.cut();
    for (const socket of stranded) socket[Symbol.dispose]();
    await vi.waitFor(() => expect(listener.payloads("haven/status").slice(from)).toContain("offline"), WAIT);
    await listener.hears("haven/status", "online");
    await old.stop();
  });

  it("stays offline after a clean stop", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await haven.start();
    await listener.hears("haven/status", "online");
    await haven.stop();
    await listener.hears("haven/status", "offline");
    await listener.caughtUp();
    expect((await retainedOn(house.broker.access)).get("haven/status")).toBe("offline");
  });
});

const MOSQUITTO_SUB = "/usr/bin/mosquitto_sub";
describe("a client that is not ours", () => {
  it.skipIf(!existsSync(MOSQUITTO_SUB))(
    `reads the states with the house's password (${MOSQUITTO_SUB})`,
    async () => {
      await using house = await House.open();
      await using listener = await Observer.at(house.broker.access);
      const { haven } = havenMqtt(house.broker.credentials);
      await using _ = haven;
      haven.setCamera(camera());
      haven.setCameraStatus(status());
      await haven.start();
      await listener.hears(`${CAMERA}/fps`, "10");
      const { port, username, password } = house.broker.access;
      const login = ["-h", "127.0.0.1", "-p", String(port), "-u", username, "-P", password];
      const run = promisify(execFile);
      const { stdout } = await run(MOSQUITTO_SUB, [
        ...login,
        "-t",
        `${CAMERA}/status`,
        "-C",
        "1",
        "-W",
        "10",
        "-v",
      ]);
      expect(stdout).toBe(`${CAMERA}/status online\n`);
      const refused = run(MOSQUITTO_SUB, [...login.slice(0, -1), "wrong", "-t", "#", "-C", "1", "-W", "10"]);
      await expect(refused).rejects.toMatchObject({
        stderr: expect.stringMatching(/bad user name or password/i),
      });
    },
  );
});

/** Resolves when the daemon has handled everything that was said to it before: packets keep their order. */
async function heard(other: Observer, commands: readonly unknown[]): Promise<void> {
  const before = commands.length;
  await other.says("haven/alarm/acknowledge", "PRESS");
  await vi.waitFor(() => expect(commands).toHaveLength(before + 1), WAIT);
  await other.caughtUp();
}

const ORDER = ["discovery", "availability", "state"];
