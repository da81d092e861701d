import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EnrolRequest } from "../../src/identity/enrolment.ts";
import { PersonUpkeep } from "../../src/identity/person-upkeep.ts";
import { setAsideSuspects } from "../../src/identity/prototype-hygiene.ts";
import { dot, toUnit } from "../../src/reid/unit-vector.ts";
import { DAY_MS, faceLike, faceOf, HOUR_MS, Household, MODEL, photoOf, START } from "./admin-household.ts";

let folder: string;
let home: Household;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-admin-"));
  home = new Household(join(folder, "haven.db"));
});
afterEach(() => {
  home[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const refused = (code: string, text = "") =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });
const photosOf = (seed: number, count = 3) =>
  Array.from({ length: count }, (_, shot) => photoOf(faceLike(faceOf(seed), seed * 1000 + shot)));
const request = (over: Partial<EnrolRequest>): EnrolRequest => ({
  personId: null,
  photos: photosOf(1),
  force: false,
  by: "Anna",
  ...over,
});
const enrol = (over: Partial<EnrolRequest>) => home.admin.enrol(request(over));
const enrolled = async (name: string, seed: number) => {
  const { person } = await enrol({ name, photos: photosOf(seed) });
  if (person === null) throw new Error("nobody was enrolled");
  return person.id;
};
const lastAudit = () => home.admin.audit({ personId: null, before: null, limit: 1 })[0];
const states = (personId: string) =>
  home.gallery
    .embeddings(personId)
    .filter(({ state }) => state !== "mean")
    .map(({ cue, state }) => `${cue} ${state}`)
    .sort();
const nobodyChanged = (act: () => unknown, error: unknown) => {
  const before = home.rows();
  expect(act).toThrow(error as Error);
  expect(home.rows()).toEqual(before);
};

describe("enrolling from photos", () => {
  it("makes a person who is recognised, also after a restart, and tells the audit who did it", async () => {
    const { person, photos, auditId } = await enrol({ name: " Rosa ", kind: "resident", consentBy: "Rosa" });
    expect(person).toMatchObject({ name: "Rosa", kind: "resident", label: "Visitor-A", status: "active" });
    expect(person?.consent).toEqual({ by: "Rosa", at: START });
    expect(photos.map(({ accepted }) => accepted)).toEqual([true, true, true]);
    expect(home.likest(faceLike(faceOf(1), 77))).toBe(person?.id);
    expect(lastAudit()).toMatchObject({ auditId, by: "Anna", action: "enrol", personId: person?.id });
    home.gallery.load();
    expect(home.likest(faceLike(faceOf(1), 78))).toBe(person?.id);
    expect(home.likest(faceOf(2))).toBeNull();
  });

  it("tells of every photo what it was good for, and takes the good ones", async () => {
    const { person, photos } = await enrol({
      name: "Rosa",
      photos: [
        photoOf(faceLike(faceOf(1), 1)),
        { bytes: new TextEncoder().encode("%PDF-1.4"), box: null },
        photoOf(),
        photoOf(faceLike(faceOf(1), 2), faceOf(9)),
        { ...photoOf(faceOf(9), faceLike(faceOf(1), 3)), box: { x1: 0.18, y1: 0.1, x2: 0.4, y2: 0.5 } },
      ],
    });
    expect(photos.map(({ refusal }) => refusal)).toEqual([
      null,
      "unreadable",
      "no_face",
      "several_faces",
      null,
    ]);
    expect(states(person?.id ?? "")).toEqual(["face prototype", "face prototype"]);
  });

  it("changes nothing when no photo is good, and says why", async () => {
    const before = home.rows();
    const found = await enrol({ name: "Rosa", photos: [photoOf(), photoOf(faceOf(1), faceOf(2))] });
    expect(found.person).toBeNull();
    expect(found.auditId).toBeNull();
    expect(found.photos.every(({ advice }) => (advice ?? "").length > 0)).toBe(true);
    expect(home.rows()).toEqual(before);
    expect(lastAudit()).toBeUndefined();
  });

  it("refuses what cannot be meant", async () => {
    await expect(enrol({ name: "" })).rejects.toThrow(refused("input.invalid", "called"));
    await expect(enrol({ name: "a\u0000b" })).rejects.toThrow(refused("input.invalid"));
    await expect(enrol({ name: "Rosa", photos: [] })).rejects.toThrow(refused("input.invalid", "photos"));
    await expect(enrol({ name: "Rosa", photos: photosOf(1, 21) })).rejects.toThrow(refused("input.invalid"));
    await expect(enrol({ personId: "p_nobody" })).rejects.toThrow(refused("not-found"));
    expect(home.store.persons.all()).toEqual([]);
  });

  it("refuses somebody who looks like another one with a name, unless it is insisted on", async () => {
    const rosa = await enrolled("Rosa", 1);
    const twin = { name: "Maria", photos: [photoOf(faceLike(faceOf(1), 55))] };
    const before = home.rows();
    await expect(enrol(twin)).rejects.toThrow(refused("conflict", "Rosa"));
    expect(home.rows()).toEqual(before);
    const { person } = await enrol({ ...twin, force: true });
    expect(person?.id).not.toBe(rosa);
    // Somebody insisted: the photos of neither are set aside for it.
    expect(states(person?.id ?? "")).toEqual(["face prototype"]);
    expect(states(rosa)).toEqual(Array(3).fill("face prototype"));
  });

  it("does not mind somebody alike in another region", async () => {
    await enrol({ name: "Rosa", region: "north" });
    const { person } = await enrol({ name: "Tilda", region: "south", photos: photosOf(1, 1) });
    expect(person?.region).toBe("south");
  });

  it("takes up a visitor who was seen, and tells of another entry that looks the same", async () => {
    const { personId } = home.visitor(1);
    const other = home.visitor(1, { cameraId: "garden" });
    const { person, alike } = await enrol({ personId, name: "Rosa", kind: "resident" });
    expect(person).toMatchObject({ id: personId, name: "Rosa", kind: "resident", label: "Visitor-A" });
    expect(alike).toEqual([other.personId]);
    expect(home.store.events.list(ALL_EVENTS).filter((event) => event.personName === "Rosa")).toHaveLength(1);
  });

  it("lets two persons bear one name", async () => {
    const one = await enrolled("Maria", 1);
    const other = await enrolled("Maria", 2);
    expect(home.gallery.person(one)?.label).not.toBe(home.gallery.person(other)?.label);
  });

  it("keeps no picture where none is to be kept", async () => {
    home.settings = { ...home.settings, keepPictures: false };
    const rosa = await enrolled("Rosa", 1);
    expect(home.store.embeddings.ofPerson(rosa).filter(({ picture }) => picture !== null)).toEqual([]);
  });
});

const ALL_EVENTS = {
  kinds: null,
  cameraId: null,
  personId: null,
  since: null,
  until: null,
  before: null,
  limit: 1000,
};

describe("changing a person", () => {
  it("renames what was told of them, and back", () => {
    const { personId } = home.visitor(1);
    const before = home.rows();
    const { person, auditId } = home.admin.edit(
      personId,
      { name: "Rosa", kind: "carer", retentionDays: 30 },
      "Anna",
    );
    expect(person).toMatchObject({ name: "Rosa", kind: "carer", retentionDays: 30 });
    expect(home.store.events.list(ALL_EVENTS)[0]?.personName).toBe("Rosa");
    home.admin.undo(auditId ?? "", "Anna");
    expect(home.rows()).toEqual(before);
    expect(home.gallery.person(personId)?.name).toBeNull();
  });

  it("says nothing to the audit when nothing changed", () => {
    const { personId } = home.visitor(1);
    expect(home.admin.edit(personId, { kind: "visitor" }, "Anna").auditId).toBeNull();
    expect(lastAudit()).toBeUndefined();
  });

  it("refuses unknown persons and nonsense", () => {
    const { personId } = home.visitor(1);
    nobodyChanged(() => home.admin.edit("p_x", { name: "Rosa" }, "Anna"), refused("not-found"));
    nobodyChanged(() => home.admin.edit(personId, { retentionDays: -1 }, "Anna"), refused("input.invalid"));
    nobodyChanged(() => home.admin.edit(personId, { name: "Rosa" }, " "), refused("input.invalid"));
  });
});

describe("merging two entries", () => {
  it("gives the winner everything, and taking it back restores every row", async () => {
    const rosa = await enrolled("Rosa", 1);
    home.visit(rosa, { cameraId: "kitchen", faces: [faceLike(faceOf(1), 9)], heightPx: 260 });
    home.clock.advance(HOUR_MS);
    const visitor = home.visitor(1, { heightPx: 240, clothes: [faceOf(500)] });
    home.question(visitor.personId, rosa, visitor.trackletId);
    const before = home.rows();
    const { person, auditId } = home.admin.merge(visitor.personId, rosa, { by: "Anna" });
    expect(person).toMatchObject({ id: rosa, visits: 2, lastCameraId: "hall" });
    expect(person.sizes.map(({ cameraId }) => cameraId).sort()).toEqual(["hall", "kitchen"]);
    expect(home.gallery.person(visitor.personId)?.id).toBe(rosa);
    expect(home.gallery.persons().map(({ id }) => id)).toEqual([rosa]);
    expect(home.store.tracklets.find(visitor.trackletId)?.personId).toBe(rosa);
    expect(home.store.events.list(ALL_EVENTS).map((event) => event.personName)).toEqual(["Rosa", "Rosa"]);
    expect(home.admin.reviews("open")).toEqual([]);
    expect(home.admin.reviews("answered")).toMatchObject([{ answer: "same", answeredBy: "Anna" }]);
    expect(states(rosa)).toContain("appearance prototype");
    home.admin.undo(auditId ?? "", "Anna");
    expect(home.rows()).toEqual(before);
    expect(home.gallery.person(visitor.personId)?.id).toBe(visitor.personId);
    expect(home.gallery.persons()).toHaveLength(2);
    // In memory too: nothing of the visitor's is left with the winner.
    expect(home.gallery.embeddings(rosa)).toHaveLength(home.store.embeddings.ofPerson(rosa).length);
  });

  it("gives a winner without a name the loser's", async () => {
    const rosa = await enrolled("Rosa", 1);
    const visitor = home.visitor(1);
    const { person, auditId } = home.admin.merge(rosa, visitor.personId, { by: "Anna" });
    expect(person).toMatchObject({ id: visitor.personId, name: "Rosa", kind: "resident" });
    expect(home.store.events.list(ALL_EVENTS)[0]?.personName).toBe("Rosa");
    home.admin.undo(auditId ?? "", "Anna");
    expect(home.store.events.list(ALL_EVENTS)[0]?.personName).toBe("Visitor-B");
  });

  it("keeps what was added since when it is taken back", async () => {
    const rosa = await enrolled("Rosa", 1);
    home.visit(rosa, { cameraId: "hall", heightPx: 260 });
    home.clock.advance(HOUR_MS);
    const visitor = home.visitor(1, { cameraId: "hall", heightPx: 200 });
    const { auditId } = home.admin.merge(visitor.personId, rosa, { by: "Anna" });
    home.clock.advance(HOUR_MS);
    home.visit(rosa, { cameraId: "hall", heightPx: 240 });
    home.admin.undo(auditId ?? "", "Anna");
    const person = home.gallery.person(rosa);
    expect(person).toMatchObject({ visits: 2, lastSeenAt: START + 2 * HOUR_MS });
    expect(person?.sizes[0]?.heightPx).toBeCloseTo(250);
    expect(person?.sizes[0]?.count).toBe(2);
  });

  it("takes what was learned since of a merged track back to whom it belongs", async () => {
    const rosa = await enrolled("Rosa", 1);
    const visitor = home.visitor(2);
    const { auditId } = home.admin.merge(visitor.personId, rosa, { by: "Anna" });
    home.gallery.learn(rosa, [
      {
        cue: "face",
        modelId: MODEL,
        vector: faceLike(faceOf(2), 5000),
        quality: 0.95,
        facing: null,
        source: "sighting",
        cameraId: "hall",
        trackletId: visitor.trackletId,
        capturedAt: START + HOUR_MS,
        picture: null,
      },
    ]);
    home.gallery.flush();
    home.admin.undo(auditId ?? "", "Anna");
    const left = home.store.embeddings.ofPerson(rosa).filter(({ trackletId }) => trackletId !== null);
    expect(left).toEqual([]);
    expect(home.likest(faceOf(2))).toBe(visitor.personId);
  });

  it("with itself, in a circle, or with nobody is refused", () => {
    const a = home.visitor(1).personId;
    const b = home.visitor(2).personId;
    const c = home.visitor(3).personId;
    const merge = (loser: string, winner: string) => () =>
      home.admin.merge(loser, winner, { by: "Anna", force: true });
    nobodyChanged(merge(a, a), refused("conflict", "one person already"));
    nobodyChanged(merge(a, "p_gone"), refused("not-found"));
    merge(a, b)();
    nobodyChanged(merge(b, a), refused("conflict", "one person already"));
    merge(b, c)();
    // Through the chain.
    nobodyChanged(merge(c, a), refused("conflict", "one person already"));
    expect(home.gallery.person(a)?.id).toBe(c);
  });

  it("of two who were in one picture at the same time is refused unless it is insisted on", () => {
    const a = home.visitor(1, { cameraId: "hall" });
    const b = home.visitor(2, { cameraId: "hall" });
    nobodyChanged(
      () => home.admin.merge(a.personId, b.personId, { by: "Anna" }),
      refused("conflict", "hall"),
    );
    nobodyChanged(() => home.admin.absorb(a.personId, b.personId), refused("conflict", "hall"));
    const elsewhere = home.visitor(3, { cameraId: "garden" });
    home.admin.merge(elsewhere.personId, b.personId, { by: "Anna" });
    expect(home.admin.merge(a.personId, b.personId, { by: "Anna", force: true }).person.id).toBe(b.personId);
  });

  it("of different regions is refused unless it is insisted on", async () => {
    const one = await enrol({ name: "Rosa", region: "north" });
    const other = await enrol({ name: "Rosa", region: "south" });
    const merge = (force: boolean) => () =>
      home.admin.merge(one.person?.id ?? "", other.person?.id ?? "", { by: "Anna", force });
    nobodyChanged(merge(false), refused("conflict", "region"));
    expect(merge(true)().person.region).toBe("south");
  });
});

describe("splitting an entry", () => {
  it("makes a visitor of what is named, with the events, and takes it back", async () => {
    const rosa = await enrolled("Rosa", 1);
    home.visit(rosa, { faces: [faceLike(faceOf(1), 5)] });
    home.clock.advance(DAY_MS);
    const wrong = home.visit(rosa, { cameraId: "garden", faces: [faceLike(faceOf(1), 6)], trackId: 99 });
    const before = home.rows();
    const { person, auditId } = home.admin.split(rosa, { trackletIds: [wrong], embeddingIds: [] }, "Anna");
    expect(person).toMatchObject({ kind: "visitor", name: null, label: "Visitor-B", visits: 1 });
    expect(person.lastSeenAt).toBe(START + DAY_MS);
    expect(home.gallery.person(rosa)?.lastSeenAt).toBe(START);
    expect(home.store.events.list(ALL_EVENTS)[0]).toMatchObject({
      personId: person.id,
      personName: "Visitor-B",
    });
    expect(states(person.id)).toEqual(["face prototype"]);
    expect(home.live.corrections).toEqual([{ kind: "is", trackletId: wrong, personId: person.id }]);
    home.admin.undo(auditId ?? "", "Anna");
    expect(withoutMeans(home.rows())).toEqual(withoutMeans(before));
    expect(home.gallery.person(person.id)).toBeNull();
  });

  it("follows an example to the track it is from", () => {
    const { personId } = home.visitor(1);
    const other = home.visit(personId, { firstAt: START + HOUR_MS, faces: [faceLike(faceOf(1), 7)] });
    const [example] = home.store.embeddings.ofTracklet(other);
    const { person } = home.admin.split(
      personId,
      { trackletIds: [], embeddingIds: [example?.embeddingId ?? ""] },
      "Anna",
    );
    expect(home.store.tracklets.find(other)?.personId).toBe(person.id);
  });

  it("refuses what is not theirs, nothing, and everything", () => {
    const { personId, trackletId } = home.visitor(1);
    const other = home.visitor(2);
    const split =
      (trackletIds: string[], embeddingIds: string[] = []) =>
      () =>
        home.admin.split(personId, { trackletIds, embeddingIds }, "Anna");
    nobodyChanged(split([]), refused("input.invalid"));
    nobodyChanged(split([other.trackletId]), refused("input.invalid"));
    nobodyChanged(split([], ["nothing"]), refused("input.invalid"));
    nobodyChanged(split([trackletId]), refused("conflict", "all there is"));
    // No label was used up.
    expect(home.visitor(3) && home.store.persons.all().map(({ label }) => label)).toEqual([
      "Visitor-A",
      "Visitor-B",
      "Visitor-C",
    ]);
  });

  it("that somebody has lived on in cannot be taken back", () => {
    const { personId } = home.visitor(1);
    const wrong = home.visit(personId, { firstAt: START + HOUR_MS, faces: [faceLike(faceOf(1), 7)] });
    const { person, auditId } = home.admin.split(
      personId,
      { trackletIds: [wrong], embeddingIds: [] },
      "Anna",
    );
    home.visit(person.id, { firstAt: START + 2 * HOUR_MS });
    nobodyChanged(() => home.admin.undo(auditId ?? "", "Anna"), refused("conflict", "seen since"));
  });
});

describe("saying who somebody is, or is not", () => {
  it("not them: their likeness counts against it, their events go, and it can be taken back", async () => {
    const rosa = await enrolled("Rosa", 1);
    const stranger = faceLike(faceOf(1), 300);
    const trackletId = home.visit(rosa, { faces: [stranger], clothes: [faceOf(600)] });
    const before = home.rows();
    const { auditId } = home.admin.notThem(rosa, trackletId, "Anna");
    expect(states(rosa)).toEqual([
      "appearance set_aside",
      "face negative",
      ...Array(3).fill("face prototype"),
    ]);
    expect(home.store.tracklets.find(trackletId)).toMatchObject({ personId: null, cue: null });
    expect(home.store.events.list(ALL_EVENTS)[0]).toMatchObject({
      personId: null,
      personName: null,
      identityCue: null,
    });
    expect(home.live.corrections).toEqual([{ kind: "is_not", trackletId, personId: rosa }]);
    const evidence = {
      faces: [{ modelId: MODEL, vector: stranger, quality: 0.9, reference: true }],
      appearances: [],
      gait: null,
      frames: 10,
      heightPx: 200,
    };
    const [likeness] = home.gallery.search(evidence, { region: null, clientId: null }, 1);
    expect(likeness?.negative).toBeCloseTo(1);
    home.admin.undo(auditId ?? "", "Anna");
    expect(withoutMeans(home.rows())).toEqual(withoutMeans(before));
  });

  it("not them, of a track that is followed: what it looks like is asked for", async () => {
    const rosa = await enrolled("Rosa", 1);
    const trackletId = home.visit(rosa);
    home.live.looks.set(trackletId, [
      {
        cue: "face",
        modelId: MODEL,
        vector: faceOf(8),
        quality: 0.7,
        facing: null,
        source: "sighting",
        cameraId: "hall",
        trackletId,
        capturedAt: START,
        picture: new Uint8Array([1]),
      },
    ]);
    home.admin.notThem(rosa, trackletId, "Anna");
    const negatives = home.store.embeddings.ofPerson(rosa).filter(({ state }) => state === "negative");
    expect(negatives).toMatchObject([{ trackletId, picture: null }]);
  });

  it("this is them: the tracklet, its examples and events come over, and go back", async () => {
    const rosa = await enrolled("Rosa", 1);
    const visitor = home.visitor(1);
    const before = home.rows();
    const { auditId } = home.admin.assign(rosa, visitor.trackletId, "Anna");
    expect(home.store.tracklets.find(visitor.trackletId)).toMatchObject({ personId: rosa, confidence: 1 });
    expect(home.store.tracklets.find(visitor.trackletId)?.decision).toContain("confirmed_by_hand");
    expect(home.store.events.list(ALL_EVENTS)[0]?.personName).toBe("Rosa");
    expect(states(visitor.personId)).toEqual([]);
    home.admin.undo(auditId ?? "", "Anna");
    expect(withoutMeans(home.rows())).toEqual(withoutMeans(before));
  });

  it("what somebody is looked for by is made anew without what is not theirs, and with what is added", async () => {
    const { personId } = home.visitor(1);
    const meanLike = (face: Float32Array) => {
      const mean = home.store.embeddings.looksOf(personId).find(({ state }) => state === "mean");
      return mean === undefined ? Number.NaN : dot(mean.vector, face);
    };
    const stranger = faceLike(faceOf(1), 301, 1.2);
    const trackletId = home.visit(personId, { faces: [stranger] });
    const mixed = meanLike(stranger);
    home.admin.notThem(personId, trackletId, "Anna");
    expect(meanLike(stranger)).toBeLessThan(mixed - 0.02);
    const photo = faceLike(faceOf(1), 302);
    const before = meanLike(photo);
    await enrol({ personId, photos: [photoOf(photo)] });
    expect(meanLike(photo)).toBeGreaterThan(before + 0.02);
  });

  it("somebody whose only example was set aside is found again when that is taken back", () => {
    const { personId } = home.visitor(1, { faces: [faceOf(1)] });
    const [example] = home.gallery.embeddings(personId).filter(({ state }) => state === "prototype");
    const { auditId } = home.admin.setAside(personId, example?.embeddingId ?? "", "Anna");
    expect(home.likest(faceOf(1))).toBeNull();
    home.admin.undo(auditId ?? "", "Anna");
    expect(home.likest(faceOf(1))).toBe(personId);
  });

  it("sets an example aside and restores it", () => {
    const { personId } = home.visitor(1);
    const [example] = home.gallery.embeddings(personId).filter(({ state }) => state === "prototype");
    const id = example?.embeddingId ?? "";
    const aside = home.admin.setAside(personId, id, "Anna");
    expect(states(personId).filter((state) => state === "face set_aside")).toHaveLength(1);
    home.admin.undo(aside.auditId ?? "", "Anna");
    home.admin.setAside(personId, id, "Anna");
    home.admin.restore(personId, id, "Anna");
    expect(states(personId)).not.toContain("face set_aside");
    nobodyChanged(() => home.admin.restore(personId, "none", "Anna"), refused("not-found"));
  });
});

/** Running means are made anew from prototypes by most changes, and are no change of their own. */
function withoutMeans(rows: object): object {
  const { embeddings, ...rest } = rows as { embeddings: { state: string }[] };
  return { ...rest, embeddings: embeddings.filter(({ state }) => state !== "mean") };
}

describe("undoing", () => {
  it("takes independent changes back in any order", async () => {
    const rosa = await enrolled("Rosa", 1);
    const a = home.visitor(2).personId;
    home.clock.advance(HOUR_MS);
    const b = home.visitor(3).personId;
    const before = home.rows();
    const first = home.admin.merge(a, rosa, { by: "Anna" }).auditId ?? "";
    const renamed = home.admin.edit(rosa, { name: "Rosalie" }, "Anna").auditId ?? "";
    const second = home.admin.merge(b, rosa, { by: "Anna" }).auditId ?? "";
    home.admin.undo(first, "Anna");
    expect(home.gallery.person(rosa)?.name).toBe("Rosalie");
    expect(home.store.persons.find(b)?.mergedInto).toBe(rosa);
    home.admin.undo(renamed, "Anna");
    home.admin.undo(second, "Anna");
    // When somebody was last seen goes back in the order of the changes only: here it stays what the first merge made it.
    const row = home.store.persons.find(rosa);
    if (row === null) throw new Error("Rosa is gone");
    home.store.persons.save({ ...row, lastSeenAt: null, lastCameraId: null });
    expect(nearly(home.rows())).toEqual(nearly(before));
  });

  it("refuses while something later builds on it, then does it", () => {
    const a = home.visitor(1).personId;
    home.clock.advance(HOUR_MS);
    const b = home.visitor(2).personId;
    home.clock.advance(HOUR_MS);
    const c = home.visitor(3).personId;
    const before = home.rows();
    const first = home.admin.merge(a, b, { by: "Anna" }).auditId ?? "";
    const second = home.admin.merge(b, c, { by: "Anna" }).auditId ?? "";
    nobodyChanged(() => home.admin.undo(first, "Anna"), refused("conflict", "undo that first"));
    home.admin.undo(second, "Anna");
    home.admin.undo(first, "Anna");
    expect(nearly(home.rows())).toEqual(nearly(before));
  });

  it("is done once, stands in the audit, and cannot be undone itself", () => {
    const { personId } = home.visitor(1);
    const { auditId } = home.admin.edit(personId, { name: "Rosa" }, "Anna");
    const undoing = home.admin.undo(auditId ?? "", "Ben").auditId;
    expect(lastAudit()).toMatchObject({ auditId: undoing, action: "undo", by: "Ben", personId });
    expect(home.store.audit.find(auditId ?? "")?.undoneAt).toBe(START);
    nobodyChanged(() => home.admin.undo(auditId ?? "", "Anna"), refused("conflict", "already"));
    nobodyChanged(() => home.admin.undo(undoing, "Anna"), refused("conflict"));
    nobodyChanged(() => home.admin.undo("01", "Anna"), refused("not-found"));
  });

  it("takes an enrolment back, pictures and all", async () => {
    const before = home.rows();
    const { person, auditId } = await enrol({ name: "Rosa" });
    home.admin.undo(auditId ?? "", "Anna");
    expect(home.rows()).toEqual(before);
    expect(home.gallery.person(person?.id ?? "")).toBeNull();
    expect(home.likest(faceOf(1))).toBeNull();
  });
});

/** What is counted back after other changes is as before but for rounding. */
function nearly(rows: object): unknown {
  return JSON.parse(
    JSON.stringify(rows, (_, value: unknown) =>
      typeof value === "number" && !Number.isInteger(value) ? Number(value.toFixed(6)) : value,
    ),
  );
}

describe("answering a question about a close case", () => {
  it("same: a visitor becomes the one with a name", async () => {
    const rosa = await enrolled("Rosa", 1);
    const visitor = home.visitor(1);
    const before = home.rows();
    const review = home.question(visitor.personId, rosa, visitor.trackletId);
    const { auditId } = home.admin.answerReview(review, "same", "Anna");
    expect(home.gallery.person(visitor.personId)?.id).toBe(rosa);
    expect(home.live.corrections).toEqual([{ kind: "is", trackletId: visitor.trackletId, personId: rosa }]);
    nobodyChanged(() => home.admin.answerReview(review, "same", "Ben"), refused("conflict", "Anna"));
    home.admin.undo(auditId ?? "", "Anna");
    expect(home.admin.reviews("open")).toHaveLength(1);
    home.store.reviews.delete(review);
    expect(home.rows()).toEqual(before);
  });

  it("same, of two with names: only the track changes hands", async () => {
    const rosa = await enrolled("Rosa", 1);
    const tom = await enrolled("Tom", 2);
    const trackletId = home.visit(tom, { faces: [faceLike(faceOf(2), 4)] });
    home.admin.answerReview(home.question(tom, rosa, trackletId), "same", "Anna");
    expect(home.gallery.persons()).toHaveLength(2);
    expect(home.store.tracklets.find(trackletId)?.personId).toBe(rosa);
  });

  it("different: the faces of the track count against the candidate", async () => {
    const rosa = await enrolled("Rosa", 1);
    const visitor = home.visitor(1);
    const review = home.question(visitor.personId, rosa, visitor.trackletId);
    const { auditId } = home.admin.answerReview(review, "different", "Anna");
    expect(states(rosa).filter((state) => state === "face negative")).toHaveLength(3);
    expect(states(visitor.personId)).toEqual(Array(3).fill("face prototype"));
    expect(home.live.corrections[0]?.kind).toBe("is_not");
    home.admin.undo(auditId ?? "", "Anna");
    expect(states(rosa)).not.toContain("face negative");
  });

  it("about two who are one person by now only keeps the answer", () => {
    const one = home.visitor(1);
    const other = home.visitor(1, { cameraId: "garden" });
    home.admin.merge(one.personId, other.personId, { by: "Anna" });
    const review = home.question(one.personId, other.personId, one.trackletId);
    home.admin.answerReview(review, "same", "Anna");
    expect(home.admin.reviews("answered")).toMatchObject([{ reviewId: review, answer: "same" }]);
    expect(home.gallery.person(one.personId)?.id).toBe(other.personId);
  });

  it("unsure: nothing but the answer is kept", async () => {
    const rosa = await enrolled("Rosa", 1);
    const visitor = home.visitor(1);
    const review = home.question(visitor.personId, rosa, visitor.trackletId);
    const states = () => home.store.persons.all();
    const before = states();
    home.admin.answerReview(review, "unsure", "Anna");
    expect(states()).toEqual(before);
    expect(home.live.corrections).toEqual([]);
  });
});

describe("looking through examples", () => {
  it("sets aside a face that is unlike its own, tells the audit, and leaves what somebody restored", () => {
    const { personId } = home.visitor(1, {
      faces: [0, 1, 2, 3, 4].map((shot) => faceLike(faceOf(1), shot)),
    });
    const [odd] = home.store.embeddings.looksOf(personId).filter(({ state }) => state === "prototype");
    const oddId = "odd";
    if (odd === undefined) throw new Error("there is no example");
    home.store.embeddings.insert({ ...odd, embeddingId: oddId, vector: faceOf(77), picture: null });
    expect(setAsideSuspects(home.context, "everybody's")).toBe(1);
    expect(home.store.embeddings.find(oddId)?.state).toBe("set_aside");
    expect(lastAudit()).toMatchObject({ action: "set_aside", by: "Haven", personId });
    expect(setAsideSuspects(home.context, "everybody's")).toBe(0);
    home.admin.restore(personId, oddId, "Anna");
    expect(setAsideSuspects(home.context, "everybody's")).toBe(0);
    expect(home.store.embeddings.find(oddId)?.state).toBe("prototype");
  });
});

describe("two who look alike", () => {
  const blend = (one: Float32Array, other: Float32Array) =>
    toUnit(one.map((value, at) => value + 0.9 * (other[at] ?? 0))) ?? one;

  it("lose the example between them when both have names, and not their photos", async () => {
    const rosa = await enrolled("Rosa", 1);
    const tom = await enrolled("Tom", 2);
    const between = blend(faceOf(1), faceOf(2));
    home.visit(rosa, { faces: [between] });
    expect(home.admin.lookThrough().setAside).toBe(1);
    expect(states(rosa)).toEqual([...Array(3).fill("face prototype"), "face set_aside"]);
    expect(states(tom)).toEqual(Array(3).fill("face prototype"));
  });

  it("keep everything when one is only a visitor, who may be the other, seen badly", async () => {
    const rosa = await enrolled("Rosa", 1);
    home.visit(rosa, { faces: [faceLike(faceOf(1), 70)] });
    home.visitor(1, { cameraId: "garden" });
    expect(home.admin.lookThrough().setAside).toBe(0);
  });
});

describe("time running out", () => {
  it("forgets visitors after their days, and others after theirs", async () => {
    const rosa = await enrolled("Rosa", 1);
    const nurse = await enrolled("Nina", 2);
    home.admin.edit(nurse, { kind: "carer", retentionDays: 10 }, "Anna");
    const visitor = home.visitor(3);
    home.clock.advance(11 * DAY_MS);
    home.admin.lookThrough();
    expect(home.gallery.person(nurse)).toBeNull();
    expect(home.gallery.person(visitor.personId)).not.toBeNull();
    home.clock.advance(80 * DAY_MS);
    home.admin.lookThrough();
    expect(home.gallery.person(visitor.personId)).toBeNull();
    expect(home.gallery.person(rosa)).not.toBeNull();
    expect(home.store.events.list(ALL_EVENTS)[0]).toMatchObject({ personId: null, personName: null });
    expect(home.store.tracklets.find(visitor.trackletId)?.personId).toBeNull();
  });

  it("no longer looks for visitors of whom nothing is left", () => {
    const { personId } = home.visitor(1, { faces: [], clothes: [faceOf(400)] });
    const withFace = home.visitor(2).personId;
    home.admin.lookThrough();
    expect(home.gallery.person(personId)?.status).toBe("active");
    home.clock.advance(2 * HOUR_MS);
    home.gallery.flush();
    home.admin.lookThrough();
    expect(home.store.persons.find(personId)?.status).toBe("archived");
    expect(home.store.persons.find(withFace)?.status).toBe("active");
    expect(home.gallery.persons().map(({ id }) => id)).toEqual([withFace]);
  });

  it("is looked at ten minutes after the start and then hourly, until it is stopped", async () => {
    const visitor = home.visitor(3, { firstAt: START - 90 * DAY_MS + HOUR_MS });
    const upkeep = new PersonUpkeep({ ...home.context, admin: home.admin });
    await upkeep.start();
    home.clock.advance(HOUR_MS);
    expect(home.gallery.person(visitor.personId)).not.toBeNull();
    home.clock.advance(2 * HOUR_MS);
    expect(home.gallery.person(visitor.personId)).toBeNull();
    await upkeep.stop();
    const late = home.visitor(4, { firstAt: START - 200 * DAY_MS });
    home.clock.advance(3 * DAY_MS);
    expect(home.gallery.person(late.personId)).not.toBeNull();
  });
});

describe("a reset", () => {
  it("of one camera takes what only it knows, and its part of the others", async () => {
    const rosa = await enrolled("Rosa", 1);
    const inHall = home.visit(rosa, { cameraId: "hall", faces: [faceLike(faceOf(1), 5)] });
    const inGarden = home.visit(rosa, { cameraId: "garden", faces: [faceLike(faceOf(1), 6)] });
    const stranger = home.visitor(2, { cameraId: "hall" });
    const both = home.visitor(3, { cameraId: "hall" });
    const named = home.visitor(4, { cameraId: "hall", faces: [] }).personId;
    home.admin.edit(named, { name: "Nina" }, "Anna");
    home.visit(both.personId, { cameraId: "garden", faces: [faceLike(faceOf(3), 4)] });
    const forgotten = home.admin.reset("hall", "Anna");
    expect(forgotten).toEqual({ persons: 1, examples: 4 });
    expect(home.gallery.person(stranger.personId)).toBeNull();
    expect(home.gallery.person(named)?.name).toBe("Nina");
    expect(home.gallery.person(both.personId)).not.toBeNull();
    expect(home.gallery.person(rosa)?.sizes.map(({ cameraId }) => cameraId)).toEqual(["garden"]);
    expect(states(rosa)).toEqual(Array(4).fill("face prototype"));
    expect(home.store.tracklets.find(inHall)).toBeNull();
    expect(home.store.tracklets.find(inGarden)).not.toBeNull();
    expect(home.likest(faceOf(1))).toBe(rosa);
    expect(home.likest(faceOf(2))).toBeNull();
  });

  it("of all leaves nobody, and new visitors do not get old labels", async () => {
    await enrolled("Rosa", 1);
    const a = home.visitor(2, { cameraId: "hall" });
    const b = home.visitor(3, { cameraId: "garden" });
    home.admin.merge(a.personId, b.personId, { by: "Anna" });
    expect(home.admin.reset(null, "Anna").persons).toBe(3);
    expect(home.store.persons.all()).toEqual([]);
    expect(home.gallery.persons()).toEqual([]);
    const next = home.visitor(4);
    expect(home.gallery.person(next.personId)?.label).toBe("Visitor-D");
  });
});
