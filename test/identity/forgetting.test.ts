// Forgetting, held over the bytes of the database's files: what was there before is nowhere afterwards.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faceLike, faceOf, HOUR_MS, Household, MODEL, photoOf, pictureOf, START } from "./admin-household.ts";

let folder: string;
let home: Household;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-forget-"));
  home = new Household(join(folder, "haven.db"));
});
afterEach(() => {
  home[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const NAME = "Rosalinde Übermann-Ünlü";
const bytesOf = (vector: Float32Array) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
const inFiles = (bytes: Uint8Array) =>
  readdirSync(folder).some((file) => readFileSync(join(folder, file)).includes(Buffer.from(bytes)));

const event = (eventId: string) => ({
  eventId,
  cameraId: null,
  area: "Hall",
  zone: null,
  trackId: null,
  personId: null,
  personName: null,
  identityCue: null,
  capturedAt: START,
  mediaTimeS: null,
  confidence: null,
});

describe("forgetting somebody", () => {
  it("leaves no name, no vector, no picture and no id in any file of the database", async () => {
    const photos = [0, 1].map((shot) => faceLike(faceOf(1), shot));
    const { person } = await home.admin.enrol({
      personId: null,
      name: NAME,
      consentBy: NAME,
      photos: photos.map((face) => photoOf(face)),
      force: false,
      by: "Anna",
    });
    const id = person?.id ?? "";
    const seen = [2, 3].map((shot) => faceLike(faceOf(1), shot));
    const kept = home.visit(id, { faces: seen.slice(0, 1), clothes: [faceOf(70)] });
    home.clock.advance(HOUR_MS);
    const fragment = home.visitor(1, { faces: seen.slice(1), cameraId: "garden" });
    // Everything that may keep a trace: a merge, a change of name, an example of what another is not, a question, a
    // decision about another that names this one as the runner-up, an alarm, a track that changed hands.
    const tom = home.visitor(2).personId;
    home.admin.merge(fragment.personId, id, { by: "Anna" });
    home.admin.edit(id, { description: `${NAME} of the second floor` }, "Anna");
    home.admin.edit(tom, { name: "Tom" }, "Anna");
    home.admin.answerReview(home.question(id, tom, kept), "different", "Anna");
    home.question(null, id, null);
    const wrong = home.visit(tom, { firstAt: home.clock.now(), faces: [] });
    const row = home.store.tracklets.find(wrong);
    if (row === null) throw new Error("there is no tracklet");
    home.store.tracklets.put({ ...row, decision: JSON.stringify({ cues: [{ runnerUpId: id }] }) });
    const eventId = home.event(id, { cameraId: "hall", trackId: 900, at: home.clock.now() });
    const changed = home.event(tom, { cameraId: "hall", trackId: 901, at: home.clock.now() });
    home.store.alarms.save({
      id: "a1",
      state: "cleared",
      cause: "person_in",
      causeEventId: eventId,
      grownTo: null,
      cameraId: "hall",
      area: null,
      personName: NAME,
      raisedAt: 1,
      acknowledgedAt: null,
      acknowledgedBy: null,
      recoveredAt: null,
      clearedAt: 2,
      level: 0,
      round: 0,
      escalatedAt: null,
      answer: null,
      answeredAt: null,
      answeredBy: null,
      test: false,
    });
    const snoozed = home.event(tom, { cameraId: "hall", trackId: 902, at: home.clock.now() });
    home.store.events.insert(
      {
        ...event(`${snoozed}S`),
        kind: "snooze_started",
        evidence: { reason: "carer", by: `${NAME} and Tom`, until: null },
      },
      { severity: 1, recordedAt: home.clock.now() },
    );
    const notTom = home.store.embeddings.ofPerson(tom).find(({ state }) => state === "negative");
    expect(notTom?.vector).toEqual(seen[0]);
    const traces: Record<string, Uint8Array> = {
      name: Buffer.from(NAME),
      id: Buffer.from(id),
      "merged id": Buffer.from(fragment.personId),
      ...Object.fromEntries(
        [...photos, ...seen, faceOf(70)].map((face, at) => [`vector ${at}`, bytesOf(face)]),
      ),
      ...Object.fromEntries([...photos, ...seen].map((face, at) => [`picture ${at}`, pictureOf(face)])),
    };
    const found = () => Object.keys(traces).filter((trace) => inFiles(traces[trace] ?? new Uint8Array()));
    expect(found()).toEqual(Object.keys(traces));

    home.admin.forget(id, "Anna");

    expect(found()).toEqual([]);
    expect(home.gallery.person(id)).toBeNull();
    expect(home.gallery.person(fragment.personId)).toBeNull();
    expect(home.likest(faceOf(1))).toBeNull();
    expect(home.gallery.person(tom)?.name).toBe("Tom");
    expect(home.likest(faceOf(2))).toBe(tom);
    expect(home.store.alarms.find("a1")?.personName).toBeNull();
    expect(home.store.eventOwners.find(eventId)).toEqual({ eventId, personId: null, identityCue: null });
    expect(home.store.eventOwners.find(changed)?.personId).toBe(tom);
    const audit = home.admin.audit({ personId: null, before: null, limit: 100 });
    expect(audit[0]).toMatchObject({ action: "forget", by: "Anna", personId: null });
    // That something was done stays; what it was cannot be told, or undone, any more.
    const merged = audit.find(({ action }) => action === "merge");
    expect(() => home.admin.undo(merged?.auditId ?? "", "Anna")).toThrow(
      expect.objectContaining({ code: "conflict" }) as Error,
    );
    const renamed = audit.find(({ action, personId }) => action === "edit" && personId === tom);
    home.admin.undo(renamed?.auditId ?? "", "Anna");
    expect(home.gallery.person(tom)?.name).toBeNull();
  });

  it("forgets whom they live on in as well, whichever id it is asked by", () => {
    const one = home.visitor(1);
    const other = home.visitor(2, { cameraId: "garden" });
    home.admin.merge(one.personId, other.personId, { by: "Anna" });
    home.admin.forget(one.personId, "Anna");
    expect(home.store.persons.all()).toEqual([]);
  });

  it("takes along what was learned of them and not yet written", () => {
    const { personId, trackletId } = home.visitor(1);
    const fresh = faceLike(faceOf(1), 44);
    home.gallery.learn(personId, [
      {
        cue: "face",
        modelId: MODEL,
        vector: fresh,
        quality: 0.99,
        facing: null,
        source: "sighting",
        cameraId: "hall",
        trackletId,
        capturedAt: home.clock.now(),
        picture: pictureOf(fresh),
      },
    ]);
    home.admin.forget(personId, "Anna");
    home.gallery.flush();
    expect(inFiles(bytesOf(fresh))).toBe(false);
    expect(inFiles(Buffer.from(personId))).toBe(false);
  });

  it("of somebody who is not there says so", () => {
    expect(() => home.admin.forget("p_none", "Anna")).toThrow(
      expect.objectContaining({ code: "not-found" }) as Error,
    );
  });
});
