// Small TensorFlow.js graph models written by hand, in the format of the real ones.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFiles } from "./tfjs-reference.ts";

type Attribute = {
  readonly s?: string;
  readonly i?: string;
  readonly b?: boolean;
  readonly type?: string;
  readonly list?: { readonly s?: readonly string[]; readonly i?: readonly string[] };
};

interface Constant {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: "float32" | "int32";
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly constant?: Constant;
}

export interface GraphSpec {
  /** Of the one placeholder, "x". */
  readonly input: { readonly shape: number[]; readonly values: readonly number[] };
  readonly constants: Readonly<Record<string, Constant>>;
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly string[];
}

export function node(
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): GraphNode {
  return { name, op, inputs, attributes };
}

/** An integer constant: a scalar, or a list with an optional shape. */
export function constant(
  name: string,
  value: number | readonly number[],
  shape?: readonly number[],
): GraphNode {
  const values = typeof value === "number" ? [value] : value;
  const own: Constant = {
    shape: shape ?? (typeof value === "number" ? [] : [values.length]),
    values,
    dtype: "int32",
  };
  return { name, op: "Const", inputs: [], attributes: {}, constant: own };
}

export function graphModel(spec: GraphSpec): ModelFiles {
  const constants = [
    ...Object.entries(spec.constants),
    ...spec.nodes.flatMap((one) => (one.constant === undefined ? [] : [[one.name, one.constant] as const])),
  ];
  const placeholder = {
    name: "x",
    op: "Placeholder",
    attr: {
      dtype: { type: "DT_FLOAT" },
      shape: { shape: { dim: spec.input.shape.map((size) => ({ size: String(size) })) } },
    },
  };
  const nodes = spec.nodes
    .filter((one) => one.constant === undefined)
    .map((one) => ({ name: one.name, op: one.op, input: [...one.inputs], attr: encoded(one.attributes) }));
  const consts = constants.map(([name, { dtype }]) => ({
    name,
    op: "Const",
    attr: { dtype: { type: dtype === "int32" ? "DT_INT32" : "DT_FLOAT" } },
  }));
  const weights = constants.map(([name, { shape, dtype }]) => ({
    name,
    shape: [...shape],
    dtype: dtype ?? "float32",
  }));
  const bytes = constants.map(([, { values, dtype }]) =>
    Buffer.from((dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  );
  return {
    json: {
      format: "graph-model",
      modelTopology: { node: [placeholder, ...consts, ...nodes], versions: {} },
      weightsManifest: [{ paths: ["weights.bin"], weights }],
    },
    weights: Buffer.concat(bytes),
  };
}

/** Texts are base64 in the format. */
function encoded(attributes: Readonly<Record<string, Attribute>>): Record<string, Attribute> {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { s, list, ...rest }]) => [
      name,
      {
        ...rest,
        ...(s === undefined ? {} : { s: base64(s) }),
        ...(list === undefined ? {} : { list: { ...list, ...(list.s ? { s: list.s.map(base64) } : {}) } }),
      },
    ]),
  );
}

/** Puts a model into a file for as long as `use` takes. */
export async function withModelFile<T>(model: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "haven-model-"));
  try {
    const path = join(folder, "model.onnx");
    await writeFile(path, model);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
