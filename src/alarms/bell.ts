/** Wakes whoever waits for it. A ring between looking and waiting is not missed: ask for `next` before looking. */
export class Bell {
  #ring: () => void = () => {};
  #next: Promise<void> = this.#renew();

  ring(): void {
    this.#ring();
    this.#next = this.#renew();
  }

  /** Resolves at the next ring after this call. */
  next(): Promise<void> {
    return this.#next;
  }

  #renew(): Promise<void> {
    return new Promise((resolve) => {
      this.#ring = resolve;
    });
  }
}
