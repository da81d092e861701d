// Collects the nodes and constants of an ONNX graph and writes them as protobuf. The same calls give the same bytes,
// so that a converted model can be named by its hash. Format: onnx.proto of ONNX 1.10, opset 13.
import onnxProto, { type onnx } from "onnx-proto";

const { AttributeProto, ModelProto, TensorProto } = onnxProto.onnx;

const OPSET = 13;
/** The intermediate representation that goes with opset 13 (ONNX 1.8): the oldest runtimes that know it accept it. */
const IR_VERSION = 7;

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

export type OnnxDtype = "float32" | "int64" | "bool" | "uint8";

const DATA_TYPE: Readonly<Record<OnnxDtype, number>> = {
  float32: TensorProto.DataType.FLOAT,
  uint8: TensorProto.DataType.UINT8,
  int64: TensorProto.DataType.INT64,
  bool: TensorProto.DataType.BOOL,
};

export interface OnnxPort {
  readonly name: string;
  /** A text in the shape is the name of a size that may differ from run to run. Null leaves it all to the runtime. */
  readonly type: { readonly dtype: OnnxDtype; readonly shape: readonly (number | string)[] } | null;
}

export interface OnnxNode {
  readonly op: string;
  /** An empty text stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export class OnnxGraph {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly #initializers = new Map<string, onnx.ITensorProto>();
  readonly #integerNames = new Map<string, string>();
  readonly #names = new Set<string>();

  /** A name that no other value of the graph has. */
  freshName(hint: string): string {
    let name = hint;
    for (let i = 1; this.#names.has(name); i++) name = `${hint}.${i}`;
    this.#names.add(name);
    return name;
  }

  add(node: OnnxNode): void {
    this.#nodes.push({
      opType: node.op,
      name: node.outputs[0] ?? node.op,
      input: [...node.inputs],
      output: [...node.outputs],
      attribute: Object.entries(node.attributes ?? {}).map(([name, value]) => attributeProto(name, value)),
    });
  }

  /** A float constant of its own; returns its name. */
  floats(hint: string, shape: readonly number[], data: Float32Array): string {
    const name = this.freshName(hint);
    const rawData = littleEndian(data, 4);
    this.#initializers.set(name, { name, dims: [...shape], dataType: DATA_TYPE.float32, rawData });
    return name;
  }

  /** An int64 constant, shared by all who ask for the same one. An empty shape is a scalar. */
  integers(values: readonly number[] | BigInt64Array, shape: readonly number[] = [values.length]): string {
    const data = BigInt64Array.from(values, BigInt);
    const key = `${shape.join("x")}:${data.join(",")}`;
    const known = this.#integerNames.get(key);
    if (known !== undefined) return known;
    const name = this.freshName(`integers/${this.#integerNames.size}`);
    this.#integerNames.set(key, name);
    const rawData = littleEndian(data, 8);
    this.#initializers.set(name, { name, dims: [...shape], dataType: DATA_TYPE.int64, rawData });
    return name;
  }

  encode(name: string, inputs: readonly OnnxPort[], outputs: readonly OnnxPort[]): Uint8Array {
    // Constants that were said in another shape in the end are left out: a runtime warns of each.
    const read = new Set(this.#nodes.flatMap((node) => node.input ?? []));
    const model: onnx.IModelProto = {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: "", version: OPSET }],
      producerName: "haven",
      graph: {
        name,
        node: this.#nodes,
        initializer: [...this.#initializers].filter(([key]) => read.has(key)).map(([, tensor]) => tensor),
        input: inputs.map(valueInfo),
        output: outputs.map(valueInfo),
      },
    };
    return ModelProto.encode(model).finish();
  }
}

/** The number that stands for a type in a Cast node's `to`. */
export function dataTypeNumber(dtype: OnnxDtype): number {
  return DATA_TYPE[dtype];
}

function attributeProto(name: string, value: OnnxAttribute): onnx.IAttributeProto {
  const { AttributeType } = AttributeProto;
  if ("int" in value) return { name, type: AttributeType.INT, i: value.int };
  if ("ints" in value) return { name, type: AttributeType.INTS, ints: [...value.ints] };
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value.text) };
}

function valueInfo({ name, type }: OnnxPort): onnx.IValueInfoProto {
  if (type === null) return { name };
  const dim = type.shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DATA_TYPE[type.dtype], shape: { dim } } } };
}

/** ONNX stores raw tensors little-endian; on a big-endian machine the bytes are turned. */
function littleEndian(data: Float32Array | BigInt64Array, width: 4 | 8): Uint8Array {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return bytes;
  const turned = Buffer.from(bytes);
  return width === 4 ? turned.swap32() : turned.swap64();
}
