/** Of two frames equally near to a grid point the later one is picked, whatever rounding says. In grid steps. */
const TIE = 1e-6;

/**
 * Picks frames for analysis out of a stream of any rate: of every grid point k / fps the nearest frame, taking the next
 * frame to be as far off as the last one was. A camera's trembling clock so costs no frames, a stream of a multiple of
 * the rate is divided evenly, and errors do not add up. Looks at media time alone: the same recording gives the same
 * frames on every machine.
 */
export class SamplingGate {
  readonly #fps: number;
  readonly #offsetS: number;
  /** Index of the grid point that is to be served next. */
  #next = 0;
  #lastS: number | null = null;

  /**
   * @param fps frames per second of media time, > 0
   * @param offsetS shifts the grid, seconds: the same recording then gives other frames
   */
  constructor(fps: number, offsetS = 0) {
    this.#fps = fps;
    this.#offsetS = offsetS;
  }

  /** Whether this frame is to be analysed. Media times must increase. */
  picks(mediaTimeS: number): boolean {
    const last = this.#lastS;
    this.#lastS = mediaTimeS;
    if (last === null) {
      this.#next = Math.floor((mediaTimeS - this.#offsetS) * this.#fps) + 1;
      return true;
    }
    const stepS = Math.min(mediaTimeS - last, 1 / this.#fps);
    /** Up to here this frame is nearer than the next one. */
    const reach = (mediaTimeS - this.#offsetS + stepS / 2) * this.#fps - TIE;
    if (reach <= this.#next) return false;
    this.#next = Math.floor(reach) + 1;
    return true;
  }

  /** Media time of the next grid point, seconds. */
  get nextDueS(): number {
    return this.#next / this.#fps + this.#offsetS;
  }
}
