// One inference thread as the pool sees it: requests that are answered, or fail when the thread dies.
import { Worker } from "node:worker_threads";
import { entryPoint } from "../core/entry-point.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { ExecutionProvider } from "./execution-provider.ts";
import { type Tensors, transferable } from "./tensor.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

interface Pending {
  readonly resolve: (reply: FromWorker) => void;
  readonly reject: (error: AppError) => void;
}

export class WorkerHandle {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  readonly #ended: Promise<void>;
  #lastError = "it exited";
  #alive = true;

  /** `onDeath` is called once, after every open request was rejected; not after `close`. */
  constructor(onDeath: (reason: string) => void) {
    // Without the flags of the process: some (--input-type, --inspect) are not for threads.
    this.#worker = new Worker(entryPoint(import.meta.url, "./inference-worker.ts"), { execArgv: [] });
    this.#worker.on("message", (reply: FromWorker) => this.#pending.shift()?.resolve(reply));
    this.#worker.on("error", (error) => {
      this.#lastError = messageOf(error);
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        const expected = !this.#alive;
        this.#fail(new AppError("inference.failed", `The inference worker died: ${this.#lastError}.`));
        resolve();
        if (!expected) onDeath(this.#lastError);
      });
    });
  }

  async load(modelId: string, path: string, provider: ExecutionProvider): Promise<void> {
    const reply = await this.#ask({ kind: "load", modelId, path, provider }, []);
    if (reply.kind === "failed") {
      throw new AppError(
        "inference.failed",
        `The model ${modelId} cannot be loaded on ${provider}: ${reply.reason}`,
      );
    }
  }

  async run(modelId: string, inputs: Tensors): Promise<Tensors> {
    const { tensors, transfer } = transferable(inputs);
    const reply = await this.#ask({ kind: "run", modelId, inputs: tensors }, transfer);
    if (reply.kind === "ran") return reply.outputs;
    const reason = reply.kind === "failed" ? reply.reason : "the worker answered something else";
    throw new AppError("inference.failed", `The model ${modelId} failed: ${reason}`);
  }

  /**
   * Rejects open requests with `reason` and lets the thread end by itself, after what it is doing. Not by
   * `Worker.terminate()`: that aborts the whole process when it meets the runtime in the middle of an inference.
   */
  async close(reason: AppError): Promise<void> {
    if (this.#alive) this.#post({ kind: "close" }, []);
    this.#fail(reason);
    await this.#ended;
  }

  #ask(message: ToWorker, transfer: ArrayBuffer[]): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      if (!this.#alive) return reject(new AppError("inference.failed", "The inference worker is gone."));
      this.#post(message, transfer);
      this.#pending.push({ resolve, reject });
    });
  }

  #post(message: ToWorker, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(message, transfer);
  }

  #fail(reason: AppError): void {
    this.#alive = false;
    for (const { reject } of this.#pending.splice(0)) reject(reason);
  }
}
