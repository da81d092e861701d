import { describe, expect, it } from "vitest";
import { MODES } from "../../src/domain/care.ts";
import { EVENT_KINDS } from "../../src/domain/events.ts";
import { cameraDiscovery, OPTIONAL_CAMERA_COMPONENTS } from "../../src/mqtt/camera-discovery.ts";
import { parseCommand } from "../../src/mqtt/commands.ts";
import { daemonDiscovery } from "../../src/mqtt/daemon-discovery.ts";
import { withRemovals } from "../../src/mqtt/discovery.ts";
import { PERSON_EVENTS, personDiscovery } from "../../src/mqtt/person-discovery.ts";
import { placesOf } from "../../src/mqtt/places.ts";
import { camera, door } from "./examples.ts";
import { findings } from "./home-assistant-schema.ts";

const context = { version: "1.2.3", panelUrl: null };
const bedroom = { id: "bed-room_2", name: "Bedroom", area: "Upstairs", hasBed: true };

const ROSA = { id: "p_01k9zq3e8w", name: "Rosa" };

const PLACES = placesOf([
  camera({ area: "Schlafzimmer Süd" }),
  camera({ id: "hall", area: "Hall", zones: [door("bathroom"), door("outside")] }),
]);

type Device = Record<string, unknown> & {
  readonly components: Record<string, Record<string, unknown>>;
};

function asSent(discovery: unknown): Device {
  return JSON.parse(JSON.stringify(discovery)) as Device;
}

/** The topics an entity's availability hangs on, as Home Assistant inherits them from the device. */
function dependsOn(device: Device, key: string): readonly string[] {
  const list = (device.components[key]?.availability ?? device.availability ?? []) as readonly {
    topic: string;
  }[];
  return list.map((entry) => entry.topic);
}

describe("what Home Assistant is told to create", () => {
  it.each([
    ["the daemon", daemonDiscovery(context)],
    ["the daemon with areas and doors", daemonDiscovery(context, PLACES)],
    ["the daemon that loses a door", withRemovals(daemonDiscovery(context, []), { door_x_visits: "sensor" })],
    ["the daemon with a panel", daemonDiscovery({ ...context, panelUrl: "http://house.local:8099" })],
    ["a camera", cameraDiscovery(bedroom, context)],
    ["a camera without area and bed", cameraDiscovery({ ...bedroom, area: null, hasBed: false }, context)],
    ["a camera with a panel", cameraDiscovery(bedroom, { ...context, panelUrl: "homeassistant://hassio/x" })],
    ["a person", personDiscovery(ROSA, ["Bedroom", "Hall"], context)],
    ["a person whom nobody can spell", personDiscovery({ id: "p_01x", name: "!!!" }, [], context)],
    ["a person in rooms of odd names", personDiscovery(ROSA, ["away", "not_seen", "Küche"], context)],
    [
      "a camera that loses its bed",
      withRemovals(cameraDiscovery({ ...bedroom, hasBed: false }, context), OPTIONAL_CAMERA_COMPONENTS),
    ],
  ])("is accepted without a key dropped: %s", (_name, discovery) => {
    expect(findings(JSON.stringify(discovery))).toEqual([]);
  });

  it("links the cameras to the daemon and puts them in their area", () => {
    const { device } = cameraDiscovery(bedroom, context);
    expect(daemonDiscovery(context).device.identifiers).toEqual([device.via_device]);
    expect(device.suggested_area).toBe("Upstairs");
  });

  it("gives entities ids that people can write in automations", () => {
    const { components } = asSent(cameraDiscovery(bedroom, context));
    expect(components.fall?.default_entity_id).toBe("binary_sensor.bed_room_2_fall");
    expect(components.fall?.unique_id).toBe("haven_cam_bed-room_2_fall");
  });

  it("keeps ids when a camera is renamed or moved", () => {
    const ids = (name: string, area: string) =>
      Object.values(asSent(cameraDiscovery({ ...bedroom, name, area }, context)).components).map((entity) => [
        entity.unique_id,
        entity.default_entity_id,
      ]);
    expect(ids("Sleeping room", "Downstairs")).toEqual(ids("Bedroom", "Upstairs"));
  });

  it("makes what needs eyes on the room unavailable without them, and keeps latch, events and privacy switch", () => {
    const device = asSent(cameraDiscovery(bedroom, context));
    const camera = "haven/camera/bed-room_2/status";
    expect(device.availability_mode).toBe("all");
    for (const key of ["occupancy", "person_count", "bed", "pace", "fps"])
      expect(dependsOn(device, key), key).toEqual(["haven/status", camera]);
    for (const key of ["fall", "event", "privacy", "status"])
      expect(dependsOn(device, key), key).toEqual(["haven/status"]);
  });

  it("counts privacy and blindness as unavailable, not only offline", () => {
    const occupancy = asSent(cameraDiscovery(bedroom, context)).components.occupancy;
    // Home Assistant leaves the availability as it was on a payload that is neither of its two words.
    expect(occupancy?.availability).toContainEqual({
      topic: "haven/camera/bed-room_2/status",
      value_template: "{{ 'online' if value == 'online' else 'offline' }}",
    });
  });

  it("shows the daemon's connection as off, not as unavailable, when it is gone", () => {
    const device = asSent(daemonDiscovery(context));
    expect(dependsOn(device, "connection")).toEqual([]);
    expect(dependsOn(device, "alarm")).toEqual(["haven/status"]);
  });

  it("lists every kind of event, as Home Assistant drops those it was not told of", () => {
    for (const discovery of [
      cameraDiscovery({ ...bedroom, hasBed: false }, context),
      daemonDiscovery(context),
    ])
      expect(asSent(discovery).components.event?.event_types).toEqual(EVENT_KINDS);
  });

  it("has a bed only where there is a bed, and says so when one is gone", () => {
    const without = cameraDiscovery({ ...bedroom, hasBed: false }, context);
    expect(without.components.bed).toBeUndefined();
    expect(withRemovals(without, OPTIONAL_CAMERA_COMPONENTS)?.components.bed).toEqual({
      platform: "binary_sensor",
    });
    expect(withRemovals(without, OPTIONAL_CAMERA_COMPONENTS)?.components.fall).toEqual(
      without.components.fall,
    );
    expect(withRemovals(cameraDiscovery(bedroom, context), OPTIONAL_CAMERA_COMPONENTS)).toBeNull();
  });
});

describe("what Home Assistant is told of care", () => {
  const { components } = asSent(daemonDiscovery(context, PLACES));

  it("offers every mode, and shows what each amounts to", () => {
    expect(components.mode).toMatchObject({
      platform: "select",
      options: MODES,
      state_topic: "haven/mode",
      command_topic: "haven/mode/set",
      json_attributes_topic: "haven/mode/attributes",
    });
  });

  it("sends with its buttons and its switch what Haven understands", () => {
    const sent = (key: string, payload: unknown) =>
      parseCommand(String(components[key]?.command_topic), Buffer.from(String(payload)));
    const { snooze, end_snooze, acknowledge } = components;
    expect(sent("snooze", snooze?.payload_press)).toMatchObject({ kind: "snooze", minutes: 30, area: null });
    expect(sent("end_snooze", end_snooze?.payload_press)).toMatchObject({ kind: "snooze", minutes: 0 });
    expect(sent("acknowledge", acknowledge?.payload_press)).toMatchObject({ kind: "acknowledge" });
    expect(sent("drill", "ON")).toMatchObject({ kind: "drill", on: true });
    for (const mode of MODES) expect(sent("mode", mode)).toMatchObject({ kind: "mode", mode });
  });

  it("keeps the drill from being switched along with a room's lights", () => {
    expect(components.drill?.entity_category).toBe("config");
    for (const key of ["mode", "snoozed", "snooze", "end_snooze"])
      expect(components[key]?.entity_category, key).toBeUndefined();
  });

  it("has the sensors of a day that an area's zones can tell, and of who is there", () => {
    const keys = Object.keys(components).filter((key) => /^(area|door)_/.test(key));
    expect(keys.toSorted()).toEqual([
      "area_hall_blind_minutes",
      "area_hall_occupancy",
      "area_hall_occupied_minutes",
      "area_hall_person_count",
      "area_hall_unknown_person",
      "area_schlafzimmer_sud_bed_exits",
      "area_schlafzimmer_sud_blind_minutes",
      "area_schlafzimmer_sud_in_bed_minutes",
      "area_schlafzimmer_sud_occupancy",
      "area_schlafzimmer_sud_occupied_minutes",
      "area_schlafzimmer_sud_person_count",
      "area_schlafzimmer_sud_unknown_person",
      "door_bathroom_minutes",
      "door_bathroom_visits",
      "door_outside_minutes",
      "door_outside_visits",
    ]);
    expect(components.area_schlafzimmer_sud_in_bed_minutes).toMatchObject({
      name: "Schlafzimmer Süd in bed today",
      default_entity_id: "sensor.haven_area_schlafzimmer_sud_in_bed_minutes",
      state_topic: "haven/area/schlafzimmer_sud/in_bed_minutes",
      device_class: "duration",
      unit_of_measurement: "min",
    });
    expect(components.door_bathroom_visits).toMatchObject({ name: "Bathroom visits today" });
    expect(components.area_hall_occupancy).toMatchObject({
      platform: "binary_sensor",
      name: "Hall occupancy",
      device_class: "occupancy",
      state_topic: "haven/area/hall/occupancy",
    });
    expect(components.area_hall_person_count).toMatchObject({ state_class: "measurement" });
    expect(components.area_hall_unknown_person).toMatchObject({
      platform: "binary_sensor",
      default_entity_id: "binary_sensor.haven_area_hall_unknown_person",
      state_topic: "haven/area/hall/unknown_person",
    });
    expect(components.door_bathroom_visits).not.toHaveProperty("unit_of_measurement");
  });

  it("counts days so that midnight takes nothing off the sum, and the week's false alarms as they are", () => {
    for (const [key, component] of Object.entries(components))
      if (/^(area|door)_.*(minutes|exits|visits)$/.test(key))
        expect(component.state_class, key).toBe("total_increasing");
    const { false_alarms } = asSent(cameraDiscovery(bedroom, context)).components;
    expect(false_alarms?.state_class).toBe("measurement");
  });
});

describe("what Home Assistant is told of a person", () => {
  const device = asSent(personDiscovery(ROSA, ["Bedroom", "Hall"], context));

  it("is a device of their own below the daemon's, by an id that says nothing of them", () => {
    expect(device.device).toMatchObject({
      identifiers: ["haven_person_p_01k9zq3e8w"],
      name: "Rosa",
      via_device: "haven",
    });
    expect(Object.values(device.components).map((entity) => entity.unique_id)).toEqual([
      "haven_person_p_01k9zq3e8w_area",
      "haven_person_p_01k9zq3e8w_last_seen",
      "haven_person_p_01k9zq3e8w_presence",
      "haven_person_p_01k9zq3e8w_event",
    ]);
    for (const key of Object.keys(device.components))
      expect(dependsOn(device, key)).toEqual(["haven/status"]);
  });

  it("keeps unique ids when they are renamed", () => {
    const renamed = asSent(personDiscovery({ ...ROSA, name: "Rosa Maria" }, ["Bedroom", "Hall"], context));
    const ids = ({ components }: Device) => Object.values(components).map((entity) => entity.unique_id);
    expect(ids(renamed)).toEqual(ids(device));
  });

  it("is which area they are in, away, or not seen: a word for everything", () => {
    expect(device.components.area).toMatchObject({
      device_class: "enum",
      options: ["Bedroom", "Hall", "away", "not_seen"],
      default_entity_id: "sensor.rosa_area",
      state_topic: "haven/person/p_01k9zq3e8w/area",
    });
    for (const entity of Object.values(device.components)) expect(entity).not.toHaveProperty("expire_after");
  });

  it("is a tracker in the form of today, which older Home Assistants understand too", () => {
    expect(device.components.presence).toMatchObject({
      platform: "device_tracker",
      default_entity_id: "device_tracker.rosa_presence",
      json_attributes_topic: "haven/person/p_01k9zq3e8w/attributes",
      state_topic: "haven/person/p_01k9zq3e8w/presence",
      source_type: "router",
    });
  });

  it("is every kind of event that their topic tells", () => {
    expect(device.components.event?.event_types).toEqual(PERSON_EVENTS);
    expect(device.components.event?.state_topic).toBe("haven/person/p_01k9zq3e8w/event");
  });
});

describe("the rules the announcements are held against", () => {
  const sent = asSent(cameraDiscovery(bedroom, context));
  const changed = (changes: object) => findings(JSON.stringify({ ...sent, ...changes }));
  const with_ = (key: string, changes: object) =>
    changed({ components: { ...sent.components, [key]: { ...sent.components[key], ...changes } } });

  it.each([
    ["an unknown key on the outer level", () => changed({ "~": "haven" })],
    ["a device without identifiers", () => changed({ device: { name: "x" } })],
    ["an unknown key of the device", () => changed({ device: { identifiers: ["x"], area: "x" } })],
    ["a missing origin", () => changed({ origin: undefined })],
    ["a misspelt key of a component", () => with_("fall", { json_attribute_topic: "x" })],
    ["a component without unique_id", () => with_("fall", { unique_id: undefined })],
    ["an event entity without types", () => with_("event", { event_types: [] })],
    ["the retired object_id", () => with_("fall", { object_id: "x" })],
    ["an entity id of another domain", () => with_("fall", { default_entity_id: "sensor.x" })],
    ["an entity id without a dot", () => with_("fall", { default_entity_id: "x" })],
    ["a device class of another platform", () => with_("occupancy", { device_class: "enum" })],
    ["options beside a unit", () => with_("status", { unit_of_measurement: "fps" })],
    [
      "a total of something that only text can say",
      () => with_("status", { state_class: "total_increasing" }),
    ],
    ["a select without options", () => with_("privacy", { platform: "select" })],
    ["a duration that is no time", () => with_("person_count", { device_class: "duration" })],
    [
      "a tracker that says nothing of zones",
      () => with_("bed", { platform: "device_tracker", default_entity_id: "device_tracker.x" }),
    ],
    ["an option that is there twice", () => with_("status", { options: ["online", "online"] })],
    ["a wildcard in a topic", () => with_("fall", { state_topic: "haven/+/fall" })],
    ["a name that repeats the device's", () => with_("fall", { name: "Bedroom fall" })],
    ["two entities with one id", () => with_("fall", { unique_id: sent.components.event?.unique_id })],
    [
      "a wrong availability entry",
      () => with_("bed", { availability: [{ topic: "x", payload_online: "y" }] }),
    ],
  ])("find %s", (_name, find) => expect(find()).not.toEqual([]));
});
