import type { Clock, Millis } from "../core/clock.ts";
import type { Tensors } from "../inference/tensor.ts";
import type { ModelRunner } from "../vision/model-runner.ts";

/**
 * A model runner that knows for how long nothing has come of it. What counts is that runs end, of whatever camera: how
 * long one of them waits for its turn depends on how many there are.
 */
export class RunWatch implements ModelRunner {
  readonly #runner: ModelRunner;
  readonly #clock: Clock;
  #underWay = 0;
  #lastMoved: Millis = 0;

  constructor(runner: ModelRunner, clock: Clock) {
    this.#runner = runner;
    this.#clock = clock;
  }

  async run(...request: Parameters<ModelRunner["run"]>): Promise<Tensors> {
    if (this.#underWay === 0) this.#lastMoved = this.#clock.monotonic();
    this.#underWay += 1;
    try {
      return await this.#runner.run(...request);
    } finally {
      this.#underWay -= 1;
      this.#lastMoved = this.#clock.monotonic();
    }
  }

  /** How long runs have been under way without one of them ending; 0 while there is none. */
  get stuckForMs(): Millis {
    return this.#underWay === 0 ? 0 : this.#clock.monotonic() - this.#lastMoved;
  }
}
