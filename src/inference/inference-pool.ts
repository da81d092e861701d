// Runs models in worker threads. `session.run()` blocks its thread for its whole duration, so it happens in workers and
// nowhere else. Every model is placed on graphics or on the CPU by a test; when the graphics are lost, all of them go on
// on the CPU, with the jobs that were under way.
import { availableParallelism } from "node:os";
import { type Clock, type Millis, systemClock } from "../core/clock.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import {
  AUTO_CANDIDATES,
  type ExecutionProvider,
  GPU_LIMITS,
  type GpuProvider,
  type ProviderChoice,
} from "./execution-provider.ts";
import { type Placement, placeModel } from "./model-placement.ts";
import { plainReason } from "./plain-reason.ts";
import type { Tensors } from "./tensor.ts";
import { type Job, WorkerCrew } from "./worker-crew.ts";

export interface InferencePoolOptions {
  /** Threads on the CPU; 0 leaves one core to everything else. Graphics have theirs beside them. */
  readonly workers: number;
  readonly provider: ProviderChoice;
  readonly log: Logger;
  /** The checked file of a model: `ModelStore.pathOf`. Asked again when a worker is replaced. */
  readonly modelPath: (modelId: string) => Promise<string> | string;
  /** The graphics were lost and models run on `provider` from now on. The reason is for people. */
  readonly onProvider?: (provider: ExecutionProvider, reason: string) => void;
  readonly clock?: Clock;
}

/** What a model has done since it was loaded. */
export interface ModelStats {
  readonly provider: ExecutionProvider;
  readonly runs: number;
  /** In the runtime, all threads together. */
  readonly busyMs: Millis;
  /** Jobs that wait for a thread now. */
  readonly waiting: number;
}

/** An inference takes a fraction of a second, loading a model a little more. */
const EXIT_LIMIT: Millis = 5_000;

export class InferencePool implements AsyncDisposable {
  readonly #options: InferencePoolOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #cpu: WorkerCrew;
  #gpu: { readonly provider: GpuProvider; readonly crew: WorkerCrew } | null = null;
  /** A crew that was lost, for the sake of threads that may never end. */
  #lost: WorkerCrew | null = null;
  readonly #loads = new Map<string, Promise<void>>();
  readonly #places = new Map<string, ExecutionProvider>();
  readonly #counts = new Map<string, { runs: number; busyMs: Millis }>();
  #settled: Promise<Placement> | null = null;
  #provider: ExecutionProvider | null = null;
  #reason: string | null = null;
  /** Jobs whose models are on their way to the CPU; null when none is. */
  #held: Job[] | null = null;
  #broken: AppError | null = null;
  #closed = false;

  private constructor(options: InferencePoolOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
    const size = options.workers > 0 ? options.workers : Math.max(1, availableParallelism() - 1);
    // Started in any case: while graphics are tried, and to be there when they are lost.
    this.#cpu = this.#crew("cpu", size);
  }

  static async create(options: InferencePoolOptions): Promise<InferencePool> {
    const pool = new InferencePool(options);
    process.on("exit", pool.#onExit);
    return pool;
  }

  /** What the first model runs on; null before it was loaded, because it takes a model to find out. */
  get provider(): ExecutionProvider | null {
    return this.#provider;
  }

  /** Why models run on the CPU although graphics were asked for; null when they do not, or nobody asked. */
  get providerReason(): string | null {
    return this.#reason;
  }

  /** How many jobs may run at once. Changes when the graphics are lost. */
  get workers(): number {
    return (this.#provider === "cpu" ? null : this.#gpu)?.crew.size ?? this.#cpu.size;
  }

  /** Jobs that wait for a worker. */
  get waiting(): number {
    return this.#waiting().length;
  }

  /** By model id, since the start. */
  stats(): ReadonlyMap<string, ModelStats> {
    const waiting = this.#waiting();
    return new Map(
      [...this.#places].map(([modelId, provider]): [string, ModelStats] => {
        const { runs, busyMs } = this.#counts.get(modelId) ?? { runs: 0, busyMs: 0 };
        const inLine = waiting.filter((job) => job.modelId === modelId).length;
        return [modelId, { provider, runs, busyMs, waiting: inLine }];
      }),
    );
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
   * Runs a loaded model. The inputs' buffers are the pool's from here on: on the CPU they are *transferred*, and empty on
   * this side afterwards, unless a tensor is a view of a larger or shared buffer, which is copied. The outputs belong to
   * the caller. Aborting takes a waiting job out of the queue; one that runs already is let run and its result dropped.
   * Throws AppError `inference.failed` or `interrupted`.
   */
  async run(modelId: string, inputs: Tensors, options: { signal?: AbortSignal } = {}): Promise<Tensors> {
    const { signal } = options;
    this.#assertUsable(modelId);
    if (signal?.aborted === true) throw cancelled(signal);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#withdraw(job);
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
      this.#queue(job);
    });
  }

  /** Rejects what waits and what runs, and resolves when the threads have come to their end. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#held?.splice(0) ?? []) job.reject(closedError());
    await Promise.all(this.#crews().map((crew) => crew.close(closedError())));
    process.off("exit", this.#onExit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * A process that exits in the middle of an inference is aborted by the runtime, as if it had crashed. So an exit that
   * did not close the pool first waits for what runs; nothing new is begun, since this thread no longer turns. A run that
   * will never end would keep the process from ending, for ever: then it goes at once.
   */
  readonly #onExit = (): void => {
    const idle = this.#crews().map((crew) => crew.waitUntilIdle(EXIT_LIMIT));
    if (idle.includes(false)) process.kill(process.pid, "SIGKILL");
  };

  #crews(): WorkerCrew[] {
    return [this.#cpu, this.#gpu?.crew, this.#lost].filter((crew) => crew !== null && crew !== undefined);
  }

  #gpuCrew(provider: GpuProvider): WorkerCrew {
    this.#gpu ??= {
      provider,
      crew: this.#crew(provider, Math.min(this.#cpu.size, GPU_LIMITS[provider].threads)),
    };
    return this.#gpu.crew;
  }

  #crew(provider: ExecutionProvider, size: number): WorkerCrew {
    const { modelPath } = this.#options;
    return new WorkerCrew({
      provider,
      size,
      clock: this.#clock,
      log: this.#log,
      modelPath,
      onRun: (modelId, ms) => {
        const { runs, busyMs } = this.#counts.get(modelId) ?? { runs: 0, busyMs: 0 };
        this.#counts.set(modelId, { runs: runs + 1, busyMs: busyMs + ms });
      },
      losable:
        provider === "cpu"
          ? null
          : {
              ...GPU_LIMITS[provider],
              onLost: (reason, open) => this.#moveToCpu(provider, reason, open),
            },
    });
  }

  async #load(modelId: string): Promise<void> {
    if (this.#closed) throw closedError();
    const path = await this.#options.modelPath(modelId);
    const provider = await this.#place(modelId, path);
    if (provider !== "cpu" && this.#lost === null) {
      const crew = this.#gpuCrew(provider);
      try {
        await crew.load(modelId, path);
        if (this.#gpu?.crew === crew) {
          this.#places.set(modelId, provider);
          return;
        }
      } catch (error) {
        // Lost over it: that was told. What cannot be loaded on the CPU either is the model's own fault.
        if (this.#closed || this.#gpu !== null) throw error;
      }
    }
    if (this.#closed) throw closedError();
    await this.#cpu.load(modelId, path);
    this.#places.set(modelId, "cpu");
  }

  /** The first model settles for all what they may run on; every other one is tested there too. */
  async #place(modelId: string, modelPath: string): Promise<ExecutionProvider> {
    const { provider: choice } = this.#options;
    const place = (candidates: readonly GpuProvider[]) =>
      placeModel({ modelPath, candidates, choice, clock: this.#clock });
    if (this.#settled === null) {
      const wanted = choice === "auto" ? AUTO_CANDIDATES : choice === "cpu" ? [] : [choice];
      this.#settled = place(wanted);
      const { provider, reason } = await this.#settled;
      this.#provider = provider;
      this.#reason = reason;
      this.#explain(modelId, reason);
      this.#log.info({ provider, workers: this.#cpu.size }, "inference is ready");
      return provider;
    }
    const { provider } = await this.#settled;
    if (provider === "cpu" || this.#lost !== null) return "cpu";
    const own = await place([provider]);
    this.#explain(modelId, own.reason);
    return this.#lost === null ? own.provider : "cpu";
  }

  #explain(modelId: string, reason: string | null): void {
    if (reason === null) return;
    // Asked for and not there: worth a line. Merely looked at: not.
    const { provider } = this.#options;
    const fields = { provider, modelId, reason };
    if (provider === "auto") this.#log.debug(fields, "no graphics are used");
    else this.#log.warn(fields, "execution provider does not work here; using the CPU");
  }

  /** The graphics are lost: what ran there goes on on the CPU, and nothing is tried there again by this process. */
  #moveToCpu(provider: GpuProvider, said: string, open: readonly Job[]): void {
    const reason = plainReason(said);
    this.#lost = this.#gpu?.crew ?? null;
    this.#gpu = null;
    const models = [...this.#places].filter(([, place]) => place === provider).map(([modelId]) => modelId);
    for (const modelId of models) this.#places.set(modelId, "cpu");
    this.#provider = "cpu";
    this.#reason = `${provider} was lost: ${reason}`;
    this.#held = [...open];
    this.#log.error(
      { provider, reason, models },
      "the graphics were lost; models run on the CPU from now on",
    );
    this.#loadOnCpu(models).catch((error: unknown) => {
      this.#broken = new AppError("inference.failed", `Models cannot go on on the CPU: ${messageOf(error)}`, {
        cause: error,
      });
      for (const job of this.#held?.splice(0) ?? []) job.reject(this.#broken);
    });
    this.#options.onProvider?.("cpu", this.#reason);
  }

  async #loadOnCpu(models: readonly string[]): Promise<void> {
    await Promise.all(
      models.map(async (modelId) => this.#cpu.load(modelId, await this.#options.modelPath(modelId))),
    );
    const held = this.#held ?? [];
    this.#held = null;
    for (const job of held) this.#cpu.add(job);
  }

  #queue(job: Job): void {
    if (this.#held !== null) this.#held.push(job);
    else if (this.#places.get(job.modelId) === "cpu") this.#cpu.add(job);
    else this.#gpu?.crew.add(job);
  }

  #withdraw(job: Job): void {
    for (const crew of this.#crews()) crew.withdraw(job);
    this.#held = this.#held?.filter((other) => other !== job) ?? null;
  }

  #waiting(): readonly Job[] {
    return [...this.#crews().flatMap((crew) => crew.waiting), ...(this.#held ?? [])];
  }

  #assertUsable(modelId: string): void {
    if (this.#closed) throw closedError();
    if (this.#broken !== null) throw this.#broken;
    if (!this.#places.has(modelId)) {
      throw new AppError("inference.failed", `The model ${modelId} is not loaded: call load() before run().`);
    }
  }
}

function closedError(): AppError {
  return new AppError("interrupted", "The inference pool is closed.");
}

function cancelled(signal: AbortSignal): AppError {
  return new AppError("interrupted", `The inference was cancelled: ${messageOf(signal.reason)}`);
}
