import type { Clock, Millis } from "../core/clock.ts";

/** Whoever waits for carers takes them for gone after a minute of silence. */
const AGAIN: Millis = 20_000;

/** Tells who is in an area as a carer: at every change, and again while somebody is there. */
export class CarersInSight {
  readonly #clock: Clock;
  readonly #told = new Map<string, { readonly names: readonly string[]; readonly run: Millis }>();
  readonly #tell: (area: string, names: readonly string[]) => void;

  constructor(clock: Clock, tell: (area: string, names: readonly string[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  set(area: string, names: readonly string[]): void {
    const run = this.#clock.monotonic();
    const before = this.#told.get(area) ?? { names: [], run };
    const same = names.length === before.names.length && names.every((name) => before.names.includes(name));
    if (same && (names.length === 0 || run - before.run < AGAIN)) return;
    this.#told.set(area, { names, run });
    this.#tell(area, names);
  }
}
