// One model in ONNX Runtime, in terms of our tensors. `run` blocks its thread for its whole duration: only workers and
// the probe's own process import this file.
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { AppError, messageOf } from "../core/errors.ts";
import { type ExecutionProvider, sessionOptions } from "./execution-provider.ts";
import type { TensorData, Tensors } from "./tensor.ts";

// Before the first session: the library reads it once.
env.logLevel = "error";

export interface ModelInput {
  readonly name: string;
  readonly type: string;
  /** A text is the name of a size that may differ from run to run. */
  readonly shape: readonly (number | string)[];
}

export class ModelSession {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Throws AppError `inference.failed` when the model cannot be read or the provider is not there. */
  static async open(path: string, provider: ExecutionProvider): Promise<ModelSession> {
    try {
      return new ModelSession(await InferenceSession.create(path, sessionOptions(provider)));
    } catch (error) {
      throw new AppError("inference.failed", messageOf(error), { cause: error });
    }
  }

  get inputs(): readonly ModelInput[] {
    return this.#session.inputMetadata.filter((input) => input.isTensor);
  }

  /** Why the model cannot take these inputs, whatever it runs on; null when nothing speaks against them. */
  objectionTo(inputs: Tensors): string | null {
    const wanted = this.inputs;
    const names = new Set(wanted.map((input) => input.name));
    const unknown = Object.keys(inputs).find((name) => !names.has(name));
    if (unknown !== undefined) return `it has no input "${unknown}"`;
    for (const { name, type, shape } of wanted) {
      const tensor = inputs[name];
      if (tensor === undefined) return `its input "${name}" is missing`;
      const { dims, data } = tensor;
      if (tensor.type !== type) return `its input "${name}" takes ${type}, not ${tensor.type}`;
      if (dims.reduce((product, size) => product * size, 1) !== data.length)
        return `its input "${name}" has ${data.length} values, which is not ${dims.join(" x ")}`;
      const fits =
        dims.length === shape.length &&
        shape.every((size, axis) => typeof size === "string" || size < 0 || size === dims[axis]);
      if (!fits) return `its input "${name}" is ${shape.join(" x ")}, not ${dims.join(" x ")}`;
    }
    return null;
  }

  async run(inputs: Tensors): Promise<Tensors> {
    try {
      const feeds = Object.entries(inputs).map(([name, tensor]) => [name, toRuntime(tensor)] as const);
      const outputs = await this.#session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, output]) => [name, fromRuntime(name, output)]),
      );
    } catch (error) {
      throw error instanceof AppError
        ? error
        : new AppError("inference.failed", messageOf(error), { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

function toRuntime(tensor: TensorData): Tensor {
  switch (tensor.type) {
    case "float32":
      return new Tensor("float32", tensor.data, tensor.dims);
    case "uint8":
      return new Tensor("uint8", tensor.data, tensor.dims);
    case "int32":
      return new Tensor("int32", tensor.data, tensor.dims);
    case "int64":
      return new Tensor("int64", tensor.data, tensor.dims);
  }
}

function fromRuntime(name: string, value: InferenceSession.OnnxValueMapType[string]): TensorData {
  const { type, dims, data } = value;
  if (type === "float32" && data instanceof Float32Array) return { type, dims, data };
  if (type === "uint8" && data instanceof Uint8Array) return { type, dims, data };
  if (type === "int32" && data instanceof Int32Array) return { type, dims, data };
  if (type === "int64" && data instanceof BigInt64Array) return { type, dims, data };
  throw new AppError(
    "inference.failed",
    `The model's output "${name}" has the type ${type}, which is not supported.`,
  );
}
