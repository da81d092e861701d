import type { Clock, Millis } from "./clock.ts";

/** Runs `task` every `period` after it has finished the last time, until disposed. A failure is handed to `onError`. */
export function every(
  clock: Clock,
  period: Millis,
  task: () => void | Promise<void>,
  onError: (error: unknown) => void,
): Disposable {
  let timer: Disposable | null = null;
  let stopped = false;
  const run = async () => {
    try {
      await task();
    } catch (error) {
      onError(error);
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    timer = clock.schedule(period, () => void run());
  };
  schedule();
  return {
    [Symbol.dispose]: () => {
      stopped = true;
      timer?.[Symbol.dispose]();
    },
  };
}
