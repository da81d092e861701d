import { describe, expect, it } from "vitest";
import { convertTfjsToOnnx } from "../../models/convert/tfjs-to-onnx.ts";
import { halfToNumber } from "../../models/convert/tfjs-weights.ts";
import { ModelSession } from "../../src/inference/model-session.ts";
import type { TensorData } from "../../src/inference/tensor.ts";
import { runTfjs } from "./tfjs-reference.ts";
import { constant, type GraphSpec, graphModel, node, withModelFile } from "./tiny-graph.ts";

/** Runs the graph in TensorFlow.js and, converted, in ONNX Runtime, and compares every output. */
async function expectAgreement(spec: GraphSpec): Promise<void> {
  const files = graphModel(spec);
  const { shape, values } = spec.input;
  const expected = await runTfjs(files, { x: { dtype: "float32", shape, values } }, spec.outputs);
  const onnx = convertTfjsToOnnx(files.json, files.weights, {
    inputDtype: "float32",
    outputs: spec.outputs,
  });
  const actual = await withModelFile(onnx, async (path) => {
    const session = await ModelSession.open(path, "cpu");
    const input: TensorData = { type: "float32", dims: shape, data: Float32Array.from(values) };
    const outputs = await session.run({ x: input });
    await session.close();
    return outputs;
  });
  for (const [i, name] of spec.outputs.entries()) {
    const tensor = actual[name];
    expect(tensor?.dims, name).toEqual(expected[i]?.shape);
    const numbers = Array.from<number | bigint>(tensor?.data ?? []).map(Number);
    for (const [k, value] of (expected[i]?.values ?? []).entries()) {
      expect(numbers[k], `${name}[${k}]`).toBeCloseTo(value, 4);
    }
  }
}

const vector = (...values: number[]) => ({ shape: [values.length], values });
const picture = (height: number, width: number, channels: number) => ({
  shape: [1, height, width, channels],
  values: Array.from({ length: height * width * channels }, (_, i) => Math.sin(i * 1.7) * 5),
});
const filter = (...shape: number[]) => ({
  shape,
  values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.cos(i * 0.9)),
});
const FLOAT = { type: "DT_FLOAT" };
const slice = (masks: Partial<Record<"begin" | "end" | "shrink_axis" | "new_axis", number>>) => ({
  begin_mask: { i: String(masks.begin ?? 0) },
  end_mask: { i: String(masks.end ?? 0) },
  ellipsis_mask: { i: "0" },
  new_axis_mask: { i: String(masks.new_axis ?? 0) },
  shrink_axis_mask: { i: String(masks.shrink_axis ?? 0) },
});
const window = (op: { strides: number; padding: "SAME" | "VALID"; dilations?: number; ksize?: number }) => ({
  data_format: { s: "NHWC" },
  padding: { s: op.padding },
  strides: { list: { i: [1, op.strides, op.strides, 1].map(String) } },
  dilations: { list: { i: [1, op.dilations ?? 1, op.dilations ?? 1, 1].map(String) } },
  ...(op.ksize === undefined ? {} : { ksize: { list: { i: [1, op.ksize, op.ksize, 1].map(String) } } }),
});

describe("convolutions and their like agree with TensorFlow.js", () => {
  it.each([
    { kernel: 3, strides: 1, padding: "SAME", dilations: 1 },
    { kernel: 3, strides: 2, padding: "SAME", dilations: 1 },
    { kernel: 2, strides: 1, padding: "SAME", dilations: 1 },
    { kernel: 3, strides: 1, padding: "SAME", dilations: 2 },
    { kernel: 5, strides: 2, padding: "VALID", dilations: 1 },
  ] as const)("kernel $kernel, stride $strides, $padding, dilation $dilations", async (op) => {
    await expectAgreement({
      input: picture(7, 8, 3),
      constants: {
        filter: filter(op.kernel, op.kernel, 3, 4),
        depthwise: filter(op.kernel, op.kernel, 3, 2),
      },
      nodes: [
        node("conv", "Conv2D", ["x", "filter"], window(op)),
        node("deep", "DepthwiseConv2dNative", ["x", "depthwise"], window(op)),
      ],
      outputs: ["conv", "deep"],
    });
  });

  it("fused biases and activations, pooling, padding, resizing, and shapes read on the way", async () => {
    const fused = (...ops: string[]) => ({ fused_ops: { list: { s: ops } }, num_args: { i: "1" } });
    const same = window({ strides: 1, padding: "SAME" });
    await expectAgreement({
      input: picture(6, 6, 2),
      constants: {
        filter: filter(3, 3, 2, 3),
        bias: vector(0.5, -1, 2),
        pads: { ...vector(0, 0, 1, 2, 0, 1, 0, 0), shape: [4, 2], dtype: "int32" },
        size: { ...vector(13, 9), dtype: "int32" },
      },
      nodes: [
        node("relu6", "_FusedConv2D", ["x", "filter", "bias"], { ...same, ...fused("BiasAdd", "Relu6") }),
        node("relu", "_FusedConv2D", ["x", "filter", "bias"], { ...same, ...fused("BiasAdd", "Relu") }),
        node("pool", "MaxPool", ["relu"], window({ strides: 2, padding: "SAME", ksize: 3 })),
        node("padded", "Pad", ["relu", "pads"]),
        node("resized", "ResizeBilinear", ["relu6", "size"], {
          half_pixel_centers: { b: true },
          align_corners: { b: false },
        }),
        node("corners", "ResizeBilinear", ["relu6", "size"], { align_corners: { b: true } }),
        node("shape", "Shape", ["padded"]),
        node("mean", "Mean", ["relu", "spatial"], { keep_dims: { b: true } }),
        constant("spatial", [1, 2]),
        node("joined", "ConcatV2", ["relu", "relu6", "last"], { N: { i: "2" } }),
        constant("last", -1),
      ],
      outputs: ["relu6", "relu", "pool", "padded", "resized", "corners", "shape", "mean", "joined"],
    });
  });

  it("arithmetic between pictures, channels and scalars, before and after a convolution", async () => {
    await expectAgreement({
      input: picture(5, 4, 3),
      constants: {
        filter: filter(1, 1, 3, 3),
        channels: vector(1, 2, 3),
        one: { shape: [], values: [0.25] },
        plane: picture(5, 4, 3),
      },
      nodes: [
        node("before", "Sub", ["x", "channels"]),
        node("conv", "Conv2D", ["before", "filter"], window({ strides: 1, padding: "VALID" })),
        node("scaled", "Mul", ["channels", "conv"]),
        node("shifted", "AddV2", ["scaled", "one"]),
        node("mixed", "AddV2", ["shifted", "plane"]),
        node("squeezed", "Squeeze", ["shifted"], { squeeze_dims: { list: { i: ["0"] } } }),
        node("back", "ExpandDims", ["squeezed", "zero"]),
        constant("zero", 0),
        node("difference", "SquaredDifference", ["back", "conv"]),
        node("clipped", "Relu6", ["shifted"]),
      ],
      outputs: ["before", "scaled", "mixed", "squeezed", "difference", "clipped"],
    });
  });
});

describe("shapes and choices agree with TensorFlow.js", () => {
  it("strided slices with every mask, from the end and backwards", async () => {
    const rows = [
      ["all of the first", [0, 1], [2, 4], [1, 2], { begin: 1, end: 1 }],
      ["last column", [0, -1], [0, 0], [1, 1], { begin: 1, end: 1, shrink_axis: 2 }],
      ["backwards", [0, 0], [0, 0], [1, -1], { begin: 3, end: 3 }],
      ["new axis between", [0, 0, 1], [0, 0, 3], [1, 1, 1], { begin: 1, end: 1, new_axis: 2 }],
      ["row as such", [1], [2], [1], { shrink_axis: 1 }],
      ["only a new axis", [0, 0, 0], [0, 0, 0], [1, 1, 1], { begin: 3, end: 3, new_axis: 4 }],
    ] as const;
    await expectAgreement({
      input: { shape: [3, 4], values: Array.from({ length: 12 }, (_, i) => i) },
      constants: {},
      nodes: rows.flatMap(([name, begin, end, strides, masks]) => [
        constant(`${name}/begin`, [...begin]),
        constant(`${name}/end`, [...end]),
        constant(`${name}/strides`, [...strides]),
        node(name, "StridedSlice", ["x", `${name}/begin`, `${name}/end`, `${name}/strides`], slice(masks)),
      ]),
      outputs: rows.map(([name]) => name),
    });
  });

  it("packs, unpacks, splits, tiles and fills", async () => {
    await expectAgreement({
      input: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
      constants: { seven: { shape: [], values: [7] } },
      nodes: [
        node("unpacked", "Unpack", ["x"], { axis: { i: "-1" }, num: { i: "3" } }),
        node("packed", "Pack", ["unpacked:2", "unpacked"], { axis: { i: "-1" }, N: { i: "2" } }),
        node("split", "Split", ["axis", "x"], { num_split: { i: "3" } }),
        constant("axis", 1),
        node("third", "Identity", ["split:2"]),
        node("tiled", "Tile", ["x", "times"]),
        constant("times", [2, 1]),
        node("filled", "Fill", ["times", "seven"]),
        node("range", "Range", ["start", "limit", "step"], { Tidx: { type: "DT_INT32" } }),
        constant("start", 2),
        constant("limit", 9),
        constant("step", 3),
        node("size", "Size", ["tiled"]),
      ],
      outputs: ["packed", "third", "tiled", "filled", "range", "size"],
    });
  });

  it("divides integers and floats towards minus infinity", async () => {
    await expectAgreement({
      input: vector(-7, -6, 7, 6),
      constants: { three: { shape: [], values: [3] } },
      nodes: [
        node("floats", "FloorDiv", ["x", "three"], { T: FLOAT }),
        node("whole", "Cast", ["x"], { SrcT: FLOAT, DstT: { type: "DT_INT32" } }),
        node("integers", "FloorDiv", ["whole", "divisor"], { T: { type: "DT_INT32" } }),
        constant("divisor", 3),
        node("negative", "FloorDiv", ["whole", "minus"], { T: { type: "DT_INT32" } }),
        constant("minus", -3),
      ],
      outputs: ["floats", "integers", "negative"],
    });
  });

  it("compares, selects, ranks and sums; of equals it takes the first", async () => {
    await expectAgreement({
      input: { shape: [2, 4], values: [3, 9, 9, 1, -5, -5, -8, -5] },
      constants: { two: { shape: [], values: [2] }, zeros: filter(2, 4) },
      nodes: [
        node("greater", "Greater", ["x", "two"]),
        node("less", "Less", ["x", "zeros"]),
        node("neither", "LogicalAnd", ["greater", "less"]),
        node("selected", "Select", ["greater", "x", "zeros"]),
        node("flags", "Cast", ["less"], { SrcT: { type: "DT_BOOL" }, DstT: FLOAT }),
        node("none", "Cast", ["neither"], { SrcT: { type: "DT_BOOL" }, DstT: FLOAT }),
        node("best", "ArgMax", ["x", "one"]),
        constant("one", 1),
        node("top", "TopKV2", ["x", "three"], { sorted: { b: true } }),
        constant("three", 3),
        node("values", "Identity", ["top"]),
        node("places", "Identity", ["top:1"]),
        node("total", "Sum", ["x", "one"], { keep_dims: { b: false } }),
        node("peak", "Max", ["x", "one"], { keep_dims: { b: true } }),
        node("picked", "GatherNd", ["x", "where"]),
        constant("where", [1, 2, 0, 1], [2, 2]),
        node("all", "AddN", ["x", "zeros", "selected"], { N: { i: "3" } }),
      ],
      outputs: ["selected", "flags", "none", "best", "values", "places", "total", "peak", "picked", "all"],
    });
  });
});

describe("a model that cannot be converted is refused by name", () => {
  const spec = (nodes: GraphSpec["nodes"], outputs: string[]): GraphSpec => ({
    input: vector(1, 2),
    constants: {},
    nodes,
    outputs,
  });
  const convert = (given: GraphSpec) => {
    const { json, weights } = graphModel(given);
    return () => convertTfjsToOnnx(json, weights, { inputDtype: "float32", outputs: given.outputs });
  };

  it("when it has an operation that is not known", () => {
    expect(convert(spec([node("odd", "Erfinv", ["x"])], ["odd"]))).toThrow(
      expect.objectContaining({ code: "model.unsupported", message: expect.stringContaining("Erfinv") }),
    );
  });

  it("when an unknown operation lies aside from the outputs, it does not matter", () => {
    expect(convert(spec([node("odd", "Erfinv", ["x"]), node("y", "Abs", ["x"])], ["y"]))).not.toThrow();
  });

  it("when it refers to a node that it does not have", () => {
    expect(convert(spec([node("y", "Abs", ["nobody"])], ["y"]))).toThrow(/nobody/);
  });

  it("when a slice's bounds are computed", () => {
    const inputs = ["x", "x", "x", "x"];
    expect(convert(spec([node("y", "StridedSlice", inputs, slice({}))], ["y"]))).toThrow(/not a constant/);
  });

  it("when the weights are not those of the model", () => {
    const { json, weights } = graphModel({
      ...spec([node("y", "Add", ["x", "c"])], ["y"]),
      constants: { c: vector(1, 2) },
    });
    const options = { inputDtype: "float32" } as const;
    expect(() => convertTfjsToOnnx(json, weights.subarray(0, -1), options)).toThrow(/too few/);
    expect(() => convertTfjsToOnnx(json, Buffer.concat([weights, Buffer.of(0)]), options)).toThrow(
      /do not belong together/,
    );
  });

  it("when it is no graph model at all", () => {
    expect(() =>
      convertTfjsToOnnx({ format: "layers-model" }, new Uint8Array(), { inputDtype: "float32" }),
    ).toThrow(/not a TensorFlow.js graph model/);
  });
});

describe("half precision", () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x3555, 0.333251953125],
    [0x7c00, Number.POSITIVE_INFINITY],
  ])("reads %i as %d", (bits, value) => {
    expect(halfToNumber(bits)).toBe(value);
  });

  it("keeps not-a-number and minus zero", () => {
    expect(halfToNumber(0x7e00)).toBeNaN();
    expect(Object.is(halfToNumber(0x8000), -0)).toBe(true);
  });
});
