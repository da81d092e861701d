import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelEntry, parseManifest } from "../../models/manifest.ts";
import type { RgbImage } from "../../src/domain/frame.ts";
import type { Tensors } from "../../src/inference/tensor.ts";
import { type DescribedFace, FaceDescriber } from "../../src/vision/face-describer.ts";
import type { ModelLoader } from "../../src/vision/model-runner.ts";
import { VectorEmbedder } from "../../src/vision/vector-embedder.ts";
import { cosine, cropAround, isAround, NOSES, openDescriber, openPhotograph, runner } from "./photograph.ts";

const SIDE = 160;
let describer: FaceDescriber;
let frame: Awaited<ReturnType<typeof openPhotograph>>;
let faces: DescribedFace[];

beforeAll(async () => {
  describer = await openDescriber();
  frame = await openPhotograph();
  faces = [];
  for (const nose of NOSES) {
    const face = await describer.describe(cropAround(frame, nose, SIDE));
    if (face === null) throw new Error("a face was not found");
    faces.push(face);
  }
}, 900_000);

afterAll(async () => {
  frame[Symbol.dispose]();
  await runner[Symbol.asyncDispose]();
});

/** Each pixel the mean of the square around it, `radius` to each side. */
function blurred({ width, height, data }: RgbImage, radius: number): RgbImage {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        let [sum, count] = [0, 0];
        for (let py = Math.max(0, y - radius); py <= Math.min(height - 1, y + radius); py += 1)
          for (let px = Math.max(0, x - radius); px <= Math.min(width - 1, x + radius); px += 1) {
            sum += data[(py * width + px) * 3 + channel] ?? 0;
            count += 1;
          }
        out[(y * width + x) * 3 + channel] = Math.round(sum / count);
      }
  return { width, height, data: out };
}

describe("the faces of four people in a photograph", () => {
  it("are found in the crops of their heads, where they are in the picture and as wide as there", () => {
    for (const [index, { box, sample, confidence }] of faces.entries()) {
      expect(isAround(box, NOSES[index] ?? { x: 0, y: 0 })).toBe(true);
      expect(sample.widthPx).toBeGreaterThan(38);
      expect(sample.widthPx).toBeLessThan(65);
      expect(sample.widthPx).toBeCloseTo((box.x2 - box.x1) * 620, 3);
      expect(confidence).toBeGreaterThan(0.6);
    }
  });

  it("become vectors of unit length that name their model, good enough for references", () => {
    for (const { sample, problems } of faces) {
      expect(sample.modelId).toBe("sface");
      expect(sample.embedding).toHaveLength(128);
      expect(cosine(sample.embedding, sample.embedding)).toBeCloseTo(1, 5);
      expect(sample.quality).toBeGreaterThan(0.75);
      expect(sample.reference).toBe(true);
      expect(problems).toEqual([]);
    }
  });

  it("are like themselves in another crop, and like nobody else", async () => {
    const { accept = 1 } = modelEntry("sface").thresholds;
    for (const [index, nose] of NOSES.entries()) {
      const again = await describer.describe(
        cropAround(frame, { x: nose.x + 0.012, y: nose.y - 0.02 }, SIDE * 0.85),
      );
      for (const [other, { sample }] of faces.entries()) {
        const likeness = cosine(again?.sample.embedding ?? new Float32Array(), sample.embedding);
        if (other === index) expect(likeness).toBeGreaterThan(0.8);
        else expect(likeness).toBeLessThan(accept);
      }
    }
  });

  it("lose quality with blur, and stop being references", async () => {
    const crop = cropAround(frame, NOSES[0] ?? { x: 0, y: 0 }, SIDE);
    const soft = await describer.describe({ ...crop, image: blurred(crop.image, 5) });
    expect(soft?.sample.quality).toBeLessThan((faces[0]?.sample.quality ?? 0) * 0.8);
    const softer = await describer.describe({ ...crop, image: blurred(crop.image, 9) });
    expect(softer?.sample.quality ?? 0).toBeLessThan(soft?.sample.quality ?? 0);
    expect(softer?.sample.reference ?? false).toBe(false);
  });

  it("leave the crop as it was: it may become a picture afterwards", async () => {
    const crop = cropAround(frame, NOSES[0] ?? { x: 0, y: 0 }, SIDE);
    const before = crop.image.data.slice();
    await describer.describe(crop);
    expect(crop.image.data).toEqual(before);
  });
});

describe("a head's crop gives no face", () => {
  it("when the only one in it is the neighbour's", async () => {
    const [first, second] = [NOSES[2], NOSES[3]];
    if (first === undefined || second === undefined) throw new Error("no noses");
    // Their heads are 90 pixels apart; the face of the one is in the corner of the crop beside the other.
    const beside = { x: first.x - 60 / 620, y: first.y };
    expect(await describer.find(cropAround(frame, beside, SIDE).image)).not.toEqual([]);
    expect(await describer.describe(cropAround(frame, beside, SIDE))).toBeNull();
  });

  it("when there is none, or it is smaller than counts", async () => {
    expect(await describer.describe(cropAround(frame, { x: 0.03, y: 0.9 }, 60))).toBeNull();
    const nose = NOSES[0] ?? { x: 0, y: 0 };
    const strict = await openDescriber({ minFacePx: 80, minReferenceFacePx: 90 });
    expect(await strict.describe(cropAround(frame, nose, SIDE))).toBeNull();
    expect(await strict.describe(cropAround(frame, nose, SIDE), { minFacePx: 20 })).toMatchObject({
      problems: ["too_small"],
      sample: { reference: false },
    });
  });

  it("of another size: that is a mistake of the caller's", async () => {
    const image = { width: 128, height: 128, data: new Uint8Array(128 * 128 * 3) };
    await expect(describer.find(image)).rejects.toMatchObject({ code: "internal" });
  });
});

/** Answers as it is told, whatever it is shown. */
function answering(values: Float32Array): ModelLoader {
  return {
    load: async () => {},
    run: async (): Promise<Tensors> => ({
      embedding: { type: "float32", dims: [1, values.length], data: values },
    }),
  };
}

const OWN = (role: "face" | "appearance", decoder: string, width: number, height: number) => ({
  id: "own",
  title: "own",
  role,
  licence: "MIT",
  provenance: "made up",
  source: { kind: "file", path: "own.onnx" },
  input: {
    name: "input",
    dtype: "float32",
    layout: "NCHW",
    colours: "RGB",
    range: [-1, 1],
    size: { kind: "fixed", width, height },
  },
  output: { names: ["embedding"], decoder },
  thresholds: role === "face" ? { accept: 0.3, margin: 0.05 } : {},
});
const entryOf = (model: object) => {
  const [entry] = parseManifest({ version: 2, models: [model] }).models;
  if (entry === undefined) throw new Error("no entry");
  return entry;
};
const INSIGHT_FACE = entryOf(OWN("face", "face-embedding", 112, 112));
const FACE = { decoder: "face-embedding", width: 112, height: 112, remedy: "is no face model." } as const;

describe("a model of one's own that gives one vector", () => {
  it("may be InsightFace's (112x112, 512 numbers) or OSNet's (128x256, ImageNet's mean and deviation)", async () => {
    const values = new Float32Array(512).fill(3);
    const face = await VectorEmbedder.create(INSIGHT_FACE, answering(values), FACE);
    const grey = { width: 112, height: 112, data: new Uint8Array(112 * 112 * 3) };
    const vector = await face.embed(grey);
    expect(vector).toHaveLength(512);
    expect(vector?.[0]).toBeCloseTo(1 / Math.sqrt(512), 6);
    const model = OWN("appearance", "body-embedding", 128, 256);
    const input = { ...model.input, range: [0, 1], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const body = await VectorEmbedder.create(entryOf({ ...model, input }), answering(values), {
      decoder: "body-embedding",
      width: 128,
      height: 256,
      remedy: "is no body model.",
    });
    expect(await body.embed({ width: 128, height: 256, data: new Uint8Array(128 * 256 * 3) })).toHaveLength(
      512,
    );
  });

  it.each<[string, Float32Array]>([
    ["too short a vector", new Float32Array(32).fill(1)],
    ["a feature map", new Float32Array(4096).fill(1)],
    ["no direction", new Float32Array(128)],
    ["no numbers", new Float32Array(128).fill(Number.NaN)],
  ])("is refused when it gives %s", async (_, values) => {
    await expect(VectorEmbedder.create(INSIGHT_FACE, answering(values), FACE)).rejects.toMatchObject({
      code: "model.unsupported",
    });
  });

  it("is refused for another task, another size, and another output", async () => {
    const runs = answering(new Float32Array(128).fill(1));
    await expect(
      FaceDescriber.create({ detector: INSIGHT_FACE, embedder: INSIGHT_FACE }, runs, {
        minFacePx: 24,
        minReferenceFacePx: 40,
      }),
    ).rejects.toThrow(/finds no faces: give reid.face_detector/);
    await expect(
      VectorEmbedder.create(entryOf(OWN("face", "face-embedding", 160, 160)), runs, FACE),
    ).rejects.toThrow(/112x112.*correct input.size/);
    const renamed = {
      ...OWN("face", "face-embedding", 112, 112),
      output: { names: ["fc"], decoder: "face-embedding" },
    };
    await expect(VectorEmbedder.create(entryOf(renamed), runs, FACE)).rejects.toThrow(
      /no output "fc".*it has embedding/,
    );
  });

  it("gives nothing, not noise, for a face for which its numbers go wrong later", async () => {
    const values = new Float32Array(128).fill(1);
    const embedder = await VectorEmbedder.create(INSIGHT_FACE, answering(values), FACE);
    values.fill(Number.NaN);
    const grey = { width: 112, height: 112, data: new Uint8Array(112 * 112 * 3) };
    expect(await embedder.embed(grey)).toBeNull();
  });

  it("needs a threshold and a margin in its manifest, on its own scale", () => {
    const { thresholds: _, ...model } = OWN("face", "face-embedding", 112, 112);
    expect(() => entryOf({ ...model, thresholds: {} })).toThrow(/must have accept and margin/);
    expect(() =>
      entryOf({ ...OWN("face", "face-embedding", 112, 112), output: { names: ["a"], decoder: "blazeface" } }),
    ).toThrow(/role face takes face-embedding/);
  });
});
