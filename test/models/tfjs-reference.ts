// TensorFlow.js itself, on plain JavaScript arithmetic: what a converted model has to agree with.
import "@tensorflow/tfjs-backend-cpu";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import {
  enableProdMode,
  type io,
  type NamedTensorMap,
  setBackend,
  type Tensor,
  tensor,
} from "@tensorflow/tfjs-core";

export interface ModelFiles {
  readonly json: {
    readonly format: string;
    readonly signature?: object;
    readonly modelTopology: object;
    readonly weightsManifest: readonly {
      readonly paths: readonly string[];
      readonly weights: readonly io.WeightsManifestEntry[];
    }[];
  };
  readonly weights: Uint8Array;
}

export interface Input {
  readonly dtype: "int32" | "float32";
  readonly shape: number[];
  readonly values: ArrayLike<number>;
}

export interface Output {
  readonly shape: number[];
  readonly values: number[];
}

/** Runs a TensorFlow.js graph model and returns the outputs of the named nodes. */
export async function runTfjs(
  files: ModelFiles,
  inputs: Readonly<Record<string, Input>>,
  outputs: readonly string[],
): Promise<Output[]> {
  enableProdMode();
  await setBackend("cpu");
  const { buffer, byteOffset, byteLength } = files.weights;
  const model = await loadGraphModel({
    load: async () => ({
      modelTopology: files.json.modelTopology,
      format: files.json.format,
      ...(files.json.signature === undefined ? {} : { signature: files.json.signature }),
      weightSpecs: files.json.weightsManifest.flatMap((group) => [...group.weights]),
      weightData: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
    }),
  });
  const feeds: NamedTensorMap = Object.fromEntries(
    Object.entries(inputs).map(([name, { values, shape, dtype }]) => [
      name,
      tensor(dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values), shape, dtype),
    ]),
  );
  try {
    const results = model.execute(feeds, [...outputs]);
    return (Array.isArray(results) ? results : [results]).map((result: Tensor) => ({
      shape: result.shape,
      values: Array.from(result.dataSync()),
    }));
  } finally {
    model.dispose();
  }
}
