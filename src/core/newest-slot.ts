/**
 * Holds at most one item between a fast producer and a slow consumer. A newer item replaces the older one, which is
 * disposed and counted: for live video, old is worthless.
 */
export class NewestSlot<T extends Disposable> implements Disposable {
  #item: T | null = null;
  #waiter: ((item: T | null) => void) | null = null;
  #closed = false;
  dropped = 0;

  put(item: T): void {
    if (this.#closed) {
      item[Symbol.dispose]();
      return;
    }
    if (this.#waiter !== null) {
      const waiter = this.#waiter;
      this.#waiter = null;
      waiter(item);
      return;
    }
    if (this.#item !== null) {
      this.#item[Symbol.dispose]();
      this.dropped += 1;
    }
    this.#item = item;
  }

  /** The newest item, as soon as there is one; null once closed. One consumer at a time. */
  take(): Promise<T | null> {
    if (this.#item !== null) {
      const item = this.#item;
      this.#item = null;
      return Promise.resolve(item);
    }
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiter = resolve;
    });
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#item?.[Symbol.dispose]();
    this.#item = null;
    this.#waiter?.(null);
    this.#waiter = null;
  }
}
