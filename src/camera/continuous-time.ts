/**
 * One media time for a camera over all its connections. Every stream begins at 0; the camera's time goes on from where
 * it was, by the time that has passed meanwhile.
 */
export class ContinuousTime {
  #offsetS = 0;
  #lastS: number | null = null;
  /** Monotonic time at which the last frame came, seconds. */
  #lastAtS = 0;

  /**
   * A new stream begins.
   * @param nowS monotonic seconds
   * @param gapS seconds between the last frame and the next where that is known (a file that begins again)
   */
  restart(nowS: number, gapS: number | null = null): void {
    if (this.#lastS === null) return;
    // Not quite 0 even if the clock stood still: times of frames must differ.
    this.#offsetS = this.#lastS + Math.max(0.001, gapS ?? nowS - this.#lastAtS);
  }

  /** The camera's time of a frame at `streamTimeS`. */
  at(streamTimeS: number, nowS: number): number {
    this.#lastS = this.#offsetS + streamTimeS;
    this.#lastAtS = nowS;
    return this.#lastS;
  }
}
