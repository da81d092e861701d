// What the pool and its worker threads say to one another.
import type { Millis } from "../core/clock.ts";
import type { ExecutionProvider } from "./execution-provider.ts";
import type { Tensors } from "./tensor.ts";

export type ToWorker =
  | {
      readonly kind: "load";
      readonly modelId: string;
      readonly path: string;
      readonly provider: ExecutionProvider;
    }
  | { readonly kind: "run"; readonly modelId: string; readonly inputs: Tensors }
  /** Release everything and end. Not answered. */
  | { readonly kind: "close" };

/** What a worker is started with. */
export interface WorkerSetup {
  /** One number in shared memory: requests sent and not finished. The pool adds, the worker subtracts and notifies. */
  readonly open: Int32Array;
}

/** Answers come in the order of the requests, one each. */
export type FromWorker =
  | { readonly kind: "loaded" }
  /** `ms` is what the model itself took. */
  | { readonly kind: "ran"; readonly outputs: Tensors; readonly ms: Millis }
  /** The request cannot be right, whoever serves it. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The request may have been right: the runtime could not do it. */
  | { readonly kind: "failed"; readonly reason: string };
