/**
 * Holds at most one item between a fast producer and a slow consumer. A newer item replaces the older one, which is
 * disposed and counted: for live video, old is worthless.
 */
export class NewestSlot<T extends Disposable> implements Disposable {
  #item: T | null = null;
  #waiter: ((filled: boolean) => void) | null = null;
  #closed = false;
  dropped = 0;

  put(item: T): void {
    if (this.#closed) {
      item[Symbol.dispose]();
      return;
    }
    if (this.#item !== null) {
      this.#item[Symbol.dispose]();
      this.dropped += 1;
    }
    this.#item = item;
    this.#wake(true);
  }

  /** Resolves with true as soon as there is an item, with false once closed. One consumer at a time. */
  filled(): Promise<boolean> {
    if (this.#item !== null) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiter = resolve;
    });
  }

  /** The newest item, left where it is; null when there is none. */
  peek(): T | null {
    return this.#item;
  }

  /** The newest item, which is the caller's from now on; null when there is none. */
  take(): T | null {
    const item = this.#item;
    this.#item = null;
    return item;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#item?.[Symbol.dispose]();
    this.#item = null;
    this.#wake(false);
  }

  #wake(filled: boolean): void {
    this.#waiter?.(filled);
    this.#waiter = null;
  }
}
