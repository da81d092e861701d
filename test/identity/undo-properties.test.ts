// Whatever people do to identities, in whatever order, and take back: the database holds together.
import { describe, expect, it } from "vitest";
import { isAppError } from "../../src/core/errors.ts";
import { IN_MEMORY } from "../../src/store/store.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { faceLike, faceOf, Household, photoOf } from "./admin-household.ts";
import { brokenPromises } from "./identity-invariants.ts";

const SEEDS = Number(process.env.IDENTITY_SEEDS ?? 12);
const STEPS = 30;
const HUMANS = 6;
const CAMERAS = ["hall", "kitchen", "garden"];

/** What happened, and what was refused, by name. */
type Tally = Map<string, number>;

async function live(seed: number, tally: Tally): Promise<void> {
  const random = randomFrom(seed);
  const upTo = (end: number) => Math.floor(random() * end);
  const one = <T>(list: readonly T[]): T | undefined => list[upTo(list.length)];
  using home = new Household(IN_MEMORY);
  const done: string[] = [];
  let shot = 0;
  const face = (human: number) => {
    shot += 1;
    return faceLike(faceOf(human), seed * 10_000 + shot);
  };
  const someone = () => one(home.store.persons.all())?.personId ?? "p_none";
  const sighting = () => one(home.store.tracklets.recent(100))?.trackletId ?? "none";
  const example = (personId: string) =>
    one(home.gallery.embeddings(personId).filter(({ state }) => state !== "mean"))?.embeddingId ?? "none";
  const keep = (changed: { readonly auditId: string | null }) => {
    if (changed.auditId !== null) done.push(changed.auditId);
  };
  const steps: Record<string, () => void | Promise<void>> = {
    visitor: () => {
      const human = upTo(HUMANS);
      home.visitor(human, { cameraId: one(CAMERAS) ?? "hall", faces: [face(human), face(human)] });
    },
    visit: () => {
      const person = one(home.gallery.persons());
      if (person !== undefined)
        home.visit(person.id, {
          cameraId: one(CAMERAS) ?? "hall",
          faces: [face(upTo(HUMANS))],
          clothes: [faceOf(upTo(99))],
        });
    },
    enrol: async () => {
      const human = upTo(HUMANS);
      const personId = random() < 0.5 ? null : someone();
      const photos = [photoOf(face(human)), photoOf(face(human))];
      keep(await home.admin.enrol({ personId, name: `N${human}`, photos, force: random() < 0.5, by: "T" }));
    },
    rename: () => keep(home.admin.edit(someone(), { name: `R${upTo(9)}`, kind: "carer" }, "T")),
    merge: () => keep(home.admin.merge(someone(), someone(), { by: "T", force: random() < 0.7 })),
    split: () => {
      const id = home.gallery.person(someone())?.id ?? "p_none";
      const trackletId = one(
        home.store.tracklets.ofPerson({ personId: id, since: null, until: null, limit: 100 }),
      )?.trackletId;
      keep(
        home.admin.split(
          id,
          { trackletIds: trackletId === undefined ? [] : [trackletId], embeddingIds: [] },
          "T",
        ),
      );
    },
    assign: () => keep(home.admin.assign(someone(), sighting(), "T")),
    notThem: () => {
      const trackletId = sighting();
      const personId = home.store.tracklets.find(trackletId)?.personId ?? someone();
      keep(home.admin.notThem(personId, trackletId, "T"));
    },
    setAside: () => {
      const id = home.gallery.person(someone())?.id ?? "p_none";
      keep(home.admin.setAside(id, example(id), "T"));
    },
    answer: () => {
      const [a, b] = [someone(), someone()];
      if (a === b || home.store.persons.find(a) === null || home.store.persons.find(b) === null) return;
      const reviewId = home.question(a, b, sighting());
      keep(home.admin.answerReview(reviewId, one(["same", "different", "unsure"] as const) ?? "same", "T"));
    },
    forget: () => {
      if (random() < 0.3) home.admin.forget(someone(), "T");
    },
    reset: () => {
      if (random() < 0.1) home.admin.reset(one(CAMERAS) ?? null, "T");
    },
    undo: () => {
      const auditId = one(done);
      if (auditId !== undefined) home.admin.undo(auditId, "T");
    },
    restart: () => home.gallery.load(),
    time: () => home.clock.advance(upTo(7_200_000)),
  };
  const names = Object.keys(steps);
  for (let step = 0; step < STEPS; step += 1) {
    const name = step < 4 ? "visitor" : random() < 0.2 ? "undo" : (one(names) ?? "time");
    // Clothes whose time is up go with whatever is written next.
    home.gallery.flush();
    const before = JSON.stringify(home.rows());
    try {
      await steps[name]?.();
      tally.set(name, (tally.get(name) ?? 0) + 1);
    } catch (error) {
      if (!isAppError(error)) throw error;
      expect(
        ["input.invalid", "not-found", "conflict"],
        `seed ${seed}, step ${step}: ${error.message}`,
      ).toContain(error.code);
      // What is refused changes nothing.
      expect(JSON.stringify(home.rows()), `seed ${seed}, step ${step}: ${name}`).toBe(before);
      tally.set(`${name} refused`, (tally.get(`${name} refused`) ?? 0) + 1);
    }
    expect(brokenPromises(home.store), `seed ${seed}, step ${step}: ${name}`).toEqual([]);
    home.clock.advance(1 + upTo(60_000));
  }
  // What memory answers is what the database holds.
  const known = home.gallery.persons().map((person) => JSON.stringify(person));
  home.gallery.load();
  expect(
    home.gallery
      .persons()
      .map((person) => JSON.stringify(person))
      .sort(),
  ).toEqual(known.sort());
}

describe("changes by hand at random", () => {
  it(`hold together (${SEEDS} lives of ${STEPS} steps)`, async () => {
    const tally: Tally = new Map();
    for (let seed = 1; seed <= SEEDS; seed += 1) await live(seed, tally);
    // Everything did happen.
    for (const name of [
      "enrol",
      "rename",
      "merge",
      "split",
      "assign",
      "notThem",
      "setAside",
      "answer",
      "undo",
      "undo refused",
    ])
      expect(tally.get(name) ?? 0, name).toBeGreaterThan(0);
  });

  it(`a merge that is taken back at once leaves every row as it was (${SEEDS} pairs)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const random = randomFrom(seed);
      using home = new Household(IN_MEMORY);
      const persons = [0, 1, 2].map(
        (human) => home.visitor(human, { cameraId: CAMERAS[human] ?? "hall" }).personId,
      );
      for (let count = 0; count < 10; count += 1) {
        home.clock.advance(Math.floor(random() * 3_600_000));
        const human = Math.floor(random() * 3);
        home.visit(persons[human] ?? "", {
          cameraId: CAMERAS[human] ?? "hall",
          faces: [faceLike(faceOf(human), seed * 100 + count)],
          heightPx: 200 + random() * 100,
        });
      }
      if (random() < 0.5) home.admin.edit(persons[0] ?? "", { name: "Rosa" }, "T");
      home.question(persons[0] ?? "", persons[1] ?? "", null);
      home.question(persons[2] ?? "", persons[0] ?? "", null);
      const before = home.rows();
      const { auditId } = home.admin.merge(persons[0] ?? "", persons[1] ?? "", { by: "T" });
      expect(home.rows(), `seed ${seed}`).not.toEqual(before);
      home.admin.undo(auditId ?? "", "T");
      expect(home.rows(), `seed ${seed}`).toEqual(before);
    }
  });
});
