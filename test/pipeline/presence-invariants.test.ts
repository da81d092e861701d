// What has to hold of who is where, whatever cameras see, lose and take people for: random lives in a house of overlapping
// rooms.
import { describe, expect, it } from "vitest";
import { CAMERA_AVAILABILITY } from "../../src/domain/camera-status.ts";
import type { Box } from "../../src/domain/geometry.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { camera, EXIT, FAR, IN_THE_DOOR, NEAR, PresenceRig, person, type Scene } from "./presence-rig.ts";

const CAMERAS = [
  camera("living", "Living room", { overlaps: ["dining"] }),
  camera("dining", "Dining room", { overlaps: ["living", "hall"] }),
  camera("corner", "Living room", { overlaps: ["living"] }),
  camera("hall", "Hall", { zones: [EXIT] }),
];
const PEOPLE = [
  person("p_rosa", "Rosa"),
  person("p_jon", "Jon"),
  person("p_carla", "Carla", { kind: "carer" }),
];
const BOXES: readonly Box[] = [NEAR, FAR, IN_THE_DOOR];
const MINUTES = 20;

describe.each(Array.from({ length: 12 }, (_, index) => index + 1))("in random life %i", (seed) => {
  it("nobody is in two areas, away in sight, or nowhere at all", async () => {
    const random = randomFrom(seed);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
    const house = await new PresenceRig(CAMERAS, [...PEOPLE]).start();
    const moves = new Map<string, number>();
    house.bus.on("person_presence", ({ personId, area, home, visible, lastSeenAt }) => {
      expect(typeof home).toBe("boolean");
      if (visible) expect(home, "away in sight").toBe(true);
      if (visible) expect(area, "in sight and nowhere").not.toBeNull();
      if (!home) expect(area, "away and in a room").toBeNull();
      if (home) expect(lastSeenAt, "home and never seen").not.toBeNull();
      moves.set(personId, (moves.get(personId) ?? 0) + 1);
    });
    let scene: Record<string, Record<number, Box>> = {};
    for (let second = 0; second < MINUTES * 60; second += 1) {
      if (random() < 0.15) scene = sceneOf(pick, random);
      if (random() < 0.1) house.is(pick(CAMERAS).id, 1 + Math.floor(random() * 3), pick([...PEOPLE, null]));
      if (random() < 0.01) house.camera(pick(CAMERAS).id, pick(CAMERA_AVAILABILITY));
      house.play(scene as Scene, 1);
      if (random() < 0.02) house.clock.advance(random() * 600_000);
      const areas = house.service.areas();
      const everywhere = areas.flatMap(({ personIds }) => personIds);
      expect(new Set(everywhere).size, "somebody in two areas").toBe(everywhere.length);
      for (const { area, count, personIds, occupied } of areas) {
        expect(count, "less bodies than persons").toBeGreaterThanOrEqual(personIds.length);
        if (count > 0) expect(occupied, "bodies in an empty area").toBe(true);
        for (const id of personIds)
          expect(house.service.persons().find(({ personId }) => personId === id)?.area).toBe(area);
      }
    }
    // The life was one in which something happened.
    for (const { id } of PEOPLE) expect(moves.get(id) ?? 0).toBeGreaterThan(10);
  });
});

function sceneOf(pick: <T>(of: readonly T[]) => T, random: () => number) {
  return Object.fromEntries(
    CAMERAS.map(({ id }) => {
      const tracks = [1, 2, 3].filter(() => random() < 0.3);
      return [id, Object.fromEntries(tracks.map((track) => [track, pick(BOXES)]))];
    }),
  );
}
