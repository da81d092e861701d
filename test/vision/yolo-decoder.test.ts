import { describe, expect, it } from "vitest";
import { suppressNonMaxima } from "../../src/vision/non-max-suppression.ts";
import { decodeYolo, yoloFormOf } from "../../src/vision/yolo-decoder.ts";

const FIT = { width: 64, height: 64, contentWidth: 64, contentHeight: 36 };

/** One dense column per entry, one class. */
function decodeColumns(columns: readonly (readonly number[])[], floor = 0.1) {
  const anchors = columns.length;
  const output = new Float32Array(5 * anchors);
  for (const [anchor, numbers] of columns.entries()) {
    for (const [row, value] of numbers.entries()) output[row * anchors + anchor] = value;
  }
  const form = { kind: "detect" as const, classes: 1, anchors };
  return decodeYolo(output, { form, fit: FIT, floor, personClass: 0 });
}

describe("a dense output", () => {
  it("is read at the floor and above", () => {
    const at = (x: number, score: number) => [x, 18, 8, 36, score];
    const found = decodeColumns([at(8, 0.25), at(24, 0.5), at(40, 0.125)], 0.25);
    expect(found.map((one) => one.confidence)).toEqual([0.5, 0.25]);
  });

  it("may reach past the picture's edge, but not lie in the padding", () => {
    const found = decodeColumns([
      [32, 30, 16, 20, 0.9],
      [32, 54, 16, 12, 0.8],
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]?.box.y2).toBeCloseTo(40 / 36);
  });

  it("leaves out what is no number and what has no area", () => {
    const broken = [Number.NaN, Number.POSITIVE_INFINITY].flatMap((value) =>
      [0, 1, 2, 3].map((row) => [32, 18, 16, 20, 0.9].with(row, value)),
    );
    expect(decodeColumns([...broken, [32, 18, 0, 20, 0.9], [32, 18, -4, 20, 0.9]])).toEqual([]);
    expect(decodeColumns([[32, 18, 16, 20, Number.NaN]])).toEqual([]);
  });
});

describe("the form of an output", () => {
  it.each([
    ["yolo-detect", [1, 84, 8400], 0, { kind: "detect", classes: 80, anchors: 8400 }],
    ["yolo-detect", [1, 5, 8400], 0, { kind: "detect", classes: 1, anchors: 8400 }],
    ["yolo-pose", [1, 56, 2100], 0, { kind: "pose", anchors: 2100 }],
    ["yolo-end-to-end", [1, 300, 6], 0, { kind: "end-to-end", rows: 300, hasPose: false }],
    ["yolo-end-to-end", [1, 300, 57], 0, { kind: "end-to-end", rows: 300, hasPose: true }],
  ] as const)("%s %j is known", (decoder, dims, personClass, form) => {
    expect(yoloFormOf(decoder, dims, personClass)).toEqual(form);
  });

  it.each([
    ["yolo-detect", [1, 84, 8400], 80],
    ["yolo-detect", [1, 4, 8400], 0],
    ["yolo-detect", [84, 8400], 0],
    ["yolo-pose", [1, 84, 8400], 0],
    ["yolo-end-to-end", [1, 84, 8400], 0],
    ["yolo-end-to-end", [1, 0, 6], 0],
  ] as const)("%s %j with people as class %d is not", (decoder, dims, personClass) => {
    expect(yoloFormOf(decoder, dims, personClass)).toBeNull();
  });
});

describe("non-maximum suppression", () => {
  const boxes = (...list: readonly (readonly [number, number, number, number, number])[]) => ({
    corners: Float32Array.from(list.flatMap((box) => box.slice(0, 4))),
    scores: Float32Array.from(list.map(([, , , , score]) => score)),
  });

  it("keeps the surest of those that overlap, in order of sureness", () => {
    const kept = suppressNonMaxima(
      boxes([0, 0, 10, 10, 0.3], [1, 0, 11, 10, 0.9], [50, 0, 60, 10, 0.5], [0, 1, 10, 11, 0.8]),
      0.45,
    );
    expect(kept).toEqual([1, 2]);
  });

  it("does not drop what only a dropped one overlaps", () => {
    const kept = suppressNonMaxima(
      boxes([0, 0, 10, 10, 0.9], [3, 0, 13, 10, 0.8], [6, 0, 16, 10, 0.7]),
      0.45,
    );
    expect(kept).toEqual([0, 2]);
  });

  it("bounds its work for a model that is sure of everything", () => {
    const many = Array.from({ length: 20_000 }, (_, at) => [at * 2, 0, at * 2 + 1, 1, 0.9] as const);
    expect(suppressNonMaxima(boxes(...many), 0.45).length).toBeLessThanOrEqual(2000);
  });
});
