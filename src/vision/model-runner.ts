import type { Tensors } from "../inference/tensor.ts";

/** What detectors need of an inference engine; `InferencePool` is one. */
export interface ModelRunner {
  /** Takes the input buffers over: they must not be read or written afterwards. */
  run(modelId: string, inputs: Tensors): Promise<Tensors>;
}
