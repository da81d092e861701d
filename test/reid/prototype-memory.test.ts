import { describe, expect, it } from "vitest";
import type { Cue } from "../../src/domain/tracklet.ts";
import { suspects } from "../../src/reid/hygiene.ts";
import {
  emptyMemory,
  expire,
  learn,
  type MemoryRules,
  type Prototype,
  type PrototypeMemory,
} from "../../src/reid/prototype-memory.ts";
import { dot, isUnit } from "../../src/reid/unit-vector.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { at } from "./bodies.ts";

const HOUR = 3_600_000;
const RULES: MemoryRules = { limit: 3, blend: 0.3, acceptFace: 0.42, appearanceTtl: HOUR };

function example(degrees: number, change: Partial<Prototype> = {}): Prototype {
  return {
    modelId: "m",
    vector: at(degrees),
    quality: 0.8,
    facing: "front",
    source: "sighting",
    capturedAt: 0,
    ...change,
  };
}

function taught(
  cue: Cue,
  examples: readonly Prototype[],
  rules = RULES,
  now = 0,
): PrototypeMemory<Prototype> {
  return examples.reduce((memory, one) => learn(memory, one, now, rules).memory, emptyMemory<Prototype>(cue));
}

const angles = ({ prototypes }: PrototypeMemory<Prototype>) =>
  prototypes.map(({ vector }) => Math.round((Math.atan2(vector[1] ?? 0, vector[0] ?? 0) * 180) / Math.PI));

describe("a person's prototypes", () => {
  it("are no more than the limit, and the one of least quality goes", () => {
    const examples = [example(0), example(30, { quality: 0.5 }), example(60), example(-30)];
    const before = taught("face", examples.slice(0, 3));
    const { memory, added, removed, refused } = learn(before, example(-30), 0, RULES);
    expect(angles(memory)).toEqual([0, 60, -30]);
    expect([added, refused]).toEqual([[examples[3]], null]);
    expect(removed).toEqual([examples[1]]);
  });

  it("stay different from one another: of two moments that are alike the better one stays", () => {
    const memory = taught("face", [example(0), example(5, { quality: 0.9 })]);
    expect(angles(memory)).toEqual([5]);
    const same = learn(memory, example(6, { quality: 0.7 }), 0, RULES);
    expect(same).toMatchObject({ refused: "worse", added: [], removed: [] });
    expect(angles(same.memory)).toEqual([5]);
    // A little better and nearly the same as another does not push out one that shows another side.
    const full = taught("face", [example(0), example(30), example(65, { quality: 0.7 })]);
    expect(learn(full, example(24, { quality: 0.82 }), 0, RULES).memory.prototypes).toHaveLength(3);
    expect(angles(learn(full, example(24, { quality: 0.82 }), 0, RULES).memory)).toContain(65);
  });

  it("make room for another side by letting go of one that is much like another, not of the odd one of less quality", () => {
    const three = [example(0), example(26, { quality: 0.75 }), example(90, { quality: 0.6 })];
    expect(angles(taught("face", [...three, example(-60)]))).toEqual([0, 90, -60]);
  });

  it("from photos stay, whatever a camera sees", () => {
    const photos = [0, 30, 60].map((degrees) => example(degrees, { source: "photo", quality: 0.3 }));
    const memory = taught("face", [...photos, example(1, { quality: 1 }), example(-30, { quality: 1 })]);
    expect(angles(memory)).toEqual([0, 30, 60]);
  });

  it("take in no face that is not like them, unless it is on a photo", () => {
    const memory = taught("face", [example(0)]);
    const stranger = learn(memory, example(66), 0, RULES);
    expect(stranger).toMatchObject({ refused: "unlike", memory });
    expect(learn(memory, example(64), 0, RULES).refused).toBeNull();
    expect(learn(memory, example(66, { source: "photo" }), 0, RULES).refused).toBeNull();
    expect(learn(taught("appearance", [example(0)]), example(66), 0, RULES).refused).toBeNull();
  });

  it("have a running mean in which the newest weighs as configured", () => {
    const { mean } = taught("face", [example(0), example(60)]);
    // .7 at 0 and .3 at 60 degrees: atan2(.3 sin 60, .7 + .3 cos 60) = 17.0 degrees.
    expect(dot(mean ?? at(180), at(17))).toBeCloseTo(1, 4);
  });

  it("refuse what cannot be compared, and nothing changes", () => {
    const memory = taught("face", [example(0)]);
    const broken = [
      example(10, { vector: at(10).fill(Number.NaN) }),
      example(10, { vector: at(10, 16) }),
      example(10, { modelId: "other" }),
      example(10, { quality: Number.NaN }),
      example(10, { capturedAt: Number.NaN }),
    ];
    for (const one of broken)
      expect(learn(memory, one, 0, RULES)).toMatchObject({ refused: "unusable", memory });
  });
});

describe("clothes", () => {
  it("are forgotten after their time, with their mean; faces are not", () => {
    const examples = [example(0), example(40, { capturedAt: 10 })];
    const clothes = taught("appearance", examples);
    const later = expire(clothes, HOUR, RULES);
    expect(later.removed).toEqual([examples[0]]);
    expect(later.memory.mean).not.toBeNull();
    expect(expire(clothes, HOUR + 10, RULES).memory).toEqual(emptyMemory("appearance"));
    expect(expire(taught("face", examples), 1000 * HOUR, RULES).removed).toEqual([]);
  });

  it("that are seen again live on, though the crop be a little worse", () => {
    const again = learn(
      taught("appearance", [example(0)]),
      example(5, { quality: 0.6, capturedAt: 50 }),
      50,
      RULES,
    );
    expect(again.memory.prototypes.map(({ capturedAt }) => capturedAt)).toEqual([50]);
    expect(learn(again.memory, example(0, { capturedAt: 50 }), 50 + HOUR, RULES)).toMatchObject({
      refused: "unusable",
      memory: emptyMemory("appearance"),
    });
  });
});

describe("whatever is learned", () => {
  it("is accounted for, bounded, and of unit length in the mean", () => {
    const random = randomFrom(3);
    for (const cue of ["face", "appearance"] as const) {
      let memory = emptyMemory<Prototype>(cue);
      let known = new Set<Prototype>();
      for (let now = 0; now < 3 * HOUR; now += HOUR / 100) {
        const one = example(random() * 120, {
          quality: random(),
          capturedAt: now,
          source: random() < 0.1 ? "photo" : "sighting",
        });
        const { memory: next, added, removed } = learn(memory, one, now, RULES);
        known = new Set([...known, ...added].filter((kept) => !removed.includes(kept)));
        expect(new Set(next.prototypes)).toEqual(known);
        expect(next.prototypes.length).toBeLessThanOrEqual(RULES.limit);
        if (next.mean !== null) expect(isUnit(next.mean)).toBe(true);
        memory = next;
      }
    }
  });
});

describe("examples that do not fit", () => {
  const person = (personId: string, degrees: readonly number[]) => ({
    personId,
    prototypes: degrees.map((one) => ({ modelId: "m", vector: at(one) })),
  });

  it("are those unlike the others of their person: the back of a head among faces", () => {
    const anna = person("anna", [0, 10, 20, 15, 95]);
    expect(suspects([anna], 0.42)).toMatchObject([
      { personId: "anna", prototype: anna.prototypes[4], why: "self_outlier", otherId: null },
    ]);
    expect(suspects([person("anna", [0, 20, 40])], 0.42)).toEqual([]);
    // Of two nobody can say which is the odd one.
    expect(suspects([person("anna", [0, 90])], 0.42)).toEqual([]);
  });

  it("are those too like somebody else, of the two the one that fits its own less", () => {
    const anna = person("anna", [0, 10, 50]);
    const bert = person("bert", [110, 115, 120]);
    expect(suspects([anna, bert], 0.42)).toMatchObject([
      { personId: "anna", prototype: anna.prototypes[2], why: "cross_risk", otherId: "bert" },
    ]);
  });

  it("never leave anybody without a face for being like somebody else", () => {
    expect(suspects([person("anna", [0]), person("bert", [10])], 0.42)).toEqual([]);
    const twins = suspects([person("anna", [0, 5]), person("bert", [10, 15])], 0.42);
    expect(new Set(twins.map(({ prototype }) => prototype)).size).toBe(twins.length);
    for (const id of ["anna", "bert"])
      expect(twins.filter(({ personId }) => personId === id).length).toBeLessThan(2);
  });

  it("are looked for within the margin below the threshold", () => {
    const apart = (degrees: number) => suspects([person("a", [0, 1]), person("b", [degrees, degrees])], 0.42);
    expect(apart((Math.acos(0.375) * 180) / Math.PI)).not.toEqual([]);
    expect(apart((Math.acos(0.365) * 180) / Math.PI + 1)).toEqual([]);
  });
});
