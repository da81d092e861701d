import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { AT, areaPresence, camera, door, fall, havenMqtt, presence } from "./examples.ts";
import { findings } from "./home-assistant-schema.ts";
import { House } from "./house.ts";
import { KeepingBroker } from "./keeping-broker.ts";
import { Observer, retainedOn, WAIT } from "./observer.ts";

const DISCOVERY = "homeassistant/device/haven_person_p_rosa/config";
const ROSA = "haven/person/p_rosa";
const DAEMON = "homeassistant/device/haven/config";
const NOW = { late: false, ageS: 0 };

function options(payload: string | undefined): readonly string[] {
  return JSON.parse(payload ?? "{}").components?.area?.options ?? [];
}

async function opened() {
  const house = await House.open();
  const listener = await Observer.at(house.broker.access);
  const clock = new ManualClock(AT);
  const { haven, commands } = havenMqtt(house.broker.credentials, { clock });
  return {
    house,
    listener,
    haven,
    clock,
    commands,
    [Symbol.asyncDispose]: async () => {
      await haven.stop();
      await listener[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}

describe("a person who has a name", () => {
  it("is announced and told in full, kept by the broker", async () => {
    await using at = await opened();
    at.haven.setCamera(camera());
    at.haven.setPersonPresence(presence());
    at.haven.removeUnknownPersons();
    await at.haven.start();
    await at.listener.hears(`${ROSA}/presence`, "home");
    const kept = await retainedOn(at.house.broker.access);
    expect(findings(kept.get(DISCOVERY) ?? "")).toEqual([]);
    expect(kept.get(`${ROSA}/area`)).toBe("Bedroom");
    expect(kept.get(`${ROSA}/last_seen`)).toBe("2026-11-20T08:01:02.345Z");
    expect(JSON.parse(kept.get(`${ROSA}/attributes`) ?? "")).toEqual({
      kind: "resident",
      visible: true,
      since: "2026-11-20T08:01:02.345Z",
      camera: "bedroom",
      cue: "face",
      confidence: 0.88,
      in_zones: ["zone.home"],
    });
    expect(kept.get("haven/people_home")).toBe("1");
    expect(JSON.parse(kept.get("haven/people_home/attributes") ?? "")).toEqual({ people: ["Rosa"] });
  });

  it("is away, not seen or never seen in words of their own, which the sensor knows", async () => {
    await using at = await opened();
    at.haven.setCamera(camera());
    at.haven.removeUnknownPersons();
    await at.haven.start();
    const { listener, haven } = at;
    haven.setPersonPresence(presence({ home: false, area: null, visible: false }));
    await listener.hears(`${ROSA}/presence`, "not_home");
    expect(listener.latest(`${ROSA}/area`)).toBe("away");
    expect(JSON.parse(listener.latest(`${ROSA}/attributes`) ?? "")).toMatchObject({ in_zones: [] });
    await listener.hears("haven/people_home", "0");
    haven.setPersonPresence(presence({ area: null, visible: false }));
    await listener.hears(`${ROSA}/area`, "not_seen");
    haven.setPersonPresence(presence({ home: false, area: null, lastSeenAt: null, since: null }));
    await listener.hears(`${ROSA}/last_seen`, "None");
    for (const value of listener.payloads(`${ROSA}/area`))
      expect(options(listener.latest(DISCOVERY))).toContain(value);
  });

  it("can be told to be in every area there is, and in one that has just gone until they are elsewhere", async () => {
    await using at = await opened();
    const { listener, haven } = at;
    haven.setCamera(camera());
    haven.setCamera(camera({ id: "attic", area: "Attic", bed: false }));
    haven.setPersonPresence(presence({ area: "Attic" }));
    haven.removeUnknownPersons();
    await haven.start();
    await listener.hears(`${ROSA}/area`, "Attic");
    expect(options(listener.latest(DISCOVERY))).toEqual(["Attic", "Bedroom", "away", "not_seen"]);
    haven.removeCamera("attic");
    await listener.hears("haven/camera/attic/privacy", "");
    expect(options(listener.latest(DISCOVERY))).toContain("Attic");
    haven.setPersonPresence(presence({ area: "Bedroom" }));
    await listener.hears(`${ROSA}/area`, "Bedroom");
    await vi.waitFor(
      () => expect(options(listener.latest(DISCOVERY))).toEqual(["Bedroom", "away", "not_seen"]),
      WAIT,
    );
  });

  it("who is renamed keeps topics and ids", async () => {
    await using at = await opened();
    const { listener, haven } = at;
    haven.setPersonPresence(presence());
    haven.removeUnknownPersons();
    await haven.start();
    await listener.hears(`${ROSA}/presence`, "home");
    const before = JSON.parse(listener.latest(DISCOVERY) ?? "");
    const from = listener.seen.length;
    haven.setPersonPresence(presence({ name: "Rosa Maria" }));
    await vi.waitFor(() => expect(listener.latest(DISCOVERY)).toContain("Rosa Maria"), WAIT);
    await listener.hears("haven/people_home/attributes", '{"people":["Rosa Maria"]}');
    await listener.caughtUp();
    const after = JSON.parse(listener.latest(DISCOVERY) ?? "");
    expect(after.device.identifiers).toEqual(before.device.identifiers);
    for (const key of Object.keys(before.components))
      expect(after.components[key].unique_id).toBe(before.components[key].unique_id);
    const said = listener.seen.slice(from).map(({ topic }) => topic);
    expect(said.filter((topic) => topic.startsWith("haven/"))).toEqual(["haven/people_home/attributes"]);
  });

  it.each([
    ["merged or forgotten", (haven: Haven) => haven.removePerson("p_rosa")],
    [
      "without a name again",
      (haven: Haven) => haven.setPersonPresence(presence({ named: false, name: "Visitor-A" })),
    ],
  ])("leaves nothing behind when they are %s", async (_name, remove) => {
    await using at = await opened();
    const { listener, haven, house } = at;
    haven.setPersonPresence(presence());
    haven.setPersonPresence(presence({ personId: "p_jon", name: "Jon" }));
    haven.removeUnknownPersons();
    await haven.start();
    await listener.hears("haven/people_home", "2");
    await listener.hears("haven/person/p_jon/presence", "home");
    remove(haven);
    await listener.hears(DISCOVERY, "");
    await listener.hears("haven/people_home", "1");
    await vi.waitFor(async () => {
      const kept = [...(await retainedOn(house.broker.access))];
      expect(kept.filter(([topic, payload]) => `${topic}${payload}`.includes("p_rosa"))).toEqual([]);
      expect(kept.filter(([, payload]) => payload.includes("Rosa"))).toEqual([]);
      expect(kept.map(([topic]) => topic)).toContain("haven/person/p_jon/area");
    }, WAIT);
    // Entities first: Home Assistant must not see an empty value where there still is an entity.
    const cleared = listener.seen.filter(({ payload }) => payload === "").map(({ topic }) => topic);
    expect(cleared[0]).toBe(DISCOVERY);
  });

  it("of an earlier run is removed once all persons are known, and not before", async () => {
    await using at = await opened();
    const { listener, house } = at;
    at.haven.setPersonPresence(presence());
    at.haven.setPersonPresence(presence({ personId: "p_jon", name: "Jon" }));
    at.haven.removeUnknownPersons();
    await at.haven.start();
    await listener.hears("haven/person/p_jon/presence", "home");
    await at.haven.stop();
    const { haven, commands } = havenMqtt(house.broker.credentials);
    await using _ = haven;
    haven.setPersonPresence(presence({ personId: "p_jon", name: "Jon" }));
    await haven.start();
    await listener.hears("haven/status", "online");
    await listener.says("haven/mode/set", "home");
    await vi.waitFor(() => expect(commands).toHaveLength(1), WAIT);
    await listener.caughtUp();
    expect(listener.latest(DISCOVERY)).not.toBe("");
    haven.removeUnknownPersons();
    await vi.waitFor(async () => {
      const kept = [...(await retainedOn(house.broker.access)).keys()];
      expect(kept.filter((topic) => /p_rosa/.test(topic))).toEqual([]);
    }, WAIT);
    expect(listener.payloads("haven/person/p_jon/area")).not.toContain("");
    expect(listener.payloads("homeassistant/device/haven_person_p_jon/config")).not.toContain("");
  });

  it("who was found on the broker of others with what no version of ours tells leaves none of that", async () => {
    await using keeper = await KeepingBroker.open();
    await using other = await Observer.at(keeper);
    await other.says("haven/person/p_old/mood", "fine", true);
    await other.says("haven/person/p_old/area", "Attic", true);
    const { haven } = havenMqtt(async () => ({ url: `mqtt://127.0.0.1:${keeper.port}` }));
    await using _ = haven;
    haven.removeUnknownPersons();
    await haven.start();
    await other.hears("haven/person/p_old/mood", "");
    await other.hears("haven/person/p_old/area", "");
  });
});

describe("a person without a name", () => {
  it("is not told of at all", async () => {
    await using at = await opened();
    at.haven.setPersonPresence(presence({ personId: "p_x", name: "Visitor-A", named: false }));
    at.haven.removeUnknownPersons();
    await at.haven.start();
    await at.listener.hears("haven/people_home", "0");
    await at.haven.sendEvent(fall({ personId: "p_x", personName: "Visitor-A" }), NOW);
    await at.listener.caughtUp();
    expect(at.listener.seen.filter(({ topic }) => topic.includes("p_x"))).toEqual([]);
  });
});

describe("an event of a person", () => {
  it("goes to their topic as well as the camera's, the same, unkept", async () => {
    await using at = await opened();
    at.haven.setCamera(camera());
    at.haven.setPersonPresence(presence());
    await at.haven.start();
    await at.listener.hears(`${ROSA}/presence`, "home");
    await at.haven.sendEvent(fall({ personId: "p_rosa" }), NOW);
    await at.listener.caughtUp();
    const [told, ...more] = at.listener.payloads(`${ROSA}/event`);
    expect(more).toEqual([]);
    expect(told).toBe(at.listener.latest("haven/camera/bedroom/event"));
    expect(JSON.parse(told ?? "")).toMatchObject({ event_type: "fall_confirmed", person_id: "p_rosa" });
    expect((await retainedOn(at.house.broker.access)).has(`${ROSA}/event`)).toBe(false);
  });

  it("is nobody's when nobody is known, or when it is an alarm, which is the house's", async () => {
    await using at = await opened();
    at.haven.setPersonPresence(presence());
    await at.haven.start();
    await at.listener.hears(`${ROSA}/presence`, "home");
    await at.haven.sendEvent(fall({ personId: null }), NOW);
    await at.haven.sendEvent(
      {
        ...fall({ personId: "p_rosa" }),
        kind: "alarm_raised",
        evidence: {
          alarmId: "a",
          cause: "fall_confirmed",
          causeEventId: "e",
          raisedAt: AT,
          by: null,
          level: 0,
          test: false,
        },
      },
      NOW,
    );
    await at.listener.caughtUp();
    expect(at.listener.payloads("haven/camera/bedroom/event")).toHaveLength(2);
    expect(at.listener.payloads(`${ROSA}/event`)).toEqual([]);
  });
});

describe("after a restart of the broker or of Home Assistant", () => {
  it("persons and areas are told again in order, and their events are not", async () => {
    await using at = await opened();
    const { haven, house, listener, clock } = at;
    haven.setCamera(camera());
    haven.setPersonPresence(presence());
    haven.setAreaPresence(areaPresence());
    haven.removeUnknownPersons();
    await haven.start();
    await listener.hears("haven/people_home", "1");
    await haven.sendEvent(fall({ personId: "p_rosa" }), NOW);
    await listener.caughtUp();
    const from = listener.seen.length;
    await listener.says("homeassistant/status", "online");
    const values = [`${ROSA}/area`, `${ROSA}/presence`, "haven/area/bedroom/occupancy", "haven/people_home"];
    await vi.waitFor(() => {
      clock.advance(1_000);
      const again = listener.seen.slice(from).map(({ topic }) => topic);
      expect(again).toEqual(expect.arrayContaining([DISCOVERY, "haven/status", ...values]));
    }, WAIT);
    const again = listener.seen.slice(from).map(({ topic }) => topic);
    expect(again.indexOf(DISCOVERY)).toBeLessThan(again.indexOf("haven/status"));
    for (const value of values) expect(again.indexOf("haven/status")).toBeLessThan(again.indexOf(value));
    expect(again.filter((topic) => topic.endsWith("/event"))).toEqual([]);

    await house.broker.stop();
    await vi.waitFor(() => expect(haven.state.kind).toBe("connecting"), WAIT);
    haven.setPersonPresence(presence({ area: null, home: false, visible: false }));
    await house.broker.start();
    clock.advance(60_000);
    await using after = await Observer.at(house.broker.access);
    await after.hears(`${ROSA}/area`, "away");
    await after.hears("haven/people_home", "0");
    await after.caughtUp();
    expect(after.payloads(`${ROSA}/area`)).toEqual(["away"]);
    expect(after.seen.filter(({ topic }) => topic.endsWith("/event"))).toEqual([]);
    expect(findings(after.latest(DISCOVERY) ?? "")).toEqual([]);
  });
});

describe("an area", () => {
  it("tells who is there now, and says that it does not know while nobody looks", async () => {
    await using at = await opened();
    const { haven, listener } = at;
    haven.setCamera(camera());
    haven.setAreaPresence(areaPresence());
    haven.setAreaPresence(areaPresence({ area: "Attic" }));
    await haven.start();
    await listener.hears("haven/area/bedroom/unknown_person", "ON");
    expect(listener.latest("haven/area/bedroom/occupancy")).toBe("ON");
    expect(listener.latest("haven/area/bedroom/person_count")).toBe("2");
    haven.setAreaPresence(areaPresence({ occupied: false, count: 0, unknownPresent: false }));
    await listener.hears("haven/area/bedroom/unknown_person", "OFF");
    await listener.hears("haven/area/bedroom/occupancy", "OFF");
    haven.setAreaPresence(areaPresence({ watched: false }));
    await listener.hears("haven/area/bedroom/unknown_person", "None");
    await listener.caughtUp();
    expect(listener.latest("haven/area/bedroom/occupancy")).toBe("None");
    expect(listener.latest("haven/area/bedroom/person_count")).toBe("None");
    expect(listener.seen.filter(({ topic }) => topic.includes("attic"))).toEqual([]);
  });

  it("that is no more takes its entities along, each as what it was", async () => {
    await using at = await opened();
    const { haven, listener } = at;
    haven.setCamera(camera({ zones: [door("bathroom")] }));
    haven.setAreaPresence(areaPresence());
    await haven.start();
    await listener.hears("haven/area/bedroom/unknown_person", "ON");
    const from = listener.payloads(DAEMON).length;
    haven.removeCamera("bedroom");
    await listener.hears("haven/area/bedroom/occupancy", "");
    const [removal] = listener.payloads(DAEMON).slice(from);
    const { components } = JSON.parse(removal ?? "{}");
    expect(components.area_bedroom_occupancy).toEqual({ platform: "binary_sensor" });
    expect(components.area_bedroom_unknown_person).toEqual({ platform: "binary_sensor" });
    expect(components.area_bedroom_person_count).toEqual({ platform: "sensor" });
    expect(findings(removal ?? "")).toEqual([]);
  });
});

type Haven = ReturnType<typeof havenMqtt>["haven"];
