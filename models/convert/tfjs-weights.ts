// Reads the binary half of a TensorFlow.js model: the shards concatenated, then every tensor in the order of the
// weights manifest, without padding. Format: tfjs-core/src/io/io_utils.ts (`decodeWeights`), version 4.
import { AppError } from "../../src/core/errors.ts";

export type TfWeight =
  | { readonly dtype: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  /** TensorFlow's int32, widened: ONNX wants int64 for every shape and index, and one width avoids casts. */
  | { readonly dtype: "int64"; readonly shape: readonly number[]; readonly data: BigInt64Array };

export interface TfWeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

/**
 * Half precision (IEEE 754-2008 binary16, given as its 16 bits) to a number. Exact: every half is a float32.
 * Sign 1 bit, exponent 5 bits with bias 15, fraction 10 bits.
 */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Every tensor by name. Throws AppError `model.corrupt` when the bytes are not exactly what the specs ask for. */
export function decodeTfWeights(specs: readonly TfWeightSpec[], bytes: Uint8Array): Map<string, TfWeight> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const weights = new Map<string, TfWeight>();
  let offset = 0;
  for (const spec of specs) {
    const length = spec.shape.reduce((product, size) => product * size, 1);
    const width = bytesPerElement(spec);
    if (offset + length * width > bytes.byteLength) {
      throw new AppError(
        "model.corrupt",
        `The weights end before tensor "${spec.name}" does: ${bytes.byteLength} bytes are too few.`,
      );
    }
    weights.set(spec.name, decodeTensor(spec, length, view, offset));
    offset += length * width;
  }
  if (offset !== bytes.byteLength) {
    throw new AppError(
      "model.corrupt",
      `The weights hold ${bytes.byteLength} bytes, the model describes ${offset}: the two files do not belong together.`,
    );
  }
  return weights;
}

function bytesPerElement(spec: TfWeightSpec): 2 | 4 {
  if (spec.quantization !== undefined) {
    if (spec.dtype === "float32" && spec.quantization.dtype === "float16") return 2;
  } else if (spec.dtype === "float32" || spec.dtype === "int32") {
    return 4;
  }
  const stored =
    spec.quantization === undefined ? spec.dtype : `${spec.quantization.dtype} for ${spec.dtype}`;
  throw new AppError(
    "model.unsupported",
    `The converter cannot read tensor "${spec.name}": it is stored as ${stored}; float32, float16 and int32 are read.`,
  );
}

function decodeTensor(spec: TfWeightSpec, length: number, view: DataView, offset: number): TfWeight {
  const { shape } = spec;
  if (spec.dtype === "int32") {
    const data = new BigInt64Array(length);
    for (let i = 0; i < length; i++) data[i] = BigInt(view.getInt32(offset + i * 4, true));
    return { dtype: "int64", shape, data };
  }
  const data = new Float32Array(length);
  if (spec.quantization === undefined) {
    for (let i = 0; i < length; i++) data[i] = view.getFloat32(offset + i * 4, true);
  } else {
    for (let i = 0; i < length; i++) data[i] = halfToNumber(view.getUint16(offset + i * 2, true));
  }
  return { dtype: "float32", shape, data };
}
