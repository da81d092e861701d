// The running means of everybody in memory by one cue and model, behind one another: what a track is first held against.

export interface Screened {
  readonly personId: string;
  /** Cosine to the running mean. */
  readonly score: number;
}

const FIRST_ROWS = 16;

export class MeanMatrix {
  readonly length: number;
  #data: Float32Array;
  readonly #persons: string[] = [];
  readonly #rows = new Map<string, number>();

  /** `length`: numbers in each vector. */
  constructor(length: number) {
    this.length = length;
    this.#data = new Float32Array(FIRST_ROWS * length);
  }

  get size(): number {
    return this.#persons.length;
  }

  /** Of unit length, and as long as all others. */
  set(personId: string, mean: Float32Array): void {
    const row = this.#rows.get(personId) ?? this.#append(personId);
    this.#data.set(mean, row * this.length);
  }

  delete(personId: string): void {
    const row = this.#rows.get(personId);
    const last = this.#persons.pop();
    if (row === undefined || last === undefined) {
      if (last !== undefined) this.#persons.push(last);
      return;
    }
    this.#rows.delete(personId);
    if (last === personId) return;
    // The last one takes the place that became free.
    this.#data.copyWithin(
      row * this.length,
      this.#persons.length * this.length,
      (this.#persons.length + 1) * this.length,
    );
    this.#persons[row] = last;
    this.#rows.set(last, row);
  }

  /** The `count` likest to `query` of those that are asked for, likest first. */
  nearest(query: Float32Array, count: number, isAsked: (personId: string) => boolean): Screened[] {
    const best: Screened[] = [];
    if (query.length !== this.length || count <= 0) return best;
    let least = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < this.#persons.length; row += 1) {
      const score = this.#cosine(query, row * this.length);
      if (best.length >= count && score <= least) continue;
      const personId = this.#persons[row] as string;
      if (!isAsked(personId)) continue;
      let at = best.length;
      while (at > 0 && (best[at - 1] as Screened).score < score) at -= 1;
      best.splice(at, 0, { personId, score });
      if (best.length > count) best.pop();
      least = (best.at(-1) as Screened).score;
    }
    return best;
  }

  #append(personId: string): number {
    const row = this.#persons.length;
    if ((row + 1) * this.length > this.#data.length) {
      const larger = new Float32Array(this.#data.length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#persons.push(personId);
    this.#rows.set(personId, row);
    return row;
  }

  /** Four sums that do not wait for one another: twice as fast as one. */
  #cosine(query: Float32Array, from: number): number {
    const data = this.#data;
    const { length } = query;
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    let at = 0;
    for (; at + 3 < length; at += 4) {
      first += (query[at] as number) * (data[from + at] as number);
      second += (query[at + 1] as number) * (data[from + at + 1] as number);
      third += (query[at + 2] as number) * (data[from + at + 2] as number);
      fourth += (query[at + 3] as number) * (data[from + at + 3] as number);
    }
    for (; at < length; at += 1) first += (query[at] as number) * (data[from + at] as number);
    return first + second + third + fourth;
  }
}
