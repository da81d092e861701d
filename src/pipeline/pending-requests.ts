import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: AppError) => void;
  readonly timeout: Disposable;
}

/** Questions to another process that wait for their answers; none waits longer than `limit`. */
export class PendingRequests<Result> {
  readonly #clock: Clock;
  readonly #limit: Millis;
  readonly #pending = new Map<string, Pending<Result>>();

  constructor(clock: Clock, limit: Millis) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Sends with a new id and waits for `settle` or `refuse` of that id. */
  ask(send: (requestId: string) => void): Promise<Result> {
    const requestId = newId(this.#clock.now());
    return new Promise((resolve, reject) => {
      const timeout = this.#clock.schedule(this.#limit, () =>
        this.refuse(
          requestId,
          new AppError("vision.down", "the vision process did not answer in time; try again in a moment"),
        ),
      );
      this.#pending.set(requestId, { resolve, reject, timeout });
      send(requestId);
    });
  }

  settle(requestId: string, result: Result): void {
    this.#take(requestId)?.resolve(result);
  }

  refuse(requestId: string, error: AppError): void {
    this.#take(requestId)?.reject(error);
  }

  refuseAll(error: AppError): void {
    for (const requestId of [...this.#pending.keys()]) this.refuse(requestId, error);
  }

  #take(requestId: string): Pending<Result> | undefined {
    const pending = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    pending?.timeout[Symbol.dispose]();
    return pending;
  }
}
