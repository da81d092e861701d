// Runs models in worker threads, one job per thread at a time, first come first served. `session.run()` blocks its
// thread for its whole duration, so it happens in workers and nowhere else.
import { availableParallelism } from "node:os";
import { backOffDelay, RECONNECT } from "../core/back-off.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { AUTO_CANDIDATES, type ExecutionProvider, type ProviderChoice } from "./execution-provider.ts";
import { probeProviders } from "./provider-probe.ts";
import type { Tensors } from "./tensor.ts";
import { WorkerHandle } from "./worker-handle.ts";

export interface InferencePoolOptions {
  /** Threads; 0 leaves one core to everything else. */
  readonly workers: number;
  readonly provider: ProviderChoice;
  readonly log: Logger;
  /** The checked file of a model: `ModelStore.pathOf`. Asked again when a worker is replaced. */
  readonly modelPath: (modelId: string) => Promise<string> | string;
  readonly clock?: Clock;
}

interface Job {
  readonly modelId: string;
  readonly inputs: Tensors;
  readonly resolve: (outputs: Tensors) => void;
  readonly reject: (error: unknown) => void;
}

/** Deaths in a row, without one finished job between them, after which replacing workers is given up. */
const MAX_DEATHS = 5;

/** An inference takes a fraction of a second, loading a model a little more. */
const EXIT_LIMIT = 5_000;

export class InferencePool implements AsyncDisposable {
  readonly #options: InferencePoolOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #workers = new Set<WorkerHandle>();
  readonly #idle: WorkerHandle[] = [];
  readonly #queue: Job[] = [];
  readonly #loads = new Map<string, Promise<void>>();
  readonly #loaded = new Set<string>();
  #settled: Promise<ExecutionProvider> | null = null;
  #provider: ExecutionProvider | null = null;
  #deaths = 0;
  #broken: AppError | null = null;
  #closed = false;

  private constructor(options: InferencePoolOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
  }

  static async create(options: InferencePoolOptions): Promise<InferencePool> {
    const pool = new InferencePool(options);
    const count = options.workers > 0 ? options.workers : Math.max(1, availableParallelism() - 1);
    for (let i = 0; i < count; i++) pool.#hire();
    process.on("exit", pool.#onExit);
    return pool;
  }

  /** What models run on; null before the first model was loaded, because it takes a model to find out. */
  get provider(): ExecutionProvider | null {
    return this.#provider;
  }

  /** How many jobs may run at once. */
  get workers(): number {
    return this.#workers.size;
  }

  /** Jobs that wait for a worker. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Loads a model in every worker; at once when it is loaded already. The first one settles the execution provider.
   * Throws what `modelPath` throws, and AppError `inference.failed`.
   */
  load(modelId: string): Promise<void> {
    const known = this.#loads.get(modelId);
    if (known !== undefined) return known;
    const load = this.#load(modelId);
    this.#loads.set(modelId, load);
    load.catch(() => this.#loads.delete(modelId));
    return load;
  }

  /**
   * Runs a loaded model. The inputs' buffers are *transferred*: afterwards they are empty on this side, unless a tensor
   * is a view of a larger or shared buffer, which is copied. The outputs belong to the caller. Aborting takes a waiting
   * job out of the queue; one that runs already is let run and its result dropped. Throws AppError `inference.failed`
   * or `interrupted`.
   */
  async run(modelId: string, inputs: Tensors, options: { signal?: AbortSignal } = {}): Promise<Tensors> {
    const { signal } = options;
    this.#assertUsable(modelId);
    if (signal?.aborted === true) throw cancelled(signal);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const at = this.#queue.indexOf(job);
        if (at !== -1) this.#queue.splice(at, 1);
        if (signal !== undefined) reject(cancelled(signal));
      };
      const settle = () => signal?.removeEventListener("abort", onAbort);
      const job: Job = {
        modelId,
        inputs,
        resolve: (outputs) => {
          settle();
          resolve(outputs);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#queue.push(job);
      this.#dispatch();
    });
  }

  /** Rejects what waits and what runs, and resolves when the threads have come to their end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#idle.length = 0;
    this.#rejectAll(closedError());
    await Promise.all([...this.#workers].map((worker) => worker.close(closedError())));
    process.off("exit", this.#onExit);
    this.#workers.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * A process that exits in the middle of an inference is aborted by the runtime, as if it had crashed. So an exit that
   * did not close the pool first waits for what runs; nothing new is begun, since this thread no longer turns.
   */
  readonly #onExit = (): void => {
    for (const worker of this.#workers) worker.waitUntilIdle(EXIT_LIMIT);
  };

  async #load(modelId: string): Promise<void> {
    if (this.#closed) throw closedError();
    const path = await this.#options.modelPath(modelId);
    this.#settled ??= this.#settle(path);
    const provider = await this.#settled;
    // From here on a replacement loads it too, so that none is ever idle without it.
    this.#loaded.add(modelId);
    try {
      await Promise.all([...this.#workers].map((worker) => this.#loadIn(worker, modelId, path, provider)));
    } catch (error) {
      this.#loaded.delete(modelId);
      throw error;
    }
  }

  async #loadIn(
    worker: WorkerHandle,
    modelId: string,
    path: string,
    provider: ExecutionProvider,
  ): Promise<void> {
    try {
      await worker.load(modelId, path, provider);
    } catch (error) {
      // One that died meanwhile is being replaced by one that loads everything.
      if (this.#workers.has(worker)) throw error;
    }
  }

  async #settle(modelPath: string): Promise<ExecutionProvider> {
    const { provider: choice } = this.#options;
    this.#provider = choice === "cpu" ? "cpu" : await this.#choose(choice, modelPath);
    this.#log.info({ provider: this.#provider, workers: this.#workers.size }, "inference is ready");
    return this.#provider;
  }

  async #choose(choice: Exclude<ProviderChoice, "cpu">, modelPath: string): Promise<ExecutionProvider> {
    const wanted = choice === "auto" ? AUTO_CANDIDATES : [choice];
    for (const report of await probeProviders({ modelPath, providers: wanted, clock: this.#clock })) {
      const faster = (report.msPerRun ?? 0) < (report.cpuMsPerRun ?? 0);
      if (report.works && (choice !== "auto" || faster)) return report.provider;
      const fields = { provider: report.provider, reason: report.reason ?? "slower than the CPU" };
      // Asked for and not there: worth a line. Merely looked at: not.
      if (choice === "auto") this.#log.debug(fields, "execution provider is not used");
      else this.#log.warn(fields, "execution provider does not work here; using the CPU");
    }
    return "cpu";
  }

  #hire(): void {
    const worker = new WorkerHandle((reason) => this.#replace(worker, reason));
    this.#workers.add(worker);
    this.#prepare(worker).then(
      () => this.#rest(worker),
      async (error: unknown) => {
        // Of no use without its models. When it died of itself it has been replaced already.
        await worker.close(closedError());
        this.#replace(worker, messageOf(error));
      },
    );
  }

  /** Loads in a new worker what the others have. */
  async #prepare(worker: WorkerHandle): Promise<void> {
    for (const modelId of this.#loaded) {
      const path = await this.#options.modelPath(modelId);
      await worker.load(modelId, path, this.#provider ?? "cpu");
    }
  }

  #replace(worker: WorkerHandle, reason: string): void {
    if (!this.#workers.delete(worker)) return;
    const at = this.#idle.indexOf(worker);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#closed) return;
    this.#deaths += 1;
    this.#log.error({ reason, deaths: this.#deaths }, "an inference worker died");
    if (this.#deaths > MAX_DEATHS) {
      this.#broken = new AppError("inference.failed", `Inference workers keep dying (${reason}).`);
      this.#rejectAll(this.#broken);
      return;
    }
    const delay = this.#deaths === 1 ? 0 : backOffDelay(RECONNECT, this.#deaths - 2, Math.random());
    this.#clock.schedule(delay, () => {
      if (!this.#closed) this.#hire();
    });
  }

  #rest(worker: WorkerHandle): void {
    if (this.#closed || !this.#workers.has(worker)) return;
    this.#idle.push(worker);
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.shift();
      if (worker === undefined) return;
      const job = this.#queue.shift();
      if (job === undefined) return;
      worker
        .run(job.modelId, job.inputs)
        .then((outputs) => {
          this.#deaths = 0;
          job.resolve(outputs);
        }, job.reject)
        .finally(() => this.#rest(worker));
    }
  }

  #assertUsable(modelId: string): void {
    if (this.#closed) throw closedError();
    if (this.#broken !== null) throw this.#broken;
    if (!this.#loaded.has(modelId)) {
      throw new AppError("inference.failed", `The model ${modelId} is not loaded: call load() before run().`);
    }
  }

  #rejectAll(error: AppError): void {
    for (const job of this.#queue.splice(0)) job.reject(error);
  }
}

function closedError(): AppError {
  return new AppError("interrupted", "The inference pool is closed.");
}

function cancelled(signal: AbortSignal): AppError {
  return new AppError("interrupted", `The inference was cancelled: ${messageOf(signal.reason)}`);
}
