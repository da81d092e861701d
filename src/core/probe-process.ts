import { fork } from "node:child_process";
import { type Clock, type Millis, systemClock } from "./clock.ts";
import { AppError } from "./errors.ts";

export interface ProbeProcessOptions<Report> {
  /** What is run, compiled. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly timeLimit: Millis;
  /** For each message it sends; whether that was the last that is waited for. */
  readonly onReport: (report: Report) => boolean;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tries out a driver in a process of its own: bad ones do not throw but crash, hang or write to stderr as they like.
 * Resolves with one sentence on how the process ended, for whatever it had not reported by then. Throws AppError
 * `interrupted` when aborted.
 */
export function runProbe<Report>(options: ProbeProcessOptions<Report>): Promise<string> {
  const { entry, args, timeLimit, onReport, signal } = options;
  return new Promise((resolve, reject) => {
    const interrupted = () => reject(new AppError("interrupted", "The probe was interrupted."));
    if (signal?.aborted === true) return interrupted();
    const child = fork(entry, args, { stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [] });
    let end: string | null = null;
    const stop = (why: string) => {
      end ??= why;
      child.kill("SIGKILL");
    };
    const timer = (options.clock ?? systemClock).schedule(timeLimit, () =>
      stop(`It did not answer within ${Math.round(timeLimit / 1000)} s`),
    );
    const onAbort = () => stop("Interrupted");
    signal?.addEventListener("abort", onAbort, { once: true });
    child.on("message", (message) => {
      // Not left to end by itself: a driver that works may still hang when it is unloaded. Both ends are one build.
      if (onReport(message as Report)) stop("done");
    });
    child.on("error", (error) => {
      end ??= `The probe could not be started: ${error.message}`;
    });
    child.on("close", (code, killedBy) => {
      timer[Symbol.dispose]();
      signal?.removeEventListener("abort", onAbort);
      if (signal?.aborted === true) interrupted();
      else resolve(end ?? `It crashed (${killedBy ?? `exit code ${code}`})`);
    });
  });
}
