// What the benchmark and its yardstick process say to one another. One answer to each question, in order.
import type { ExecutionProvider } from "../inference/execution-provider.ts";
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
      readonly provider: ExecutionProvider;
      readonly models: ReadonlyMap<string, string>;
      readonly pictures: readonly (readonly ModelCall[])[];
    }
  /** Decode the file from its beginning, again and again, until so many pictures have come out. */
  | { readonly kind: "decode"; readonly path: string; readonly pictures: number }
  /** Run the models for so many of the kept pictures, in turn. */
  | { readonly kind: "infer"; readonly pictures: number }
  /** Both as a camera would have it, for so many pictures of the file: each decoded when it is due, some of them analysed. */
  | {
      readonly kind: "pace";
      readonly path: string;
      readonly pictures: number;
      readonly fps: number;
      readonly analysedFps: number;
    }
  /** Run the models for every kept picture and hand over what comes out. */
  | { readonly kind: "outputs" };

/** Of the whole process while it did what it was asked, milliseconds. Waiting for the next picture is not counted. */
export interface Took {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export type YardstickAnswer =
  | {
      readonly kind: "done";
      readonly took: Took;
      readonly analysed: number;
      readonly outputs: readonly (readonly Tensors[])[];
    }
  | { readonly kind: "failed"; readonly reason: string };
