import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAppError } from "../../src/core/errors.ts";
import { meanSize } from "../../src/domain/person.ts";
import type { Cue } from "../../src/domain/tracklet.ts";
import { EVERYWHERE, type Likeness } from "../../src/identity/people.ts";
import { Sqlite } from "../../src/store/sqlite.ts";
import {
  AT,
  at,
  direction,
  evidenceOf,
  example,
  GalleryRig,
  type RigOptions,
  SETTINGS,
  trackletRow,
} from "./gallery-rig.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-gallery-"));
  path = join(folder, "haven.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const rig = (options: RigOptions = {}) => new GalleryRig(path, options);

function enrol(
  { gallery }: GalleryRig,
  name: string | null,
  vectors: Partial<Record<Cue, Float32Array>>,
  scope = EVERYWHERE,
) {
  const person = gallery.create({ kind: "resident", name, at: AT, scope });
  const examples = Object.entries(vectors).map(([cue, vector]) => example(vector, { cue: cue as Cue }));
  gallery.learn(person.id, examples);
  return person;
}

function best(found: readonly Likeness[], cue: Cue): Likeness | undefined {
  return [...found].sort((a, b) => (b.scores[cue] ?? -1) - (a.scores[cue] ?? -1))[0];
}

describe("over a restart", () => {
  it("everybody is there again: ids, labels, names, prototypes, means, sizes and visits", () => {
    const before = (() => {
      using one = rig();
      const ana = enrol(one, "Ana", { face: direction(1), gait: direction(2, 12) });
      const visitor = enrol(one, null, { face: direction(3) });
      one.gallery.learn(ana.id, [example(at(0.7, direction(1), 9), { picture: new Uint8Array([1, 2]) })]);
      one.gallery.seen(ana.id, {
        cameraId: "hall",
        at: AT + 1000,
        size: { trackletId: "t1", widthPx: 90, heightPx: 250 },
        heightM: 1.7,
      });
      one.gallery.flush();
      return {
        persons: one.gallery.persons(),
        ana: one.gallery.embeddings(ana.id),
        visitor: one.gallery.embeddings(visitor.id),
        found: one.gallery.search(evidenceOf({ face: [direction(1)] }), EVERYWHERE, 5),
      };
    })();
    using again = rig();
    expect(again.gallery.persons()).toEqual(before.persons);
    const [ana, visitor] = again.gallery.persons();
    expect(ana).toMatchObject({
      name: "Ana",
      label: "Visitor-A",
      visits: 1,
      heightM: 1.7,
      firstSeenAt: AT + 1000,
    });
    expect(visitor).toMatchObject({ name: null, label: "Visitor-B", visits: 0 });
    expect(again.gallery.embeddings(ana?.id ?? "")).toEqual(before.ana);
    expect(before.ana.map(({ state, cue }) => `${cue} ${state}`)).toEqual([
      "face mean",
      "face prototype",
      "face prototype",
      "gait mean",
      "gait prototype",
    ]);
    expect(again.gallery.embeddings(visitor?.id ?? "")).toEqual(before.visitor);
    expect(again.gallery.search(evidenceOf({ face: [direction(1)] }), EVERYWHERE, 5)).toEqual(before.found);
  });

  it("somebody who was just made is there although nothing was written in time", () => {
    using one = rig();
    const { id } = one.gallery.create({ kind: "visitor", at: AT });
    using again = rig();
    expect(again.gallery.person(id)).toMatchObject({ id, label: "Visitor-A", status: "active" });
    expect(again.gallery.create({ kind: "visitor", at: AT }).label).toBe("Visitor-B");
  });

  it("a label is not given again, though nobody who had one is left", () => {
    using one = rig();
    const { id } = one.gallery.create({ kind: "visitor", at: AT });
    one.gallery.alter([id], () => ({ result: one.store.persons.forget(id), audit: null }));
    expect(one.gallery.person(id)).toBeNull();
    expect(one.gallery.create({ kind: "visitor", at: AT }).label).toBe("Visitor-B");
  });
});

describe("averages", () => {
  const size = (trackletId: string, heightPx: number) => ({ trackletId, widthPx: heightPx / 2, heightPx });

  it("are over cameras of what each sees: 250, 260 and 245 are 251.67", () => {
    using one = rig();
    const { id } = enrol(one, "Ana", { face: direction(1) });
    for (const [cameraId, heightPx] of [
      ["hall", 250],
      ["kitchen", 260],
      ["door", 245],
    ] as const)
      one.gallery.seen(id, { cameraId, at: AT, size: size(cameraId, heightPx), heightM: null });
    expect(meanSize(one.gallery.person(id)?.sizes ?? [])?.heightPx).toBeCloseTo(251.67, 2);
    one.gallery.flush();
    using again = rig();
    expect(meanSize(again.gallery.person(id)?.sizes ?? [])?.heightPx).toBeCloseTo(251.67, 2);
  });

  it("count each tracklet once, with what it came to in the end", () => {
    using one = rig();
    const { id } = enrol(one, "Ana", { face: direction(1) });
    const seen = (trackletId: string, heightPx: number, heightM: number) =>
      one.gallery.seen(id, { cameraId: "hall", at: AT, size: size(trackletId, heightPx), heightM });
    seen("t1", 100, 1);
    seen("t1", 250, 1.7);
    seen("t2", 260, 1.8);
    seen("t3", 200, 1.5);
    seen("t3", 245, 1.6);
    const person = one.gallery.person(id);
    expect(person?.sizes).toEqual([
      { cameraId: "hall", widthPx: expect.closeTo(125.83, 2), heightPx: expect.closeTo(251.67, 2), count: 3 },
    ]);
    expect(person?.heightM).toBeCloseTo(1.7, 6);
  });

  it("lose a tracklet that turns out to be somebody else", () => {
    using one = rig();
    const ana = enrol(one, "Ana", { face: direction(1) });
    const ben = enrol(one, "Ben", { face: direction(2) });
    const seen = (id: string, trackletId: string, heightPx: number) =>
      one.gallery.seen(id, { cameraId: "hall", at: AT, size: size(trackletId, heightPx), heightM: 1.5 });
    seen(ana.id, "t1", 250);
    seen(ana.id, "t2", 150);
    seen(ben.id, "t2", 160);
    expect(one.gallery.person(ana.id)?.sizes).toMatchObject([{ heightPx: 250, count: 1 }]);
    expect(one.gallery.person(ben.id)?.sizes).toMatchObject([{ heightPx: 160, count: 1 }]);
    seen(ben.id, "t1", 250);
    one.gallery.flush();
    using again = rig();
    expect(again.gallery.person(ana.id)).toMatchObject({ sizes: [], heightM: null });
  });

  it("count a visit after half an hour away", () => {
    using one = rig();
    const { id } = enrol(one, "Ana", { face: direction(1) });
    const seen = (minutes: number) =>
      one.gallery.seen(id, { cameraId: "hall", at: AT + minutes * 60_000, size: null, heightM: null });
    for (const minutes of [0, 10, 39, 68, 98, 97]) seen(minutes);
    expect(one.gallery.person(id)).toMatchObject({
      visits: 2,
      lastSeenAt: AT + 98 * 60_000,
      firstSeenAt: AT,
    });
  });
});

describe("the search", () => {
  it("takes the best of prototypes and running mean, and tells of all cues", () => {
    using one = rig();
    const face = direction(1);
    const ana = enrol(one, "Ana", { face, gait: direction(2, 12), appearance: direction(3, 24) });
    one.gallery.learn(ana.id, [example(at(0.6, face, 5))]);
    const asked = at(0.6, face, 5);
    const [found] = one.gallery.search(
      evidenceOf({ face: [asked], gait: [direction(2, 12)], appearance: [at(0.5, direction(3, 24), 6)] }),
      EVERYWHERE,
      5,
    );
    expect(found).toEqual({
      personId: ana.id,
      scores: { face: expect.closeTo(1, 5), gait: expect.closeTo(1, 5), appearance: expect.closeTo(0.5, 5) },
      negative: null,
    });
  });

  it("keeps models apart, though their vectors are as long as each other's", () => {
    using one = rig();
    enrol(one, "Ana", { face: direction(1) });
    const evidence = evidenceOf({ face: [direction(1)] });
    const other = { ...evidence, faces: evidence.faces.map((face) => ({ ...face, modelId: "another" })) };
    expect(one.gallery.search(other, EVERYWHERE, 5)).toEqual([]);
  });

  it("is confined to a region and to a client, and to those of none", () => {
    for (const inMemory of [100, 0]) {
      using one = new GalleryRig(join(folder, `${inMemory}.db`), { inMemory });
      const face = direction(1);
      const ids = [
        [null, null],
        ["north", null],
        ["south", null],
        ["north", "a"],
        [null, "b"],
      ].map(([region = null, clientId = null], index) =>
        enrol(one, null, { face: at(0.9, face, index + 20) }, { region, clientId }),
      );
      one.gallery.flush();
      one.gallery.load();
      const search = (region: string | null, clientId: string | null) =>
        one.gallery
          .search(evidenceOf({ face: [face] }), { region, clientId }, 10)
          .map(({ personId }) => ids.findIndex(({ id }) => id === personId))
          .sort();
      expect(search(null, null)).toEqual([0, 1, 2, 3, 4]);
      expect(search("north", null)).toEqual([0, 1, 3, 4]);
      expect(search("south", "a")).toEqual([0, 2]);
      expect(search("north", "a")).toEqual([0, 1, 3]);
      expect(search("west", "b")).toEqual([0, 4]);
    }
  });

  it("is not misled by vectors that are none", () => {
    using one = rig();
    const ana = enrol(one, "Ana", { face: direction(1) });
    one.gallery.learn(ana.id, [
      example(new Float32Array(32).fill(Number.NaN)),
      example(direction(1, 31)),
      example(new Float32Array(32)),
      example(direction(1), { quality: Number.NaN }),
    ]);
    expect(one.gallery.embeddings(ana.id)).toHaveLength(2);
    const nan = new Float32Array(32).fill(Number.NaN);
    expect(one.gallery.search(evidenceOf({ face: [nan] }), EVERYWHERE, 5)).toEqual([]);
    expect(one.gallery.search(evidenceOf({ face: [direction(1, 31)] }), EVERYWHERE, 5)).toEqual([]);
    expect(one.gallery.search(evidenceOf({}), EVERYWHERE, 5)).toEqual([]);
  });

  it("gives each cue its turn where only so many are asked for", () => {
    using one = rig();
    const face = direction(1);
    const clothes = direction(2, 24);
    for (let index = 0; index < 6; index += 1)
      enrol(one, null, { face: at(0.9 - index / 100, face, 30 + index) });
    const twin = enrol(one, null, { face: at(0.1, face, 40), appearance: at(0.95, clothes, 41) });
    const found = one.gallery.search(evidenceOf({ face: [face], appearance: [clothes] }), EVERYWHERE, 3);
    expect(found).toHaveLength(3);
    expect(best(found, "appearance")?.personId).toBe(twin.id);
    expect(best(found, "face")?.scores.face).toBeCloseTo(0.9, 5);
  });

  it("tells how like a face is to one that somebody said is not theirs", () => {
    using one = rig();
    const face = direction(1);
    const ana = enrol(one, "Ana", { face });
    const wrong = at(0.7, face, 50);
    one.gallery.alter([ana.id], () => {
      one.store.embeddings.insert({
        ...example(wrong),
        embeddingId: "negative-1",
        personId: ana.id,
        state: "negative",
      });
      return { result: null, audit: null };
    });
    const [found] = one.gallery.search(evidenceOf({ face: [wrong] }), EVERYWHERE, 5);
    expect(found?.negative).toBeCloseTo(1, 5);
    expect(found?.scores.face).toBeCloseTo(0.7, 5);
  });

  it("answers the same whoever is in memory, with sqlite-vec and without", () => {
    const people = 200;
    const faces = Array.from({ length: people }, (_, index) => direction(100 + (index % 40)));
    {
      using one = rig();
      for (const [index, face] of faces.entries()) {
        const { id } = enrol(one, index % 7 === 0 ? `N${index}` : null, {
          face: at(0.9, face, 1000 + index),
        });
        one.gallery.learn(id, [example(at(0.8, face, 2000 + index)), example(at(0.7, face, 3000 + index))]);
        if (index % 3 === 0) one.gallery.learn(id, [example(direction(index, 12), { cue: "gait" })]);
        if (index % 20 === 0) one.gallery.learn(id, [example(direction(index, 24), { cue: "appearance" })]);
      }
      one.gallery.flush();
    }
    const questions = Array.from({ length: 30 }, (_, index) =>
      evidenceOf({
        ...(index % 5 === 4 ? {} : { face: [at(0.8, faces[index] ?? direction(1), 4000 + index)] }),
        gait: [direction(index, 12)],
        ...(index % 2 === 0 ? { appearance: [direction(index * 10, 24)] } : {}),
      }),
    );
    const answers = (options: RigOptions) => {
      using one = rig({ now: AT + 1000, ...options });
      return questions.map((question) =>
        one.gallery
          .search(question, EVERYWHERE, 8)
          .map(({ personId, scores }) => ({
            personId,
            scores: Object.fromEntries(
              Object.entries(scores).map(([cue, score]) => [cue, Number(score.toFixed(5))]),
            ),
          }))
          .sort((a, b) => (a.personId < b.personId ? -1 : 1)),
      );
    };
    const inMemory = answers({ inMemory: 1000 });
    expect(inMemory.every((found) => found.length === 8)).toBe(true);
    expect(answers({ inMemory: 0 })).toEqual(inMemory);
    expect(answers({ inMemory: 90 })).toEqual(inMemory);
    expect(answers({ inMemory: 0, vectorLibrary: join(folder, "there is none") })).toEqual(inMemory);
    // What a Haven without the extension wrote is found by one that has it.
    {
      using one = rig({ vectorLibrary: join(folder, "there is none"), now: AT + 1000 });
      expect(one.store.embeddings.indexed).toBe(false);
      enrol(one, "Late", { face: direction(9999) });
      one.gallery.flush();
    }
    using one = rig({ inMemory: 0, now: AT + 1000 });
    expect(one.store.embeddings.indexed).toBe(true);
    const [late] = one.gallery.search(evidenceOf({ face: [direction(9999)] }), EVERYWHERE, 1);
    expect(one.gallery.person(late?.personId ?? "")?.name).toBe("Late");
  });

  it("forgets clothes when their time is up, in memory and in the database", () => {
    for (const inMemory of [100, 0]) {
      using one = new GalleryRig(join(folder, `ttl-${inMemory}.db`), { inMemory });
      const clothes = direction(2, 24);
      const { id } = enrol(one, null, { appearance: clothes, face: direction(1) });
      one.gallery.flush();
      const search = () => one.gallery.search(evidenceOf({ appearance: [clothes] }), EVERYWHERE, 5);
      one.clock.advance(SETTINGS.memory.appearanceTtl - 1);
      expect(search()).toMatchObject([{ personId: id }]);
      one.clock.advance(1);
      expect(search()).toEqual([]);
      one.gallery.flush();
      expect(one.store.embeddings.ofPerson(id).map(({ cue }) => cue)).toEqual(["face", "face"]);
    }
  });
});

describe("tracklets", () => {
  function personIn(one: GalleryRig, eventId: string, trackId: number, capturedAt: number) {
    const event = {
      eventId,
      kind: "person_in",
      cameraId: "hall",
      area: null,
      zone: null,
      trackId,
      personId: null,
      personName: null,
      identityCue: null,
      capturedAt,
      mediaTimeS: null,
      confidence: null,
      evidence: {},
    };
    one.store.events.insert(event, { severity: 0, recordedAt: capturedAt });
  }
  const owners = (one: GalleryRig) =>
    one.store.events
      .list({ kinds: null, cameraId: null, since: null, until: null, before: null, limit: 10 })
      .map(({ eventId, personName, identityCue }) => [eventId, personName, identityCue]);

  it("correct what was recorded of the track, at once when the person changes, and of no other time or track", () => {
    using one = rig();
    const ana = enrol(one, "Ana", { face: direction(1) });
    const visitor = enrol(one, null, { face: direction(2) });
    personIn(one, "1", 1, AT - 60_000);
    personIn(one, "2", 1, AT);
    personIn(one, "3", 2, AT);
    personIn(one, "4", 1, AT + 60_000);
    one.gallery.putTracklet(trackletRow("t1", { personId: visitor.id, cue: "face" }));
    expect(owners(one)[2]).toEqual(["2", null, null]);
    one.gallery.flush();
    expect(owners(one)).toEqual([
      ["4", null, null],
      ["3", null, null],
      ["2", "Visitor-B", "face"],
      ["1", null, null],
    ]);
    one.gallery.putTracklet(trackletRow("t1", { personId: ana.id, cue: "face" }));
    expect(owners(one)[2]).toEqual(["2", "Ana", "face"]);
    one.gallery.putTracklet(trackletRow("t1"));
    expect(owners(one)[2]).toEqual(["2", null, null]);
    expect(one.store.tracklets.find("t1")).toMatchObject({ personId: null, lastAt: AT + 4000 });
  });

  it("of somebody who was forgotten meanwhile are nobody's", () => {
    using one = rig();
    const { id } = enrol(one, "Ana", { face: direction(1) });
    one.gallery.alter([id], () => ({ result: one.store.persons.forget(id), audit: null }));
    one.gallery.putTracklet(trackletRow("t1", { personId: id, cue: "face" }));
    one.gallery.learn(id, [example(direction(1))]);
    one.gallery.seen(id, { cameraId: "hall", at: AT, size: null, heightM: null });
    one.gallery.flush();
    expect(one.store.tracklets.find("t1")).toMatchObject({ personId: null, cue: null });
    expect(one.store.persons.all()).toEqual([]);
  });

  it("tell where somebody was: stays by camera, apart by more than a moment", () => {
    using one = rig();
    const { id } = enrol(one, "Ana", { face: direction(1) });
    const minute = 60_000;
    for (const [index, [cameraId, from, to]] of (
      [
        ["hall", 0, 1],
        ["hall", 1.1, 2],
        ["kitchen", 2.1, 9],
        ["hall", 10, 11],
        ["hall", 40, 41],
      ] as const
    ).entries())
      one.gallery.putTracklet(
        trackletRow(`t${index}`, {
          cameraId,
          area: cameraId === "hall" ? "Hall" : null,
          trackId: index,
          firstAt: AT + from * minute,
          lastAt: AT + to * minute,
          personId: id,
        }),
      );
    one.gallery.flush();
    const filter = { personId: id, since: null, until: null, limit: 10, gapMs: 5 * minute, tracklets: 100 };
    expect(
      one.store.tracklets
        .stays(filter)
        .map(({ cameraId, from, until, tracklets }) => [
          cameraId,
          (from - AT) / minute,
          (until - AT) / minute,
          tracklets,
        ]),
    ).toEqual([
      ["hall", 40, 41, 1],
      ["hall", 10, 11, 1],
      ["kitchen", expect.closeTo(2.1, 6), 9, 1],
      ["hall", 0, 2, 2],
    ]);
    expect(one.store.tracklets.stays({ ...filter, since: AT + 39 * minute })).toHaveLength(1);
    expect(one.store.tracklets.stays({ ...filter, until: AT + 2 * minute })).toHaveLength(1);
  });
});

describe("a change by hand", () => {
  it("that fails changes nothing, in the database or in memory", () => {
    using one = rig();
    const ana = enrol(one, "Ana", { face: direction(1) });
    const before = one.gallery.persons();
    expect(() =>
      one.gallery.alter([ana.id], () => {
        const row = one.store.persons.find(ana.id);
        if (row !== null) one.store.persons.save({ ...row, name: "Bea" });
        one.gallery.create({ kind: "visitor", at: AT });
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(one.gallery.persons()).toEqual(before);
    expect(one.store.persons.all()).toHaveLength(1);
    expect(one.gallery.create({ kind: "visitor", at: AT }).label).toBe("Visitor-B");
  });

  it("is seen by the memory at once, with its audit", () => {
    using one = rig();
    const ana = enrol(one, "Ana", { face: direction(1) });
    const visitor = enrol(one, null, { face: direction(2) });
    let told = 0;
    using _ = one.gallery.onChange(() => {
      told += 1;
    });
    one.gallery.alter([ana.id, visitor.id], () => {
      for (const { embeddingId, state } of one.store.embeddings.looksOf(visitor.id))
        if (state === "prototype") one.store.embeddings.setPerson(embeddingId, ana.id);
      const row = one.store.persons.find(visitor.id);
      if (row !== null) one.store.persons.save({ ...row, status: "merged", mergedInto: ana.id });
      return {
        result: null,
        audit: {
          auditId: "a1",
          at: AT,
          by: "Eva",
          action: "merge",
          personId: ana.id,
          details: "{}",
          undoneAt: null,
        },
      };
    });
    expect(told).toBe(1);
    expect(one.gallery.person(visitor.id)?.id).toBe(ana.id);
    expect(one.gallery.persons().map(({ id }) => id)).toEqual([ana.id]);
    const [found] = one.gallery.search(evidenceOf({ face: [direction(2)] }), EVERYWHERE, 5);
    expect(found).toMatchObject({ personId: ana.id, scores: { face: expect.closeTo(1, 5) } });
    expect(one.store.audit.list({ personId: ana.id, before: null, limit: 5 })).toMatchObject([{ by: "Eva" }]);
    // The track of the visitor goes on and is Ana's.
    one.gallery.putTracklet(trackletRow("t1", { personId: visitor.id }));
    one.gallery.flush();
    expect(one.store.tracklets.find("t1")?.personId).toBe(ana.id);
  });
});

it("while the database is locked everything waits, and is said once", () => {
  using one = rig();
  const ana = enrol(one, "Ana", { face: direction(1) });
  one.gallery.flush();
  using other = new Sqlite(path, 10);
  other.execute("BEGIN IMMEDIATE");
  one.gallery.learn(ana.id, [example(at(0.8, direction(1), 7))]);
  one.gallery.seen(ana.id, { cameraId: "hall", at: AT, size: null, heightM: null });
  one.gallery.putTracklet(trackletRow("t1", { personId: ana.id }));
  let refusal: unknown;
  try {
    one.gallery.flush();
  } catch (error) {
    refusal = error;
  }
  expect(isAppError(refusal, "store.unavailable")).toBe(true);
  expect(one.gallery.embeddings(ana.id)).toHaveLength(3);
  other.execute("ROLLBACK");
  one.gallery.flush();
  using again = rig();
  expect(again.gallery.embeddings(ana.id)).toHaveLength(3);
  expect(again.gallery.person(ana.id)?.lastCameraId).toBe("hall");
  expect(again.store.tracklets.find("t1")?.personId).toBe(ana.id);
});

it("what waits is written every few seconds and at the stop, and pictures go where none are kept", async () => {
  using one = rig({ syncS: 5 });
  await one.gallery.start();
  const ana = enrol(one, "Ana", { face: direction(1) });
  one.gallery.learn(ana.id, [example(at(0.8, direction(1), 7), { picture: new Uint8Array([7]) })]);
  one.clock.advance(4999);
  expect(one.store.embeddings.ofPerson(ana.id)).toEqual([]);
  one.clock.advance(1);
  expect(one.store.embeddings.ofPerson(ana.id)).toHaveLength(3);
  const pictures = () => one.store.embeddings.ofPerson(ana.id).filter(({ picture }) => picture !== null);
  expect(pictures()).toHaveLength(1);
  one.gallery.configure({ ...SETTINGS, keepPictures: false });
  one.gallery.learn(ana.id, [example(at(0.6, direction(1), 8), { picture: new Uint8Array([8]) })]);
  await one.gallery.stop();
  expect(one.store.embeddings.ofPerson(ana.id)).toHaveLength(4);
  expect(pictures()).toEqual([]);
});

it("those not seen for longest leave the memory, those whose clothes are remembered stay", async () => {
  using one = rig({ inMemory: 3 });
  await one.gallery.start();
  const ids = Array.from({ length: 8 }, (_, index) => {
    const { id } = enrol(one, null, { face: direction(index + 1) });
    one.gallery.seen(id, { cameraId: "hall", at: AT, size: null, heightM: null });
    return id;
  });
  one.gallery.learn(ids[0] ?? "", [example(direction(5, 24), { cue: "appearance" })]);
  one.clock.advance(60_000);
  const clothes = one.gallery.search(evidenceOf({ appearance: [direction(5, 24)] }), EVERYWHERE, 1);
  expect(clothes[0]?.personId).toBe(ids[0]);
  for (const [index, id] of ids.entries()) {
    const [found] = one.gallery.search(evidenceOf({ face: [direction(index + 1)] }), EVERYWHERE, 1);
    expect(found?.personId).toBe(id);
  }
});
