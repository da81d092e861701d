import { Bench } from "tinybench";
import { AppError, messageOf } from "../core/errors.ts";

export interface TaskTime {
  /** Milliseconds of one call: the median, and the 99th percentile. */
  readonly ms: number;
  readonly p99Ms: number;
  readonly calls: number;
}

/** Times synchronous work, each task for about `ms` milliseconds after a warm-up of a quarter of that. */
export async function timeTasks(
  tasks: ReadonlyMap<string, () => void>,
  { ms, signal }: { readonly ms: number; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, TaskTime>> {
  const bench = new Bench({ time: ms, iterations: 3, warmupTime: ms / 4, warmupIterations: 1, signal });
  for (const [name, task] of tasks) bench.add(name, task);
  await bench.run();
  signal.throwIfAborted();
  return new Map(
    bench.tasks.map(({ name, result }) => {
      if (result.state !== "completed") {
        const why = result.state === "errored" ? messageOf(result.error) : result.state;
        throw new AppError("internal", `The benchmark ${name} did not come to its end: ${why}`);
      }
      const { latency } = result;
      return [name, { ms: latency.p50, p99Ms: latency.p99, calls: latency.samplesCount }];
    }),
  );
}
