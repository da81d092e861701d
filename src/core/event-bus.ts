// A typed bus: one map of names to payloads, listeners fenced from one another.
import type { Logger } from "./logger.ts";

export class EventBus<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  on<K extends keyof Events>(name: K, listener: (payload: Events[K]) => void): Disposable {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener);
    return { [Symbol.dispose]: () => set.delete(listener) };
  }

  emit<K extends keyof Events>(name: K, payload: Events[K]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (payload: Events[K]) => void)(payload);
      } catch (error) {
        // One broken listener must not keep an alarm from the others.
        this.#log.error({ err: error, event: String(name) }, "a listener failed");
      }
    }
  }
}
