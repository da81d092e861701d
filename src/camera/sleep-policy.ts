/** What is known of a scene at one picture. */
export interface SceneNews {
  /** Media time, seconds; rises from call to call. */
  readonly timeS: number;
  readonly moving: boolean;
  /** Somebody is followed: any track that has not ended, tentative and lost ones included. */
  readonly tracked: boolean;
  /** Somebody lies, or was last seen lying. */
  readonly lying: boolean;
}

/** Awake this long after the last movement or track, seconds: people pause. */
const HOLD_S = 5;
/**
 * Awake after the start until the background is known, seconds; a clip of a few seconds is so looked at in full.
 */
const START_S = 10;
/**
 * One picture of this many seconds is analysed even while nothing moves: the detector may have lost somebody who holds
 * still, and finds them again in another light or noise. At ten pictures a second, 2 % of the full cost.
 */
const LOOK_EVERY_S = 5;
/** Media time jumps when a stream comes back; what was known before the gap is old. */
const GAP_S = 5;

/** Decides which pictures of a camera are worth analysing. Looks at media time alone. */
export class SleepPolicy {
  #awakeUntilS = Number.NEGATIVE_INFINITY;
  #lastS: number | null = null;
  #nextLookS = 0;
  #resting = false;

  /** No picture was analysed for want of movement: the last answer but for the looks. */
  get resting(): boolean {
    return this.#resting;
  }

  /** Whether this picture is to be analysed. */
  awake({ timeS, moving, tracked, lying }: SceneNews): boolean {
    if (this.#lastS === null || timeS - this.#lastS > GAP_S || timeS < this.#lastS) {
      this.#awakeUntilS = timeS + START_S;
    }
    this.#lastS = timeS;
    if (moving || tracked || lying) this.#awakeUntilS = Math.max(this.#awakeUntilS, timeS + HOLD_S);
    this.#resting = timeS >= this.#awakeUntilS;
    if (this.#resting && timeS < this.#nextLookS) return false;
    this.#nextLookS = timeS + LOOK_EVERY_S;
    return true;
  }
}
