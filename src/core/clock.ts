// Time is an input. Wall time is for showing and storing; monotonic time is for intervals. Nothing in the daemon reads
// Date.now() or calls setTimeout by itself: it asks the clock it was given, and tests hand it a manual one.

export type Millis = number;

export interface Clock {
  /** Wall time, milliseconds since 1970. May jump when the machine's clock is set. */
  now(): Millis;
  /** Milliseconds since an arbitrary start; never goes backwards. */
  monotonic(): Millis;
  /** Runs `task` once after `delay`; disposing cancels it. Does not keep the process alive. */
  schedule(delay: Millis, task: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delay, task) {
    const timer = setTimeout(task, delay);
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** A clock that stands still until it is told to go on; due tasks run in the order of their time. */
export class ManualClock implements Clock {
  #now: Millis;
  #elapsed: Millis = 0;
  #tasks: { at: Millis; task: () => void }[] = [];

  constructor(now: Millis = 0) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  monotonic(): Millis {
    return this.#elapsed;
  }

  schedule(delay: Millis, task: () => void): Disposable {
    const entry = { at: this.#elapsed + Math.max(0, delay), task };
    this.#tasks.push(entry);
    return {
      [Symbol.dispose]: () => {
        this.#tasks = this.#tasks.filter((other) => other !== entry);
      },
    };
  }

  advance(by: Millis): void {
    const end = this.#elapsed + by;
    for (;;) {
      const due = this.#tasks.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((entry) => entry !== due);
      this.#step(due.at);
      due.task();
    }
    this.#step(end);
  }

  /** Sets the wall clock without any time passing, as NTP or an administrator does. */
  jumpTo(now: Millis): void {
    this.#now = now;
  }

  #step(to: Millis): void {
    this.#now += to - this.#elapsed;
    this.#elapsed = to;
  }
}

/** Resolves after `delay`; rejects with the signal's reason when aborted first. */
export function wait(clock: Clock, delay: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = clock.schedule(delay, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    const onAbort = () => {
      timer[Symbol.dispose]();
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
