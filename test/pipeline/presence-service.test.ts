import { describe, expect, it } from "vitest";
import { AT, camera, EXIT, FAR, IN_THE_DOOR, identity, NEAR, PresenceRig, person } from "./presence-rig.ts";

const ROSA = person("p_rosa", "Rosa");
const JON = person("p_jon", "Jon");
const CARLA = person("p_carla", "Carla", { kind: "carer" });
const STRANGER = person("p_stranger", null);

const ROOMS = [
  camera("bedroom", "Bedroom"),
  camera("kitchen", "Kitchen"),
  camera("hall", "Hall", { zones: [EXIT] }),
];
/** Two cameras that see the doorway between the rooms. */
const OPEN_PLAN = [
  camera("living", "Living room", { overlaps: ["dining"] }),
  camera("dining", "Dining room", { overlaps: ["living"] }),
];

function rig(cameras = ROOMS, everybody = [ROSA, JON], kept: unknown = null) {
  return new PresenceRig(cameras, everybody, kept).start();
}

describe("a person", () => {
  it("is away until they are first seen, and in the area of the camera that sees them then", async () => {
    const house = await rig();
    expect(house.told.map(({ name, home, area }) => [name, home, area])).toEqual([
      ["Rosa", false, null],
      ["Jon", false, null],
    ]);
    house.is("bedroom", 1, ROSA).play({ bedroom: { 1: NEAR } }, 1);
    expect(house.of(ROSA)).toMatchObject({
      home: true,
      visible: true,
      area: "Bedroom",
      cameraId: "bedroom",
      cue: "face",
      confidence: 0.9,
    });
    expect(house.of(JON).home).toBe(false);
  });

  it("stays where they were last while nobody sees them, at home", async () => {
    const house = await rig();
    house
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, ROSA)
      .wait(8 * 3600);
    expect(house.of(ROSA)).toMatchObject({ home: true, visible: false, area: "Bedroom" });
    expect(house.of(ROSA).lastSeenAt).toBe(AT + 800);
  });

  it("moves to another area when they are seen there for a moment, not at once", async () => {
    const house = await rig();
    house
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, ROSA)
      .play({ bedroom: { 1: NEAR } }, 5);
    house.play({ kitchen: { 2: NEAR } }, 0.4).is("kitchen", 2, ROSA);
    house.play({ kitchen: { 2: NEAR } }, 1.6);
    expect(house.of(ROSA)).toMatchObject({ area: "Bedroom", visible: true });
    house.play({ kitchen: { 2: NEAR } }, 3);
    expect(house.of(ROSA)).toMatchObject({ area: "Kitchen", cameraId: "kitchen" });
    expect(house.path(ROSA)).toEqual([null, "Bedroom", "Kitchen"]);
  });

  it("does not flap between two cameras that both see them", async () => {
    const house = await rig(OPEN_PLAN);
    house
      .play({ living: { 1: NEAR }, dining: { 1: FAR } }, 1)
      .is("living", 1, ROSA)
      .is("dining", 1, ROSA);
    for (let turn = 0; turn < 20; turn += 1) {
      house.play({ living: { 1: NEAR }, dining: { 1: FAR } }, 1);
      house.play({ living: { 1: FAR }, dining: { 1: NEAR } }, 1);
    }
    expect(house.path(ROSA)).toEqual([null, "Living room"]);
    expect(house.area("Living room").personIds).toEqual([ROSA.id]);
    expect(house.area("Dining room")).toMatchObject({ personIds: [], count: 0, occupied: false });
  });

  it("is where the better view is once it has been better for a while", async () => {
    const house = await rig(OPEN_PLAN);
    house
      .play({ living: { 1: NEAR }, dining: { 1: FAR } }, 1)
      .is("living", 1, ROSA)
      .is("dining", 1, ROSA);
    house.play({ living: { 1: NEAR }, dining: { 1: FAR } }, 5);
    house.play({ living: { 1: FAR }, dining: { 1: NEAR } }, 5);
    expect(house.path(ROSA)).toEqual([null, "Living room", "Dining room"]);
  });

  it("stays where they are for a view that is only a little better", async () => {
    const house = await rig(OPEN_PLAN);
    const nearer = { ...NEAR, y2: NEAR.y2 + 0.08 };
    const scene = { living: { 1: NEAR }, dining: { 1: nearer } };
    house
      .play({ living: { 1: NEAR } }, 1)
      .is("living", 1, ROSA)
      .play({ living: { 1: NEAR } }, 1);
    house.play(scene, 1).is("dining", 1, ROSA).play(scene, 20);
    expect(house.path(ROSA)).toEqual([null, "Living room"]);
  });

  it("goes away after leaving through a door that leads outside, and not before a while has passed", async () => {
    const house = await rig();
    house
      .play({ hall: { 1: NEAR } }, 1)
      .is("hall", 1, ROSA)
      .play({ hall: { 1: IN_THE_DOOR } }, 1);
    house.wait(110);
    expect(house.of(ROSA)).toMatchObject({ home: true, area: "Hall" });
    house.wait(20);
    expect(house.of(ROSA)).toMatchObject({ home: false, area: null, visible: false });
    // Coming back is seen at once.
    house
      .play({ hall: { 2: IN_THE_DOOR } }, 0.4)
      .is("hall", 2, ROSA)
      .play({ hall: { 2: NEAR } }, 0.6);
    expect(house.of(ROSA)).toMatchObject({ home: true, area: "Hall" });
  });

  it("who stood in the front door and went back in is at home", async () => {
    const house = await rig();
    house
      .play({ hall: { 1: IN_THE_DOOR } }, 1)
      .is("hall", 1, ROSA)
      .play({ hall: { 1: NEAR } }, 1)
      .wait(3600);
    expect(house.of(ROSA)).toMatchObject({ home: true, area: "Hall" });
  });

  it("nobody saw leave is away after many hours in which they could have been seen", async () => {
    const house = await rig();
    house.play({ kitchen: { 1: NEAR } }, 1).is("kitchen", 1, ROSA);
    house.wait(15.9 * 3600);
    expect(house.of(ROSA).home).toBe(true);
    house.wait(0.2 * 3600);
    expect(house.of(ROSA)).toMatchObject({ home: false, area: null });
  });

  it("is not away because the room they were last in cannot be watched, but is not claimed to be in it either", async () => {
    const house = await rig();
    house.play({ bedroom: { 1: NEAR } }, 1).is("bedroom", 1, ROSA);
    house.camera("bedroom", "offline");
    house.wait(20);
    expect(house.of(ROSA).area).toBe("Bedroom");
    house.wait(20);
    expect(house.of(ROSA)).toMatchObject({ area: null, home: true });
    house.wait(40 * 3600);
    expect(house.of(ROSA).home).toBe(true);
    house.camera("bedroom", "online");
    house.wait(4);
    expect(house.of(ROSA)).toMatchObject({ area: "Bedroom", home: true });
  });

  it("is not told to be anywhere by likeness that is only tentative", async () => {
    const house = await rig();
    house
      .play({ kitchen: { 1: NEAR } }, 1)
      .is("kitchen", 1, null, { tentativeId: ROSA.id })
      .play({ kitchen: { 1: NEAR } }, 5);
    expect(house.of(ROSA)).toMatchObject({ home: false, visible: false });
    expect(house.area("Kitchen")).toMatchObject({ count: 1, personIds: [], unknownPresent: false });
  });

  it("was never there when the track turns out to be somebody else's", async () => {
    const house = await rig();
    house
      .play({ hall: { 1: NEAR } }, 1)
      .is("hall", 1, JON)
      .play({ hall: { 1: IN_THE_DOOR } }, 1)
      .wait(200);
    expect(house.of(JON).home).toBe(false);
    house
      .play({ kitchen: { 2: NEAR } }, 1)
      .is("kitchen", 2, JON)
      .play({ kitchen: { 2: NEAR } }, 5);
    expect(house.of(JON)).toMatchObject({ home: true, area: "Kitchen" });
    house.is("kitchen", 2, ROSA).play({ kitchen: { 2: NEAR } }, 5);
    expect(house.of(JON)).toMatchObject({ home: false, area: null, lastSeenAt: AT + 1_800 });
    expect(house.of(ROSA)).toMatchObject({ home: true, area: "Kitchen", visible: true });
  });

  it("stays put when one of two tracks that were taken for them was another's", async () => {
    const house = await rig();
    house
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, ROSA)
      .play({ bedroom: { 1: NEAR } }, 2);
    house
      .play({ kitchen: { 2: NEAR } }, 1)
      .is("kitchen", 2, ROSA)
      .play({ kitchen: { 2: NEAR } }, 5);
    house.is("kitchen", 2, JON).wait(5);
    expect(house.of(ROSA).home).toBe(true);
  });

  it("who was recognised only after they had passed was there all the same", async () => {
    const house = await rig();
    house
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, ROSA)
      .wait(60);
    house.play({ hall: { 5: NEAR } }, 1).play({}, 4);
    house.is("hall", 5, ROSA);
    expect(house.of(ROSA)).toMatchObject({ area: "Hall", visible: false, home: true });
    expect(house.of(ROSA).lastSeenAt).toBe(AT + 61_800);
  });

  it("is told when something changes, and once a minute while they stay in sight", async () => {
    const house = await rig();
    house.play({ bedroom: { 1: NEAR } }, 1).is("bedroom", 1, ROSA);
    const from = house.told.length;
    house.play({ bedroom: { 1: NEAR } }, 600);
    expect(house.told.length - from).toBe(10);
  });

  it("keeps their place when the room is given another name", async () => {
    const house = await rig();
    house
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, ROSA)
      .wait(60);
    house.configure([camera("bedroom", "Schlafzimmer"), ...ROOMS.slice(1)]);
    expect(house.of(ROSA)).toMatchObject({ area: "Schlafzimmer", home: true });
    expect(house.service.areas().map(({ area }) => area)).not.toContain("Bedroom");
  });

  it("is out of sight at once of a camera whose privacy is switched on", async () => {
    const house = await rig();
    house.play({ bedroom: { 1: NEAR } }, 1).is("bedroom", 1, ROSA);
    expect(house.of(ROSA).visible).toBe(true);
    house.configure([camera("bedroom", "Bedroom", { privacy: true }), ...ROOMS.slice(1)]);
    expect(house.of(ROSA).visible).toBe(false);
    expect(house.area("Bedroom")).toMatchObject({ watched: false, personIds: [] });
  });
});

describe("a restart", () => {
  it("finds everybody where they were, and says so at once", async () => {
    const before = await rig();
    before
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, ROSA)
      .wait(60);
    before
      .play({ hall: { 2: NEAR } }, 1)
      .is("hall", 2, JON)
      .play({ hall: { 2: IN_THE_DOOR } }, 1)
      .wait(300);
    await before.service.stop();
    const after = await rig(ROOMS, [ROSA, JON], before.kept);
    expect(
      after.told.slice(0, 2).map(({ name, home, area, visible }) => [name, home, area, visible]),
    ).toEqual([
      ["Rosa", true, "Bedroom", false],
      ["Jon", false, null, false],
    ]);
  });

  it("by a crash loses no change of home or area", async () => {
    const before = await rig();
    before.play({ bedroom: { 1: NEAR } }, 1).is("bedroom", 1, ROSA);
    const after = await rig(ROOMS, [ROSA, JON], before.kept);
    expect(after.of(ROSA)).toMatchObject({ home: true, area: "Bedroom" });
  });

  it.each([
    ["nothing", null],
    ["rubbish", "x"],
    [
      "another version",
      {
        version: 9,
        persons: [
          {
            id: "p_rosa",
            home: true,
            area: "Hall",
            cameraId: "hall",
            lastSeenAt: AT,
            since: AT,
            leaving: false,
            unseen: 0,
          },
        ],
      },
    ],
    ["broken entries", { version: 1, persons: [null, { id: 7 }, { id: "p_rosa", home: "yes" }] }],
  ])("with %s kept goes by when the gallery last saw them", async (_name, kept) => {
    const seen = person("p_rosa", "Rosa", { lastSeenAt: AT - 3_600_000, lastCameraId: "kitchen" });
    const long = person("p_jon", "Jon", { lastSeenAt: AT - 90_000_000, lastCameraId: "kitchen" });
    const house = await rig(ROOMS, [seen, long], kept);
    expect(house.of(seen)).toMatchObject({ home: true, area: "Kitchen" });
    expect(house.of(long)).toMatchObject({ home: false, area: null });
  });

  it("keeps no names", async () => {
    const house = await rig();
    house.play({ bedroom: { 1: NEAR } }, 1).is("bedroom", 1, ROSA);
    expect(JSON.stringify(house.kept)).not.toContain("Rosa");
  });
});

describe("the list of persons", () => {
  it("takes along who was forgotten: out of what is told, and of what is kept", async () => {
    const house = await rig();
    house.play({ bedroom: { 1: NEAR } }, 1).is("bedroom", 1, ROSA);
    house.everybody = [JON];
    house.bus.emit("persons", undefined);
    expect(house.gone).toEqual([ROSA.id]);
    expect(JSON.stringify(house.kept)).not.toContain(ROSA.id);
    house.play({ bedroom: { 1: NEAR } }, 3);
    expect(house.area("Bedroom")).toMatchObject({ personIds: [], count: 1 });
  });

  it("moves where somebody was to the person they were merged into", async () => {
    const house = await rig(ROOMS, [ROSA, STRANGER]);
    house
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, STRANGER)
      .play({ bedroom: { 1: NEAR } }, 1);
    house.everybody = [ROSA];
    house.merged.set(STRANGER.id, ROSA.id);
    house.bus.emit("persons", undefined);
    expect(house.gone).toEqual([STRANGER.id]);
    expect(house.of(ROSA)).toMatchObject({ home: true, visible: true, area: "Bedroom" });
  });

  it("keeps that after they have gone out of sight, whoever of the two was seen last", async () => {
    for (const [gone, stays] of [
      [STRANGER, ROSA],
      [ROSA, STRANGER],
    ] as const) {
      const named = { ...stays, name: "Rosa" };
      const house = await rig(ROOMS, [gone, named]);
      house
        .play({ kitchen: { 1: NEAR } }, 1)
        .is("kitchen", 1, named)
        .wait(300);
      house
        .play({ bedroom: { 1: NEAR } }, 1)
        .is("bedroom", 1, gone)
        .wait(300);
      expect(house.of(named).area).toBe("Kitchen");
      house.everybody = [named];
      house.merged.set(gone.id, named.id);
      house.bus.emit("persons", undefined);
      expect(house.of(named)).toMatchObject({ home: true, visible: false, area: "Bedroom" });
    }
  });

  it("tells of a new name at once", async () => {
    const house = await rig();
    const from = house.told.length;
    house.everybody = [{ ...ROSA, name: "Rosa Maria" }, JON];
    house.bus.emit("persons", undefined);
    expect(house.told.slice(from)).toMatchObject([{ personId: ROSA.id, name: "Rosa Maria" }]);
  });

  it("makes somebody without a name again no longer one of the household's", async () => {
    const house = await rig();
    house.everybody = [{ ...ROSA, name: null }, JON];
    house.bus.emit("persons", undefined);
    expect(house.gone).toEqual([ROSA.id]);
  });

  it("follows a visitor nobody has named while they are there, and not for ever", async () => {
    const house = await rig(ROOMS, [ROSA, STRANGER]);
    expect(house.service.persons()).toHaveLength(1);
    house
      .play({ hall: { 1: NEAR } }, 1)
      .is("hall", 1, STRANGER)
      .play({ hall: { 1: IN_THE_DOOR } }, 1);
    expect(house.of(STRANGER)).toMatchObject({ named: false, name: "Visitor-A", home: true, area: "Hall" });
    house.wait(200);
    expect(house.told.at(-1)).toMatchObject({ personId: STRANGER.id, home: false });
    expect(house.service.persons()).toHaveLength(1);
  });
});

describe("an area", () => {
  it("counts somebody whom two overlapping cameras see once, recognised by both, by one or by none", async () => {
    const cameras = [camera("one", "Living room", { overlaps: ["two"] }), camera("two", "Living room")];
    const house = await rig(cameras);
    house.play({ one: { 1: NEAR }, two: { 1: NEAR } }, 1);
    expect(house.area("Living room")).toMatchObject({ count: 1, occupied: true, personIds: [] });
    house.is("one", 1, ROSA).play({ one: { 1: NEAR }, two: { 1: NEAR } }, 1);
    expect(house.area("Living room")).toMatchObject({ count: 1, personIds: [ROSA.id] });
    house.is("two", 1, ROSA).play({ one: { 1: NEAR }, two: { 1: NEAR } }, 1);
    expect(house.area("Living room")).toMatchObject({ count: 1, personIds: [ROSA.id] });
    house.is("two", 1, JON).play({ one: { 1: NEAR }, two: { 1: NEAR } }, 1);
    expect(house.area("Living room")).toMatchObject({ count: 2, personIds: [JON.id, ROSA.id] });
  });

  it("adds up cameras that do not overlap", async () => {
    const house = await rig([camera("one", "Hall"), camera("two", "Hall")]);
    house.play({ one: { 1: NEAR }, two: { 1: NEAR, 2: FAR } }, 1);
    expect(house.area("Hall").count).toBe(3);
    house
      .is("one", 1, ROSA)
      .is("two", 1, ROSA)
      .play({ one: { 1: NEAR }, two: { 1: NEAR, 2: FAR } }, 1);
    expect(house.area("Hall").count).toBe(2);
  });

  it("is empty again when everybody has gone, and unwatched without a camera", async () => {
    const house = await rig();
    house
      .play({ kitchen: { 1: NEAR } }, 1)
      .is("kitchen", 1, ROSA)
      .play({ kitchen: { 1: NEAR } }, 1)
      .play({}, 4);
    expect(house.area("Kitchen")).toEqual({
      area: "Kitchen",
      watched: true,
      occupied: false,
      count: 0,
      personIds: [],
      unknownPresent: false,
    });
    house.camera("kitchen", "blind");
    house.play({}, 1);
    expect(house.area("Kitchen").watched).toBe(false);
  });

  it("has somebody unknown in it once a face was looked at and is nobody's, for some seconds", async () => {
    const house = await rig(ROOMS, [ROSA, STRANGER]);
    house
      .play({ hall: { 1: NEAR } }, 1)
      .is("hall", 1, STRANGER)
      .play({ hall: { 1: NEAR } }, 2);
    expect(house.area("Hall").unknownPresent).toBe(false);
    house.play({ hall: { 1: NEAR } }, 2);
    expect(house.area("Hall").unknownPresent).toBe(true);
    // Named while they stand there: a stranger no more.
    house.everybody = [ROSA, { ...STRANGER, name: "Nora" }];
    house.bus.emit("persons", undefined);
    house.play({ hall: { 1: NEAR } }, 11);
    expect(house.area("Hall").unknownPresent).toBe(false);
  });

  it("has nobody unknown in it because somebody turns their back, or was taken for another for a moment", async () => {
    const house = await rig(ROOMS, [ROSA, STRANGER]);
    house
      .play({ hall: { 1: NEAR } }, 1)
      .is("hall", 1, null)
      .play({ hall: { 1: NEAR } }, 60);
    expect(house.area("Hall").unknownPresent).toBe(false);
    house
      .is("hall", 1, STRANGER)
      .play({ hall: { 1: NEAR } }, 2)
      .is("hall", 1, ROSA)
      .play({ hall: { 1: NEAR } }, 20);
    expect(house.areas.some(({ unknownPresent }) => unknownPresent)).toBe(false);
  });

  it("has nobody unknown in it because clothes have an entry of their own: it may be somebody's back", async () => {
    const house = await rig(ROOMS, [ROSA, STRANGER]);
    house
      .play({ hall: { 1: NEAR } }, 1)
      .is("hall", 1, STRANGER, { cue: "appearance" })
      .play({ hall: { 1: NEAR } }, 20);
    expect(house.area("Hall").unknownPresent).toBe(false);
    const { decision } = identity("hall", 1, null);
    house
      .is("hall", 1, null, { decision: { ...decision, reasons: ["below_unknown", "no_face"] } })
      .play({ hall: { 1: NEAR } }, 20);
    expect(house.area("Hall").unknownPresent).toBe(false);
  });

  it("has somebody unknown in it whose face is nobody's, without an entry of their own", async () => {
    const house = await rig();
    const { decision } = identity("hall", 1, null);
    house
      .play({ hall: { 1: NEAR } }, 1)
      .is("hall", 1, null, { decision: { ...decision, reasons: ["below_unknown"] } });
    house.play({ hall: { 1: NEAR } }, 5);
    expect(house.area("Hall").unknownPresent).toBe(true);
    // Who may be somebody known is not told to be a stranger.
    house.is("hall", 1, null, {
      decision: { ...decision, reasons: ["below_unknown"] },
      tentativeId: ROSA.id,
    });
    house.play({ hall: { 1: NEAR } }, 11);
    expect(house.area("Hall").unknownPresent).toBe(false);
  });
});

describe("carers", () => {
  it("are told at every change, and again while they are there", async () => {
    const house = await rig(ROOMS, [ROSA, CARLA]);
    house
      .play({ bedroom: { 1: NEAR } }, 1)
      .is("bedroom", 1, ROSA)
      .play({ bedroom: { 1: NEAR } }, 5);
    expect(house.carers).toEqual([]);
    house
      .play({ bedroom: { 2: NEAR } }, 1)
      .is("bedroom", 2, CARLA)
      .play({ bedroom: { 2: NEAR } }, 65)
      .play({}, 60);
    expect(house.carers.map(({ area, names }) => [area, names])).toEqual([
      ["Bedroom", ["Carla"]],
      ["Bedroom", ["Carla"]],
      ["Bedroom", ["Carla"]],
      ["Bedroom", ["Carla"]],
      ["Bedroom", []],
    ]);
    const times = house.carers.map(({ at }) => at);
    for (const [index, at] of times.slice(1).entries())
      expect(at - (times[index] ?? 0)).toBeLessThanOrEqual(30_000);
  });
});
