// The looks of those who are kept in memory, and the means they are first held against. Who has not been seen for longest
// goes when there are too many; whose clothes are still remembered stays.
import type { Cue } from "../domain/tracklet.ts";
import type { TrackQuery } from "../reid/scoring.ts";
import { MeanMatrix, type Screened } from "./mean-matrix.ts";
import type { MovedMean, PersonLooks } from "./person-looks.ts";

export class LooksMemory {
  /** Those used last at the end. */
  readonly #looks = new Map<string, PersonLooks>();
  readonly #matrices = new Map<string, MeanMatrix>();

  get size(): number {
    return this.#looks.size;
  }

  ids(): IterableIterator<string> {
    return this.#looks.keys();
  }

  values(): IterableIterator<PersonLooks> {
    return this.#looks.values();
  }

  get(personId: string): PersonLooks | null {
    return this.#looks.get(personId) ?? null;
  }

  put(looks: PersonLooks): void {
    this.delete(looks.personId);
    this.#looks.set(looks.personId, looks);
    this.follow(looks.personId, looks.means());
  }

  /** Used just now: goes last. */
  touch(personId: string): void {
    const looks = this.#looks.get(personId);
    if (looks === undefined) return;
    this.#looks.delete(personId);
    this.#looks.set(personId, looks);
  }

  delete(personId: string): void {
    if (!this.#looks.delete(personId)) return;
    for (const matrix of this.#matrices.values()) matrix.delete(personId);
  }

  clear(): void {
    this.#looks.clear();
    this.#matrices.clear();
  }

  /** Means that have moved, were made, or went. */
  follow(personId: string, moved: readonly MovedMean[]): void {
    for (const { cue, modelId, vector } of moved) {
      // Another length under the same name is another model: whoever is of the old one is no longer found by it.
      const ofThisModel = `${cue} ${modelId} `;
      for (const [key, matrix] of this.#matrices)
        if (key.startsWith(ofThisModel) && matrix.length !== vector?.length) matrix.delete(personId);
      if (vector !== null) this.#matrixOf(cue, modelId, vector.length).set(personId, vector);
    }
  }

  /** Persons whose mean is likest to the query, likest first. */
  nearest(
    { cue, modelId, vector }: TrackQuery,
    count: number,
    isAsked: (personId: string) => boolean,
  ): Screened[] {
    return this.#matrices.get(keyOf(cue, modelId, vector.length))?.nearest(vector, count, isAsked) ?? [];
  }

  /** Lets the longest unused go until `most` are left; those who `mustStay` stay whatever their number. */
  shrink(most: number, mustStay: (looks: PersonLooks) => boolean): void {
    if (this.#looks.size <= most) return;
    for (const looks of [...this.#looks.values()]) {
      if (this.#looks.size <= most) return;
      if (!mustStay(looks)) this.delete(looks.personId);
    }
  }

  #matrixOf(cue: Cue, modelId: string, length: number): MeanMatrix {
    const key = keyOf(cue, modelId, length);
    const matrix = this.#matrices.get(key) ?? new MeanMatrix(length);
    this.#matrices.set(key, matrix);
    return matrix;
  }
}

function keyOf(cue: Cue, modelId: string, length: number): string {
  return `${cue} ${modelId} ${length}`;
}
