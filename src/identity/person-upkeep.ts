// Once a day: visitors whose time is up are forgotten, examples that fit badly are set aside.
import type { Millis } from "../core/clock.ts";
import { every } from "../core/periodic.ts";
import type { Service } from "../core/service.ts";
import type { AdminContext } from "./admin-context.ts";
import { expirePersons } from "./forgetting.ts";
import { setAsideSuspects } from "./prototype-hygiene.ts";

const EVERY_MS: Millis = 86_400_000;
/** After the start, when everything else has settled; a daemon that is restarted daily does it too. */
const FIRST_AFTER_MS: Millis = 10 * 60_000;

export class PersonUpkeep implements Service {
  readonly #context: AdminContext;
  #timers: Disposable[] = [];

  constructor(context: AdminContext) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { clock } = this.#context;
    this.#timers = [
      clock.schedule(FIRST_AFTER_MS, () => {
        this.#look();
        this.#timers.push(every(clock, EVERY_MS, () => this.#look(), this.#failed));
      }),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer[Symbol.dispose]();
  }

  /** One round, now. Throws AppError store.*. */
  run(): void {
    const { forgotten, archived } = expirePersons(this.#context);
    const setAside = setAsideSuspects(this.#context);
    if (forgotten + archived + setAside > 0)
      this.#context.log.info({ forgotten, archived, setAside }, "persons were looked through");
  }

  #look(): void {
    try {
      this.run();
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #failed = (error: unknown): void => {
    this.#context.log.warn({ err: error }, "persons could not be looked through for now");
  };
}
