// The state of one conversion: which ONNX value stands for which TensorFlow edge, and in which order its axes lie.
// TensorFlow.js pictures are NHWC, ONNX convolutions want NCHW. Values stay as their producer made them and are
// transposed only when a user needs the other order, each at most once, so that few Transposes remain.
import { AppError } from "../../src/core/errors.ts";
import { type OnnxAttribute, OnnxGraph } from "./onnx-graph.ts";
import type { TfEdge, TfNode } from "./tfjs-graph.ts";
import type { TfWeight } from "./tfjs-weights.ts";

/**
 * `tf`: axes as in the TensorFlow model. `nchw`: a rank-4 picture with its channels moved to axis 1. `chw`: the same
 * after its batch axis of one was dropped.
 */
export type AxisOrder = "tf" | "nchw" | "chw";

export interface ConvertedValue {
  readonly name: string;
  readonly order: AxisOrder;
}

/** From TensorFlow's order. A value in `chw` only ever goes back: what TensorFlow convolves has rank 4. */
const TO_NCHW = [0, 3, 1, 2];

/** For each axis of TensorFlow's order, where it lies in the other. */
export const AXES_OF: Readonly<Record<Exclude<AxisOrder, "tf">, readonly number[]>> = {
  nchw: [0, 2, 3, 1],
  chw: [1, 2, 0],
};

export class Conversion {
  readonly graph = new OnnxGraph();
  readonly #weights: ReadonlyMap<string, TfWeight>;
  readonly #values = new Map<string, ConvertedValue>();
  readonly #otherOrder = new Map<string, string>();

  constructor(weights: ReadonlyMap<string, TfWeight>) {
    this.#weights = weights;
  }

  /** Declares what an edge has become. */
  set(edge: TfEdge, value: ConvertedValue): void {
    this.#values.set(key(edge), value);
  }

  /** The value of input `index`, in whatever order it lies. */
  input(node: TfNode, index: number): ConvertedValue {
    return this.value(this.#edge(node, index));
  }

  /** What an edge has become; constants enter the graph when they are first asked for. */
  value(edge: TfEdge): ConvertedValue {
    const known = this.#values.get(key(edge));
    if (known !== undefined) return known;
    const weight = this.#weights.get(edge.node);
    if (weight === undefined) {
      throw new AppError(
        "model.unsupported",
        `The model has no output ${edge.output} of node "${edge.node}".`,
      );
    }
    const name =
      weight.dtype === "float32"
        ? this.graph.floats(edge.node, weight.shape, weight.data)
        : this.graph.integers(weight.data, weight.shape);
    const value: ConvertedValue = { name, order: "tf" };
    this.#values.set(key(edge), value);
    return value;
  }

  /** The name of input `index` with its axes as in TensorFlow. */
  tf(node: TfNode, index: number): string {
    return this.inOrder(this.input(node, index), "tf");
  }

  /** The name of input `index`, a picture, with its channels on axis 1. */
  nchw(node: TfNode, index: number): string {
    return this.inOrder(this.input(node, index), "nchw");
  }

  /** The value's name in TensorFlow's order or, for a picture, in NCHW. */
  inOrder(value: ConvertedValue, order: "tf" | "nchw"): string {
    if (value.order === order) return value.name;
    const known = this.#otherOrder.get(value.name);
    if (known !== undefined) return known;
    const perm = value.order === "tf" ? TO_NCHW : AXES_OF[value.order];
    const name = this.emit("Transpose", [value.name], `${value.name}/${order}`, { perm: { ints: perm } });
    this.#otherOrder.set(value.name, name);
    return name;
  }

  /** The constant behind input `index`, or null when it is computed. */
  constant(node: TfNode, index: number): TfWeight | null {
    return this.#weights.get(this.#edge(node, index).node) ?? null;
  }

  /** The integers of constant input `index`; the model is refused when they are computed or not integers. */
  constantIntegers(node: TfNode, index: number): number[] {
    const weight = this.constant(node, index);
    if (weight === null || weight.dtype !== "int64")
      this.refuse(node, `input ${index} is not a constant of integers`);
    return Array.from(weight.data, Number);
  }

  constantInteger(node: TfNode, index: number): number {
    const [value, ...more] = this.constantIntegers(node, index);
    if (value === undefined || more.length > 0) this.refuse(node, `input ${index} is not one integer`);
    return value;
  }

  /** Adds an ONNX node with one output and returns that output's name. */
  emit(
    op: string,
    inputs: readonly string[],
    hint: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const output = this.graph.freshName(hint);
    this.graph.add({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds an ONNX node whose output is output 0 of the TensorFlow node. */
  finish(
    node: TfNode,
    op: string,
    inputs: readonly string[],
    options: { order?: AxisOrder; attributes?: Readonly<Record<string, OnnxAttribute>> } = {},
  ): void {
    const name = this.emit(op, inputs, node.name, options.attributes ?? {});
    this.set({ node: node.name, output: 0 }, { name, order: options.order ?? "tf" });
  }

  refuse(node: TfNode, why: string): never {
    throw new AppError(
      "model.unsupported",
      `The converter cannot translate ${node.op} "${node.name}": ${why}.`,
      {
        fields: { op: node.op },
      },
    );
  }

  #edge(node: TfNode, index: number): TfEdge {
    return node.inputs[index] ?? this.refuse(node, `it has no input ${index}`);
  }
}

/** Translates one kind of TensorFlow node. */
export type OpTranslator = (node: TfNode, conversion: Conversion) => void;

function key(edge: TfEdge): string {
  return `${edge.output}:${edge.node}`;
}
