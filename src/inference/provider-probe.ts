// Finds out which execution providers work on this machine, by trying them: one model, one picture, compared with the
// CPU. It happens in a process of its own, because a bad GPU driver does not throw but crashes, and because the native
// libraries write to stderr whatever their log level.
import { type ChildProcess, fork } from "node:child_process";
import { type Clock, type Millis, systemClock } from "../core/clock.ts";
import { entryPoint } from "../core/entry-point.ts";
import { AppError } from "../core/errors.ts";
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

/** One report per provider, in the order asked for. Never throws for a provider that does not work. */
export async function probeProviders(options: ProbeOptions): Promise<ProviderReport[]> {
  const providers = options.providers ?? ALL_PROVIDERS;
  const reports = new Map<ExecutionProvider, ProviderReport>();
  // A crash takes the whole process: what had not answered by then gets another one, without the culprit.
  for (let open = [...providers]; open.length > 0; open = providers.filter((name) => !reports.has(name))) {
    const end = await probeUntilEnd({ modelPath: options.modelPath, providers: open }, options, (report) => {
      reports.set(report.provider, report);
      return open.every((name) => reports.has(name));
    });
    const culprit = open.find((name) => !reports.has(name));
    if (culprit !== undefined) reports.set(culprit, broken(culprit, end));
  }
  return providers.flatMap((name) => reports.get(name) ?? []);
}

export function broken(provider: ExecutionProvider, reason: string): ProviderReport {
  return { provider, works: false, reason, msPerRun: null, cpuMsPerRun: null, maxDiff: null };
}

/** Resolves with how the process ended, for the one it was working on. */
function probeUntilEnd(
  request: ProbeRequest,
  options: ProbeOptions,
  /** Returns whether that was the last. */
  onReport: (report: ProviderReport) => boolean,
): Promise<string> {
  const limit = options.timeLimit ?? 60_000;
  return new Promise((resolve, reject) => {
    const child = startProbe(request);
    let end: string | null = null;
    const stop = (why: string) => {
      end ??= why;
      child.kill("SIGKILL");
    };
    const timer = (options.clock ?? systemClock).schedule(limit, () =>
      stop(`It did not answer within ${Math.round(limit / 1000)} s`),
    );
    const onAbort = () => stop("Interrupted");
    options.signal?.addEventListener("abort", onAbort, { once: true });
    child.on("message", (report) => {
      // Not left to end by itself: a driver that works may still hang when it is unloaded.
      if (onReport(report as ProviderReport)) stop("done");
    });
    child.on("error", (error) => {
      end ??= `The probe could not be started: ${error.message}`;
    });
    child.on("close", (code, signal) => {
      timer[Symbol.dispose]();
      options.signal?.removeEventListener("abort", onAbort);
      if (options.signal?.aborted === true) reject(new AppError("interrupted", "The probe was interrupted."));
      else resolve(end ?? `It crashed (${signal ?? `exit code ${code}`})`);
    });
  });
}

function startProbe(request: ProbeRequest): ChildProcess {
  return fork(entryPoint(import.meta.url, "./provider-probe-main.ts"), [JSON.stringify(request)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: [],
  });
}
