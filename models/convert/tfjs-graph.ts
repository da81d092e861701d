// Reads the JSON half of a TensorFlow.js graph model into typed nodes: attributes decoded, names resolved, only what
// the outputs need, in an order in which every node follows its inputs.
import { Ajv } from "ajv";
import { type Static, Type } from "typebox";
import { AppError } from "../../src/core/errors.ts";
import { decodeTfWeights, type TfWeight } from "./tfjs-weights.ts";

const Integer = Type.Union([Type.String({ pattern: "^-?[0-9]+$" }), Type.Integer()]);

const Shape = Type.Object({ dim: Type.Optional(Type.Array(Type.Object({ size: Integer }))) });

const AttributeSchema = Type.Object({
  s: Type.Optional(Type.String()),
  i: Type.Optional(Integer),
  f: Type.Optional(Type.Number()),
  b: Type.Optional(Type.Boolean()),
  type: Type.Optional(Type.String()),
  shape: Type.Optional(Shape),
  list: Type.Optional(
    Type.Object({ s: Type.Optional(Type.Array(Type.String())), i: Type.Optional(Type.Array(Integer)) }),
  ),
});

const GraphModelSchema = Type.Object({
  format: Type.Literal("graph-model"),
  signature: Type.Optional(
    Type.Object({
      outputs: Type.Record(
        Type.String(),
        Type.Object({
          name: Type.String(),
          dtype: Type.Optional(Type.String()),
          tensorShape: Type.Optional(Shape),
        }),
      ),
    }),
  ),
  modelTopology: Type.Object({
    node: Type.Array(
      Type.Object({
        name: Type.String(),
        op: Type.String(),
        input: Type.Optional(Type.Array(Type.String())),
        attr: Type.Optional(Type.Record(Type.String(), AttributeSchema)),
      }),
    ),
  }),
  weightsManifest: Type.Array(
    Type.Object({
      paths: Type.Array(Type.String()),
      weights: Type.Array(
        Type.Object({
          name: Type.String(),
          shape: Type.Array(Type.Integer({ minimum: 0 })),
          dtype: Type.String(),
          quantization: Type.Optional(Type.Object({ dtype: Type.String() })),
        }),
      ),
    }),
  ),
});

type GraphModel = Static<typeof GraphModelSchema>;
type RawNode = GraphModel["modelTopology"]["node"][number];

const isGraphModel = new Ajv({ strict: false }).compile<GraphModel>(GraphModelSchema);

/** One output of one node. Most nodes have a single output, number 0. */
export interface TfEdge {
  readonly node: string;
  readonly output: number;
}

export type TfDtype = "float32" | "int64" | "bool";

export interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly TfEdge[];
  readonly attributes: TfAttributes;
}

export interface TfGraph {
  /** Every node the outputs need, constants left out, inputs before users. */
  readonly nodes: readonly TfNode[];
  readonly weights: ReadonlyMap<string, TfWeight>;
  readonly outputs: readonly TfOutput[];
}

/** Sizes per axis; null where any size is possible. */
export type TfShape = readonly (number | null)[];

export interface TfOutput {
  readonly edge: TfEdge;
  /** As the model declares it; null where it does not, or where the graph was cut. */
  readonly type: { readonly dtype: TfDtype; readonly shape: TfShape } | null;
}

/** The attributes of one node, read by kind. A missing or mistyped one is an unsupported model, named in the error. */
export class TfAttributes {
  readonly #node: RawNode;

  constructor(node: RawNode) {
    this.#node = node;
  }

  integer(name: string): number {
    const value = this.#node.attr?.[name]?.i;
    return value === undefined ? this.#missing(name) : Number(value);
  }

  integers(name: string): readonly number[] {
    const list = this.#node.attr?.[name]?.list;
    return list === undefined ? this.#missing(name) : (list.i ?? []).map(Number);
  }

  flag(name: string): boolean {
    return this.#node.attr?.[name]?.b ?? false;
  }

  text(name: string): string {
    const value = this.#node.attr?.[name]?.s;
    return value === undefined ? this.#missing(name) : fromBase64(value);
  }

  texts(name: string): readonly string[] {
    return (this.#node.attr?.[name]?.list?.s ?? []).map(fromBase64);
  }

  dtype(name: string): TfDtype {
    const value = this.#node.attr?.[name]?.type;
    if (value === undefined) return this.#missing(name);
    return toDtype(value) ?? this.#refuse(`${name} ${value}`);
  }

  shape(name: string): TfShape {
    const shape = this.#node.attr?.[name]?.shape;
    return shape === undefined ? this.#missing(name) : toShape(shape);
  }

  #missing(name: string): never {
    return this.#refuse(`no attribute "${name}"`);
  }

  #refuse(what: string): never {
    throw new AppError(
      "model.unsupported",
      `The converter cannot read node "${this.#node.name}" (${this.#node.op}): ${what}.`,
    );
  }
}

/**
 * `modelJson` is the parsed JSON file, `weightBytes` its binary shards one after another. `outputs` names the nodes to
 * cut the graph at; without it, the outputs that the model declares.
 */
export function readTfGraph(
  modelJson: unknown,
  weightBytes: Uint8Array,
  outputs?: readonly string[],
): TfGraph {
  if (!isGraphModel(modelJson)) {
    const first = isGraphModel.errors?.[0];
    throw new AppError(
      "model.unsupported",
      `This is not a TensorFlow.js graph model: ${first?.instancePath || "the document"} ${first?.message ?? "does not fit"}.`,
    );
  }
  const specs = modelJson.weightsManifest.flatMap((group) => group.weights);
  const weights = decodeTfWeights(specs, weightBytes);
  const wanted = outputs?.map((name) => ({ edge: toEdge(name), type: null })) ?? declaredOutputs(modelJson);
  const edges = wanted.map((output) => output.edge);
  return { nodes: neededNodes(modelJson.modelTopology.node, edges), weights, outputs: wanted };
}

function declaredOutputs(model: GraphModel): TfOutput[] {
  const declared = Object.values(model.signature?.outputs ?? {});
  if (declared.length > 0) {
    return declared.map(({ name, dtype, tensorShape }) => {
      const known = toDtype(dtype ?? "");
      const type =
        known === null || tensorShape === undefined ? null : { dtype: known, shape: toShape(tensorShape) };
      return { edge: toEdge(name), type };
    });
  }
  // Models of older converters declare nothing: their outputs are the nodes that nobody reads.
  const read = new Set(
    model.modelTopology.node.flatMap((node) => (node.input ?? []).map((i) => toEdge(i).node)),
  );
  return model.modelTopology.node
    .filter((node) => !read.has(node.name))
    .map((node) => ({ edge: toEdge(node.name), type: null }));
}

/** Depth first from the outputs; an explicit stack, since graphs are deeper than a call stack should be. */
function neededNodes(raw: readonly RawNode[], outputs: readonly TfEdge[]): TfNode[] {
  const byName = new Map(raw.map((node) => [node.name, node]));
  const done = new Set<string>();
  const ordered: TfNode[] = [];
  const stack = [...outputs].reverse().map((edge) => ({ name: edge.node, entered: false }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const node = byName.get(top.name);
    if (node === undefined) {
      throw new AppError(
        "model.unsupported",
        `The model refers to a node "${top.name}" that it does not have.`,
      );
    }
    if (done.has(node.name)) continue;
    // "^name" is an ordering hint between nodes, not data.
    const inputs = (node.input ?? []).filter((input) => !input.startsWith("^")).map(toEdge);
    if (top.entered) {
      done.add(node.name);
      if (node.op !== "Const") {
        ordered.push({ name: node.name, op: node.op, inputs, attributes: new TfAttributes(node) });
      }
      continue;
    }
    stack.push({ name: node.name, entered: true });
    for (const input of [...inputs].reverse()) {
      if (!done.has(input.node)) stack.push({ name: input.node, entered: false });
    }
  }
  return ordered;
}

function toEdge(reference: string): TfEdge {
  const match = /^(.*):([0-9]+)$/.exec(reference);
  return match === null
    ? { node: reference, output: 0 }
    : { node: match[1] ?? reference, output: Number(match[2]) };
}

function toDtype(name: string): TfDtype | null {
  switch (name) {
    case "DT_FLOAT":
      return "float32";
    case "DT_INT32":
    case "DT_INT64":
      return "int64";
    case "DT_BOOL":
      return "bool";
    default:
      return null;
  }
}

function toShape(shape: Static<typeof Shape>): TfShape {
  return (shape.dim ?? []).map(({ size }) => (Number(size) < 0 ? null : Number(size)));
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
