// How large a camera's pictures are analysed: as small as the people in it allow, for the time a model takes grows with
// the square of its input's side. Looks at media time alone, so that a recording gives the same sizes on every machine.

/** What was found in one analysed picture. */
export interface SizeNews {
  /** Media time, seconds; rises from call to call. */
  readonly timeS: number;
  /** Width over height of the picture. */
  readonly aspect: number;
  /** Longer side of each detected body's box (of the box as seen, in square pixels), in shares of the picture's height. */
  readonly heights: readonly number[];
  /** Somebody lies, or was last seen lying. */
  readonly lying: boolean;
  /** Something moves where nobody was found. */
  readonly unexplainedMotion: boolean;
}

/**
 * Pixels of the input that a body should be long. MoveNet MultiPose's recall on ordinary footage, by the mean height of the
 * people in the input: 14 px 24 %, 22 px 61 %, 29 px 79 %, 32 px 65 %, 49 px 91 %, 65 px 94 %, 86 px 89 %, 115 px 92 %: from
 * about 48 on it grows no more. Of 7,317 boxes that it found at 384, it found all but 1 % at 256 where they were
 * 48 px or longer.
 */
const NEEDED_PX = 48;
/** People who lie are harder: 75 % of them found at 256 (some 80 px long) and 85 % at 384 (120 px). */
const LYING_FACTOR = 2;
/** Assumed until somebody has been seen: somebody at the far end of a living room. */
const FIRST_GUESS = 0.25;
/** Seconds with people after which what they need takes the place of the guess: a few steps into the room. */
const GUESS_FOR_S = 5;
/** A larger size must be wanted for this long, seconds: three pictures at ten a second, so not by one mistake. */
const GROW_AFTER_S = 0.3;
/** People must have done with a smaller size for this long, seconds; somebody walks through a room in less. */
const SHRINK_AFTER_S = 60;
/** And with so much to spare: who stands just on the border does not make the size go to and fro. */
const SPARE = 1.25;
/** Between two changes, seconds; a look is none. */
const CHANGE_EVERY_S = 5;
/** A look at the largest size: after so much unexplained motion, for so long, seconds. */
const LOOK_AFTER_S = 1;
const LOOK_S = 0.5;
/**
 * From one look to the next, seconds: doubled from the first to the last while nothing is found. The largest of MultiPose's
 * sizes takes 4.3 times as long as the smallest: with the first pause that is a third more, with the last 3 %.
 */
const FIRST_PAUSE_S = 5;
const LAST_PAUSE_S = 60;
/** Without unexplained motion for this long, seconds, the next one is another matter. */
const FORGET_S = 10;
/** A gap in the pictures counts as no more than this, seconds. */
const LONGEST_STEP_S = 0.5;

export class InputSizePolicy {
  readonly #sizes: readonly number[];
  #chosen: number | null = null;
  /** Seconds with people since the start, and the largest size that was enough for them. */
  #guessedForS = 0;
  #mostWanted = 0;
  #lastS: number | null = null;
  #changedS = Number.NEGATIVE_INFINITY;
  /** Seconds for which each size or a larger one was wanted, running down while it is not. */
  readonly #wanted: number[];
  /** Seconds with people for whom a smaller size does. */
  #spareS = 0;
  #motionS = 0;
  #motionLastS = Number.NEGATIVE_INFINITY;
  #lookUntilS = Number.NEGATIVE_INFINITY;
  #nextLookS = Number.NEGATIVE_INFINITY;
  #pauseS = FIRST_PAUSE_S;

  /** @param sizes long sides the detector may be run at, pixels, ascending; at least one */
  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
    this.#wanted = sizes.map(() => 0);
  }

  /** Long side for the next picture, pixels. */
  get size(): number {
    const largest = this.#sizes.length - 1;
    const looking = this.#lastS !== null && this.#lastS < this.#lookUntilS;
    return this.#sizes[looking ? largest : (this.#chosen ?? this.#firstIndex(16 / 9))] ?? 0;
  }

  observe(news: SizeNews): void {
    const { timeS, aspect, lying } = news;
    const stepS = this.#lastS === null ? 0 : Math.min(LONGEST_STEP_S, Math.max(0, timeS - this.#lastS));
    this.#lastS = timeS;
    this.#chosen ??= this.#firstIndex(aspect);
    const smallest = Math.min(...news.heights);
    const px = NEEDED_PX * (lying ? LYING_FACTOR : 1);
    // Nobody in the picture wants nothing.
    const want = news.heights.length === 0 ? -1 : this.#indexFor(smallest, aspect, px);
    this.#count(want, stepS);
    if (want >= 0) {
      const enough = this.#indexFor(smallest / SPARE, aspect, px);
      this.#learnFirst(enough, stepS, timeS);
      const spare = enough < this.#chosen;
      this.#spareS = spare ? this.#spareS + stepS : 0;
    }
    this.#change(timeS);
    this.#look(news, stepS);
  }

  /** A guess is worth less than five seconds of people, whichever way it was wrong. */
  #learnFirst(enough: number, stepS: number, timeS: number): void {
    if (this.#guessedForS >= GUESS_FOR_S) return;
    this.#guessedForS += stepS;
    this.#mostWanted = Math.max(this.#mostWanted, enough);
    if (this.#guessedForS < GUESS_FOR_S || this.#mostWanted >= (this.#chosen ?? 0)) return;
    this.#choose(this.#mostWanted, timeS);
  }

  #firstIndex(aspect: number): number {
    return this.#indexFor(FIRST_GUESS, aspect, NEEDED_PX);
  }

  /** The smallest size at which a body has its pixels, else the largest. */
  #indexFor(height: number, aspect: number, px: number): number {
    const perSide = height / Math.max(1, aspect);
    const index = this.#sizes.findIndex((size) => size * perSide >= px);
    return index === -1 ? this.#sizes.length - 1 : index;
  }

  #count(want: number, stepS: number): void {
    for (let index = 0; index < this.#wanted.length; index += 1) {
      const before = this.#wanted[index] ?? 0;
      const after = index <= want ? before + stepS : before - stepS / 2;
      this.#wanted[index] = Math.min(2 * GROW_AFTER_S, Math.max(0, after));
    }
  }

  #change(timeS: number): void {
    const chosen = this.#chosen;
    if (chosen === null || timeS - this.#changedS < CHANGE_EVERY_S) return;
    const larger = this.#wanted.findLastIndex((seconds) => seconds >= GROW_AFTER_S - 1e-9);
    if (larger > chosen) this.#choose(larger, timeS);
    // One step at a time: the next one has to be earned anew.
    else if (this.#spareS >= SHRINK_AFTER_S) this.#choose(chosen - 1, timeS);
  }

  #choose(index: number, timeS: number): void {
    this.#chosen = index;
    this.#changedS = timeS;
    this.#spareS = 0;
    this.#pauseS = FIRST_PAUSE_S;
  }

  #look({ timeS, unexplainedMotion }: SizeNews, stepS: number): void {
    if (unexplainedMotion) this.#motionLastS = timeS;
    else if (timeS - this.#motionLastS > FORGET_S) this.#pauseS = FIRST_PAUSE_S;
    this.#motionS = unexplainedMotion
      ? Math.min(LOOK_AFTER_S, this.#motionS + stepS)
      : Math.max(0, this.#motionS - stepS);
    const due = this.#motionS >= LOOK_AFTER_S - 1e-9 && timeS >= this.#nextLookS;
    if (!due || this.#chosen === this.#sizes.length - 1) return;
    this.#lookUntilS = timeS + LOOK_S;
    this.#nextLookS = this.#lookUntilS + this.#pauseS;
    this.#pauseS = Math.min(LAST_PAUSE_S, 2 * this.#pauseS);
  }
}
