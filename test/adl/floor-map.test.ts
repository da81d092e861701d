import { describe, expect, it } from "vitest";
import { createFloorMap, FloorMap, floorWithZones } from "../../src/adl/floor-map.ts";
import type { Posture } from "../../src/domain/activity.ts";
import type { Point } from "../../src/domain/geometry.ts";
import { KEYPOINTS, type Keypoint } from "../../src/domain/pose.ts";
import type { Track } from "../../src/domain/track.ts";
import type { Zone, ZoneKind } from "../../src/domain/zone.ts";
import { randomOf } from "../support/synthetic-room.ts";

const ASPECT = 16 / 9;
const HORIZON = 0.1;
/** Picture heights of 1.7 m for each picture height below the horizon: a level camera, mounted at 2.3 m. */
const STATURE_PER_DROP = 1.7 / 2.3;

/** How tall somebody of 1.7 m stands there, before a level camera. */
const standingAt = (footY: number) => STATURE_PER_DROP * (footY - HORIZON);

function body(
  id: number,
  feet: Point,
  options: { tall?: number; sure?: number; timeS?: number } = {},
): Track {
  const { tall = standingAt(feet.y), sure = 0.7, timeS = 0 } = options;
  const width = (tall * 0.3) / ASPECT;
  const box = { x1: feet.x - width / 2, y1: feet.y - tall, x2: feet.x + width / 2, y2: feet.y };
  const ankleY = feet.y - 0.039 * tall;
  const pose = KEYPOINTS.map((name): Keypoint => {
    const side = name.startsWith("left") ? 1 : -1;
    const y = name.endsWith("ankle")
      ? ankleY
      : name.endsWith("hip")
        ? feet.y - 0.5 * tall
        : box.y1 + 0.1 * tall;
    return { x: feet.x + (side * width) / 8, y, confidence: sure };
  });
  return {
    id,
    state: "confirmed",
    box,
    confidence: 0.8,
    pose,
    detected: true,
    firstSeenS: 0,
    lastSeenS: timeS,
  };
}

let clock = 0;

/** Somebody walks from one place to another at about 1 m/s. */
function walk(map: FloorMap, id: number, from: Point, to: Point, posture: Posture = "walking"): void {
  for (let step = 0; step <= 40; step += 1, clock += 0.1) {
    const feet = { x: from.x + ((to.x - from.x) * step) / 40, y: from.y + ((to.y - from.y) * step) / 40 };
    map.learn(body(id, feet, { timeS: clock }), posture, ASPECT, clock);
  }
}

/** Two people go all around a room and across it. */
function walkedRoom(): FloorMap {
  const map = createFloorMap();
  const corners = [
    { x: 0.2, y: 0.5 },
    { x: 0.75, y: 0.5 },
    { x: 0.85, y: 0.85 },
    { x: 0.15, y: 0.85 },
  ];
  for (const id of [1, 2]) {
    for (const [index, from] of corners.entries()) walk(map, id, from, corners[(index + 1) % 4] ?? from);
    walk(map, id, { x: 0.5, y: 0.5 }, { x: 0.5, y: 0.85 });
    walk(map, id, { x: 0.2, y: 0.68 }, { x: 0.8, y: 0.68 });
  }
  return map;
}

function zone(kind: ZoneKind, x1: number, y1: number, x2: number, y2: number): Zone {
  const polygon = [
    { x: x1, y: y1 },
    { x: x2, y: y1 },
    { x: x2, y: y2 },
    { x: x1, y: y2 },
  ];
  return { id: kind, name: kind, kind, polygon, leadsTo: null };
}

describe("the floor of a room that people walk through", () => {
  it("is unknown before anybody has walked there", () => {
    expect(createFloorMap().isFloor({ x: 0.5, y: 0.7 })).toBeNull();
    expect(createFloorMap().expectedHeight(0.7)).toBeNull();
    expect(createFloorMap().record()).toBeNull();
  });

  it("is where feet were, between them, and nearer to the camera; walls and what nobody has reached stay unknown", () => {
    const map = walkedRoom();
    expect(map.isFloor({ x: 0.3, y: 0.5 })).toBe(true);
    // Nobody has stepped on it, people have walked around it.
    expect(map.isFloor({ x: 0.42, y: 0.6 })).toBe(true);
    expect(map.isFloor({ x: 0.5, y: 0.95 })).toBe(true);
    expect(map.isFloor({ x: 0.5, y: 0.3 })).toBeNull();
    expect(map.isFloor({ x: 0.97, y: 0.5 })).toBeNull();
    expect(map.isFloor({ x: 1.2, y: 0.5 })).toBeNull();
  });

  it("is not learned from a single passing pose, from feet that are guessed or cut off, nor from who sits or bends", () => {
    const map = createFloorMap();
    map.learn(body(1, { x: 0.5, y: 0.6 }), "standing", ASPECT, 0);
    for (let id = 2; id < 30; id += 1) {
      map.learn(body(id, { x: 0.3, y: 0.6 }, { sure: 0.25 }), "walking", ASPECT, id);
      map.learn(body(id, { x: 0.4, y: 0.995 }), "walking", ASPECT, id);
      map.learn(body(id, { x: 0.6, y: 0.6 }), "bending", ASPECT, id);
      map.learn(body(id, { x: 0.7, y: 0.6 }), "lying", ASPECT, id);
      map.learn({ ...body(id, { x: 0.8, y: 0.6 }), detected: false }, "walking", ASPECT, id);
    }
    for (const x of [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]) expect(map.isFloor({ x, y: 0.6 })).toBeNull();
    expect(map.isFloor({ x: 0.4, y: 0.99 })).toBeNull();
  });

  it("counts who stands in one place all day no more than who walks by", () => {
    const map = createFloorMap();
    for (let timeS = 0; timeS < 3; timeS += 0.1) {
      map.learn(body(1, { x: 0.5, y: 0.6 }), "standing", ASPECT, timeS);
    }
    expect(map.isFloor({ x: 0.5, y: 0.6 })).toBeNull();
  });
});

describe("furniture", () => {
  const seat = { x: 0.35, y: 0.59 };
  /** Sits with the hips in one place, for so long. */
  const sit = (map: FloorMap, id: number, seconds: number) => {
    for (let second = 0; second <= seconds; second += 1, clock += 1) {
      const sitting = body(id, { x: seat.x, y: seat.y + 0.15 }, { tall: 0.3 });
      map.learn(sitting, "sitting", ASPECT, clock);
    }
  };

  it("is where people have sat several times and nobody walks", () => {
    const map = walkedRoom();
    for (const id of [11, 12, 13]) sit(map, id, 70);
    expect(map.isFloor(seat)).toBe(false);
    expect(map.isFloor({ x: 0.3, y: 0.5 })).toBe(true);
  });

  it("is not where somebody slid to the floor and sat for an hour", () => {
    const map = walkedRoom();
    sit(map, 11, 3600);
    expect(map.isFloor(seat)).toBe(true);
  });
});

describe("how tall somebody stands", () => {
  it("follows the camera's perspective within three per cent, also where nobody has walked yet", () => {
    const map = walkedRoom();
    for (const footY of [0.45, 0.5, 0.6, 0.7, 0.8, 0.9]) {
      expect((map.expectedHeight(footY) ?? 0) / standingAt(footY)).toBeCloseTo(1, 1.5);
    }
    expect(map.expectedHeight(0.15)).toBeNull();
  });

  it("is not bent by a child, by wrong boxes or by noise", () => {
    const map = createFloorMap();
    const random = randomOf(5);
    for (let index = 0; index < 1500; index += 1) {
      const feet = { x: 0.1 + 0.8 * random(), y: 0.45 + 0.45 * random() };
      const kind = random();
      const share = kind < 0.15 ? 0.55 : kind < 0.2 ? 1.5 : 1 + 0.1 * (random() - 0.5);
      const tall = standingAt(feet.y) * share;
      map.learn(body(index, feet, { tall }), "standing", ASPECT, index);
    }
    for (const footY of [0.5, 0.6, 0.7, 0.8]) {
      expect(Math.abs((map.expectedHeight(footY) ?? 0) / standingAt(footY) - 1)).toBeLessThan(0.06);
    }
  });

  it("is known near a single row without a line", () => {
    const map = createFloorMap();
    for (const id of [1, 2]) walk(map, id, { x: 0.1, y: 0.7 }, { x: 0.9, y: 0.7 });
    expect(map.expectedHeight(0.7)).toBeCloseTo(standingAt(0.7), 2);
    expect(map.expectedHeight(0.9)).toBeNull();
  });
});

describe("what was learned", () => {
  it("survives being kept as JSON of less than 20 kB", () => {
    const map = walkedRoom();
    const text = JSON.stringify(map.record());
    expect(text.length).toBeLessThan(20_000);
    const again = FloorMap.restore(JSON.parse(text));
    for (let y = 0.02; y < 1; y += 0.04) {
      for (let x = 0.01; x < 1; x += 0.03) expect(again.isFloor({ x, y })).toBe(map.isFloor({ x, y }));
      expect(again.expectedHeight(y) ?? -1).toBeCloseTo(map.expectedHeight(y) ?? -1, 2);
    }
  });

  it("is refused when it is damaged", () => {
    const record = walkedRoom().record();
    expect(record).not.toBeNull();
    if (record === null) return;
    expect(() => FloorMap.restore({ ...record, feet: [1, 2] })).toThrow(/damaged/);
    expect(() => FloorMap.restore({ ...record, aspect: Number.NaN })).toThrow(/damaged/);
    expect(() => FloorMap.restore({ ...record, seats: record.seats.map(() => -1) })).toThrow(/damaged/);
  });

  it("is forgotten over two months without anybody there, and at once when the picture has another shape", () => {
    const map = walkedRoom();
    const far = { x: 0.05, y: 0.97 };
    for (let hour = 0; hour < 60 * 24; hour += 1) {
      map.learn(body(99, far, { tall: 0.6 }), "unknown", ASPECT, clock + hour * 3600);
    }
    expect(map.isFloor({ x: 0.3, y: 0.5 })).toBeNull();
    const other = walkedRoom();
    other.learn(body(7, { x: 0.5, y: 0.5 }), "standing", 4 / 3, clock);
    expect(other.isFloor({ x: 0.3, y: 0.5 })).toBeNull();
  });
});

describe("under drawn zones", () => {
  const zones = [
    zone("floor", 0, 0.3, 0.3, 0.6),
    zone("bed", 0.4, 0.55, 0.6, 0.75),
    zone("ignore", 0.7, 0.6, 0.9, 0.8),
  ];

  it("what was drawn counts: floor is floor, a bed is none even within a floor zone, an ignored place is unknown", () => {
    const floor = floorWithZones(walkedRoom(), [...zones, zone("floor", 0.35, 0.5, 0.65, 0.8)]);
    expect(floor.isFloor({ x: 0.1, y: 0.4 })).toBe(true);
    expect(floor.isFloor({ x: 0.5, y: 0.65 })).toBe(false);
    expect(floor.isFloor({ x: 0.8, y: 0.7 })).toBeNull();
    expect(floor.isFloor({ x: 0.65, y: 0.5 })).toBe(true);
    expect(floor.expectedHeight(0.7)).not.toBeNull();
  });
});
