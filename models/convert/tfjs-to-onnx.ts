// Converts a TensorFlow.js graph model to ONNX (opset 13), so that one runtime runs every model. Height and width stay
// open where the original leaves them open. The result is a function of the input bytes alone: equal input, equal hash.
import { Conversion, type ConvertedValue, type OpTranslator } from "./conversion.ts";
import { convolutionOps } from "./convolution-ops.ts";
import { elementwiseOps } from "./elementwise-ops.ts";
import { dataTypeNumber, type OnnxPort } from "./onnx-graph.ts";
import { selectionOps } from "./selection-ops.ts";
import { shapeOps } from "./shape-ops.ts";
import { readTfGraph, type TfNode, type TfShape } from "./tfjs-graph.ts";

export interface ConversionOptions {
  /**
   * Element type of the pictures the converted model takes. `uint8` is cast inside the graph: a quarter of the bytes to
   * prepare and to hand to a worker, and the same result, for the originals' inputs are integers 0..255 anyway.
   */
  readonly inputDtype: "uint8" | "float32";
  /** Node names to cut the graph at; without it, the outputs that the model declares. */
  readonly outputs?: readonly string[];
  /**
   * Pixels of the picture input, in place of what the model declares. A graph of convolutions that was cut before
   * anything counted its pixels takes any size.
   */
  readonly pictureSize?: { readonly height: number; readonly width: number };
}

/** What the sizes of an NHWC picture are called when they are open. */
const PICTURE_SIZES = ["batch", "height", "width", "channels"];

const TRANSLATORS: Readonly<Record<string, OpTranslator>> = {
  ...convolutionOps,
  ...elementwiseOps,
  ...selectionOps,
  ...shapeOps,
};

/**
 * `modelJson` is the parsed model.json, `weights` its binary shards one after another. Inputs and outputs of the result
 * carry the TensorFlow nodes' names. Throws AppError `model.unsupported` that names the operation it does not know.
 */
export function convertTfjsToOnnx(
  modelJson: unknown,
  weights: Uint8Array,
  options: ConversionOptions,
): Uint8Array {
  const tf = readTfGraph(modelJson, weights, options.outputs);
  const conversion = new Conversion(tf.weights);
  // Outputs are named first, so that nothing inside takes their names.
  const outputs = tf.outputs.map((output) => ({
    ...output,
    name: conversion.graph.freshName(output.edge.node),
  }));
  const inputs: OnnxPort[] = [];
  for (const node of tf.nodes) {
    if (node.op === "Placeholder") inputs.push(placeholder(node, conversion, options));
    else translator(node, conversion)(node, conversion);
  }
  for (const { edge, name } of outputs) {
    const value = conversion.inOrder(conversion.value(edge), "tf");
    conversion.graph.add({ op: "Identity", inputs: [value], outputs: [name] });
  }
  return conversion.graph.encode(
    "haven",
    inputs,
    outputs.map(({ name, type }) => ({
      name,
      type: type === null ? null : { ...type, shape: namedSizes(type.shape) },
    })),
  );
}

function translator(node: TfNode, conversion: Conversion): OpTranslator {
  return TRANSLATORS[node.op] ?? conversion.refuse(node, "this operation is not known");
}

function placeholder(node: TfNode, conversion: Conversion, options: ConversionOptions): OnnxPort {
  const sizes = pictureShape(node.attributes.shape("shape"), options);
  const name = conversion.graph.freshName(node.name);
  let value: ConvertedValue = { name, order: "tf" };
  if (sizes.length === 4 && sizes[3] === 3) {
    // Turned while it is still bytes, and before the per-channel normalisation: broadcasting three numbers along the
    // last axis costs ten times what it costs along whole planes (measured: models/README.md).
    value = { name: conversion.inOrder(value, "nchw"), order: "nchw" };
  }
  if (options.inputDtype !== "float32" && node.attributes.dtype("dtype") === "float32") {
    // An int32 placeholder is followed by the model's own Cast; one of floats needs ours.
    const to = { int: dataTypeNumber("float32") };
    value = { ...value, name: conversion.emit("Cast", [value.name], `${name}/float`, { to }) };
  }
  conversion.set({ node: node.name, output: 0 }, value);
  return { name, type: { dtype: options.inputDtype, shape: namedSizes(sizes) } };
}

function pictureShape(declared: TfShape, { pictureSize }: ConversionOptions): TfShape {
  const isPicture = declared.length === 4 && declared[3] === 3;
  if (pictureSize === undefined || !isPicture) return declared;
  return [declared[0] ?? null, pictureSize.height, pictureSize.width, 3];
}

function namedSizes(shape: TfShape): (number | string)[] {
  return shape.map((size, axis) => size ?? PICTURE_SIZES[axis] ?? `size${axis}`);
}
