// Finds out which execution providers work on this machine, by trying them: one model, one picture, compared with the
// CPU. It happens in a process of its own, because a bad GPU driver does not throw but crashes, and because the native
// libraries write to stderr whatever their log level.
import type { Clock, Millis } from "../core/clock.ts";
import { entryPoint } from "../core/entry-point.ts";
import { runProbe } from "../core/probe-process.ts";
import { ALL_PROVIDERS, type ExecutionProvider } from "./execution-provider.ts";

export interface ProviderReport {
  readonly provider: ExecutionProvider;
  readonly works: boolean;
  /** Why not; null when it works. */
  readonly reason: string | null;
  /** Median of a few runs after the first; null when it does not work. */
  readonly msPerRun: number | null;
  /** The CPU's, measured at the same time with one thread; null when there was nothing to compare. */
  readonly cpuMsPerRun: number | null;
  /** Largest difference of an output element from the CPU's; null when it does not work. */
  readonly maxDiff: number | null;
}

export interface ProbeRequest {
  readonly modelPath: string;
  readonly providers: readonly ExecutionProvider[];
}

export interface ProbeOptions {
  /** A model file, already checked. */
  readonly modelPath: string;
  readonly providers?: readonly ExecutionProvider[];
  /** Default 60 s: software GPUs answer, but slowly. */
  readonly timeLimit?: Millis;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

const DEFAULT_LIMIT: Millis = 60_000;

/** One report per provider, in the order asked for. Never throws for a provider that does not work. */
export async function probeProviders(options: ProbeOptions): Promise<ProviderReport[]> {
  const providers = options.providers ?? ALL_PROVIDERS;
  const reports = new Map<ExecutionProvider, ProviderReport>();
  // A crash takes the whole process: what had not answered by then gets another one, without the culprit.
  for (let open = [...providers]; open.length > 0; open = providers.filter((name) => !reports.has(name))) {
    const request: ProbeRequest = { modelPath: options.modelPath, providers: open };
    const end = await runProbe<ProviderReport>({
      entry: entryPoint(import.meta.url, "./provider-probe-main.ts"),
      args: [JSON.stringify(request)],
      timeLimit: options.timeLimit ?? DEFAULT_LIMIT,
      onReport: (report) => {
        reports.set(report.provider, report);
        return open.every((name) => reports.has(name));
      },
      clock: options.clock,
      signal: options.signal,
    });
    const culprit = open.find((name) => !reports.has(name));
    if (culprit !== undefined) reports.set(culprit, broken(culprit, end));
  }
  return providers.flatMap((name) => reports.get(name) ?? []);
}

export function broken(provider: ExecutionProvider, reason: string): ProviderReport {
  return { provider, works: false, reason, msPerRun: null, cpuMsPerRun: null, maxDiff: null };
}
