// Models small enough to load in no time: made by our own converter, or by hand where they have to misbehave.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import onnxProto, { type onnx } from "onnx-proto";
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

const { AttributeProto, ModelProto, TensorProto } = onnxProto.onnx;
const { FLOAT, INT64, BOOL } = TensorProto.DataType;

function port(name: string, elemType: number, shape: readonly number[]): onnx.IValueInfoProto {
  return {
    name,
    type: { tensorType: { elemType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
  };
}

function handmade(graph: onnx.IGraphProto): Uint8Array {
  const model = { irVersion: 7, opsetImport: [{ domain: "", version: 13 }], graph: { name: "g", ...graph } };
  return ModelProto.encode(ModelProto.create(model)).finish();
}

const toInteger = (input: string, output: string): onnx.INodeProto => ({
  opType: "Cast",
  input: [input],
  output: [output],
  attribute: [{ name: "to", type: AttributeProto.AttributeType.INT, i: INT64 }],
});

/** y = [10, 20, 30][x]: the runtime fails, in the middle of a run, over any other index than 0, 1 and 2. */
const PICKY = handmade({
  input: [port("x", FLOAT, [4])],
  output: [port("y", FLOAT, [4])],
  initializer: [{ name: "table", dataType: FLOAT, dims: [3], floatData: [10, 20, 30] }],
  node: [toInteger("x", "index"), { opType: "Gather", input: ["table", "index"], output: ["y"] }],
});

/** Counts from 0 to x[0], which takes about a second for each million. */
const PATIENT = handmade({
  input: [port("x", FLOAT, [4])],
  output: [port("y", FLOAT, [4])],
  initializer: [
    { name: "zero", dataType: INT64, dims: [], int64Data: [0] },
    { name: "yes", dataType: BOOL, dims: [], int32Data: [1] },
  ],
  node: [
    { opType: "Gather", input: ["x", "zero"], output: ["first"] },
    toInteger("first", "times"),
    {
      opType: "Loop",
      input: ["times", "yes", "x"],
      output: ["y"],
      attribute: [
        {
          name: "body",
          type: AttributeProto.AttributeType.GRAPH,
          g: {
            name: "body",
            input: [port("turn", INT64, []), port("on", BOOL, []), port("value", FLOAT, [4])],
            output: [port("still_on", BOOL, []), port("next", FLOAT, [4])],
            node: [
              { opType: "Identity", input: ["on"], output: ["still_on"] },
              { opType: "Sin", input: ["value"], output: ["next"] },
            ],
          },
        },
      ],
    },
  ],
});

export interface TinyModels {
  absolute: string;
  blur: string;
  picky: string;
  patient: string;
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
    await write("picky", PICKY);
    await write("patient", PATIENT);
    await write("broken", Buffer.from("not a model"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return models;
}

function converted(spec: GraphSpec): Uint8Array {
  const { json, weights } = graphModel(spec);
  return convertTfjsToOnnx(json, weights, { inputDtype: "float32", outputs: spec.outputs });
}
