// `haven bench`: what Haven costs on this machine. Every benchmark compares within one run: absolute times depend on what
// else the machine does.
import { AppError } from "../core/errors.ts";
import type { BenchFlags, Benchmark } from "./bench/bench-report.ts";
import { createProgressBar } from "./progress-bar.ts";

/** In the order they are run in. Loaded when they are: each wakes native libraries of its own. */
const BENCHMARKS: ReadonlyMap<string, () => Promise<Benchmark>> = new Map([
  ["vision", async () => (await import("./bench/vision-bench.ts")).benchVision],
  ["tracking", async () => (await import("./bench/tracking-bench.ts")).benchTracking],
  ["identity", async () => (await import("./bench/identity-bench.ts")).benchIdentity],
  ["recognition", async () => (await import("./bench/recognition-bench.ts")).benchRecognition],
  ["alarm", async () => (await import("./bench/alarm-bench.ts")).benchAlarm],
  ["providers", async () => (await import("./bench/providers-bench.ts")).benchProviders],
]);

/** 0 when all that was asked for was measured. Throws AppError input.invalid for a benchmark that does not exist. */
export async function bench(
  names: readonly string[],
  flags: BenchFlags,
  signal: AbortSignal,
): Promise<number> {
  const known = [...BENCHMARKS.keys()];
  const unknown = names.filter((name) => !BENCHMARKS.has(name));
  if (unknown.length > 0)
    throw new AppError(
      "input.invalid",
      `there is no benchmark ${unknown.join(", ")}; there are ${known.join(", ")}`,
    );
  for (const name of names.length === 0 ? known : new Set(names)) {
    const run = await BENCHMARKS.get(name)?.();
    if (run === undefined) continue;
    const { lines, figures, ratio } = await withBar(name, (progress) => run({ flags, progress, signal }));
    if (flags.json) process.stdout.write(`${JSON.stringify({ name, ...figures, ratio })}\n`);
    else process.stdout.write(`${[`${name}:`, ...lines].join("\n")}\n\n`);
  }
  return 0;
}

async function withBar<T>(
  name: string,
  work: (progress: (share: number, label: string) => void) => Promise<T>,
): Promise<T> {
  using bar = createProgressBar(name);
  return await work((share, label) => bar.update(share, label));
}
