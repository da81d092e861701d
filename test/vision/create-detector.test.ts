import { describe, expect, it } from "vitest";
import { modelEntry } from "../../models/manifest.ts";
import type { Detection } from "../../src/domain/pose.ts";
import { createDetector } from "../../src/vision/create-detector.ts";
import { type ConstantModel, encodeConstantModel, ownManifest, withOwnModel } from "./constant-model.ts";

const PICTURE = { width: 64, height: 36, data: new Uint8Array(64 * 36 * 3) };
const KEYPOINT_VALUES = 51;

/** Rows as YOLO26 gives them: the first ones filled, the rest nothing. Its weights cannot be had: these are synthetic. */
function endToEnd(rows: readonly (readonly number[])[], width: 6 | 57): ConstantModel {
  const values = Array.from({ length: 300 }, (_, row) =>
    Array.from({ length: width }, (_, at) => rows[row]?.[at] ?? 0),
  ).flat();
  return { dims: [1, 300, width], values };
}

/** A dense output: 84 places, of which the given ones hold columns of numbers; elsewhere boxes without a score. */
function dense(rows: number, columns: Readonly<Record<number, readonly number[]>>): ConstantModel {
  const places = 84;
  const values = Array.from({ length: rows * places }, (_, at) => {
    const place = at % places;
    const row = Math.floor(at / places);
    return columns[place]?.[row] ?? (row < 2 ? place % 64 : row < 4 ? 8 : 0);
  });
  return { dims: [1, rows, places], values };
}

/** What a detector of this model sees, at a floor of .1. */
async function seenBy(model: ConstantModel, manifest: object): Promise<Detection[]> {
  return withOwnModel(encodeConstantModel(model), manifest, async (entry, runner) => {
    const detector = await createDetector(entry, runner, { floor: 0.1 });
    expect(detector.sizes).toEqual([64]);
    expect(detector.fit(1280, 720, 640)).toEqual({
      width: 64,
      height: 64,
      contentWidth: 64,
      contentHeight: 36,
    });
    return detector.detect(PICTURE);
  });
}

describe("YOLO26's end-to-end output (synthetic: its weights cannot be had from the registry)", () => {
  it("gives the people in it, normalised to the picture, the surest first", async () => {
    const rows = [
      [16, 9, 32, 27, 0.4, 0],
      [0, 0, 32, 36, 0.9, 0],
      [40, 0, 60, 30, 0.8, 16],
      [40, 0, 60, 30, 0.05, 0],
      [40, 10, 30, 20, 0.7, 0],
      [2, 40, 30, 60, 0.7, 0],
    ];
    const people = await seenBy(endToEnd(rows, 6), ownManifest({ decoder: "yolo-end-to-end" }));
    expect(people.map(({ box, pose }) => ({ box, pose }))).toEqual([
      { box: { x1: 0, y1: 0, x2: 0.5, y2: 1 }, pose: null },
      { box: { x1: 0.25, y1: 0.25, x2: 0.5, y2: 0.75 }, pose: null },
    ]);
    expect(people[0]?.confidence).toBeCloseTo(0.9);
  });

  it("gives poses where it has them", async () => {
    const joints = Array.from({ length: KEYPOINT_VALUES }, (_, at) => [16, 9, 0.75][at % 3] ?? 0);
    const manifest = ownManifest({ decoder: "yolo-end-to-end", role: "detector-pose" });
    const [person] = await seenBy(endToEnd([[0, 0, 32, 36, 0.9, 0, ...joints]], 57), manifest);
    expect(person?.pose).toHaveLength(17);
    expect(person?.pose?.[16]).toEqual({ x: 0.25, y: 0.25, confidence: 0.75 });
  });
});

describe("YOLO's dense output", () => {
  it("gives each person once, and no other class", async () => {
    const model = dense(84, {
      10: [16, 18, 16, 36, 0.9],
      11: [17, 18, 16, 36, 0.8],
      40: [48, 18, 16, 36, 0.3],
      60: [48, 18, 16, 36, 0, 0.95],
    });
    const people = await seenBy(model, ownManifest({ decoder: "yolo-detect" }));
    expect(people.map(({ box }) => box)).toEqual([
      { x1: 0.125, y1: 0, x2: 0.375, y2: 1 },
      { x1: 0.625, y1: 0, x2: 0.875, y2: 1 },
    ]);
  });

  it("tells whoever stands beside another from a double", async () => {
    const model = dense(5, { 10: [16, 18, 16, 36, 0.9], 11: [24, 18, 16, 36, 0.8] });
    expect(await seenBy(model, ownManifest({ decoder: "yolo-detect" }))).toHaveLength(2);
  });

  it("carries poses", async () => {
    const joints = Array.from({ length: KEYPOINT_VALUES }, (_, at) => [32, 18, 0.5][at % 3] ?? 0);
    const model = dense(56, { 3: [32, 18, 32, 36, 0.75, ...joints] });
    const [person] = await seenBy(model, ownManifest({ decoder: "yolo-pose" }));
    expect(person?.confidence).toBe(0.75);
    expect(person?.pose?.[0]).toEqual({ x: 0.5, y: 0.5, confidence: 0.5 });
  });
});

describe("a model that does not fit its manifest is refused with what to do:", () => {
  const DETECT = ownManifest({ decoder: "yolo-detect" });
  const PERSON = { 3: [32, 18, 32, 36, 0.75] };

  it.each<{ what: string; model: ConstantModel; manifest: object; sentence: RegExp }>([
    {
      what: "a pose model described as a detector",
      model: dense(56, { 3: [32, 18, 32, 36, 0.75, 40, 40, 0.5] }),
      manifest: DETECT,
      sentence: /gives output0 as \[1, 56, 84\].*set output.decoder to yolo-pose/,
    },
    {
      what: "a detector described as a pose model",
      model: dense(84, PERSON),
      manifest: ownManifest({ decoder: "yolo-pose" }),
      sentence: /reads \[1, 56, N\]: set output.decoder to yolo-detect/,
    },
    {
      what: "an end-to-end model described as a dense one",
      model: endToEnd([], 6),
      manifest: DETECT,
      sentence: /set output.decoder to yolo-end-to-end/,
    },
    {
      what: "an end-to-end model with poses that its manifest does not tell of",
      model: endToEnd([], 57),
      manifest: ownManifest({ decoder: "yolo-end-to-end" }),
      sentence: /gives poses.*set role to detector-pose/,
    },
    {
      what: "an output turned by 90 degrees",
      model: { dims: [1, 300, 84], values: new Array(300 * 84).fill(0) },
      manifest: DETECT,
      sentence: /\[1, 300, 84\].*reads \[1, 4 \+ classes, N\]: export/,
    },
    {
      what: "two pictures at a time",
      model: { dims: [2, 84, 84], values: new Array(2 * 84 * 84).fill(0) },
      manifest: DETECT,
      sentence: /\[2, 84, 84\].*export the model with batch 1/,
    },
    {
      what: "another name of the output",
      model: { ...dense(84, PERSON), outputName: "boxes" },
      manifest: DETECT,
      sentence: /has no output "output0"; it has boxes: correct output.names/,
    },
    {
      what: "whole numbers",
      model: { ...dense(84, PERSON), dtype: "int64" },
      manifest: DETECT,
      sentence: /as int64; float32 is read/,
    },
    {
      what: "another size of its input",
      model: { ...dense(84, PERSON), inputDims: [1, 3, 96, 96] },
      manifest: DETECT,
      sentence: /"images", float32 \[1, 3, 64, 64\]\): .*Correct the manifest/,
    },
    {
      what: "another kind of input",
      model: { ...dense(84, PERSON), inputDtype: "uint8" },
      manifest: DETECT,
      sentence: /cannot be used with the input its manifest describes/,
    },
    {
      what: "scores that are not scores",
      model: dense(84, { 3: [32, 18, 32, 36, 17] }),
      manifest: DETECT,
      sentence: /scores that are not between 0 and 1/,
    },
    {
      what: "numbers that are none",
      model: dense(84, { 3: [32, 18, 32, 36, Number.NaN] }),
      manifest: DETECT,
      sentence: /scores that are not between 0 and 1/,
    },
    {
      what: "boxes as shares of the picture",
      model: { dims: [1, 84, 84], values: new Array(84 * 84).fill(0.5) },
      manifest: DETECT,
      sentence: /boxes that are not in pixels/,
    },
  ])("$what", async ({ model, manifest, sentence }) => {
    const refusal = withOwnModel(encodeConstantModel(model), manifest, (entry, runner) =>
      createDetector(entry, runner, { floor: 0.1 }),
    );
    await expect(refusal).rejects.toMatchObject({
      code: "model.unsupported",
      message: expect.stringMatching(sentence),
    });
  });

  it("a file that is no model", async () => {
    const refusal = withOwnModel(Buffer.from("not a model"), DETECT, (entry, runner) =>
      createDetector(entry, runner, { floor: 0.1 }),
    );
    await expect(refusal).rejects.toMatchObject({
      code: "model.unsupported",
      message: expect.stringMatching(/^The model own cannot be used.*export the model to ONNX anew\.$/),
    });
  });

  it("a model that finds no people", async () => {
    const runner = { load: async () => undefined, run: async () => ({}) };
    await expect(createDetector(modelEntry("movenet-thunder"), runner, { floor: 0.1 })).rejects.toMatchObject(
      {
        code: "model.unsupported",
        message: expect.stringContaining("finds no people in a picture"),
      },
    );
  });
});
