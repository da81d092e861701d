import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { EventBus } from "../../src/core/event-bus.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { BusEvents } from "../../src/domain/bus.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { RoomState } from "../../src/domain/camera-status.ts";
import type { EventDraft } from "../../src/domain/events.ts";
import type { Pose } from "../../src/domain/pose.ts";
import type { Track } from "../../src/domain/track.ts";
import { House } from "../../src/pipeline/house.ts";
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
};
const STREAM = { width: 640, height: 384, fps: 25, codec: "h264", durationS: null };
const SETTINGS = { adl: DEFAULT_ADL_SETTINGS, presence: { personTimeoutS: 2, occupancyHoldS: 5 } };

let clock: ManualClock;
let vision: EventBus<VisionEvents>;
let house: House;
let drafts: EventDraft[];
let rooms: RoomState[];
let attention: [string, boolean][];
let mediaTimeS: number;

beforeEach(() => {
  clock = new ManualClock(1_800_000_000_000);
  vision = new EventBus<VisionEvents>(silentLogger);
  const bus = new EventBus<BusEvents>(silentLogger);
  drafts = [];
  rooms = [];
  attention = [];
  mediaTimeS = 0;
  bus.on("room_state", (room) => rooms.push(room));
  house = new House({
    clock,
    log: silentLogger,
    bus,
    vision,
    settings: SETTINGS,
    record: (draft) => drafts.push(draft),
    recordObservation: () => {},
    fallLatched: () => false,
    onLying: (cameraId, lying) => attention.push([cameraId, lying]),
  });
  house.start();
  house.configure([HALL], SETTINGS);
});

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
});
