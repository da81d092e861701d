// What the benchmark and its yardstick process say to one another. One answer to each question, in order.
import type { Tensors } from "../inference/tensor.ts";

/** One run of a model. */
export interface ModelCall {
  readonly modelId: string;
  readonly inputs: Tensors;
}

export type YardstickQuestion =
  /** Open the models, files by their ids, and keep what they are run on: for each picture the runs it needs. */
  | {
      readonly kind: "load";
      readonly models: ReadonlyMap<string, string>;
      readonly pictures: readonly (readonly ModelCall[])[];
    }
  /** Decode the file from its beginning, again and again, until so many pictures have come out. */
  | { readonly kind: "decode"; readonly path: string; readonly pictures: number }
  /** Run the models for so many of the kept pictures, in turn. */
  | { readonly kind: "infer"; readonly pictures: number };

export type YardstickAnswer =
  /** CPU time of the whole process while it did that, milliseconds. */
  { readonly kind: "done"; readonly cpuMs: number } | { readonly kind: "failed"; readonly reason: string };
