import { describe, expect, it } from "vitest";
import { evaluateOpenSet, evaluatePairs, splitOpenSet } from "../../src/evaluation/face-evaluation.ts";
import { randomFrom } from "../support/seeded-random.ts";

const pairs = (same: readonly number[], others: readonly number[]) => [
  ...others.map((score) => ({ score, same: false })),
  ...same.map((score) => ({ score, same: true })),
];

describe("pairs of faces", () => {
  it("that are told apart without fault have an AUC of 1, and a threshold half way between", () => {
    expect(evaluatePairs(pairs([0.9, 0.7, 0.6], [0.4, 0.1]))).toEqual({
      pairs: 5,
      same: 3,
      auc: 1,
      tar_at_far: { "0.1": 1, "0.01": 1, "0.001": 1 },
      best_threshold: 0.5,
    });
  });

  it("count by how many of the others each of the same is liker than, ties half", () => {
    // .5 beats .1 and ties with .5; .2 beats .1: 1.5 + 1 of 4.
    expect(evaluatePairs(pairs([0.5, 0.2], [0.1, 0.5])).auc).toBeCloseTo(2.5 / 4, 9);
    expect(evaluatePairs(pairs([0.1], [0.9])).auc).toBe(0);
  });

  it("let in as many of the others as the rate allows, and not one more", () => {
    // 100 others at 0 to .99; the same at .9, .985 and 1.
    const others = Array.from({ length: 100 }, (_, index) => index / 100);
    const { tar_at_far } = evaluatePairs(pairs([0.895, 0.985, 1], others));
    // Ten may be let in: above .89. One: above .98. None: above .99.
    expect(tar_at_far).toEqual({ "0.1": 1, "0.01": 2 / 3, "0.001": 1 / 3 });
  });

  it("say nothing where there is nothing to compare", () => {
    expect(evaluatePairs(pairs([0.4], []))).toMatchObject({ auc: null, best_threshold: null });
    expect(evaluatePairs([])).toMatchObject({ pairs: 0, auc: null });
  });

  it("have the threshold at which the fewest are judged wrong", () => {
    const { best_threshold } = evaluatePairs(pairs([0.3, 0.6, 0.7], [0.1, 0.2, 0.5]));
    expect(best_threshold).toBeCloseTo(0.55, 9);
  });
});

const people = Array.from({ length: 6 }, (_, person) => ({
  personId: `p${person}`,
  pictures: Array.from({ length: 5 }, (_, picture) => `p${person}/${picture}`),
}));

describe("a household that meets strangers", () => {
  it("knows half of the people, by so many pictures, and is asked about all the others", () => {
    const { enrolled, queries } = splitOpenSet(people, { pictures: 3, random: randomFrom(1) });
    expect(enrolled).toHaveLength(3);
    for (const { personId, pictures } of enrolled) {
      expect(new Set(pictures).size).toBe(3);
      const asked = queries.filter((query) => query.personId === personId);
      expect(asked.map(({ picture }) => picture).toSorted()).toEqual(
        (people.find((one) => one.personId === personId)?.pictures ?? []).filter(
          (picture) => !pictures.includes(picture),
        ),
      );
      expect(asked.every((query) => query.enrolled)).toBe(true);
    }
    expect(queries.filter((query) => !query.enrolled)).toHaveLength(15);
  });

  it("is the same from the same seed, and another from another", () => {
    const split = (seed: number) => splitOpenSet(people, { pictures: 3, random: randomFrom(seed) });
    expect(split(4)).toEqual(split(4));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(split(seed)))).size).toBeGreaterThan(1);
  });

  it("takes those for strangers of whom there are too few pictures to enrol and ask", () => {
    const few = people.map((person) => ({ ...person, pictures: person.pictures.slice(0, 3) }));
    const { enrolled, queries } = splitOpenSet(few, { pictures: 3, random: randomFrom(1) });
    expect(enrolled).toEqual([]);
    expect(queries).toHaveLength(18);
  });

  it("counts who was named, who was named wrongly, and which strangers were named at all", () => {
    expect(
      evaluateOpenSet([
        { personId: "a", enrolled: true, named: "a" },
        { personId: "a", enrolled: true, named: null },
        { personId: "b", enrolled: true, named: "a" },
        { personId: "b", enrolled: true, named: "b" },
        { personId: "c", enrolled: false, named: null },
        { personId: "c", enrolled: false, named: "a" },
      ]),
    ).toEqual({
      of_enrolled: 4,
      of_strangers: 2,
      enrolled_named: 0.5,
      enrolled_confused: 1,
      strangers_named: 1,
    });
    expect(evaluateOpenSet([]).enrolled_named).toBeNull();
  });
});
