import type { Clock, Millis } from "../core/clock.ts";

export interface Deadline extends Disposable {
  /** Aborted with the caller's reason, or with the deadline's error when the time is up. */
  readonly signal: AbortSignal;
}

/** The caller's signal with a limit of time on top; to be disposed when the work is done. */
export function deadline(clock: Clock, after: Millis, signal: AbortSignal, error: () => Error): Deadline {
  const limited = new AbortController();
  const onAbort = () => limited.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  const timer = clock.schedule(after, () => limited.abort(error()));
  return {
    signal: limited.signal,
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", onAbort);
    },
  };
}
