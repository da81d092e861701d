// Convolutions, pooling, padding and resizing: the operations that ONNX defines on NCHW.
import type { Conversion, OpTranslator } from "./conversion.ts";
import type { OnnxAttribute } from "./onnx-graph.ts";
import type { TfNode } from "./tfjs-graph.ts";

type Kernel = readonly [height: number, width: number];

const convolution: OpTranslator = (node, conversion) => {
  const [height, width, inputs, outputs] = filterShape(node, conversion);
  const filter = floats(node, conversion, 1);
  const area = height * width;
  // HWIO -> OIHW
  const turned = new Float32Array(filter.length);
  for (let hw = 0; hw < area; hw++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        turned[(o * inputs + i) * area + hw] = filter[(hw * inputs + i) * outputs + o] ?? 0;
      }
    }
  }
  const weights = conversion.graph.floats(`${node.name}/filter`, [outputs, inputs, height, width], turned);
  emitConvolution(node, conversion, { weights, kernel: [height, width], group: 1 });
};

const depthwiseConvolution: OpTranslator = (node, conversion) => {
  const [height, width, inputs, multiplier] = filterShape(node, conversion);
  const filter = floats(node, conversion, 1);
  const area = height * width;
  const channels = inputs * multiplier;
  // HWIM -> [I*M, 1, H, W]: output channel i*M+m reads input channel i alone, which is what group = I says.
  const turned = new Float32Array(filter.length);
  for (let hw = 0; hw < area; hw++) {
    for (let c = 0; c < channels; c++) turned[c * area + hw] = filter[hw * channels + c] ?? 0;
  }
  const weights = conversion.graph.floats(`${node.name}/filter`, [channels, 1, height, width], turned);
  emitConvolution(node, conversion, { weights, kernel: [height, width], group: inputs });
};

function emitConvolution(
  node: TfNode,
  conversion: Conversion,
  { weights, kernel, group }: { weights: string; kernel: Kernel; group: number },
): void {
  const fused = node.attributes.texts("fused_ops");
  const inputs = [conversion.nchw(node, 0), weights];
  if (fused[0] === "BiasAdd") {
    const bias = floats(node, conversion, 2);
    inputs.push(conversion.graph.floats(`${node.name}/bias`, [bias.length], bias));
  }
  const dilations = spatial(node, conversion, "dilations");
  const attributes = {
    kernel_shape: { ints: kernel },
    dilations: { ints: dilations },
    group: { int: group },
    ...slidingWindow(node, conversion, { kernel, dilations }),
  };
  const activations = fused[0] === "BiasAdd" ? fused.slice(1) : fused;
  const [activation, ...more] = activations;
  if (more.length > 0) conversion.refuse(node, `it fuses ${fused.join(" + ")}`);
  if (activation === undefined) {
    conversion.finish(node, "Conv", inputs, { order: "nchw", attributes });
    return;
  }
  const convolved = conversion.emit("Conv", inputs, `${node.name}/linear`, attributes);
  switch (activation) {
    case "Relu":
      conversion.finish(node, "Relu", [convolved], { order: "nchw" });
      return;
    case "Relu6":
      conversion.finish(node, "Clip", [convolved, ...clipBounds(conversion, 0, 6)], { order: "nchw" });
      return;
    default:
      conversion.refuse(node, `it fuses the activation ${activation}`);
  }
}

const maxPool: OpTranslator = (node, conversion) => {
  const kernel = spatial(node, conversion, "ksize");
  const attributes = {
    kernel_shape: { ints: kernel },
    ...slidingWindow(node, conversion, { kernel, dilations: [1, 1] }),
  };
  conversion.finish(node, "MaxPool", [conversion.nchw(node, 0)], { order: "nchw", attributes });
};

/** Pads with zeros by constant amounts, given per axis as [before, after]. */
const pad: OpTranslator = (node, conversion) => {
  const amounts = conversion.constantIntegers(node, 1);
  const picture = conversion.input(node, 0).order === "nchw";
  const axes = picture ? [0, 3, 1, 2] : [...Array(amounts.length / 2).keys()];
  const pads = [0, 1].flatMap((side) => axes.map((axis) => amounts[axis * 2 + side] ?? 0));
  const name = picture ? conversion.nchw(node, 0) : conversion.tf(node, 0);
  conversion.finish(node, "Pad", [name, conversion.graph.integers(pads)], { order: picture ? "nchw" : "tf" });
};

const resizeBilinear: OpTranslator = (node, conversion) => {
  const picture = conversion.nchw(node, 0);
  const size = conversion.tf(node, 1);
  const { graph } = conversion;
  // Resize wants all four sizes: batch and channels as they are, then height and width.
  const shape = conversion.emit("Shape", [picture], `${node.name}/shape`);
  const kept = conversion.emit(
    "Slice",
    [shape, graph.integers([0]), graph.integers([2])],
    `${node.name}/batch-and-channels`,
  );
  const sizes = conversion.emit("Concat", [kept, size], `${node.name}/sizes`, { axis: { int: 0 } });
  const mode = node.attributes.flag("align_corners")
    ? "align_corners"
    : node.attributes.flag("half_pixel_centers")
      ? "half_pixel"
      : "asymmetric";
  conversion.finish(node, "Resize", [picture, "", "", sizes], {
    order: "nchw",
    attributes: { mode: { text: "linear" }, coordinate_transformation_mode: { text: mode } },
  });
};

/** Constant bounds of a Clip, as input names. */
export function clipBounds(conversion: Conversion, min: number, max: number): [string, string] {
  return [
    conversion.graph.floats("bound", [], Float32Array.of(min)),
    conversion.graph.floats("bound", [], Float32Array.of(max)),
  ];
}

/**
 * Strides and padding. TensorFlow's SAME pads to ceil(size / stride), the odd element at the end. With stride 1 that is
 * dilation * (kernel - 1) in all, whatever the picture's size, and is said explicitly, because runtimes optimise
 * explicit pads best; otherwise it depends on the size and is left to the runtime.
 */
function slidingWindow(
  node: TfNode,
  conversion: Conversion,
  { kernel, dilations }: { kernel: Kernel; dilations: Kernel },
): Record<string, OnnxAttribute> {
  const strides = spatial(node, conversion, "strides");
  const base = { strides: { ints: strides } };
  const padding = node.attributes.text("padding");
  if (padding === "VALID") return { ...base, pads: { ints: [0, 0, 0, 0] } };
  if (padding !== "SAME") conversion.refuse(node, `its padding is ${padding}`);
  if (strides[0] === 1 && strides[1] === 1) {
    const total = [dilations[0] * (kernel[0] - 1), dilations[1] * (kernel[1] - 1)];
    return { ...base, pads: { ints: [...total.map((n) => n >> 1), ...total.map((n) => (n + 1) >> 1)] } };
  }
  if (dilations.some((size) => size !== 1)) conversion.refuse(node, "it has both a stride and a dilation");
  return { ...base, auto_pad: { text: "SAME_UPPER" } };
}

/** Height and width of an attribute that is given for all four axes of an NHWC picture. */
function spatial(node: TfNode, conversion: Conversion, name: string): Kernel {
  if (node.attributes.text("data_format") !== "NHWC") conversion.refuse(node, "its pictures are not NHWC");
  const [batch, height, width, channels] = node.attributes.integers(name);
  if (batch !== 1 || channels !== 1 || height === undefined || width === undefined) {
    conversion.refuse(node, `its ${name} reach beyond height and width`);
  }
  return [height, width];
}

function filterShape(node: TfNode, conversion: Conversion): readonly [number, number, number, number] {
  const [height, width, inputs, outputs] = conversion.constant(node, 1)?.shape ?? [];
  if (height === undefined || width === undefined || inputs === undefined || outputs === undefined) {
    conversion.refuse(node, "its filter is not a constant of rank 4");
  }
  return [height, width, inputs, outputs];
}

function floats(node: TfNode, conversion: Conversion, index: number): Float32Array {
  const weight = conversion.constant(node, index);
  if (weight?.dtype !== "float32") conversion.refuse(node, `input ${index} is not a constant of floats`);
  return weight.data;
}

export const convolutionOps: Readonly<Record<string, OpTranslator>> = {
  Conv2D: convolution,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwiseConvolution,
  FusedDepthwiseConv2dNative: depthwiseConvolution,
  MaxPool: maxPool,
  Pad: pad,
  ResizeBilinear: resizeBilinear,
};
