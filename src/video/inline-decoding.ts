/**
 * Decoding on the thread that asks saves the two changes of threads that decoding on libuv's pool costs for every picture:
 * .1 to .3 ms at a camera's pace, where the picture itself takes 1.8 ms at 1280x720 and .6 at 640x360. But that thread has
 * other things to do, and is only one: small streams decode there as long as all of them together leave it four fifths
 * of its time, the others on the pool.
 */
export class InlineDecoding {
  /** Pixels a second that may still be decoded inline. */
  #left: number;

  constructor(budget: number) {
    this.#left = budget;
  }

  /** Room for a stream, given back when disposed; null when there is none left. */
  claim(pixelsPerSecond: number): Disposable | null {
    if (!(pixelsPerSecond > 0) || pixelsPerSecond > this.#left) return null;
    this.#left -= pixelsPerSecond;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#left += pixelsPerSecond;
        held = false;
      },
    };
  }
}

/** Four cameras of 1280x720 at 25 frames/s: .2 s of every second. */
export const INLINE_PIXELS_PER_SECOND = 4 * 1280 * 720 * 25;
