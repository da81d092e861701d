import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type BoxesByFrame,
  type IdentifiedBox,
  parseGroundTruth,
  parseTracks,
} from "../../src/evaluation/mot-challenge.ts";
import { combineTracking, evaluateTracking } from "../../src/evaluation/tracking-evaluation.ts";
import { formatTrackingReport } from "../../src/evaluation/tracking-report.ts";
import { measuringFootage, WITH_FOOTAGE } from "../support/measuring-footage.ts";

/** Frames of [id, left] boxes of 10 x 10 pixels. */
function frames(...all: readonly (readonly (readonly [number, number])[])[]): BoxesByFrame<IdentifiedBox> {
  return new Map(
    all.map((boxes, index) => [
      index + 1,
      boxes.map(([id, left]) => ({ id, left, top: 0, width: 10, height: 10 })),
    ]),
  );
}

const A = 0;
const B = 100;

describe("the evaluation of tracks", () => {
  it("counts a case worked by hand", () => {
    const both = [
      [1, A],
      [2, B],
    ] as const;
    const truth = frames(both, both, both, both, both);
    const tracks = frames(
      [
        [1, A],
        [2, B],
      ],
      // B is missed, and something is found where nobody is.
      [
        [1, A],
        [9, 500],
      ],
      // B is found again, as somebody new: a switch and a fragmentation.
      [
        [1, A],
        [3, B],
      ],
      // They swap: two switches.
      [
        [3, A],
        [1, B],
      ],
      [
        [3, A],
        [1, B],
      ],
    );
    // Identities: A with 1 (3 frames) and B with 2 or 3 (1 frame) are as many as can be had.
    expect(evaluateTracking(truth, tracks)).toEqual({
      gt: 10,
      tp: 9,
      fp: 1,
      fn: 1,
      id_switches: 3,
      fragmentations: 1,
      idtp: 4,
      idfp: 6,
      idfn: 6,
      mota: 0.5,
      idf1: 0.4,
    });
  });

  it("takes half an overlap and no less for found", () => {
    const truth = frames([[1, 0]]);
    // Moved by a third: 6.67 of 13.33.
    expect(evaluateTracking(truth, frames([[1, 10 / 3 - 1e-9]]))).toMatchObject({ tp: 1, idtp: 1 });
    expect(evaluateTracking(truth, frames([[1, 10 / 3 + 1e-9]]))).toMatchObject({
      tp: 0,
      fp: 1,
      fn: 1,
      idtp: 0,
    });
  });

  it("keeps the last frame's pairing though another track lies nearer", () => {
    const result = evaluateTracking(
      frames([[1, 0]], [[1, 0]]),
      frames(
        [[5, 0]],
        [
          [5, 2],
          [6, 0],
        ],
      ),
    );
    expect(result).toMatchObject({ tp: 2, fp: 1, id_switches: 0 });
  });

  it("compares with the last id however long ago that was", () => {
    const gap = Array.from({ length: 50 }, () => [[1, A]] as const);
    const found = [[[5, A]], ...gap.map(() => []), [[6, A]]] as const;
    expect(evaluateTracking(frames([[1, A]], ...gap, [[1, A]]), frames(...found))).toMatchObject({
      id_switches: 1,
      fragmentations: 1,
      fn: 50,
    });
  });

  it("calls nobody fragmented who was not there in between", () => {
    const result = evaluateTracking(frames([[1, A]], [], [[1, A]]), frames([[5, A]], [], [[5, A]]));
    expect(result).toMatchObject({ fragmentations: 0, id_switches: 0, mota: 1 });
  });

  it("has no share of nothing", () => {
    expect(evaluateTracking(new Map(), new Map())).toMatchObject({ gt: 0, mota: null, idf1: null });
    expect(evaluateTracking(new Map(), frames([[1, A]]))).toMatchObject({ fp: 1, mota: null, idf1: 0 });
  });

  it("adds counts, not shares, over sequences", () => {
    const long = evaluateTracking(frames([[1, A]], [[1, A]], [[1, A]]), frames([[1, A]], [[1, A]], [[1, A]]));
    const short = evaluateTracking(frames([[1, A]]), frames([]));
    expect(combineTracking([long, short])).toMatchObject({ gt: 4, tp: 3, fn: 1, mota: 0.75, idf1: 6 / 7 });
  });
});

/** A crowd that walks at random, the same each time. */
function crowd(seed: number): BoxesByFrame<IdentifiedBox> {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const people = Array.from({ length: 12 }, (_, id) => ({
    id: id + 1,
    left: random() * 80,
    top: random() * 40,
  }));
  return new Map(
    Array.from({ length: 60 }, (_, index) => {
      for (const person of people) {
        person.left += random() * 6 - 3;
        person.top += random() * 6 - 3;
      }
      const present = people.filter(() => random() < 0.8);
      return [index + 1, present.map((person) => ({ ...person, width: 10, height: 20 }))];
    }),
  );
}

describe("whatever the tracks", () => {
  const truth = crowd(1);

  it("the truth itself scores full marks", () => {
    const perfect = evaluateTracking(truth, truth);
    expect(perfect).toMatchObject({ fp: 0, fn: 0, id_switches: 0, fragmentations: 0, mota: 1, idf1: 1 });
    expect(perfect.idtp).toBe(perfect.gt);
  });

  it("boxes add up and names do not matter", () => {
    for (let seed = 2; seed < 12; seed += 1) {
      const tracks = crowd(seed);
      const result = evaluateTracking(truth, tracks);
      const boxes = [...tracks.values()].flat().length;
      expect(result.tp + result.fn).toBe(result.gt);
      expect(result.tp + result.fp).toBe(boxes);
      expect(result.idtp + result.idfn).toBe(result.gt);
      expect(result.idtp + result.idfp).toBe(boxes);
      expect(result.idtp).toBeGreaterThan(0);
      const renamed = new Map(
        [...tracks].map(([frame, all]) => [frame, all.map((box) => ({ ...box, id: 1000 - 7 * box.id }))]),
      );
      expect(evaluateTracking(truth, renamed)).toEqual(result);
    }
  });
});

describe("the report", () => {
  it("has a row for each sequence, one for all, and the speed", () => {
    const score = evaluateTracking(frames([[1, A]]), frames([[1, A]]));
    const named = [
      { ...score, name: "hall" },
      { ...score, name: "kitchen" },
    ];
    const text = formatTrackingReport(named, combineTracking(named), 4321.4);
    expect(text).toMatch(/^hall +1 +100\.00 % +100\.00 % +0/m);
    expect(text).toMatch(/^combined +2 +100\.00 %/m);
    expect(text).toMatch(/4321 frames a second\n$/);
    expect(formatTrackingReport(named.slice(0, 1), score, null)).not.toMatch(/combined|second/);
  });
});

interface Expected {
  readonly expected: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
}

const reference = measuringFootage("mot", "reference");

describe.skipIf(reference === null)(`reference trackers, ${WITH_FOOTAGE}`, () => {
  it.each(["bytetrack-0.5", "sort-age1"])("%s gets the counts it must get", (tracker) => {
    const folder = reference ?? "";
    const { expected } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
    const sequences = Object.entries(expected[tracker] ?? {});
    expect(sequences).toHaveLength(6);
    for (const [sequence, counts] of sequences) {
      const truth = join(folder, "..", sequence, "gt", "gt.txt");
      const output = join(folder, tracker, `${sequence}.txt`);
      const result = evaluateTracking(
        parseGroundTruth(readFileSync(truth, "utf8"), truth),
        parseTracks(readFileSync(output, "utf8"), output),
      );
      expect(
        {
          GT: result.gt,
          TP: result.tp,
          FP: result.fp,
          FN: result.fn,
          IDSW: result.id_switches,
          Frag: result.fragmentations,
          IDTP: result.idtp,
          IDFP: result.idfp,
          IDFN: result.idfn,
        },
        sequence,
      ).toEqual(
        Object.fromEntries(Object.entries(counts).filter(([key]) => key !== "MOTA" && key !== "IDF1")),
      );
      expect((result.mota ?? 0) * 100).toBeCloseTo(counts.MOTA ?? 0, 2);
      expect((result.idf1 ?? 0) * 100).toBeCloseTo(counts.IDF1 ?? 0, 2);
    }
  });
});
