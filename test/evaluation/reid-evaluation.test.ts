import { describe, expect, it } from "vitest";
import {
  type BodyCrop,
  countCrops,
  evaluateReid,
  STATISTICS_OF_OTHERS,
} from "../../src/evaluation/reid-evaluation.ts";
import { formatReidReport } from "../../src/evaluation/reid-report.ts";
import { randomFrom } from "../support/seeded-random.ts";

const asItIs = () => (crop: BodyCrop) => crop.descriptor;
const protocol = { gallery: 4, mean: 2, rounds: 3 };

/** People on axes of their own, seen `views` times by each of two cameras with so much noise. */
function people(count: number, noise: number, views = 4): BodyCrop[] {
  const random = randomFrom(5);
  return Array.from({ length: count }, (_, person) =>
    ["a", "b"].flatMap((cameraId) =>
      Array.from({ length: views }, () => {
        const raw = Array.from(
          { length: count },
          (_, axis) => (axis === person ? 1 : 0) + noise * (random() - 0.5),
        );
        const length = Math.hypot(...raw);
        const descriptor = Float32Array.from(raw.map((value) => value / length));
        return { personId: `p${person}`, cameraId, descriptor };
      }),
    ),
  ).flat();
}

const evaluate = (crops: readonly BodyCrop[]) =>
  evaluateReid(crops, asItIs, { ...protocol, random: randomFrom(1) });

describe("telling bodies apart", () => {
  it("is perfect where nobody is like anybody", () => {
    const score = evaluate(people(8, 0.01));
    expect(score).toMatchObject({
      rank1: 1,
      map: 1,
      single: { auc: 1, tar_at_far_1pct: 1, tar_at_far_01pct: 1 },
    });
    expect(score.mean).toMatchObject({ rank1: 1, auc: 1, tar_one_threshold_01pct: 1 });
  });

  it("is guesswork where all are alike, and means do better than single crops in between", () => {
    const noise = evaluate(people(8, 1000));
    expect(noise.single.auc).toBeGreaterThan(0.4);
    expect(noise.single.auc).toBeLessThan(0.6);
    expect(noise.single.tar_at_far_1pct).toBeLessThan(0.1);
    const between = evaluate(people(8, 2.5));
    expect(between.single.auc).toBeGreaterThan(0.6);
    expect(between.mean.auc).toBeGreaterThan(between.single.auc + 0.03);
  });

  it("compares crops of different cameras only", () => {
    // The same picture twice in one camera, and its opposite in the other: nobody is found again.
    const crops = people(8, 0).map((crop) =>
      crop.cameraId === "a" ? crop : { ...crop, descriptor: crop.descriptor.map((value) => -value) },
    );
    expect(evaluate(crops)).toMatchObject({ rank1: 0, single: { auc: 0 } });
  });

  it("has the precision of a ranking that can be worked out by hand", () => {
    // Two people, one crop a camera; p0 is found first, p1 second: rank-1 is 1/2, precision (1 + 1/2) / 2.
    const at = (x: number, y: number) => Float32Array.of(x, y);
    const crops = [
      { personId: "p0", cameraId: "a", descriptor: at(1, 0) },
      { personId: "p0", cameraId: "b", descriptor: at(1, 0) },
      { personId: "p1", cameraId: "a", descriptor: at(0.8, 0.6) },
      { personId: "p1", cameraId: "b", descriptor: at(0, 1) },
    ];
    const together = [...crops, ...crops.map((crop) => ({ ...crop, personId: `${crop.personId}x` }))];
    const score = evaluateReid(together, asItIs, { gallery: 2, mean: 1, rounds: 400, random: randomFrom(2) });
    // Galleries of two of four people, in two of which the twins meet; the rest is as above.
    expect(score.rank1).toBeGreaterThan(0.4);
    expect(score.map).toBeGreaterThan(score.rank1);
    expect(score.map).toBeLessThan(1);
  });

  it("learns nothing from those who are measured", () => {
    const measured: string[] = [];
    const crops = people(8, 0.1);
    evaluateReid(
      crops,
      (others) => {
        const known = new Set(others.map(({ personId }) => personId));
        expect(known.size).toBe(4);
        return (crop) => {
          expect(known.has(crop.personId)).toBe(false);
          measured.push(crop.personId);
          return crop.descriptor;
        };
      },
      { ...protocol, rounds: 1, random: randomFrom(1) },
    );
    expect(new Set(measured).size).toBe(8);
  });

  it("takes a camera's light out with the statistics of others, and passes over what was not seen", () => {
    const lit = people(12, 1).map((crop) =>
      crop.cameraId === "a"
        ? crop
        : { ...crop, descriptor: crop.descriptor.map((value, at) => value * 3 + (at % 2 === 0 ? 9 : -9)) },
    );
    const plain = evaluate(lit);
    const learned = evaluateReid(lit, STATISTICS_OF_OTHERS, { ...protocol, random: randomFrom(1) });
    expect(learned.rank1).toBeGreaterThan(plain.rank1 + 0.2);
    const unseen = lit.map((crop) => ({ ...crop, descriptor: crop.descriptor.with(0, Number.NaN) }));
    const still = evaluateReid(unseen, STATISTICS_OF_OTHERS, { ...protocol, random: randomFrom(1) });
    expect(still.rank1).toBeGreaterThan(plain.rank1);
    expect(Number.isFinite(still.single.auc)).toBe(true);
  });
});

it("the report has a line for every way of learning and every household", () => {
  const score = evaluate(people(8, 1));
  const residents = { relinked: 0.5, wrong: 0, new: 0.1, unknown: 0.4 };
  const text = formatReidReport({
    ...countCrops(people(8, 1)),
    model: "m",
    gallery: 4,
    mean_of: 2,
    statistics: { others: score, lived: score, shipped: score },
    households: [
      { visits_before: 3, residents, strangers: { taken_for_somebody: 0.004, new: 0.6, unknown: 0.396 } },
    ],
  });
  expect(text).toContain("8 people, 2 cameras, 64 crops; galleries of 4; m");
  expect(text.match(/means of 2/g)).toHaveLength(3);
  expect(text).toContain("re-linked 50.0 %, taken for another 0.0 %");
  expect(text).toContain("strangers: taken for somebody 0.4 %");
});
