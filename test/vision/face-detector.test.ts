import { describe, expect, it } from "vitest";
import { decodeFaces, type FaceMap } from "../../src/vision/face-detector.ts";

interface Planted {
  /** 0: 16x16 cells of 2 anchors. 1: 8x8 of 6. */
  readonly map: 0 | 1;
  readonly cell: readonly [x: number, y: number];
  readonly anchor?: number;
  /** Logit. */
  readonly score: number;
  /** Box: offset and size in pixels of the input; six points likewise. */
  readonly row?: readonly number[];
}

const SIZES = [
  { cells: 16, anchors: 2 },
  { cells: 8, anchors: 6 },
] as const;
const BOX = [0, 0, 64, 64];
const POINTS = [-14, -12, 14, -12, 0, 2, 0, 16, -28, -6, 28, -6];

function maps(...planted: readonly Planted[]): FaceMap[] {
  const made = SIZES.map(({ cells, anchors }) => ({
    scores: new Float32Array(cells * cells * anchors).fill(-20),
    rows: new Float32Array(cells * cells * anchors * 16),
  }));
  for (const { map, cell, anchor = 0, score, row = [...BOX, ...POINTS] } of planted) {
    const { cells, anchors } = SIZES[map];
    const at = (cell[1] * cells + cell[0]) * anchors + anchor;
    const target = made[map];
    if (target === undefined) continue;
    target.scores[at] = score;
    target.rows.set(row, at * 16);
  }
  return made;
}

describe("BlazeFace's output", () => {
  it.each([
    { map: 0, cell: [3, 9], centre: [3.5 / 16, 9.5 / 16] },
    { map: 1, cell: [6, 2], centre: [6.5 / 8, 2.5 / 8] },
  ] as const)("is read around the centre of cell $cell of map $map", ({ map, cell, centre }) => {
    const [face, ...more] = decodeFaces(maps({ map, cell, score: 2 }), 0.5);
    const [x, y] = centre;
    expect(more).toEqual([]);
    expect(face?.confidence).toBeCloseTo(1 / (1 + Math.exp(-2)), 5);
    expect(face?.box.x1).toBeCloseTo(x - 0.125, 5);
    expect(face?.box.y2).toBeCloseTo(y + 0.125, 5);
    expect(face?.landmarks.leftEye.x).toBeCloseTo(x - 14 / 256, 5);
    expect(face?.landmarks.rightEye.x).toBeCloseTo(x + 14 / 256, 5);
    expect(face?.landmarks.nose.y).toBeCloseTo(y + 2 / 256, 5);
    expect(face?.landmarks.mouth.y).toBeCloseTo(y + 16 / 256, 5);
    expect(face?.landmarks.rightEar.x).toBeCloseTo(x + 28 / 256, 5);
  });

  it("gives one face for finds that overlap: their mean by score, as sure as the surest", () => {
    const shifted = [8, 0, 64, 64, ...POINTS.map((value, at) => value + (at % 2 === 0 ? 8 : 0))];
    const faces = decodeFaces(
      maps(
        { map: 0, cell: [8, 8], anchor: 0, score: 20 },
        { map: 0, cell: [8, 8], anchor: 1, score: 0, row: shifted },
      ),
      0.5,
    );
    expect(faces).toHaveLength(1);
    expect(faces[0]?.confidence).toBeCloseTo(1, 5);
    // Scores 1 and .5: a third of the way to the other's nose, which is 8 pixels further right.
    expect(faces[0]?.landmarks.nose.x).toBeCloseTo(8.5 / 16 + 8 / 3 / 256, 4);
  });

  it("keeps faces apart that do not overlap, surest first", () => {
    const faces = decodeFaces(
      maps({ map: 0, cell: [2, 2], score: 1 }, { map: 1, cell: [6, 6], score: 3 }),
      0.5,
    );
    expect(faces.map(({ confidence }) => confidence > 0.9)).toEqual([true, false]);
    expect(faces[1]?.landmarks.nose.x).toBeCloseTo(2.5 / 16, 5);
  });

  it.each([
    ["a score below the floor", { score: -0.1 }],
    ["a score that is no number", { score: Number.NaN }],
    ["a box without area", { score: 5, row: [0, 0, -3, 64, ...POINTS] }],
    ["a point that is no number", { score: 5, row: [...BOX, Number.NaN, ...POINTS.slice(1)] }],
  ])("shows no face for %s", (_, what) => {
    expect(decodeFaces(maps({ map: 0, cell: [5, 5], ...what }), 0.5)).toEqual([]);
  });
});
