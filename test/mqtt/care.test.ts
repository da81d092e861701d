import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { EventOf } from "../../src/domain/events.ts";
import { AT, alarm, areaDay, camera, care, day, door, drill, fall, havenMqtt, status } from "./examples.ts";
import { findings } from "./home-assistant-schema.ts";
import { House } from "./house.ts";
import { KeepingBroker } from "./keeping-broker.ts";
import { Observer, retainedOn, WAIT } from "./observer.ts";
import { Relay } from "./relay.ts";

/** Not who is there now. */
const OF_THE_DAY = /^haven\/(area|door)\/\w+\/(?!occupancy|person_count|unknown_person)/;
const DAEMON = "homeassistant/device/haven/config";
const NOW = { late: false, ageS: 0 };
const IN_HALF_AN_HOUR = new Date(AT + 1_800_000).toISOString();

function json(listener: Observer, topic: string): Record<string, unknown> {
  return JSON.parse(listener.latest(topic) ?? "null");
}

function components(payload: string | undefined): Record<string, { platform: string }> {
  return JSON.parse(payload ?? "{}").components ?? {};
}

describe("the care of the household", () => {
  it("is told in full: mode, what is snoozed, and whether there is a drill", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCare(care());
    await haven.start();
    await listener.hears("haven/drill", "OFF");
    expect(listener.latest("haven/mode")).toBe("auto");
    expect(json(listener, "haven/mode/attributes")).toEqual({
      effective_mode: "home",
      armed: ["fall_confirmed", "long_lie"],
    });
    expect(listener.latest("haven/snooze")).toBe("OFF");
    expect(json(listener, "haven/snooze/attributes")).toEqual({ snoozes: [], until: null });
    expect(json(listener, "haven/drill/attributes")).toEqual({ stages: [] });
  });

  it("shows every snooze, and until when the last one lasts where that is known", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    await haven.start();
    const byHand = { area: null, reason: "hand", by: "Carla", since: AT, until: AT + 1_800_000 } as const;
    const byCarer = { area: "Bedroom", reason: "carer", by: "Nora", since: AT, until: null } as const;
    haven.setCare(care({ snoozes: [byHand] }));
    await listener.hears("haven/snooze", "ON");
    const topics = listener.seen.map(({ topic }) => topic);
    expect(topics.lastIndexOf("haven/snooze/attributes")).toBeLessThan(topics.lastIndexOf("haven/snooze"));
    expect(json(listener, "haven/snooze/attributes")).toEqual({
      snoozes: [
        {
          area: null,
          reason: "hand",
          by: "Carla",
          since: new Date(AT).toISOString(),
          until: IN_HALF_AN_HOUR,
        },
      ],
      until: IN_HALF_AN_HOUR,
    });
    haven.setCare(care({ snoozes: [byHand, byCarer] }));
    await vi.waitFor(
      () => expect(json(listener, "haven/snooze/attributes")).toMatchObject({ until: null }),
      WAIT,
    );
    haven.setCare(care());
    await listener.hears("haven/snooze", "OFF");
  });

  it("keeps the stages of a drill to be read after it has ended", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCare(care({ drill: drill() }));
    await haven.start();
    await listener.hears("haven/drill", "ON");
    const stages = [
      { stage: "started", at: "2026-11-20T08:01:02.345Z", delay_s: null },
      { stage: "fall_confirmed", at: "2026-11-20T08:01:11.345Z", delay_s: 2.04 },
    ];
    expect(json(listener, "haven/drill/attributes")).toMatchObject({ camera_id: "bedroom", stages });
    haven.setCare(care());
    await listener.hears("haven/drill", "OFF");
    expect(json(listener, "haven/drill/attributes")).toMatchObject({ stages });
  });

  it("is told again with everything else when Home Assistant or the broker restarts, and its events are not", async () => {
    await using house = await House.open();
    const clock = new ManualClock(AT);
    const { haven } = havenMqtt(house.broker.credentials, { clock });
    await using _ = haven;
    haven.setCamera(camera({ zones: [door("bathroom")] }));
    haven.setCameraStatus(status());
    haven.setCare(care({ mode: "night", effectiveMode: "night", drill: drill() }));
    haven.setDay(day({ doors: [{ leadsTo: "bathroom", visits: 2, seconds: 300 }] }));
    haven.setFalseAlarms("bedroom", { count: 1, answered: 2, alarms: 4 });
    haven.setAlarm([alarm({ level: 2 })]);
    await haven.start();
    const values: Readonly<Record<string, string>> = {
      "haven/status": "online",
      "haven/camera/bedroom/status": "online",
      "haven/camera/bedroom/false_alarms": "1",
      "haven/mode": "night",
      "haven/snooze": "OFF",
      "haven/drill": "ON",
      "haven/alarm/state": "raised",
      "haven/area/bedroom/blind_minutes": "0",
      "haven/door/bathroom/visits": "2",
    };
    {
      await using before = await Observer.at(house.broker.access);
      for (const [topic, value] of Object.entries(values)) await before.hears(topic, value);
      await haven.sendEvent(modeChanged(), NOW);
      await before.caughtUp();
      expect(before.payloads("haven/event")).toHaveLength(1);
      const from = before.seen.length;
      await before.says("homeassistant/status", "online");
      await vi.waitFor(() => {
        clock.advance(1_000);
        const again = before.seen.slice(from).map(({ topic }) => topic);
        expect(again).toEqual(expect.arrayContaining([DAEMON, ...Object.keys(values)]));
      }, WAIT);
      await before.caughtUp();
      const again = before.seen.slice(from).map(({ topic }) => topic);
      expect(again.filter((topic) => topic.endsWith("/event"))).toEqual([]);
      const firstState = again.indexOf("haven/mode");
      expect(again.indexOf(DAEMON)).toBeLessThan(again.indexOf("haven/status"));
      expect(again.indexOf("haven/camera/bedroom/status")).toBeLessThan(firstState);
    }
    await house.broker.stop();
    await vi.waitFor(() => expect(haven.state.kind).toBe("connecting"), WAIT);
    await house.broker.start();
    clock.advance(60_000);
    await using after = await Observer.at(house.broker.access);
    for (const [topic, value] of Object.entries(values)) await after.hears(topic, value);
    await after.caughtUp();
    expect(after.payloads("haven/event")).toEqual([]);
    expect(findings(after.latest(DAEMON) ?? "")).toEqual([]);
  });

  it("uses no name for an attribute that Home Assistant would leave out", async () => {
    await using house = await House.open();
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setCameraStatus(status());
    haven.setCare(care({ drill: drill() }));
    haven.setFalseAlarms("bedroom", { count: 1, answered: 2, alarms: 4 });
    haven.setAlarm([alarm()]);
    await haven.start();
    await vi.waitFor(async () => {
      const kept = await retainedOn(house.broker.access);
      const attributes = [...kept].filter(([topic]) => topic.endsWith("attributes"));
      expect(attributes).toHaveLength(6);
      for (const [topic, payload] of attributes)
        for (const key of Object.keys(JSON.parse(payload))) expect(BLOCKED, topic).not.toContain(key);
    }, WAIT);
  });
});

describe("alarms", () => {
  it("tell their level, their answer and whether they are tests", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    await haven.start();
    const attributes = () => json(listener, "haven/alarm/attributes");
    haven.setAlarm([
      alarm({ id: "a" }),
      alarm({ id: "b", level: 2, escalatedAt: AT + 180_000, grownTo: "long_lie" }),
    ]);
    await vi.waitFor(() => expect(attributes()).toMatchObject({ level: 2, test: false }), WAIT);
    expect(attributes().alarms).toMatchObject([
      { alarm_id: "a", grown_to: null, level: 0, escalated_at: null, test: false },
      { alarm_id: "b", grown_to: "long_lie", level: 2, escalated_at: "2026-11-20T08:04:02.345Z" },
    ]);
    // Nobody is called for a real alarm because a drill was not answered, nor left alone because it is one.
    haven.setAlarm([alarm({ id: "a", level: 1 }), alarm({ id: "b", level: 3, test: true })]);
    await vi.waitFor(() => expect(attributes()).toMatchObject({ level: 1, test: false }), WAIT);
    haven.setAlarm([alarm({ id: "b", level: 3, test: true })]);
    await vi.waitFor(() => expect(attributes()).toMatchObject({ level: 3, test: true }), WAIT);
    // The level is what somebody has to act on: an alarm that is being seen to has none.
    const seenTo = { state: "acknowledged", level: 2, acknowledgedAt: AT + 200_000 } as const;
    haven.setAlarm([alarm({ ...seenTo, test: true, answer: "test", answeredBy: "Carla", answeredAt: AT })]);
    await vi.waitFor(() => expect(attributes()).toMatchObject({ level: 0, test: true }), WAIT);
    expect(attributes().alarms).toMatchObject([{ level: 2, answer: "test", answered_by: "Carla" }]);
    haven.setAlarm([]);
    await vi.waitFor(
      () => expect(attributes()).toEqual({ open: 0, level: 0, test: false, alarms: [] }),
      WAIT,
    );
  });

  it("that are escalated are told on the camera's topic, with the level", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await listener.hears("haven/status", "online");
    await haven.sendEvent(escalated(), NOW);
    await listener.caughtUp();
    expect(json(listener, "haven/camera/bedroom/event")).toMatchObject({
      event_type: "alarm_escalated",
      evidence: { level: 2, name: "Others", round: 1, test: false },
    });
    const kept = await retainedOn(house.broker.access);
    expect([...kept.keys()].filter((topic) => topic.endsWith("/event"))).toEqual([]);
  });

  it("that were false are counted by camera", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setFalseAlarms("bedroom", { count: 2, answered: 3, alarms: 5 });
    haven.setFalseAlarms("attic", { count: 9, answered: 9, alarms: 9 });
    await haven.start();
    await listener.hears("haven/camera/bedroom/false_alarms", "2");
    expect(json(listener, "haven/camera/bedroom/false_alarms_attributes")).toEqual({
      answered: 3,
      alarms: 5,
      days: 7,
    });
    haven.removeCamera("bedroom");
    await listener.hears("haven/camera/bedroom/false_alarms", "");
    await listener.hears("haven/camera/bedroom/false_alarms_attributes", "");
    await listener.caughtUp();
    expect(listener.seen.filter(({ topic }) => topic.includes("attic"))).toEqual([]);
  });
});

describe("the day", () => {
  it("is told by area and by door, and is unknown where it says nothing", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera({ zones: [...camera().zones, door("bathroom")] }));
    haven.setCamera(camera({ id: "hall", name: "Hall", area: null, bed: false }));
    await haven.start();
    await listener.hears("haven/camera/hall/privacy", "OFF");
    await listener.caughtUp();
    expect(listener.seen.filter(({ topic }) => OF_THE_DAY.test(topic))).toEqual([]);
    haven.setDay(
      day({
        areas: [
          areaDay({ blindS: 90, occupiedS: 7200, inBedS: 3600, bedExits: 2 }),
          areaDay({ area: "Attic" }),
        ],
        doors: [{ leadsTo: "bathroom", visits: 3, seconds: 612 }],
      }),
    );
    await listener.hears("haven/door/bathroom/minutes", "10.2");
    await listener.caughtUp();
    const said = listener.seen.filter(({ topic }) => OF_THE_DAY.test(topic));
    expect(Object.fromEntries(said.map(({ topic, payload }) => [topic, payload]))).toEqual({
      "haven/area/bedroom/blind_minutes": "1.5",
      "haven/area/bedroom/occupied_minutes": "120",
      "haven/area/bedroom/in_bed_minutes": "60",
      "haven/area/bedroom/bed_exits": "2",
      "haven/area/hall/blind_minutes": "None",
      "haven/area/hall/occupied_minutes": "None",
      "haven/door/bathroom/visits": "3",
      "haven/door/bathroom/minutes": "10.2",
    });
  });

  it("takes the sensors of an area along when its last camera moves, in two steps, and not when one is exchanged", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setDay(day());
    await haven.start();
    await listener.hears("haven/area/bedroom/in_bed_minutes", "0");
    haven.removeCamera("bedroom");
    haven.setCamera(camera({ id: "other" }));
    await listener.hears("haven/camera/bedroom/status", "");
    await listener.caughtUp();
    expect(listener.payloads("haven/area/bedroom/in_bed_minutes")).toEqual(["0"]);
    expect(listener.payloads(DAEMON)).toHaveLength(1);

    haven.setCamera(camera({ id: "other", area: "Guest room" }));
    await listener.hears("haven/area/bedroom/in_bed_minutes", "");
    await listener.caughtUp();
    const [removal, after, ...more] = listener.payloads(DAEMON).slice(1);
    expect(more).toEqual([]);
    expect(components(removal).area_bedroom_bed_exits).toEqual({ platform: "sensor" });
    expect(Object.keys(components(after))).toEqual(
      expect.arrayContaining(["area_guest_room_bed_exits", "mode"]),
    );
    expect(Object.keys(components(after)).filter((key) => key.startsWith("area_bedroom"))).toEqual([]);
    for (const payload of [removal, after]) expect(findings(payload ?? "")).toEqual([]);
    const kept = [...(await retainedOn(house.broker.access)).keys()];
    expect(kept.filter((topic) => topic.startsWith("haven/area/bedroom"))).toEqual([]);
  });

  it("forgets every area and door that went during an outage, one after the other", async () => {
    await using house = await House.open();
    await using relay = await Relay.to(house.broker.access.port);
    await using listener = await Observer.at(house.broker.access);
    const { haven } = havenMqtt(async () => ({
      ...(await house.broker.credentials()),
      url: `mqtt://127.0.0.1:${relay.port}`,
    }));
    await using _ = haven;
    haven.setCamera(camera({ zones: [...camera().zones, door("bathroom")] }));
    haven.setDay(day());
    await haven.start();
    await listener.hears("haven/door/bathroom/visits", "0");
    const from = listener.payloads(DAEMON).length;
    relay.cut();
    await vi.waitFor(() => expect(haven.state.kind).toBe("connecting"), WAIT);
    haven.setCamera(camera());
    await Promise.resolve();
    haven.setCamera(camera({ bed: false }));
    await Promise.resolve();
    haven.setCamera(camera({ bed: false, area: "Hall" }));
    relay.heal();
    await listener.hears("haven/door/bathroom/visits", "");
    await listener.hears("haven/area/bedroom/bed_exits", "");
    await listener.caughtUp();
    const [removal] = listener.payloads(DAEMON).slice(from);
    const removed = Object.entries(components(removal)).filter(([, value]) => !("unique_id" in value));
    expect(removed.map(([key]) => key).toSorted()).toEqual([
      "area_bedroom_bed_exits",
      "area_bedroom_blind_minutes",
      "area_bedroom_in_bed_minutes",
      "area_bedroom_occupancy",
      "area_bedroom_occupied_minutes",
      "area_bedroom_person_count",
      "area_bedroom_unknown_person",
      "door_bathroom_minutes",
      "door_bathroom_visits",
    ]);
  });

  it("of an area that went while the daemon was not running is removed once all cameras are known, and not before", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const first = havenMqtt(house.broker.credentials).haven;
    first.setCamera(camera());
    first.setCamera(camera({ id: "hall", area: "Hall", bed: false }));
    first.setDay(day({ areas: [areaDay(), areaDay({ area: "Hall" })] }));
    await first.start();
    await listener.hears("haven/area/hall/occupied_minutes", "0");
    await listener.hears("haven/area/bedroom/bed_exits", "0");
    await first.stop();

    const { haven: second, commands } = havenMqtt(house.broker.credentials);
    await using _ = second;
    await second.start();
    await listener.hears("haven/status", "online");
    await listener.says("haven/mode/set", "home");
    await vi.waitFor(() => expect(commands).toHaveLength(1), WAIT);
    await listener.caughtUp();
    expect(listener.latest("haven/area/bedroom/bed_exits")).toBe("0");
    const from = listener.payloads(DAEMON).length;
    second.setCamera(camera({ id: "hall", area: "Hall", bed: false }));
    second.removeUnknownCameras();
    await listener.hears("haven/area/bedroom/bed_exits", "");
    await listener.hears("haven/area/bedroom/blind_minutes", "");
    await listener.caughtUp();
    const removal = listener
      .payloads(DAEMON)
      .slice(from)
      .find((payload) => components(payload).area_bedroom_bed_exits);
    expect(components(removal).area_bedroom_bed_exits).toEqual({ platform: "sensor" });
    expect(components(listener.latest(DAEMON)).area_bedroom_bed_exits).toBeUndefined();
    expect(components(listener.latest(DAEMON)).area_hall_blind_minutes).toBeDefined();
    expect(listener.payloads("haven/area/hall/occupied_minutes")).not.toContain("");
  });
});

describe("facts of places that an earlier run has left", () => {
  it("are removed at the start of a daemon that knows its cameras, with their sensors", async () => {
    await using house = await House.open();
    await using listener = await Observer.at(house.broker.access);
    const first = havenMqtt(house.broker.credentials).haven;
    first.setCamera(camera({ zones: [...camera().zones, door("bathroom")] }));
    first.setDay(day());
    await first.start();
    await listener.hears("haven/door/bathroom/minutes", "0");
    await first.stop();

    const second = havenMqtt(house.broker.credentials).haven;
    await using _ = second;
    second.setCamera(camera());
    second.removeUnknownCameras();
    await second.start();
    await listener.hears("haven/door/bathroom/minutes", "");
    await listener.hears("haven/door/bathroom/visits", "");
    await vi.waitFor(() => {
      const [removal, after] = listener.payloads(DAEMON).slice(-2);
      expect(components(removal).door_bathroom_minutes).toEqual({ platform: "sensor" });
      expect(components(after).door_bathroom_minutes).toBeUndefined();
      expect(components(after).area_bedroom_bed_exits).toBeDefined();
    }, WAIT);
    expect(listener.payloads("haven/area/bedroom/bed_exits")).toEqual(["0"]);
  });
});

describe("commands for the care of the household", () => {
  const ASKED = [
    ["haven/alarm/answer", '{"alarm_id":"01J","answer":"false_alarm","by":"Carla"}'],
    ["haven/mode/set", "night"],
    ["haven/snooze/set", "30"],
    ["haven/snooze/set", '{"minutes":15,"area":"bedroom","by":"Carla"}'],
    ["haven/snooze/set", "0"],
    ["haven/drill/set", "ON"],
    ["haven/drill/set", '{"on":false,"camera_id":"bedroom","by":"Carla"}'],
  ] as const;

  it("reach the daemon, with areas as the household writes them, and change nothing by themselves", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    const { haven, commands } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setCamera(camera());
    haven.setCare(care());
    await haven.start();
    await other.hears("haven/drill", "OFF");
    for (const [topic, payload] of ASKED) await other.says(topic, payload);
    await vi.waitFor(
      () =>
        expect(commands).toEqual([
          { kind: "answer", alarmId: "01J", answer: "false_alarm", by: "Carla" },
          { kind: "mode", mode: "night", by: "mqtt" },
          { kind: "snooze", minutes: 30, area: null, by: "mqtt" },
          { kind: "snooze", minutes: 15, area: "Bedroom", by: "Carla" },
          { kind: "snooze", minutes: 0, area: null, by: "mqtt" },
          { kind: "drill", on: true, cameraId: null, by: "mqtt" },
          { kind: "drill", on: false, cameraId: "bedroom", by: "Carla" },
        ]),
      WAIT,
    );
    await other.caughtUp();
    for (const topic of ["haven/mode", "haven/snooze", "haven/drill"])
      expect(other.payloads(topic), topic).toHaveLength(1);
  });

  it("are ignored when a broker had kept them from an earlier time", async () => {
    await using keeper = await KeepingBroker.open();
    await using other = await Observer.at(keeper);
    for (const [topic, payload] of ASKED) await other.says(topic, payload, true);
    const { haven, commands } = havenMqtt(async () => ({ url: `mqtt://127.0.0.1:${keeper.port}` }));
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await other.hears("haven/camera/bedroom/privacy", "OFF");
    await other.says("haven/mode/set", "away");
    await vi.waitFor(() => expect(commands).not.toEqual([]), WAIT);
    expect(commands).toEqual([{ kind: "mode", mode: "away", by: "mqtt" }]);
  });

  it("are not kept by the broker inside the daemon, and nobody else may write what they change", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    for (const [topic, payload] of ASKED) await other.says(topic, payload, true);
    expect([...(await retainedOn(house.broker.access)).keys()]).toEqual([]);
    for (const topic of ["haven/mode", "haven/snooze", "haven/drill", "haven/area/bedroom/bed_exits"]) {
      await using intruder = await Observer.at(house.broker.access);
      intruder.says(topic, "OFF").catch(() => {});
      await vi.waitFor(() => expect(intruder.connected, topic).toBe(false), WAIT);
    }
  });

  it("are ignored, and complained of once each, when they make no sense or are for something nobody knows", async () => {
    await using house = await House.open();
    await using other = await Observer.at(house.broker.access);
    const complaints: object[] = [];
    const log: typeof silentLogger = Object.create(silentLogger, {
      warn: { value: (fields: object, text: string) => complaints.push({ ...fields, text }) },
    });
    const { haven, commands } = havenMqtt(house.broker.credentials, { log });
    await using _ = haven;
    haven.setCamera(camera());
    await haven.start();
    await other.hears("haven/status", "online");
    for (let i = 0; i < 2; i += 1) {
      await other.says("haven/alarm/answer", "real");
      await other.says("haven/mode/set", "party");
      await other.says("haven/snooze/set", "a while");
      await other.says("haven/drill/set", "perhaps");
      await other.says("haven/snooze/set", '{"minutes":30,"area":"Attic"}');
      await other.says("haven/drill/set", '{"on":true,"camera_id":"attic"}');
    }
    await other.says("haven/mode/set", "home");
    await vi.waitFor(() => expect(commands).toEqual([{ kind: "mode", mode: "home", by: "mqtt" }]), WAIT);
    expect(complaints).toMatchObject([
      { topic: "haven/alarm/answer", text: "a malformed command was ignored" },
      { topic: "haven/mode/set", text: "a malformed command was ignored" },
      { topic: "haven/snooze/set", text: "a malformed command was ignored" },
      { topic: "haven/drill/set", text: "a malformed command was ignored" },
      { topic: "haven/snooze/set", text: "a command for an unknown area was ignored" },
      { topic: "haven/drill/set", text: "a command for an unknown camera was ignored" },
    ]);
  });
});

/** An event of the house, of no camera. */
function modeChanged(): EventOf<"mode_changed"> {
  const { cameraId: _camera, area: _area, zone: _zone, ...rest } = fall();
  return {
    ...rest,
    kind: "mode_changed",
    cameraId: null,
    area: null,
    zone: null,
    evidence: { mode: "night", effectiveMode: "night", by: "mqtt" },
  };
}

function escalated(): EventOf<"alarm_escalated"> {
  return {
    ...fall(),
    kind: "alarm_escalated",
    evidence: {
      alarmId: "01J000000000000000000ALARM",
      cause: "fall_confirmed",
      causeEventId: "01J0000000000000000000FALL",
      raisedAt: AT,
      by: null,
      level: 2,
      test: false,
      name: "Others",
      round: 1,
    },
  };
}

/** What Home Assistant takes out of the attributes of an MQTT entity, as it says these things itself. */
const BLOCKED = [
  "assumed_state",
  "attribution",
  "available",
  "device_class",
  "device_info",
  "entity_category",
  "entity_picture",
  "entity_registry_enabled_default",
  "event_type",
  "event_types",
  "extra_state_attributes",
  "force_update",
  "icon",
  "last_reset",
  "name",
  "options",
  "should_poll",
  "state",
  "state_class",
  "supported_features",
  "unique_id",
  "unit_of_measurement",
];
