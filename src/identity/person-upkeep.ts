// Once an hour, as clothes fade within one: visitors of whom nothing is left to look for go out of the list, those whose time is
// up are forgotten, examples that fit badly are set aside.
import type { Clock, Millis } from "../core/clock.ts";
import { isAppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { every } from "../core/periodic.ts";
import type { Service } from "../core/service.ts";
import type { PersonAdmin } from "./person-admin.ts";

export interface PersonUpkeepOptions {
  readonly admin: Pick<PersonAdmin, "lookThrough">;
  readonly clock: Clock;
  readonly log: Logger;
}

const EVERY_MS: Millis = 3_600_000;
/** After the start, when everything else has settled. */
const FIRST_AFTER_MS: Millis = 10 * 60_000;

export class PersonUpkeep implements Service {
  readonly #options: PersonUpkeepOptions;
  #timers: Disposable[] = [];

  constructor(options: PersonUpkeepOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { clock } = this.#options;
    this.#timers = [
      clock.schedule(FIRST_AFTER_MS, () => {
        this.#look();
        this.#timers.push(
          every(
            clock,
            EVERY_MS,
            () => this.#look(),
            () => {},
          ),
        );
      }),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer[Symbol.dispose]();
  }

  #look(): void {
    const { admin, log } = this.#options;
    try {
      const done = admin.lookThrough();
      if (Object.values(done).some((count) => count > 0))
        log.info({ ...done }, "persons were looked through");
    } catch (error) {
      // The sentence of an error of ours may name people.
      const reason = isAppError(error) ? { code: error.code } : { err: error };
      log.warn(reason, "persons could not be looked through for now");
    }
  }
}
