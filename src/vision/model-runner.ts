/** A tensor in plain memory, row-major. */
export interface Tensor {
  readonly type: "float32" | "uint8" | "int32" | "int64";
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint8Array | Int32Array | BigInt64Array;
}

/** What vision needs of an inference engine. */
export interface ModelRunner {
  /** Takes the input buffers for itself: they must not be read or written afterwards. */
  run(modelId: string, inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}
