// Where known people have been in the last minutes, track by track: what keeps one person from being in two places.
import type { Millis } from "../core/clock.ts";
import type { TrackIdentity } from "../domain/identity.ts";

/** A track that has ended is still answered for this long: its departure is said after the end. */
const KEEP_MS: Millis = 10 * 60_000;
const MAX_STAYS = 2000;

/** One track of one person, from its first to its last detection so far. */
export interface Stay {
  readonly cameraId: string;
  readonly trackId: number;
  readonly from: Millis;
  readonly to: Millis;
  readonly identity: TrackIdentity;
}

/** Tracks that have ended, by camera and id. */
export class PastStays {
  /** In the order of their end. */
  readonly #stays = new Map<string, Stay>();

  add(stay: Stay): void {
    const key = keyOf(stay.cameraId, stay.trackId);
    this.#stays.delete(key);
    this.#stays.set(key, stay);
    for (const [oldest, { to }] of this.#stays) {
      if (this.#stays.size <= MAX_STAYS && stay.to - to <= KEEP_MS) break;
      this.#stays.delete(oldest);
    }
  }

  of(cameraId: string, trackId: number): Stay | null {
    return this.#stays.get(keyOf(cameraId, trackId)) ?? null;
  }

  all(): readonly Stay[] {
    return [...this.#stays.values()];
  }

  /** Each stay as `change` has it; null lets it go. */
  revise(change: (stay: Stay) => Stay | null): void {
    for (const [key, stay] of this.#stays) {
      const next = change(stay);
      if (next === null) this.#stays.delete(key);
      else if (next !== stay) this.#stays.set(key, next);
    }
  }
}

export function keyOf(cameraId: string, trackId: number): string {
  return `${cameraId}/${trackId}`;
}
