/** A tensor as it travels between threads: row-major, `data.length` is the product of `dims`. */
export type TensorData =
  | { readonly type: "float32"; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: "uint8"; readonly dims: readonly number[]; readonly data: Uint8Array }
  | { readonly type: "int32"; readonly dims: readonly number[]; readonly data: Int32Array }
  | { readonly type: "int64"; readonly dims: readonly number[]; readonly data: BigInt64Array };

/** Tensors by the names that the model gives its inputs or outputs. */
export type Tensors = Readonly<Record<string, TensorData>>;

/**
 * The tensors in a form that may be transferred, and what to transfer. A view of a part of a buffer is copied first:
 * transferring would take the whole buffer from its owner, and small Node buffers share one pool. Shared memory cannot
 * be transferred, and the runtime refuses it, so it is copied too.
 */
export function transferable(tensors: Tensors): { tensors: Tensors; transfer: ArrayBuffer[] } {
  const own = Object.entries(tensors).map(([name, tensor]) => [name, owningItsBuffer(tensor)] as const);
  // Two tensors may be one buffer; listing it twice would be refused.
  const buffers = new Set(own.map(([, tensor]) => tensor.data.buffer));
  const transfer = [...buffers].filter((buffer) => buffer instanceof ArrayBuffer);
  return { tensors: Object.fromEntries(own), transfer };
}

function owningItsBuffer(tensor: TensorData): TensorData {
  const { buffer, byteLength } = tensor.data;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) return tensor;
  switch (tensor.type) {
    case "float32":
      return { ...tensor, data: new Float32Array(tensor.data) };
    case "uint8":
      // Not slice(): on a Buffer that is a view again.
      return { ...tensor, data: new Uint8Array(tensor.data) };
    case "int32":
      return { ...tensor, data: new Int32Array(tensor.data) };
    case "int64":
      return { ...tensor, data: new BigInt64Array(tensor.data) };
  }
}
