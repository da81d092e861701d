// Models small enough to load in no time, made by our own converter.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { convertTfjsToOnnx } from "../../models/convert/tfjs-to-onnx.ts";
import { type GraphSpec, graphModel, node } from "../models/tiny-graph.ts";

/** y = |x|, for four numbers. */
const ABSOLUTE: GraphSpec = {
  input: { shape: [4], values: [] },
  constants: {},
  nodes: [node("y", "Abs", ["x"])],
  outputs: ["y"],
};

/** A convolution with an activation: what GPUs are for. */
const BLUR: GraphSpec = {
  input: { shape: [1, 32, 32, 3], values: [] },
  constants: {
    filter: { shape: [3, 3, 3, 2], values: Array.from({ length: 54 }, (_, i) => Math.cos(i) / 30) },
    bias: { shape: [2], values: [0.5, -0.5] },
  },
  nodes: [
    node("y", "_FusedConv2D", ["x", "filter", "bias"], {
      data_format: { s: "NHWC" },
      padding: { s: "SAME" },
      strides: { list: { i: ["1", "1", "1", "1"] } },
      dilations: { list: { i: ["1", "1", "1", "1"] } },
      fused_ops: { list: { s: ["BiasAdd", "Relu"] } },
    }),
  ],
  outputs: ["y"],
};

export interface TinyModels {
  absolute: string;
  blur: string;
  /** A file that is not a model. */
  broken: string;
}

/** Paths of the models, for as long as the test file runs. */
export function tinyModels(): TinyModels {
  const models = {} as TinyModels;
  let folder = "";
  const write = async (name: keyof TinyModels, data: Uint8Array) => {
    models[name] = join(folder, `${name}.onnx`);
    await writeFile(models[name], data);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "haven-tiny-"));
    await write("absolute", converted(ABSOLUTE));
    await write("blur", converted(BLUR));
    await write("broken", Buffer.from("not a model"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return models;
}

function converted(spec: GraphSpec): Uint8Array {
  const { json, weights } = graphModel(spec);
  return convertTfjsToOnnx(json, weights, { inputDtype: "float32", outputs: spec.outputs });
}
