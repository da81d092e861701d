// Operations that work element by element, with broadcasting. They keep whatever axis order their inputs have, so that
// a chain of convolutions is not interrupted by Transposes.
import type { AxisOrder, Conversion, OpTranslator } from "./conversion.ts";
import { clipBounds } from "./convolution-ops.ts";
import { dataTypeNumber } from "./onnx-graph.ts";
import type { TfNode } from "./tfjs-graph.ts";

function unary(op: string): OpTranslator {
  return (node, conversion) => {
    const value = conversion.input(node, 0);
    conversion.finish(node, op, [value.name], { order: value.order });
  };
}

function nary(op: string): OpTranslator {
  return (node, conversion) => {
    const { names, order } = aligned(node, conversion);
    conversion.finish(node, op, names, { order });
  };
}

/**
 * All inputs in one axis order: channels first when every input is, or is a constant that can be said that way;
 * TensorFlow's otherwise. Both sides broadcast from the last axis, so a vector over channels becomes [C,1,1].
 */
function aligned(node: TfNode, conversion: Conversion): { names: string[]; order: AxisOrder } {
  const values = node.inputs.map((_, index) => conversion.input(node, index));
  const order = values.find((value) => value.order !== "tf")?.order ?? "tf";
  if (order === "tf") return { names: values.map((value) => value.name), order };
  const names = values.map((value, index) =>
    value.order === order ? value.name : channelsFirstConstant(node, index, conversion),
  );
  const known = names.filter((name) => name !== null);
  if (known.length === names.length) return { names: known, order };
  return { names: values.map((value) => conversion.inOrder(value, "tf")), order: "tf" };
}

/** Input `index` as a scalar or as [C,1,1]; null when it is computed or varies over the picture. */
function channelsFirstConstant(node: TfNode, index: number, conversion: Conversion): string | null {
  const weight = conversion.constant(node, index);
  if (weight?.dtype !== "float32" || weight.data.length !== (weight.shape.at(-1) ?? 1)) return null;
  const shape = weight.data.length === 1 ? [] : [weight.data.length, 1, 1];
  return conversion.graph.floats(`${node.name}/constant`, shape, weight.data);
}

const squaredDifference: OpTranslator = (node, conversion) => {
  const { names, order } = aligned(node, conversion);
  const difference = conversion.emit("Sub", names, `${node.name}/difference`);
  conversion.finish(node, "Mul", [difference, difference], { order });
};

/**
 * Rounds towards minus infinity. ONNX Div of integers rounds towards zero; its Mod has the divisor's sign, so that
 * (a - a mod b) / b divides without remainder and is the floor for every sign.
 */
const floorDivide: OpTranslator = (node, conversion) => {
  const { names, order } = aligned(node, conversion);
  const [dividend = "", divisor = ""] = names;
  if (node.attributes.dtype("T") === "int64") {
    const remainder = conversion.emit("Mod", [dividend, divisor], `${node.name}/remainder`);
    const whole = conversion.emit("Sub", [dividend, remainder], `${node.name}/whole`);
    conversion.finish(node, "Div", [whole, divisor], { order });
    return;
  }
  const quotient = conversion.emit("Div", names, `${node.name}/quotient`);
  conversion.finish(node, "Floor", [quotient], { order });
};

const relu6: OpTranslator = (node, conversion) => {
  const value = conversion.input(node, 0);
  const bounds = clipBounds(conversion, 0, 6);
  conversion.finish(node, "Clip", [value.name, ...bounds], { order: value.order });
};

const cast: OpTranslator = (node, conversion) => {
  const value = conversion.input(node, 0);
  const to = dataTypeNumber(node.attributes.dtype("DstT"));
  conversion.finish(node, "Cast", [value.name], { order: value.order, attributes: { to: { int: to } } });
};

const identity: OpTranslator = (node, conversion) => {
  conversion.set({ node: node.name, output: 0 }, conversion.input(node, 0));
};

export const elementwiseOps: Readonly<Record<string, OpTranslator>> = {
  Abs: unary("Abs"),
  Exp: unary("Exp"),
  Reciprocal: unary("Reciprocal"),
  Relu: unary("Relu"),
  Relu6: relu6,
  Sigmoid: unary("Sigmoid"),
  Sqrt: unary("Sqrt"),
  Add: nary("Add"),
  AddN: nary("Sum"),
  AddV2: nary("Add"),
  Sub: nary("Sub"),
  Mul: nary("Mul"),
  RealDiv: nary("Div"),
  FloorDiv: floorDivide,
  Maximum: nary("Max"),
  Minimum: nary("Min"),
  Prelu: nary("PRelu"),
  SquaredDifference: squaredDifference,
  Equal: nary("Equal"),
  Greater: nary("Greater"),
  GreaterEqual: nary("GreaterOrEqual"),
  Less: nary("Less"),
  LogicalAnd: nary("And"),
  Select: nary("Where"),
  Cast: cast,
  Identity: identity,
};
