/** How much of an interval a frame may come early: a camera's clock trembles, and ten frames a second stay ten. */
const EARLY = 0.25;

/**
 * Picks frames for analysis out of a stream of any rate: of every grid point k / fps the first frame that is not more
 * than a quarter of an interval early. Looks at media time alone, so the same recording gives the same frames on every
 * machine, and errors do not add up.
 */
export class SamplingGate {
  readonly #fps: number;
  #next = 0;

  /** @param fps frames per second of media time, > 0 */
  constructor(fps: number) {
    this.#fps = fps;
  }

  /** Whether this frame is to be analysed. Media times must not go backwards. */
  picks(mediaTimeS: number): boolean {
    const point = mediaTimeS * this.#fps + EARLY;
    if (point < this.#next) return false;
    this.#next = Math.floor(point) + 1;
    return true;
  }

  /** Media time of the next grid point, seconds. */
  get nextDueS(): number {
    return this.#next / this.#fps;
  }
}
