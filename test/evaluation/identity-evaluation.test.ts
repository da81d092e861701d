import { describe, expect, it } from "vitest";
import { randomStream, scoreIdentities } from "../../src/evaluation/identity-evaluation.ts";
import { randomFrom } from "../support/seeded-random.ts";

function told(...pairs: readonly (readonly [string, string | null])[]) {
  return pairs.map(([truePerson, entry]) => ({ truePerson, entry }));
}

describe("the score of identities", () => {
  it("finds nothing wrong with one entry for each person", () => {
    const score = scoreIdentities(told(["a", "1"], ["b", "2"], ["a", "1"], ["b", null]), 3);
    expect(score).toEqual({
      persons_true: 2,
      persons_made: 2,
      tracklets: 4,
      id_switches: 0,
      id_switch_rate: 0,
      false_merges: 0,
      false_tracklets: 0,
      fragmentations: 0,
      unknown: 1,
      seed: 3,
    });
  });

  it("counts a name that jumps there and back twice, and the person once as in two pieces", () => {
    const score = scoreIdentities(told(["a", "1"], ["a", "2"], ["a", null], ["a", "1"]), 1);
    expect(score).toMatchObject({ id_switches: 2, id_switch_rate: 0.5, fragmentations: 1, false_merges: 0 });
  });

  it("counts everybody who was put into somebody else's entry", () => {
    const score = scoreIdentities(told(["a", "1"], ["a", "1"], ["b", "1"], ["c", "1"], ["c", "2"]), 1);
    expect(score).toMatchObject({ false_merges: 2, false_tracklets: 2, id_switches: 1, persons_made: 2 });
  });

  it("counts a person of whom nothing was told", () => {
    expect(scoreIdentities(told(["a", null]), 1)).toMatchObject({ persons_true: 1, persons_made: 0 });
  });
});

describe("the stream", () => {
  const samples = ["a", "b", "c"].flatMap((truePerson) =>
    Array.from({ length: 7 }, (_, index) => ({ truePerson, sample: `${truePerson}${index}` })),
  );
  const shape = (seed: number) => ({
    samplesPerTracklet: 3,
    cameraIds: ["x", "y"],
    pauseS: [30, 600] as const,
    random: randomFrom(seed),
  });

  it("shows every sample once, as its own person's", () => {
    const stream = randomStream(samples, shape(1));
    expect(stream.flatMap((one) => one.samples).sort()).toEqual(samples.map(({ sample }) => sample).sort());
    expect(stream.every((one) => one.samples.every((sample) => sample.startsWith(one.truePerson)))).toBe(
      true,
    );
    expect(stream).toHaveLength(9);
  });

  it("goes on in time, in all cameras, in an order that only the seed decides", () => {
    const stream = randomStream(samples, shape(1));
    const pauses = stream.map(({ startS }, at) => startS - (stream[at - 1]?.startS ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(30);
    expect(new Set(stream.map(({ cameraId }) => cameraId))).toEqual(new Set(["x", "y"]));
    expect(randomStream(samples, shape(1))).toEqual(stream);
    expect(randomStream(samples, shape(2))).not.toEqual(stream);
  });
});
