// One inference thread as the pool sees it: requests that are answered, or fail when the thread dies.
import { Worker } from "node:worker_threads";
import { entryPoint } from "../core/entry-point.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { ExecutionProvider } from "./execution-provider.ts";
import { type Tensors, transferable } from "./tensor.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./worker-messages.ts";

interface Pending {
  readonly resolve: (reply: FromWorker) => void;
  readonly reject: (error: AppError) => void;
}

export class WorkerHandle {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  readonly #open = new Int32Array(new SharedArrayBuffer(4));
  readonly #ended: Promise<void>;
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
    this.#ended = new Promise((resolve) => {
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
    const message: ToWorker = { kind: "close" };
    if (this.#alive) this.#worker.postMessage(message);
    this.#fail(reason);
    await this.#ended;
  }

  /** Blocks this thread until the worker is outside native code, or for `limitMs`. */
  waitUntilIdle(limitMs: number): void {
    if (this.#gone) return;
    for (let open = Atomics.load(this.#open, 0); open > 0; open = Atomics.load(this.#open, 0)) {
      if (Atomics.wait(this.#open, 0, open, limitMs) === "timed-out") return;
    }
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
