import type { Tensors } from "../inference/tensor.ts";

/** What detectors need of an inference engine; `InferencePool` is one. */
export interface ModelRunner {
  /** Takes the input buffers over: they must not be read or written afterwards. */
  run(modelId: string, inputs: Tensors): Promise<Tensors>;
}

/** An inference engine that can be told to load a model; loading one that is there is free. */
export interface ModelLoader extends ModelRunner {
  load(modelId: string): Promise<void>;
}
