import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import type { FloorMapRecord } from "../../src/adl/floor-map.ts";
import type { Sleeper } from "../../src/adl/sleepers.ts";
import { FIGURE_ASPECT, figureOf, leanOfFall } from "../../src/bench/falling-figure.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { EventBus } from "../../src/core/event-bus.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { BusEvents } from "../../src/domain/bus.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { RoomState } from "../../src/domain/camera-status.ts";
import type { EventDraft } from "../../src/domain/events.ts";
import type { Pose } from "../../src/domain/pose.ts";
import type { FrameObservation, Track } from "../../src/domain/track.ts";
import { House, type RoomMemory } from "../../src/pipeline/house.ts";
import type { VisionEvents } from "../../src/pipeline/vision-supervisor.ts";

const HALL: Camera = {
  id: "hall",
  name: "Hall",
  area: "Hall",
  source: "rtsp://somewhere/stream",
  substream: null,
  transport: "auto",
  enabled: true,
  privacy: false,
  zones: [],
  overlaps: [],
};
const STREAM = { width: 640, height: 384, fps: 25, codec: "h264", durationS: null };
const SETTINGS = {
  adl: DEFAULT_ADL_SETTINGS,
  presence: { personTimeoutS: 2, occupancyHoldS: 5 },
  night: { from: "21:00", until: "07:00" },
};

let clock: ManualClock;
let vision: EventBus<VisionEvents>;
let house: House;
let drafts: EventDraft[];
let rooms: RoomState[];
let attention: [string, boolean][];
let mediaTimeS: number;
let floors: Map<string, FloorMapRecord>;
let sleepers: Map<string, readonly Sleeper[]>;

beforeEach(() => {
  clock = new ManualClock(1_800_000_000_000);
  vision = new EventBus<VisionEvents>(silentLogger);
  drafts = [];
  rooms = [];
  attention = [];
  mediaTimeS = 0;
  floors = new Map();
  sleepers = new Map();
  house = newHouse();
  house.configure([HALL], SETTINGS);
});

function newHouse(): House {
  const bus = new EventBus<BusEvents>(silentLogger);
  bus.on("room_state", (room) => rooms.push(room));
  const next = new House({
    clock,
    log: silentLogger,
    bus,
    vision,
    settings: SETTINGS,
    record: (draft) => drafts.push(draft),
    onObserved: () => {},
    memory: MEMORY,
    fallLatched: () => false,
    onLying: (cameraId, lying) => attention.push([cameraId, lying]),
  });
  next.start();
  return next;
}

const MEMORY: RoomMemory = {
  loadFloor: (cameraId) => floors.get(cameraId) ?? null,
  saveFloor: (cameraId, floor) => floors.set(cameraId, floor),
  forgetFloor: (cameraId) => floors.delete(cameraId),
  loadSleepers: (cameraId) => sleepers.get(cameraId) ?? [],
  saveSleepers: (cameraId, inBed) => sleepers.set(cameraId, inBed),
  forget: (cameraId) => {
    floors.delete(cameraId);
    sleepers.delete(cameraId);
  },
};

const kinds = () => drafts.map((draft) => draft.kind);
const online = () =>
  vision.emit("connection", { cameraId: "hall", state: { kind: "online", stream: STREAM } });
const offline = (reason: string) =>
  vision.emit("connection", { cameraId: "hall", state: { kind: "offline", reason } });

function somebody(): Track {
  return {
    id: 1,
    state: "confirmed",
    box: { x1: 0.4, y1: 0.2, x2: 0.6, y2: 0.9 },
    confidence: 0.6,
    pose: null,
    detected: true,
    firstSeenS: 0,
    lastSeenS: mediaTimeS,
  };
}

/** Shoulders, hips, knees and ankles one above the other. */
const HEIGHTS = [
  0.25, 0.24, 0.24, 0.25, 0.25, 0.35, 0.35, 0.45, 0.45, 0.55, 0.55, 0.55, 0.55, 0.7, 0.7, 0.88, 0.88,
];
const UPRIGHT: Pose = HEIGHTS.map((y) => ({ x: 0.5, y, confidence: 0.8 }));

/** Ten frames a second with these people in view. */
function watch(seconds: number, people: () => readonly Track[]): void {
  for (let frame = 0; frame < seconds * 10; frame += 1) {
    clock.advance(100);
    mediaTimeS += 0.1;
    vision.emit("observation", {
      stamp: { cameraId: "hall", sequence: Math.round(mediaTimeS * 10), capturedAt: clock.now(), mediaTimeS },
      aspect: 5 / 3,
      tracks: people(),
    });
  }
}

describe("a house", () => {
  it("tells once that a camera came, went and why", () => {
    online();
    clock.advance(5_000);
    offline("the host does not answer");
    offline("the host does not answer");
    expect(kinds()).toEqual(["camera_online", "camera_offline"]);
    expect(drafts[1]).toMatchObject({ evidence: { reason: "the host does not answer" } });
    clock.advance(3_000);
    online();
    expect(drafts[2]).toMatchObject({ kind: "camera_online", evidence: { offlineS: 3 } });
  });

  it("says that a camera is offline which never came", () => {
    offline("connection refused");
    expect(kinds()).toEqual(["camera_offline"]);
    expect(house.status("hall")).toMatchObject({ availability: "offline", reason: "connection refused" });
  });

  it("keeps somebody in the room over a hiccup of the camera", () => {
    online();
    watch(2, () => [somebody()]);
    offline("the stream broke off");
    clock.advance(4_000);
    online();
    mediaTimeS += 1;
    watch(1, () => [somebody()]);
    expect(kinds().filter((kind) => kind.startsWith("person"))).toEqual(["person_in"]);
    expect(house.room("hall")).toMatchObject({ occupied: true, personCount: 1 });
  });

  it("does not claim for ever that somebody is in a room nobody can look into", () => {
    online();
    watch(2, () => [somebody()]);
    offline("the stream broke off");
    // Every failed attempt brings another reason; that must not put the decision off.
    for (let attempt = 0; attempt < 4; attempt += 1) {
      clock.advance(3_000);
      offline(`attempt ${attempt} failed`);
    }
    expect(kinds()).toContain("person_out");
    expect(house.room("hall")).toMatchObject({ occupied: false, personCount: 0 });
    expect(rooms.at(-1)).toMatchObject({ occupied: false });
  });

  it("forgets who was there at once when privacy is switched on, and looks at no frame that was under way", () => {
    online();
    watch(2, () => [somebody()]);
    house.configure([{ ...HALL, privacy: true }], SETTINGS);
    expect(house.status("hall")?.availability).toBe("privacy");
    expect(house.room("hall")).toMatchObject({ occupied: false });
    const before = drafts.length;
    watch(2, () => [somebody()]);
    expect(drafts).toHaveLength(before);
    expect(house.room("hall")).toMatchObject({ occupied: false });
  });

  it("marks every camera offline while vision is down, but not one in privacy", () => {
    const bedroom = { ...HALL, id: "bedroom", name: "Bedroom", privacy: true };
    house.configure([HALL, bedroom], SETTINGS);
    online();
    vision.emit("connection", { cameraId: "bedroom", state: { kind: "privacy" } });
    vision.emit("state", { kind: "down", reason: "the vision process died", retryInMs: 500 });
    expect(house.status("hall")).toMatchObject({
      availability: "offline",
      reason: "the vision process died",
    });
    expect(house.status("bedroom")?.availability).toBe("privacy");
  });

  it("ends the visits of a camera that is removed", () => {
    online();
    watch(2, () => [somebody()]);
    house.configure([], SETTINGS);
    expect(kinds().at(-1)).toBe("person_out");
    expect(house.room("hall")).toBeNull();
  });

  it("gives an event the wall time at which it happened, not at which it was found out", () => {
    online();
    watch(1, () => [somebody()]);
    const lastSeen = clock.now();
    watch(4, () => []);
    const out = drafts.find((draft) => draft.kind === "person_out");
    expect(Math.abs((out?.capturedAt ?? 0) - lastSeen)).toBeLessThan(150);
  });

  it("says that a camera is blind, why, and that it sees again", () => {
    online();
    clock.advance(5_000);
    vision.emit("sight", { cameraId: "hall", blind: { cause: "dark", reason: "The picture is black." } });
    expect(house.status("hall")).toMatchObject({
      availability: "blind",
      blind: "dark",
      reason: "The picture is black.",
      stream: STREAM,
    });
    vision.emit("sight", { cameraId: "hall", blind: null });
    expect(house.status("hall")).toMatchObject({ availability: "online", blind: null, reason: null });
    expect(kinds()).toEqual(["camera_online", "camera_blind", "camera_online"]);
    expect(drafts[1]).toMatchObject({ evidence: { reason: "The picture is black." } });
  });

  it("calls a camera that is away offline, not blind, and blind again when it comes back so", () => {
    online();
    vision.emit("sight", {
      cameraId: "hall",
      blind: { cause: "frozen", reason: "The picture stands still." },
    });
    offline("the stream broke off");
    expect(house.status("hall")).toMatchObject({ availability: "offline", blind: null });
    online();
    expect(house.status("hall")).toMatchObject({ availability: "blind", blind: "frozen" });
    vision.emit("state", { kind: "down", reason: "it died", retryInMs: 500 });
    online();
    expect(house.status("hall")).toMatchObject({ availability: "online", blind: null });
  });

  it("shows how much of a camera's pictures is analysed, and nothing of it once the camera is away", () => {
    online();
    const health = { analysedFps: 4.04, dropped: 12, inputSize: 384, decoder: "vaapi", damagedPackets: 2 };
    vision.emit("health", { cameraId: "hall", health: { ...health, pace: "reduced" } });
    expect(house.status("hall")).toMatchObject({ ...health, analysedFps: 4, pace: "reduced" });
    offline("the stream broke off");
    expect(house.status("hall")).toMatchObject({ analysedFps: 0, pace: "full", decoder: "software" });
  });

  it("asks for attention while somebody lies, and goes on asking when nobody is seen any more", () => {
    online();
    watch(2, () => [somebody()]);
    expect(attention).toEqual([]);
    const lying = () => ({ ...somebody(), box: { x1: 0.2, y1: 0.78, x2: 0.8, y2: 0.95 } });
    watch(4, () => [lying()]);
    expect(attention).toEqual([["hall", true]]);
    watch(10, () => []);
    expect(attention).toEqual([["hall", true]]);
    watch(4, () => [{ ...somebody(), pose: UPRIGHT }]);
    expect(attention).toEqual([
      ["hall", true],
      ["hall", false],
    ]);
  });

  /** Somebody who stands for two seconds, falls, and lies; from the second they stand on. */
  function falling(cameraId: string, trackId: number, seconds: number): void {
    const begin = mediaTimeS;
    for (let frame = 0; frame < seconds * 10; frame += 1) {
      clock.advance(100);
      mediaTimeS += 0.1;
      vision.emit("observation", fallFrame(cameraId, trackId, mediaTimeS - begin - 2));
    }
  }

  function fallFrame(cameraId: string, trackId: number, sinceS: number): FrameObservation {
    const figure = figureOf({ feetX: 0.6, lean: leanOfFall(sinceS), gait: null }, () => 0);
    const track: Track = {
      ...figure,
      id: trackId,
      state: "confirmed",
      confidence: 0.7,
      detected: true,
      firstSeenS: 0,
      lastSeenS: mediaTimeS,
    };
    const sequence = Math.round(mediaTimeS * 10);
    const stamp = { cameraId, sequence, capturedAt: clock.now(), mediaTimeS };
    return { stamp, aspect: FIGURE_ASPECT, tracks: [track] };
  }

  /** Seconds without a picture. */
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  const falls = () => drafts.filter(({ kind }) => kind === "fall_confirmed" || kind === "long_lie");

  it("confirms a fall whose camera goes away a moment after the landing, and tells of the long lie", async () => {
    online();
    falling("hall", 1, 4.4);
    expect(kinds()).toContain("fall_suspected");
    expect(falls()).toEqual([]);
    offline("somebody pulled the cable in falling");
    await pass(3);
    expect(falls()).toMatchObject([{ kind: "fall_confirmed", cameraId: "hall" }]);
    await pass(70);
    expect(house.room("hall"), "of a room nobody looks into").toMatchObject({ occupied: false });
    expect(falls().map(({ kind }) => kind)).toEqual(["fall_confirmed", "long_lie"]);
    // When it happened, not when the camera was last seen.
    expect(Math.abs((falls()[1]?.capturedAt ?? 0) - clock.now())).toBeLessThan(15_000);
  });

  it("judges nothing of a room whose camera was closed by the privacy switch", async () => {
    online();
    falling("hall", 1, 4.4);
    house.configure([{ ...HALL, privacy: true }], SETTINGS);
    await pass(100);
    expect(falls()).toEqual([]);
  });

  it("tells once of a fall that two cameras see which see the same place, and twice where they do not", () => {
    const other = { ...HALL, id: "stairs", name: "Stairs", overlaps: ["hall"] };
    const both = (cameras: readonly Camera[]) => {
      house.configure(cameras, SETTINGS);
      drafts.length = 0;
      const begin = mediaTimeS;
      for (let frame = 0; frame < 80; frame += 1) {
        clock.advance(100);
        mediaTimeS += 0.1;
        for (const { id } of cameras) vision.emit("observation", fallFrame(id, 1, mediaTimeS - begin - 2));
      }
      return kinds().filter((kind) => kind === "fall_confirmed").length;
    };
    online();
    expect(both([HALL, other])).toBe(1);
    mediaTimeS += 3600;
    clock.advance(3_600_000);
    expect(both([HALL, { ...other, id: "attic", overlaps: [] }])).toBe(2);
  });

  it("keeps what it learned of a room's floor, and forgets it with the camera or when that was moved", () => {
    online();
    let step = 0;
    watch(60, () => {
      step += 1;
      const x = 0.3 + 0.4 * Math.abs(Math.sin(step / 40));
      const figure = figureOf({ feetX: x * FIGURE_ASPECT, lean: 0, gait: step }, () => 0);
      return [{ ...somebody(), ...figure }];
    });
    clock.advance(15 * 60_000);
    expect(floors.get("hall")).toMatchObject({ version: 1 });
    vision.emit("sight", { cameraId: "hall", blind: { cause: "moved", reason: "It looks elsewhere." } });
    expect(floors.has("hall")).toBe(false);
  });

  it("still knows after a restart who is in bed under the blanket, and tells when they get up", () => {
    const bed = {
      id: "bed",
      name: "Bed",
      kind: "bed" as const,
      leadsTo: null,
      polygon: [
        { x: 0.1, y: 0.5 },
        { x: 0.9, y: 0.5 },
        { x: 0.9, y: 1 },
        { x: 0.1, y: 1 },
      ],
    };
    const bedroom = { ...HALL, zones: [bed] };
    house.configure([bedroom], SETTINGS);
    online();
    const asleep = figureOf({ feetX: 0.6, lean: Math.PI / 2, gait: null }, () => 0);
    watch(8, () => [{ ...somebody(), ...asleep }]);
    watch(20, () => []);
    expect(kinds()).toContain("bed_entry");
    expect(house.room("hall")).toMatchObject({ occupied: true, bedOccupied: true });
    house[Symbol.dispose]();

    mediaTimeS = 0;
    drafts.length = 0;
    house = newHouse();
    house.configure([HALL], SETTINGS);
    expect(house.room("hall"), "without the bed drawn").toMatchObject({ occupied: false, bedOccupied: null });
    house[Symbol.dispose]();
    house = newHouse();
    house.configure([bedroom], SETTINGS);
    expect(house.room("hall")).toMatchObject({ occupied: true, personCount: 1, bedOccupied: true });
    online();
    watch(20, () => []);
    expect(house.room("hall")).toMatchObject({ occupied: true, bedOccupied: true });
    expect(kinds()).toEqual(["camera_online"]);
    const sitting = { ...somebody(), id: 7, firstSeenS: mediaTimeS + 0.1 };
    watch(1, () => [{ ...sitting, ...asleep }]);
    const standing = figureOf({ feetX: 0.05, lean: 0, gait: null }, () => 0);
    watch(4, () => [{ ...sitting, ...standing }]);
    expect(kinds()).toContain("bed_exit");
    expect(kinds()).not.toContain("bed_entry");
    expect(house.room("hall")).toMatchObject({ bedOccupied: false });
    expect(sleepers.get("hall")).toEqual([]);
  });
});
