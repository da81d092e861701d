// One inference thread as its crew sees it: requests that are answered, or fail when the thread dies.
import { Worker } from "node:worker_threads";
import type { Millis } from "../core/clock.ts";
import { entryPoint } from "../core/entry-point.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { ExecutionProvider } from "./execution-provider.ts";
import { type Tensors, transferable } from "./tensor.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./worker-messages.ts";

/** How a run ended that the thread lived through. */
export type RunAnswer =
  | { readonly kind: "ran"; readonly outputs: Tensors; readonly ms: Millis }
  /** The request cannot be right, whoever serves it. */
  | { readonly kind: "refused"; readonly error: AppError }
  /** The runtime could not do it. */
  | { readonly kind: "failed"; readonly error: AppError };

interface Pending {
  readonly resolve: (reply: FromWorker) => void;
  readonly reject: (error: AppError) => void;
}

export class WorkerHandle {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  readonly #open = new Int32Array(new SharedArrayBuffer(4));
  /** Resolves when the thread has come to its end. */
  readonly ended: Promise<void>;
  #lastError = "it exited";
  /** Takes requests. */
  #alive = true;
  /** The thread has ended. */
  #gone = false;

  /** `onDeath` is called once, after every open request was rejected; not after `close`. */
  constructor(onDeath: (reason: string) => void) {
    // Without the flags of the process: some (--input-type, --inspect) are not for threads.
    const workerData: WorkerSetup = { open: this.#open };
    this.#worker = new Worker(entryPoint(import.meta.url, "./inference-worker.ts"), {
      execArgv: [],
      workerData,
    });
    this.#worker.on("message", (reply: FromWorker) => this.#pending.shift()?.resolve(reply));
    this.#worker.on("error", (error) => {
      this.#lastError = messageOf(error);
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        const expected = !this.#alive;
        this.#gone = true;
        this.#fail(new AppError("inference.failed", `The inference worker died: ${this.#lastError}.`));
        resolve();
        if (!expected) onDeath(this.#lastError);
      });
    });
  }

  async load(modelId: string, path: string, provider: ExecutionProvider): Promise<void> {
    const reply = await this.#ask({ kind: "load", modelId, path, provider }, []);
    if (reply.kind === "loaded") return;
    const reason = "reason" in reply ? reply.reason : "the worker answered something else";
    throw new AppError("inference.failed", `The model ${modelId} cannot be loaded on ${provider}: ${reason}`);
  }

  /**
   * Takes the buffers of `inputs` over, or copies them with `keep`, for who may have to run them again elsewhere. Throws
   * AppError when the thread dies or is closed meanwhile.
   */
  async run(modelId: string, inputs: Tensors, options: { readonly keep: boolean }): Promise<RunAnswer> {
    const { tensors, transfer } = transferable(inputs);
    const reply = await this.#ask(
      { kind: "run", modelId, inputs: tensors },
      // What is not transferred is copied on its way.
      options.keep ? [] : transfer,
    );
    if (reply.kind === "ran") return reply;
    const reason = "reason" in reply ? reply.reason : "the worker answered something else";
    const error = new AppError("inference.failed", `The model ${modelId} failed: ${reason}`);
    return { kind: reply.kind === "refused" ? "refused" : "failed", error };
  }

  /**
   * Rejects open requests with `reason` and lets the thread end by itself, after what it is doing. Not by
   * `Worker.terminate()`: that aborts the whole process when it meets the runtime in the middle of an inference.
   */
  async close(reason: AppError): Promise<void> {
    const message: ToWorker = { kind: "close" };
    if (this.#alive) {
      // Giving sessions back is native code, too: an exit waits for it.
      Atomics.add(this.#open, 0, 1);
      this.#worker.postMessage(message);
    }
    this.#fail(reason);
    await this.ended;
  }

  /** Blocks this thread until the worker is outside native code, or for `limit`; returns whether it is. */
  waitUntilIdle(limit: Millis): boolean {
    if (this.#gone) return true;
    for (let open = Atomics.load(this.#open, 0); open > 0; open = Atomics.load(this.#open, 0)) {
      if (Atomics.wait(this.#open, 0, open, limit) === "timed-out") return false;
    }
    return true;
  }

  #ask(message: ToWorker, transfer: ArrayBuffer[]): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      if (!this.#alive) return reject(new AppError("inference.failed", "The inference worker is gone."));
      Atomics.add(this.#open, 0, 1);
      this.#worker.postMessage(message, transfer);
      this.#pending.push({ resolve, reject });
    });
  }

  #fail(reason: AppError): void {
    this.#alive = false;
    for (const { reject } of this.#pending.splice(0)) reject(reason);
  }
}
