// The specification's own test cases, and the rules behind them, through the real service. Faces and clothes are vectors
// whose cosines are known.
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import type { IdentitySettings } from "../../src/identity/identity-settings.ts";
import {
  camera,
  direction,
  dot,
  faces,
  frame,
  type House,
  type HouseOptions,
  like,
  openHouse,
  SETTINGS,
  START,
  tracklet,
} from "./house-of-people.ts";
import { PeopleInMemory } from "./people-in-memory.ts";

const ROSA = direction("rosa");
const HUGO = direction("hugo");
const RED = direction("red shirt");
const BLUE = direction("blue shirt");
const WHITE = direction("white shirt");

interface Here extends House {
  readonly people: PeopleInMemory;
}

async function house(more: Partial<HouseOptions> & { readonly people?: PeopleInMemory } = {}): Promise<Here> {
  const people = more.people ?? new PeopleInMemory();
  const opened = await openHouse({ absorb: (loser, winner) => people.merge(loser, winner), ...more, people });
  return Object.assign(opened, { people });
}

/** Somebody the household has named, known by a photo. */
function enrol(people: PeopleInMemory, name: string, face: Float32Array): string {
  const { id } = people.create({ kind: "resident", name, at: START });
  people.learn(id, [
    {
      cue: "face",
      modelId: "sface",
      vector: face,
      quality: 1,
      facing: null,
      source: "photo",
      cameraId: null,
      trackletId: null,
      capturedAt: START,
      picture: null,
    },
  ]);
  return id;
}

function who({ service }: House, cameraId: string, trackId: number): string | null {
  return service.identityOf(cameraId, trackId)?.personId ?? null;
}

/** Both in one picture, as two bodies, for half a second. */
function together({ service }: House, cameraId: string, ids: readonly [number, number], fromS = 0): void {
  for (let step = 0; step < 5; step += 1)
    service.seen(frame(cameraId, fromS + step / 10, { [ids[0]]: 0.2, [ids[1]]: 0.8 }));
}

describe("one gallery for all cameras", () => {
  it("keeps the id over a restart", async () => {
    const people = new PeopleInMemory();
    const before = await house({ people });
    before.service.observe(tracklet("hall", 1, faces(ROSA), { ended: true }));
    const id = who(before, "hall", 1);
    await before.service.stop();

    await using after = await house({ people });
    after.service.observe(tracklet("hall", 1, faces(ROSA, 3, 0.9, "later"), { fromS: 60 }));
    expect(id).not.toBeNull();
    expect(who(after, "hall", 1)).toBe(id);
  });

  it("keeps the id over a restart in the middle of a visit", async () => {
    const people = new PeopleInMemory();
    const before = await house({ people });
    before.service.observe(tracklet("hall", 1, faces(ROSA)));
    const id = who(before, "hall", 1);
    await before.service.stop();
    expect([...people.rows.values()].map(({ personId }) => personId)).toEqual([id]);

    await using after = await house({ people });
    after.service.observe(tracklet("hall", 1, faces(ROSA, 3, 0.9, "later"), { fromS: 7 }));
    expect(who(after, "hall", 1)).toBe(id);
    expect(people.persons()).toHaveLength(1);
  });

  it("gives camera 2 the id of camera 1", async () => {
    await using home = await house();
    home.service.observe(tracklet("hall", 1, faces(ROSA), { ended: true }));
    home.service.observe(tracklet("kitchen", 1, faces(ROSA, 3, 0.9, "later"), { fromS: 20 }));
    expect(who(home, "kitchen", 1)).toBe(who(home, "hall", 1));
    expect(who(home, "kitchen", 1)).not.toBeNull();
    expect(home.people.persons()).toHaveLength(1);
  });

  it("tells the gallery each camera's size of a person, once a tracklet", async () => {
    await using home = await house({ cameras: [camera("a"), camera("b"), camera("c")] });
    for (const [index, [id, heightPx]] of (
      [
        ["a", 250],
        ["b", 260],
        ["c", 245],
      ] as const
    ).entries())
      home.service.observe(
        tracklet(id, 1, faces(ROSA, 3, 0.9, id), { fromS: index * 60, heightPx, ended: true }),
      );
    const [person] = home.people.persons();
    const sizes = new Map(
      (home.people.sightings.get(person?.id ?? "") ?? []).flatMap(({ size }) =>
        size === null ? [] : [[size.trackletId, size.heightPx] as const],
      ),
    );
    expect([...sizes.values()]).toEqual([250, 260, 245]);
  });

  it("counts two people in three videos as two, without a switch", async () => {
    await using home = await house({ cameras: [camera("one"), camera("two"), camera("three")] });
    const taken: (string | null)[][] = [[], []];
    for (const [index, id] of ["one", "two", "three"].entries()) {
      const fromS = index * 600;
      home.service.observe(tracklet(id, 1, faces(ROSA, 3, 0.8, `r${index}`), { fromS, ended: true }));
      home.service.observe(
        tracklet(id, 2, faces(HUGO, 3, 0.8, `h${index}`), { fromS: fromS + 10, ended: true }),
      );
      for (const [at, ids] of taken.entries()) ids.push(who(home, id, at + 1));
    }
    expect(taken.map((ids) => new Set(ids).size)).toEqual([1, 1]);
    expect(taken[0]?.[0]).not.toBe(taken[1]?.[0]);
    expect(home.people.persons()).toHaveLength(2);
    expect(home.events.filter(({ kind }) => kind === "identity_changed")).toEqual([]);
  });

  it("looks for a person only in their region", async () => {
    await using home = await house({ cameras: [camera("hall", { region: "north" }), camera("kitchen")] });
    home.service.observe(tracklet("hall", 1, faces(ROSA), { ended: true }));
    expect(home.people.persons().map(({ region }) => region)).toEqual(["north"]);
  });
});

describe("a decision", () => {
  it("knows somebody in other clothes by their face, and remembers both", async () => {
    await using home = await house();
    const red = faces(ROSA, 3, 0.95).map((look) => ({ ...look, clothes: RED }));
    home.service.observe(tracklet("hall", 1, red, { ended: true }));
    const id = who(home, "hall", 1);

    const face = like(ROSA, 0.92, "another day");
    const blue = like(RED, 0.3, "blue");
    home.service.observe(tracklet("kitchen", 1, [{ face, clothes: blue }], { fromS: 350 }));
    expect(who(home, "kitchen", 1)).toBe(id);
    const clothes = home.people.learned(id ?? "").filter(({ cue }) => cue === "appearance");
    expect(clothes.some(({ vector }) => dot(vector, blue) > 0.99)).toBe(true);
    expect(clothes.some(({ vector }) => dot(vector, RED) > 0.99)).toBe(true);
  });

  it("keeps look-alikes in white shirts apart", async () => {
    await using home = await house();
    const dressed = (face: Float32Array, name: string) =>
      faces(face, 3, 0.9, name).map((look, index) => ({
        ...look,
        clothes: like(WHITE, 0.97, `${name}${index}`),
      }));
    home.service.observe(tracklet("hall", 1, dressed(ROSA, "r"), { ended: true }));
    home.service.observe(tracklet("hall", 2, dressed(HUGO, "h"), { fromS: 30, ended: true }));
    expect(who(home, "hall", 1)).not.toBeNull();
    expect(who(home, "hall", 2)).not.toBeNull();
    expect(who(home, "hall", 2)).not.toBe(who(home, "hall", 1));
  });

  it("makes an entry for a newcomer at once, and says so", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(tracklet("hall", 1, faces(HUGO)));
    const id = who(home, "hall", 1);
    expect(id).not.toBeNull();
    expect(id).not.toBe(rosa);
    expect(home.identities.at(-1)?.personName).toBe("Visitor-B");
    expect(home.events.map(({ kind, personId }) => [kind, personId])).toEqual([["unknown_person", id]]);
  });

  it("says that somebody is unknown once their face has shown it, not of a back", async () => {
    await using home = await house();
    const back = ["a", "b", "c", "d"].map((name) => ({
      clothes: like(RED, 0.9, name),
      facing: "back" as const,
    }));
    home.service.observe(tracklet("hall", 1, back));
    const id = who(home, "hall", 1);
    expect(home.service.identityOf("hall", 1)).toMatchObject({ cue: "appearance", personName: "Visitor-A" });
    expect(home.events).toEqual([]);
    home.service.observe(tracklet("hall", 1, faces(HUGO), { toS: 9 }));
    expect(home.service.identityOf("hall", 1)).toMatchObject({ personId: id, cue: "face" });
    expect(home.events.map(({ kind, personId }) => [kind, personId])).toEqual([["unknown_person", id]]);
  });

  it("says nothing of a newcomer who only passes", async () => {
    await using home = await house();
    home.service.observe(tracklet("hall", 1, faces(HUGO), { toS: 1 }));
    expect(who(home, "hall", 1)).not.toBeNull();
    expect(home.events).toEqual([]);
    home.service.seen(frame("hall", 3.5, { 1: 0.5 }));
    expect(home.events.map(({ kind }) => kind)).toEqual(["unknown_person"]);
    home.service.seen(frame("hall", 4, { 1: 0.5 }));
    expect(home.events).toHaveLength(1);
  });

  it("never tells whom clothes alone suggest", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(
      tracklet(
        "hall",
        1,
        faces(ROSA).map((look) => ({ ...look, clothes: RED })),
        { ended: true },
      ),
    );
    const before = home.events.length;
    home.service.observe(tracklet("hall", 2, [{ clothes: like(RED, 0.95, "again") }], { fromS: 60 }));
    expect(home.service.identityOf("hall", 2)).toMatchObject({
      personId: null,
      personName: null,
      tentativeId: rosa,
    });
    expect(home.events).toHaveLength(before);
    expect([...home.people.rows.values()].at(-1)?.personId).toBeNull();

    // A face confirms it.
    home.service.observe(tracklet("hall", 2, faces(ROSA, 2, 0.8, "turned"), { fromS: 60, toS: 70 }));
    expect(home.service.identityOf("hall", 2)).toMatchObject({
      personId: rosa,
      cue: "face",
      tentativeId: null,
    });
    expect(home.events.at(-1)).toMatchObject({
      kind: "face_matched",
      personId: rosa,
      trackId: 2,
      area: "hall",
    });
  });

  it("follows somebody on by their clothes who was lost in one picture for seconds, and learns nothing from it", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    const known = faces(ROSA).map((look) => ({ ...look, clothes: RED }));
    home.service.observe(tracklet("hall", 1, known, { ended: true }));
    const learned = home.people.learned(rosa).length;
    home.service.observe(tracklet("hall", 2, [{ clothes: like(RED, 0.95, "again") }], { fromS: 15 }));
    expect(home.service.identityOf("hall", 2)).toMatchObject({
      personId: rosa,
      personName: "Rosa",
      cue: "appearance",
    });
    expect(home.people.learned(rosa)).toHaveLength(learned);
    expect(home.events.filter(({ kind }) => kind === "face_matched")).toHaveLength(1);
    // In another picture it stays a supposition.
    home.service.observe(tracklet("kitchen", 1, [{ clothes: like(RED, 0.95, "once more") }], { fromS: 30 }));
    expect(home.service.identityOf("kitchen", 1)).toMatchObject({ personId: null, tentativeId: rosa });
  });

  it("asks about somebody named whom only clothes suggested", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(
      tracklet(
        "hall",
        1,
        faces(ROSA).map((look) => ({ ...look, clothes: RED })),
        { ended: true },
      ),
    );
    for (const trackId of [2, 3])
      home.service.observe(
        tracklet("hall", trackId, [{ clothes: like(RED, 0.95, `again${trackId}`) }], {
          fromS: 60 * trackId,
          ended: true,
        }),
      );
    expect(home.reviews).toMatchObject([{ personId: null, candidateId: rosa, cue: "appearance" }]);
  });

  it("heeds a negative example", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    const twin = like(ROSA, 0.6, "twin");
    home.service.observe(tracklet("hall", 1, [{ face: twin }, { face: like(twin, 0.97, "more") }]));
    expect(who(home, "hall", 1)).toBe(rosa);
    const trackletId = home.service.trackletIdOf("hall", 1) ?? "";
    home.people.refuse(rosa, home.service.examples(trackletId));
    home.service.correct({ kind: "is_not", trackletId, personId: rosa });
    const id = who(home, "hall", 1);
    expect(id).not.toBe(rosa);
    expect(home.events.map(({ kind }) => kind)).toContain("identity_changed");

    home.service.observe(tracklet("kitchen", 1, [{ face: like(twin, 0.95, "next day") }], { fromS: 9000 }));
    expect(who(home, "kitchen", 1)).not.toBe(rosa);
  });
});

describe("bodies in space", () => {
  it("never takes two who are seen at the same time in one camera for one person", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    together(home, "hall", [1, 2]);
    home.service.observe(tracklet("hall", 1, faces(ROSA, 3, 0.8, "a")));
    home.service.observe(tracklet("hall", 2, faces(ROSA, 3, 0.8, "b")));
    expect(who(home, "hall", 1)).toBe(rosa);
    expect(who(home, "hall", 2)).not.toBe(rosa);
  });

  it("gives a person to the stronger of two tracks, and decides the other anew", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    together(home, "hall", [1, 2]);
    home.service.observe(tracklet("hall", 1, [{ face: like(ROSA, 0.5, "cousin") }]));
    expect(who(home, "hall", 1)).toBe(rosa);
    home.service.observe(tracklet("hall", 2, faces(ROSA, 3, 0.95)));
    expect(who(home, "hall", 2)).toBe(rosa);
    expect(who(home, "hall", 1)).not.toBe(rosa);
    expect(home.events).toContainEqual(
      expect.objectContaining({
        kind: "identity_changed",
        trackId: 1,
        evidence: expect.objectContaining({ previousPersonId: rosa }),
      }),
    );
    expect([...home.people.rows.values()].find(({ trackId }) => trackId === 1)?.personId).not.toBe(rosa);
  });

  it("takes two tracks apart that were one person before they were seen together", async () => {
    await using home = await house();
    enrol(home.people, "Rosa", ROSA);
    home.service.observe(tracklet("hall", 1, [{ face: like(ROSA, 0.5, "cousin") }]));
    home.service.observe(tracklet("hall", 2, faces(ROSA, 3, 0.95), { fromS: 6 }));
    expect(who(home, "hall", 1)).toBe(who(home, "hall", 2));
    together(home, "hall", [1, 2], 11);
    expect(who(home, "hall", 2)).not.toBeNull();
    expect(who(home, "hall", 1)).not.toBe(who(home, "hall", 2));
  });

  it("lets two tracks of one body be one person", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    for (let step = 0; step < 50; step += 1) home.service.seen(frame("hall", step / 10, { 1: 0.5, 2: 0.51 }));
    for (const trackId of [1, 2])
      home.service.observe(tracklet("hall", trackId, faces(ROSA, 3, 0.8, `t${trackId}`)));
    expect([who(home, "hall", 1), who(home, "hall", 2)]).toEqual([rosa, rosa]);
  });

  it("knows that nobody is in two rooms sooner than the walk takes", async () => {
    const settings: IdentitySettings = {
      ...SETTINGS,
      travel: { travelSeconds: 1, travel: [{ between: ["hall", "kitchen"], seconds: 30 }] },
    };
    await using home = await house({ settings });
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(tracklet("hall", 1, faces(ROSA, 3, 0.8, "a"), { ended: true }));
    home.service.observe(tracklet("kitchen", 1, faces(ROSA, 3, 0.8, "b"), { fromS: 20 }));
    expect(who(home, "hall", 1)).toBe(rosa);
    expect(home.service.identityOf("kitchen", 1)?.decision.reasons).toContain("elsewhere");
    expect(who(home, "kitchen", 1)).toBeNull();
    home.service.observe(tracklet("kitchen", 2, faces(ROSA, 3, 0.8, "c"), { fromS: 40 }));
    expect(who(home, "kitchen", 2)).toBe(rosa);
  });

  it("lets overlapping cameras see one person at once", async () => {
    const cameras = [camera("hall", { overlaps: ["kitchen"] }), camera("kitchen")];
    await using home = await house({ cameras });
    const rosa = enrol(home.people, "Rosa", ROSA);
    for (const { id } of cameras) home.service.observe(tracklet(id, 1, faces(ROSA, 3, 0.8, id)));
    expect(cameras.map(({ id }) => who(home, id, 1))).toEqual([rosa, rosa]);
  });
});

describe("a second thought", () => {
  it("makes a visitor part of the person it turns out to be, and leaves no orphan", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(tracklet("hall", 1, faces(direction("odd angle"), 1, 0.9, "odd")));
    const visitor = who(home, "hall", 1) ?? "";
    expect(visitor).not.toBe(rosa);
    home.service.observe(
      tracklet("hall", 1, [...faces(ROSA, 1, 0.9), { face: like(ROSA, 0.8, "x"), quality: 0.95 }], {
        toS: 9,
      }),
    );
    expect(who(home, "hall", 1)).toBe(rosa);
    expect(home.people.person(visitor)?.id).toBe(rosa);
    expect(home.people.persons().map(({ id }) => id)).toEqual([rosa]);
    expect(home.events.at(-1)).toMatchObject({
      kind: "identity_changed",
      personId: rosa,
      evidence: { previousPersonId: visitor },
    });
  });

  it("leaves a visitor as they are where the two cannot be one, and names nobody in the log", async () => {
    const lines: string[] = [];
    const log = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
    const absorb = () => {
      throw new AppError("conflict", "Rosa and Visitor-A were in the picture of hall at the same time");
    };
    await using home = await house({ log, absorb });
    enrol(home.people, "Rosa", ROSA);
    home.service.observe(tracklet("hall", 1, faces(direction("odd angle"), 1, 0.9, "odd")));
    const visitor = who(home, "hall", 1);
    const turned = [...faces(ROSA, 1, 0.9), { face: like(ROSA, 0.8, "x"), quality: 0.95 }];
    home.service.observe(tracklet("hall", 1, turned, { toS: 9 }));
    expect(who(home, "hall", 1)).toBe(visitor);
    expect(lines.join()).toContain('"code":"conflict"');
    expect(lines.join()).not.toMatch(/Rosa|Visitor/);
  });

  it("does not give up what a face has decided, but asks", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    const hugo = enrol(home.people, "Hugo", HUGO);
    home.service.observe(tracklet("hall", 1, faces(ROSA, 1, 0.6)));
    const between = faces(HUGO, 1, 0.9, "other").map((look) => ({ ...look, quality: 1 }));
    home.service.observe(tracklet("hall", 1, between, { toS: 9 }));
    home.service.observe(tracklet("hall", 1, [], { toS: 12, ended: true }));
    expect(who(home, "hall", 1)).toBe(rosa);
    expect(home.reviews).toMatchObject([{ personId: rosa, candidateId: hugo, cue: "face" }]);
  });

  it("begins anew where a track goes over from one body to another", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    const hugo = enrol(home.people, "Hugo", HUGO);
    home.service.observe(tracklet("hall", 1, faces(ROSA)));
    home.service.observe(tracklet("hall", 1, faces(HUGO, 3, 0.9, "other"), { toS: 10 }));
    expect(who(home, "hall", 1)).toBe(hugo);
    expect([...home.people.rows.values()].map(({ personId }) => personId)).toEqual([rosa, hugo]);
    expect(home.events.at(-1)).toMatchObject({ kind: "identity_changed", personId: hugo });
  });

  it("follows what people say, at once and for as long as the track lasts", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    const hugo = enrol(home.people, "Hugo", HUGO);
    home.service.observe(tracklet("hall", 1, faces(HUGO)));
    home.service.correct({
      kind: "is",
      trackletId: home.service.trackletIdOf("hall", 1) ?? "",
      personId: rosa,
    });
    expect(home.identities.at(-1)).toMatchObject({
      personId: rosa,
      personName: "Rosa",
      decision: { reasons: ["confirmed_by_hand"] },
    });
    home.service.observe(tracklet("hall", 1, faces(HUGO, 3, 0.9, "more"), { toS: 9 }));
    expect(who(home, "hall", 1)).toBe(rosa);
    expect(hugo).not.toBe(rosa);
  });

  it("follows names, merges and forgetting", async () => {
    await using home = await house();
    home.service.observe(tracklet("hall", 1, faces(HUGO)));
    const visitor = who(home, "hall", 1) ?? "";
    home.people.rename(visitor, "Hugo");
    expect(home.identities.at(-1)).toMatchObject({ personId: visitor, personName: "Hugo" });
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.people.merge(visitor, rosa);
    expect(home.identities.at(-1)).toMatchObject({ personId: rosa, personName: "Rosa" });
    home.people.forget(rosa);
    expect(home.identities.at(-1)).toMatchObject({ personId: null, personName: null, kind: null, cue: null });
  });
});

describe("what is kept in memory", () => {
  it("lets tracks go that ended, and still answers for them", async () => {
    await using home = await house();
    home.service.observe(tracklet("hall", 1, faces(ROSA)));
    home.service.seen(frame("hall", 5, { 1: 0.5 }));
    home.service.seen(frame("hall", 7, { 1: "ended" }));
    expect(home.service.identities("hall")).toEqual([]);
    home.service.seen(frame("hall", 40, {}));
    expect(home.service.followed).toBe(0);
    expect(who(home, "hall", 1)).not.toBeNull();
  });

  it("ends the tracks of a camera in privacy and takes no more from it", async () => {
    await using home = await house();
    home.service.observe(tracklet("hall", 1, faces(ROSA)));
    home.service.configure(SETTINGS, [camera("hall", { privacy: true }), camera("kitchen")]);
    expect(home.service.followed).toBe(0);
    home.service.observe(tracklet("hall", 2, faces(HUGO)));
    expect(home.service.identityOf("hall", 2)).toBeNull();
    expect(home.people.persons()).toHaveLength(1);
  });

  it("takes nothing from what is no number", async () => {
    await using home = await house();
    const nonsense = new Float32Array(128).fill(Number.NaN);
    home.service.observe(tracklet("hall", 1, faces(ROSA), { heightPx: Number.NaN }));
    expect(home.service.identityOf("hall", 1)).toBeNull();
    home.service.observe(
      tracklet("hall", 2, [{ face: nonsense, clothes: nonsense, quality: Number.NaN }], {
        gait: { modelId: "gait", vector: nonsense, quality: 1, frames: 20 },
      }),
    );
    expect(who(home, "hall", 2)).toBeNull();
    expect(home.people.persons()).toEqual([]);
    expect([...home.people.rows.values()]).toMatchObject([{ trackId: 2, quality: 0, personId: null }]);
  });

  it("stays bounded however many tracks never end", async () => {
    await using home = await house();
    for (let trackId = 0; trackId < 700; trackId += 1)
      home.service.observe(tracklet("hall", trackId, [{ clothes: BLUE }]));
    expect(home.service.followed).toBe(500);
  });

  it("raises what clothes have to show by people who are seen at the same time", async () => {
    const state = new Map<string, unknown>();
    const people = new PeopleInMemory();
    const before = await house({ people, state });
    enrol(people, "Rosa", ROSA);
    together(before, "hall", [1, 2]);
    before.service.observe(
      tracklet(
        "hall",
        1,
        faces(ROSA).map((look) => ({ ...look, clothes: WHITE })),
      ),
    );
    before.service.observe(tracklet("hall", 2, [{ clothes: like(WHITE, 0.9, "apron") }]));
    await before.service.stop();
    expect([...state.keys()]).toContain("identity.likeness.clothes");

    // At this site .85 is nothing: two different people were more alike.
    await using after = await house({ people, state });
    after.service.observe(tracklet("hall", 3, [{ clothes: like(WHITE, 0.85, "shirt") }], { fromS: 100 }));
    expect(after.service.identityOf("hall", 3)?.tentativeId).toBeNull();
    after.service.observe(tracklet("hall", 4, [{ clothes: like(WHITE, 0.95, "shirt") }], { fromS: 200 }));
    expect(after.service.identityOf("hall", 4)?.tentativeId).not.toBeNull();
  });
});

describe("what is said and noted", () => {
  it("says once for each track whom a face was matched to, and with what likeness", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    for (const part of [0, 1, 2])
      home.service.observe(tracklet("hall", 1, faces(ROSA, 2, 0.9, `part${part}`), { toS: 5 + part }));
    home.service.observe(tracklet("hall", 2, faces(ROSA, 2, 0.9, "again"), { fromS: 60 }));
    expect(home.events).toMatchObject([
      { kind: "face_matched", trackId: 1, personId: rosa, personName: "Rosa", identityCue: "face" },
      { kind: "face_matched", trackId: 2, personId: rosa },
    ]);
    expect(home.events[0]?.evidence).toEqual({ similarity: expect.closeTo(0.94, 1) });
  });

  it("notes every few seconds that somebody is in sight", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(tracklet("hall", 1, faces(ROSA), { toS: 5 }));
    const before = home.people.sightings.get(rosa)?.length ?? 0;
    for (let atS = 5; atS < 26; atS += 0.5) home.service.seen(frame("hall", atS, { 1: 0.5 }));
    expect(home.people.sightings.get(rosa)?.length).toBe(before + 4);
    expect(home.people.person(rosa)?.lastSeenAt).toBe(START + 25_000);
  });

  it("keeps no picture where none are to be kept", async () => {
    for (const keepPictures of [true, false]) {
      await using home = await house({ settings: { ...SETTINGS, keepPictures } });
      home.service.observe(tracklet("hall", 1, faces(ROSA)));
      const learned = home.people.learned(who(home, "hall", 1) ?? "");
      expect(learned.some(({ picture }) => picture !== null)).toBe(keepPictures);
    }
  });

  it("does not ask more than somebody would answer in a day", async () => {
    await using home = await house();
    for (let number = 0; number < 30; number += 1) {
      const face = direction(`face ${number}`);
      home.service.observe(
        tracklet("hall", 2 * number, [{ face }, { face: like(face, 0.97, "more") }], {
          fromS: 100 * number,
          ended: true,
        }),
      );
      home.service.observe(
        tracklet("hall", 2 * number + 1, [{ face: like(face, 0.44, `c${number}`) }], {
          fromS: 100 * number + 50,
          ended: true,
        }),
      );
    }
    expect(home.reviews).toHaveLength(12);
  });
});

describe("an entry made for a track", () => {
  it("does not stand in the way of who it turns out to be, however like the track it is", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    const odd = like(ROSA, 0.25, "odd angle");
    home.service.observe(tracklet("hall", 1, [{ face: odd }]));
    expect(who(home, "hall", 1)).not.toBe(rosa);
    const between = ROSA.map((value, at) => 0.7 * value + 0.6 * (odd[at] ?? 0));
    const length = Math.hypot(...between);
    home.service.observe(tracklet("hall", 1, [{ face: between.map((value) => value / length) }], { toS: 9 }));
    expect(who(home, "hall", 1)).toBe(rosa);
  });

  it("is no longer the track's own once another track belongs to it", async () => {
    await using home = await house();
    home.service.observe(tracklet("hall", 1, faces(HUGO, 1, 0.99)));
    const visitor = who(home, "hall", 1) ?? "";
    home.service.observe(tracklet("kitchen", 2, faces(HUGO, 3, 0.95), { fromS: 30, ended: true }));
    expect(who(home, "kitchen", 2)).toBe(visitor);
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(
      tracklet("hall", 1, [{ face: like(ROSA, 0.95, "x"), quality: 1 }], { toS: 90, ended: true }),
    );
    expect(who(home, "hall", 1)).toBe(visitor);
    expect(home.people.person(visitor)?.id).toBe(visitor);
    expect(rosa).not.toBe(visitor);
  });

  it("is not who somebody said it is not, even without anything learned from that", async () => {
    await using home = await house();
    const rosa = enrol(home.people, "Rosa", ROSA);
    home.service.observe(tracklet("hall", 1, faces(ROSA)));
    const trackletId = home.service.trackletIdOf("hall", 1) ?? "";
    home.service.correct({ kind: "is_not", trackletId, personId: rosa });
    home.service.observe(tracklet("hall", 1, faces(ROSA, 3, 0.9, "more"), { toS: 9 }));
    expect(who(home, "hall", 1)).not.toBe(rosa);
  });
});

describe("an entry that nobody vouches for", () => {
  it("takes in only faces that are clearly like it, and asks about the others", async () => {
    await using home = await house();
    home.service.observe(tracklet("hall", 1, faces(HUGO, 3, 0.99), { ended: true }));
    const visitor = who(home, "hall", 1) ?? "";
    const cousin = [{ face: like(HUGO, 0.44, "cousin") }];
    home.service.observe(tracklet("hall", 2, cousin, { fromS: 60, ended: true }));
    expect(who(home, "hall", 2)).toBeNull();
    expect(home.reviews).toMatchObject([{ personId: null, candidateId: visitor, cue: "face" }]);

    // The same face is enough for somebody with a name, and teaches nothing about them.
    home.people.rename(visitor, "Hugo");
    const known = home.people.learned(visitor).length;
    home.service.observe(tracklet("hall", 3, cousin, { fromS: 120 }));
    expect(who(home, "hall", 3)).toBe(visitor);
    expect(home.people.learned(visitor)).toHaveLength(known);
  });
});
