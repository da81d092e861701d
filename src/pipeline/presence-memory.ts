import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { keptPlaces, parsePlaces } from "../presence/kept-places.ts";
import type { PersonPlace } from "../presence/person-place.ts";

/** Where JSON is kept over a restart. */
export interface PresenceKeeper {
  get(): unknown;
  set(value: unknown): void;
}

/** Where everybody was, over restarts. What cannot be read or kept is found out anew: nothing fails for it. */
export class PresenceMemory {
  readonly #parts: { readonly keeper: PresenceKeeper; readonly clock: Clock; readonly log: Logger };
  #kept = "";

  constructor(parts: { readonly keeper: PresenceKeeper; readonly clock: Clock; readonly log: Logger }) {
    this.#parts = parts;
  }

  load(): ReadonlyMap<string, PersonPlace> {
    const { keeper, clock, log } = this.#parts;
    try {
      return parsePlaces(keeper.get(), clock.now());
    } catch (error) {
      log.warn({ err: error }, "where people were cannot be read");
      return new Map();
    }
  }

  save(places: ReadonlyMap<string, PersonPlace>): void {
    const { keeper, log } = this.#parts;
    const value = keptPlaces(places);
    const text = JSON.stringify(value);
    if (text === this.#kept) return;
    try {
      keeper.set(value);
      this.#kept = text;
    } catch (error) {
      log.warn({ err: error }, "where people are cannot be kept");
    }
  }
}
