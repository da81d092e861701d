// Operations that read or change shapes. Except where noted they need their input's axes as TensorFlow had them.
import { AXES_OF, type Conversion, type OpTranslator } from "./conversion.ts";
import type { TfNode } from "./tfjs-graph.ts";

/** ONNX's "to the end", whatever the axis' size. */
const END = Number.MAX_SAFE_INTEGER;

const shape: OpTranslator = (node, conversion) => {
  const value = conversion.input(node, 0);
  if (value.order === "tf") {
    conversion.finish(node, "Shape", [value.name]);
    return;
  }
  // Reordering four numbers is cheaper than transposing a picture to ask for its shape.
  const sizes = conversion.emit("Shape", [value.name], `${node.name}/${value.order}`);
  const order = conversion.graph.integers(AXES_OF[value.order]);
  conversion.finish(node, "Gather", [sizes, order], { attributes: { axis: { int: 0 } } });
};

const size: OpTranslator = (node, conversion) => {
  conversion.finish(node, "Size", [conversion.input(node, 0).name]);
};

const reshape: OpTranslator = (node, conversion) => {
  if (conversion.constant(node, 1)?.data.includes(0n as never) === true) {
    // Before opset 14 a 0 means "as the input has it", not TensorFlow's "empty".
    conversion.refuse(node, "it reshapes to an empty tensor");
  }
  conversion.finish(node, "Reshape", [conversion.tf(node, 0), conversion.tf(node, 1)]);
};

const squeeze: OpTranslator = (node, conversion) => {
  const axes = node.attributes.integers("squeeze_dims");
  if (axes.length === 1 && axes[0] === 0 && dropBatch(node, conversion)) return;
  const inputs = [conversion.tf(node, 0), ...(axes.length > 0 ? [conversion.graph.integers(axes)] : [])];
  conversion.finish(node, "Squeeze", inputs);
};

/** Removes the batch axis of an NCHW picture, wherever its channels are; false when the input is not one. */
function dropBatch(node: TfNode, conversion: Conversion): boolean {
  const value = conversion.input(node, 0);
  if (value.order !== "nchw") return false;
  conversion.finish(node, "Squeeze", [value.name, conversion.graph.integers([0])], { order: "chw" });
  return true;
}

const expandDims: OpTranslator = (node, conversion) => {
  const axis = conversion.constantInteger(node, 1);
  const value = conversion.input(node, 0);
  const order = value.order === "chw" && axis === 0 ? "nchw" : "tf";
  const name = order === "nchw" ? value.name : conversion.inOrder(value, "tf");
  conversion.finish(node, "Unsqueeze", [name, conversion.graph.integers([axis])], { order });
};

const pack: OpTranslator = (node, conversion) => {
  const axis = node.attributes.integer("axis");
  const axes = conversion.graph.integers([axis]);
  const parts = node.inputs.map((_, index) =>
    conversion.emit("Unsqueeze", [conversion.tf(node, index), axes], `${node.name}/part`),
  );
  conversion.finish(node, "Concat", parts, { attributes: { axis: { int: axis } } });
};

const unpack: OpTranslator = (node, conversion) => {
  const axis = node.attributes.integer("axis");
  const count = node.attributes.integer("num");
  if (axis === 0 && count === 1 && dropBatch(node, conversion)) return;
  const value = conversion.tf(node, 0);
  for (let output = 0; output < count; output++) {
    const index = conversion.graph.integers([output], []);
    const name = conversion.emit("Gather", [value, index], node.name, { axis: { int: axis } });
    conversion.set({ node: node.name, output }, { name, order: "tf" });
  }
};

/** The axis is the last input; pictures that are all NCHW are joined as they are. */
const concat: OpTranslator = (node, conversion) => {
  const last = node.inputs.length - 1;
  const axis = conversion.constantInteger(node, last);
  const values = node.inputs.slice(0, last).map((_, index) => conversion.input(node, index));
  if (values.every((value) => value.order === "nchw")) {
    const moved =
      [0, 2, 3, 1][axis < 0 ? axis + 4 : axis] ?? conversion.refuse(node, `it has no axis ${axis}`);
    conversion.finish(
      node,
      "Concat",
      values.map((value) => value.name),
      { order: "nchw", attributes: { axis: { int: moved } } },
    );
    return;
  }
  const names = values.map((value) => conversion.inOrder(value, "tf"));
  conversion.finish(node, "Concat", names, { attributes: { axis: { int: axis } } });
};

const split: OpTranslator = (node, conversion) => {
  const axis = conversion.constantInteger(node, 0);
  const count = node.attributes.integer("num_split");
  const outputs = Array.from({ length: count }, () => conversion.graph.freshName(node.name));
  conversion.graph.add({
    op: "Split",
    inputs: [conversion.tf(node, 1)],
    outputs,
    attributes: { axis: { int: axis } },
  });
  outputs.forEach((name, output) => {
    conversion.set({ node: node.name, output }, { name, order: "tf" });
  });
};

const tile: OpTranslator = (node, conversion) => {
  conversion.finish(node, "Tile", [conversion.tf(node, 0), conversion.tf(node, 1)]);
};

const fill: OpTranslator = (node, conversion) => {
  conversion.finish(node, "Expand", [conversion.tf(node, 1), conversion.tf(node, 0)]);
};

const range: OpTranslator = (node, conversion) => {
  conversion.finish(
    node,
    "Range",
    [0, 1, 2].map((index) => conversion.tf(node, index)),
  );
};

/**
 * Slice with constant bounds, then Squeeze of the axes that were indexed, then Unsqueeze of the axes that were added.
 * The masks are bit sets over the entries of begin/end/strides (tensorflow/core/ops/array_ops.cc, StridedSlice).
 */
const stridedSlice: OpTranslator = (node, conversion) => {
  const plan = slicePlan(node, conversion);
  const steps: { op: string; inputs: string[] }[] = [];
  const { graph } = conversion;
  if (plan.axes.length > 0) {
    const bounds = [plan.starts, plan.ends, plan.axes, plan.strides].map((values) => graph.integers(values));
    steps.push({ op: "Slice", inputs: bounds });
  }
  if (plan.squeezed.length > 0) steps.push({ op: "Squeeze", inputs: [graph.integers(plan.squeezed)] });
  if (plan.added.length > 0) steps.push({ op: "Unsqueeze", inputs: [graph.integers(plan.added)] });
  const name = steps.reduce(
    (value, step) => conversion.emit(step.op, [value, ...step.inputs], node.name),
    conversion.tf(node, 0),
  );
  conversion.set({ node: node.name, output: 0 }, { name, order: "tf" });
};

interface SlicePlan {
  readonly starts: number[];
  readonly ends: number[];
  readonly axes: number[];
  readonly strides: number[];
  /** Axes of the input that an index removes. */
  readonly squeezed: number[];
  /** Axes of the output that are new, of size 1. */
  readonly added: number[];
}

function slicePlan(node: TfNode, conversion: Conversion): SlicePlan {
  const mask = (name: string, bit: number) => (node.attributes.integer(name) & (1 << bit)) !== 0;
  if (node.attributes.integer("ellipsis_mask") !== 0) conversion.refuse(node, "it uses an ellipsis");
  const [begin, end, strides] = [1, 2, 3].map((index) => conversion.constantIntegers(node, index));
  const plan: SlicePlan = { starts: [], ends: [], axes: [], strides: [], squeezed: [], added: [] };
  let inputAxis = 0;
  let outputAxis = 0;
  for (const [entry, stride] of (strides ?? []).entries()) {
    const from = begin?.[entry] ?? 0;
    const to = end?.[entry] ?? 0;
    if (mask("new_axis_mask", entry)) {
      plan.added.push(outputAxis++);
      continue;
    }
    if (mask("shrink_axis_mask", entry)) {
      plan.squeezed.push(inputAxis);
      // -1 is the last element: its end is not 0 but the end of the axis.
      addBounds(plan, { axis: inputAxis++, start: from, end: from === -1 ? END : from + 1, stride: 1 });
      continue;
    }
    const open = { start: mask("begin_mask", entry), end: mask("end_mask", entry) };
    const start = open.start ? (stride > 0 ? 0 : END) : from;
    const stop = open.end ? (stride > 0 ? END : -END) : to;
    if (!(open.start && open.end && stride === 1)) {
      addBounds(plan, { axis: inputAxis, start, end: stop, stride });
    }
    inputAxis++;
    outputAxis++;
  }
  return plan;
}

function addBounds(
  plan: SlicePlan,
  bounds: { axis: number; start: number; end: number; stride: number },
): void {
  plan.axes.push(bounds.axis);
  plan.starts.push(bounds.start);
  plan.ends.push(bounds.end);
  plan.strides.push(bounds.stride);
}

export const shapeOps: Readonly<Record<string, OpTranslator>> = {
  ConcatV2: concat,
  ExpandDims: expandDims,
  Fill: fill,
  Pack: pack,
  Range: range,
  Reshape: reshape,
  Shape: shape,
  Size: size,
  Split: split,
  Squeeze: squeeze,
  StridedSlice: stridedSlice,
  Tile: tile,
  Unpack: unpack,
};
