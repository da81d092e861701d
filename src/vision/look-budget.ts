// What the cameras may spend on looking a second time. It is earned by analysing: each analysed frame brings its camera a
// share of one inference, so that second looks never take more than that share of the machine, whether it keeps up or
// not, and a recording played twice gives the same result at any speed.

/** Inferences that one camera may spend. */
export interface LookAllowance {
  /** One more frame was analysed. */
  earn(): void;
  /** Whether there is one inference left to spend; it is spent then. */
  take(): boolean;
}

export interface LookBudgetOptions {
  /** Inferences earned by each analysed frame. */
  readonly perFrame: number;
  /** Inferences that a camera may put by. */
  readonly burst: number;
}

/**
 * One inference for three frames: the most that second looks came to on clips full of falls (10 to 33 %). In a room where
 * everybody is seen nothing is spent. The burst is a second of looking at every frame, at 10 frames/s and up to three
 * inferences a look: what somebody who vanishes while falling is worth.
 */
export const LOOK_BUDGET: LookBudgetOptions = { perFrame: 1 / 3, burst: 30 };

/**
 * Shared by the cameras of a house. Each has a purse of its own, which nobody else can empty; what does not fit into it any
 * more goes to a common one, from which whoever needs more may take. Recordings get a budget each.
 */
export class LookBudget {
  readonly #options: LookBudgetOptions;
  #common: number;

  constructor(options: LookBudgetOptions = LOOK_BUDGET) {
    this.#options = options;
    this.#common = options.burst;
  }

  /** For one camera. */
  open(): LookAllowance {
    const { perFrame, burst } = this.#options;
    let own = burst;
    return {
      earn: () => {
        own += perFrame;
        if (own <= burst) return;
        this.#common = Math.min(burst, this.#common + own - burst);
        own = burst;
      },
      take: () => {
        if (own >= 1) own -= 1;
        else if (this.#common >= 1) this.#common -= 1;
        else return false;
        return true;
      },
    };
  }
}
