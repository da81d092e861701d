// What people do to identities and what is seen right now: the real service, gallery and database together.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Gallery } from "../../src/identity/gallery.ts";
import { PersonAdmin } from "../../src/identity/person-admin.ts";
import { IN_MEMORY } from "../../src/store/store.ts";
import { Household } from "./admin-household.ts";
import { direction, faces, frame, type House, openHouse, START, tracklet } from "./house-of-people.ts";

let home: Household;
let house: House;
let admin: PersonAdmin;

beforeEach(async () => {
  home = new Household(IN_MEMORY, new ManualClock(START + 3_600_000));
  house = await openHouse({
    people: home.gallery satisfies Gallery,
    absorb: (visitorId, personId) => void admin.absorb(visitorId, personId),
  });
  admin = new PersonAdmin({ ...home.context, log: silentLogger, live: house.service });
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

const ROSA = direction("rosa");
const TOM = direction("tom");

/** Somebody is in sight, and gets an entry; answers the id of the sighting. */
function see(cameraId: string, trackId: number, face: Float32Array, fromS = 0): string {
  for (let atS = fromS; atS < fromS + 5; atS += 1)
    house.service.seen(frame(cameraId, atS, { [trackId]: 0.5 }));
  house.service.observe(tracklet(cameraId, trackId, faces(face), { fromS }));
  home.gallery.flush();
  return house.service.trackletIdOf(cameraId, trackId) ?? "";
}
const who = (cameraId: string, trackId: number) => house.service.identityOf(cameraId, trackId);

describe("a track that is followed", () => {
  it("bears the name as soon as it is given, and the winner's after a merge, and its own when that is taken back", () => {
    see("hall", 1, ROSA);
    see("kitchen", 2, TOM, 100);
    const [one, other] = [who("hall", 1)?.personId ?? "", who("kitchen", 2)?.personId ?? ""];
    expect(one).not.toBe(other);
    admin.edit(one, { name: "Rosa" }, "Anna");
    expect(who("hall", 1)?.personName).toBe("Rosa");
    const { auditId } = admin.merge(other, one, { by: "Anna" });
    expect(who("kitchen", 2)).toMatchObject({ personId: one, personName: "Rosa" });
    admin.undo(auditId ?? "", "Anna");
    expect(who("kitchen", 2)?.personId).toBe(other);
    expect(who("hall", 1)?.personId).toBe(one);
  });

  it("is somebody else at once when that is said, and is not taken for them again", () => {
    const trackletId = see("hall", 1, ROSA);
    const personId = who("hall", 1)?.personId ?? "";
    admin.edit(personId, { name: "Rosa" }, "Anna");
    admin.notThem(personId, trackletId, "Anna");
    expect(who("hall", 1)?.personId).not.toBe(personId);
    house.service.observe(tracklet("hall", 1, faces(ROSA, 3, 0.9, "later"), { checkpoint: 1, toS: 8 }));
    home.gallery.flush();
    expect(who("hall", 1)?.personId).not.toBe(personId);
    // Nor is who comes tomorrow and looks the same.
    house.service.observe(tracklet("kitchen", 9, faces(ROSA, 3, 0.9, "tomorrow"), { fromS: 90_000 }));
    expect(who("kitchen", 9)?.personId).not.toBe(personId);
  });

  it("goes with what is split off, and comes back when that is taken back", () => {
    see("hall", 1, ROSA);
    const personId = who("hall", 1)?.personId ?? "";
    house.service.observe(tracklet("hall", 1, [], { checkpoint: 1, ended: true, toS: 6 }));
    const later = see("kitchen", 2, ROSA, 600);
    expect(who("kitchen", 2)?.personId).toBe(personId);
    const { person, auditId } = admin.split(personId, { trackletIds: [later], embeddingIds: [] }, "Anna");
    expect(who("kitchen", 2)?.personId).toBe(person.id);
    admin.undo(auditId ?? "", "Anna");
    expect(who("kitchen", 2)?.personId).toBe(personId);
    expect(home.gallery.person(person.id)).toBeNull();
  });

  it("is nobody known once they are forgotten", () => {
    see("hall", 1, ROSA);
    const personId = who("hall", 1)?.personId ?? "";
    admin.forget(personId, "Anna");
    expect(who("hall", 1)?.personId).toBeNull();
    expect(who("hall", 1)?.personName).toBeNull();
  });

  it("is told to be whoever it is assigned to, and let go of when that is taken back", () => {
    const trackletId = see("hall", 1, ROSA);
    see("kitchen", 2, TOM, 100);
    const [rosa, tom] = [who("hall", 1)?.personId ?? "", who("kitchen", 2)?.personId ?? ""];
    const { auditId } = admin.assign(tom, trackletId, "Anna");
    expect(who("hall", 1)).toMatchObject({ personId: tom, decision: { reasons: ["confirmed_by_hand"] } });
    home.gallery.flush();
    admin.undo(auditId ?? "", "Anna");
    expect(who("hall", 1)?.personId).toBe(rosa);
    const left = home.gallery.embeddings(tom).filter((example) => example.trackletId === trackletId);
    expect(left).toEqual([]);
  });
});
