// Whose picture is analysed next. All cameras share the inference workers; when these cannot keep up, every camera gets
// its share of turns, and a room in which somebody may lie on the floor gets more.

/** How much a camera's pictures matter right now. */
export type Urgency = "nobody" | "people" | "lying";

/**
 * Turns relative to one another, among cameras that all wait. A fall is judged nearly as well at 5 frames/s as at 10, so
 * people have twice the share of rooms in which only something moves; where somebody lies, twice that again.
 */
const WEIGHTS: Readonly<Record<Urgency, number>> = { nobody: 1, people: 2, lying: 4 };

interface Customer {
  weight: number;
  /** Virtual time at which its last turn was over: one turn lasts 1 / weight. */
  finished: number;
}

interface Waiter {
  readonly customer: Customer;
  readonly start: number;
  readonly grant: (turn: Disposable) => void;
}

/**
 * Self-clocked fair queueing (Golestani 1994) over turns: of the cameras that wait, the one whose turn would be over first
 * in virtual time goes next. A camera that had nothing to analyse for a while claims no arrears. Holds no timers.
 */
export class AnalysisScheduler {
  #slots: number;
  readonly #customers = new Map<string, Customer>();
  readonly #waiters: Waiter[] = [];
  #taken = 0;
  /** Virtual time: the end of the turn granted last. */
  #now = 0;

  /** @param slots turns at a time: one more than there are workers keeps each of them supplied. */
  constructor(slots: number) {
    this.#slots = Math.max(1, slots);
  }

  /** Takes effect with the next turn; turns that are under way are let finish. */
  resize(slots: number): void {
    this.#slots = Math.max(1, slots);
    this.#next();
  }

  /** Cameras that wait for their turn. */
  get waiting(): number {
    return this.#waiters.length;
  }

  setUrgency(cameraId: string, urgency: Urgency): void {
    this.#customer(cameraId).weight = WEIGHTS[urgency];
  }

  /** Forgets a camera that is closed. What it waits for is still granted. */
  remove(cameraId: string): void {
    this.#customers.delete(cameraId);
  }

  /** Resolves when it is this camera's turn; disposing the turn ends it. One at a time for each camera. */
  turn(cameraId: string): Promise<Disposable> {
    const customer = this.#customer(cameraId);
    const start = Math.max(customer.finished, this.#now);
    return new Promise((resolve) => {
      this.#waiters.push({ customer, start, grant: resolve });
      this.#next();
    });
  }

  #next(): void {
    while (this.#taken < this.#slots) {
      const first = this.#waiters.reduce<Waiter | null>(
        (best, waiter) => (best === null || finishOf(waiter) < finishOf(best) ? waiter : best),
        null,
      );
      if (first === null) return;
      this.#waiters.splice(this.#waiters.indexOf(first), 1);
      this.#taken += 1;
      this.#now = finishOf(first);
      first.customer.finished = this.#now;
      first.grant(this.#turn());
    }
  }

  #turn(): Disposable {
    let open = true;
    return {
      [Symbol.dispose]: () => {
        if (!open) return;
        open = false;
        this.#taken -= 1;
        this.#next();
      },
    };
  }

  #customer(cameraId: string): Customer {
    let customer = this.#customers.get(cameraId);
    if (customer === undefined) {
      customer = { weight: WEIGHTS.nobody, finished: this.#now };
      this.#customers.set(cameraId, customer);
    }
    return customer;
  }
}

/** By its weight as it is now: a room that becomes urgent while it waits moves up. */
function finishOf({ customer, start }: Waiter): number {
  return start + 1 / customer.weight;
}
