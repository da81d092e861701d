// The threads that run models on one execution provider, with one queue: first come, first served. On the CPU a thread
// that dies is replaced. On graphics a run that fails, a thread that dies or a run that never ends means that the
// graphics are lost: the crew gives back every job it was given, for others to do.
import { backOffDelay, RECONNECT } from "../core/back-off.ts";
import type { Clock, Millis } from "../core/clock.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { ExecutionProvider } from "./execution-provider.ts";
import type { Tensors } from "./tensor.ts";
import { WorkerHandle } from "./worker-handle.ts";

export interface Job {
  readonly modelId: string;
  readonly inputs: Tensors;
  readonly resolve: (outputs: Tensors) => void;
  readonly reject: (error: unknown) => void;
}

export interface CrewOptions {
  readonly provider: ExecutionProvider;
  /** Threads. */
  readonly size: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** The checked file of a model; asked again when a thread is replaced. */
  readonly modelPath: (modelId: string) => Promise<string> | string;
  /** After every finished run: what the model itself took. */
  readonly onRun: (modelId: string, ms: Millis) => void;
  /** For a provider that can be lost; null where threads are replaced instead. */
  readonly losable: {
    readonly runMs: Millis;
    readonly loadMs: Millis;
    /** Called once, with the jobs that were not finished, oldest first. The crew takes no more. */
    readonly onLost: (reason: string, open: readonly Job[]) => void;
  } | null;
}

/** Deaths in a row, without one finished job between them, after which replacing threads is given up. */
const MAX_DEATHS = 5;
/** How long closing waits for threads that may be stuck in a driver. */
const FAREWELL: Millis = 2_000;

export class WorkerCrew {
  readonly #options: CrewOptions;
  readonly #workers = new Set<WorkerHandle>();
  readonly #idle: WorkerHandle[] = [];
  readonly #queue: Job[] = [];
  readonly #running = new Map<WorkerHandle, Job>();
  readonly #loaded = new Set<string>();
  /** Sent away when the provider was lost; some may never end. */
  #dismissed: readonly WorkerHandle[] = [];
  #deaths = 0;
  #broken: AppError | null = null;
  #over = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    for (let i = 0; i < options.size; i++) this.#hire();
  }

  get size(): number {
    return this.#workers.size;
  }

  /** Jobs that wait for a thread. */
  get waiting(): readonly Job[] {
    return this.#queue;
  }

  /** Loads a model in every thread. Throws AppError `inference.failed`, or `interrupted` once the crew is closed. */
  async load(modelId: string, path: string): Promise<void> {
    if (this.#over) throw this.#goneError();
    // From here on a replacement loads it too, so that none is ever idle without it.
    this.#loaded.add(modelId);
    const { losable, clock } = this.#options;
    const timer =
      losable === null
        ? null
        : clock.schedule(losable.loadMs, () =>
            this.#lose(`loading ${modelId} took longer than ${losable.loadMs / 1000} s`),
          );
    try {
      await Promise.all([...this.#workers].map((worker) => this.#loadIn(worker, modelId, path)));
    } catch (error) {
      this.#loaded.delete(modelId);
      if (losable !== null) this.#lose(messageOf(error));
      throw error;
    } finally {
      timer?.[Symbol.dispose]();
    }
  }

  /** Queues a job, whose model was loaded. */
  add(job: Job): void {
    if (this.#over) job.reject(this.#goneError());
    else if (this.#broken !== null) job.reject(this.#broken);
    else {
      this.#queue.push(job);
      this.#dispatch();
    }
  }

  /** Takes a waiting job out of the queue; one that runs already is let run. */
  withdraw(job: Job): void {
    const at = this.#queue.indexOf(job);
    if (at !== -1) this.#queue.splice(at, 1);
  }

  /** Rejects what waits and what runs with `reason`, and resolves when the threads have come to their end. */
  async close(reason: AppError): Promise<void> {
    this.#over = true;
    this.#idle.length = 0;
    for (const job of this.#queue.splice(0)) job.reject(reason);
    const ends = [...this.#workers].map((worker) => worker.close(reason));
    if (this.#options.losable === null) await Promise.all(ends);
    else await this.#farewell([...this.#workers, ...this.#dismissed]);
    this.#workers.clear();
  }

  /** Blocks this thread until no thread of the crew is in native code, or for `limit` each; returns whether that is so. */
  waitUntilIdle(limit: Millis): boolean {
    const waits = [...this.#workers, ...this.#dismissed].map((worker) => worker.waitUntilIdle(limit));
    return waits.every(Boolean);
  }

  #hire(): void {
    const worker = new WorkerHandle((reason) => this.#mourn(worker, reason));
    this.#workers.add(worker);
    this.#prepare(worker).then(
      () => this.#rest(worker),
      async (error: unknown) => {
        // Of no use without its models. When it died of itself it has been replaced already.
        await worker.close(this.#goneError());
        this.#mourn(worker, messageOf(error));
      },
    );
  }

  /** Loads in a new thread what the others have. */
  async #prepare(worker: WorkerHandle): Promise<void> {
    for (const modelId of this.#loaded) {
      const path = await this.#options.modelPath(modelId);
      await worker.load(modelId, path, this.#options.provider);
    }
  }

  async #loadIn(worker: WorkerHandle, modelId: string, path: string): Promise<void> {
    try {
      await worker.load(modelId, path, this.#options.provider);
    } catch (error) {
      // One that died meanwhile is being replaced by one that loads everything; unless all were sent away.
      if (this.#workers.has(worker) || this.#options.losable !== null) throw error;
    }
  }

  #rest(worker: WorkerHandle): void {
    if (this.#over || !this.#workers.has(worker)) return;
    this.#idle.push(worker);
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.shift();
      if (worker === undefined) return;
      const job = this.#queue.shift();
      if (job === undefined) return;
      void this.#do(job, worker);
    }
  }

  async #do(job: Job, worker: WorkerHandle): Promise<void> {
    const { losable, clock, onRun } = this.#options;
    this.#running.set(worker, job);
    // Jobs of a crew that was lost are somebody else's by the time their thread answers.
    const isOurs = () => losable === null || this.#running.get(worker) === job;
    const timer =
      losable === null
        ? null
        : clock.schedule(losable.runMs, () =>
            this.#lose(`a run of ${job.modelId} did not end within ${losable.runMs / 1000} s`),
          );
    try {
      const answer = await worker.run(job.modelId, job.inputs, { keep: losable !== null });
      if (!isOurs()) return;
      if (answer.kind === "ran") {
        this.#deaths = 0;
        onRun(job.modelId, answer.ms);
        job.resolve(answer.outputs);
      } else if (answer.kind === "failed" && losable !== null) this.#lose(answer.error.message);
      else job.reject(answer.error);
    } catch (error) {
      if (isOurs()) job.reject(error);
    } finally {
      timer?.[Symbol.dispose]();
      if (this.#running.get(worker) === job) {
        this.#running.delete(worker);
        this.#rest(worker);
      }
    }
  }

  /** A thread is gone. */
  #mourn(worker: WorkerHandle, reason: string): void {
    if (!this.#workers.has(worker)) return;
    if (this.#options.losable !== null) {
      this.#lose(`the thread that used it died: ${reason}`);
      return;
    }
    this.#workers.delete(worker);
    this.#running.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#over) return;
    const { clock, log } = this.#options;
    this.#deaths += 1;
    log.error({ reason, deaths: this.#deaths }, "an inference worker died");
    if (this.#deaths > MAX_DEATHS) {
      this.#broken = new AppError("inference.failed", `Inference workers keep dying (${reason}).`);
      for (const job of this.#queue.splice(0)) job.reject(this.#broken);
      return;
    }
    const delay = this.#deaths === 1 ? 0 : backOffDelay(RECONNECT, this.#deaths - 2, Math.random());
    clock.schedule(delay, () => {
      if (!this.#over) this.#hire();
    });
  }

  #lose(reason: string): void {
    const { losable } = this.#options;
    if (this.#over || losable === null) return;
    this.#over = true;
    const open = [...this.#running.values(), ...this.#queue.splice(0)];
    this.#running.clear();
    this.#idle.length = 0;
    this.#dismissed = [...this.#workers];
    this.#workers.clear();
    // They free the graphics' memory on their way out, if the driver lets them.
    for (const worker of this.#dismissed) void worker.close(this.#goneError());
    losable.onLost(reason, open);
  }

  /** A thread that is stuck in a driver never ends: nobody waits for it for long. */
  async #farewell(workers: readonly WorkerHandle[]): Promise<void> {
    let timer: Disposable | null = null;
    const enough = new Promise<void>((resolve) => {
      timer = this.#options.clock.schedule(FAREWELL, resolve);
    });
    await Promise.race([enough, Promise.all(workers.map((worker) => worker.ended))]);
    (timer as Disposable | null)?.[Symbol.dispose]();
  }

  #goneError(): AppError {
    return new AppError("interrupted", `The inference threads on ${this.#options.provider} are closed.`);
  }
}
