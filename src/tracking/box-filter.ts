import { bodyLength, type CentredBox } from "./centred-box.ts";

/** Noise of the filter, in body lengths (the longer side of the box) and seconds. Standard deviations but for the last five. */
export interface FilterNoise {
  /**
   * Of a detection's centre and size, body lengths. The family's is 1/20 (SORT, DeepSORT, ByteTrack): it brings an
   * eighth more switches. At .1 boxes lag at 10 frames/s, for half a point of MOTA.
   */
  readonly measurement: number;
  /** What the centre's speed gains in one second, body lengths/s. DeepSORT's 1/160 a frame comes to 1.03; .5 to 1 are alike. */
  readonly acceleration: number;
  /** What the size gains in one second, body lengths: slow, for boxes of walkers swing with their legs. */
  readonly resizing: number;
  /** Of the unknown speed of a body that was seen only once, body lengths/s. */
  readonly firstSpeed: number;
  /**
   * The square of how many standard deviations a detection may be off before the body is taken to do something new, a
   * fall or a turn, and the filter to know less than it thought. 4: a walker exceeds it once in twenty sightings
   * (chi-square, one degree of freedom). Without it a falling body's box lags: its mean IoU
   * with what was detected is .80 at 5 frames/s, not .86.
   */
  readonly surprise: number;
  /** Seconds after which a body out of sight has lost 63 % of its sideways speed. */
  readonly coastingS: number;
  /** The same for its speed up or down, which the floor ends. */
  readonly fallingS: number;
  /** How many times less sure a place on a guessed way is than a detection. 2 to 10 are alike. */
  readonly bridging: number;
}

const AXES = 4;
/** Per axis: value, rate, and their covariance matrix as var(value), cov(value, rate), var(rate). */
const STRIDE = 5;

/**
 * Kalman filter of a box: the centre moves at a constant velocity, the size wanders.
 *
 * SORT (Bewley et al. 2016), DeepSORT and ByteTrack (Zhang et al. 2022) filter all of it as one state of 7 or 8
 * dimensions. Their noise is diagonal and a measured value couples with its own rate only, so the covariance stays
 * block-diagonal, and one small filter per value gives the same result without matrices. As there, noise grows with the
 * body's size. Unlike there, it is given per second (white-noise acceleration: Bar-Shalom, Li, Kirubarajan 2001,
 * section 6.2.2), so that a step of .2 s is the same as two of .1 s.
 */
export class BoxFilter {
  readonly #state = new Float64Array(AXES * STRIDE);
  /** The state after the last detection. */
  readonly #known = new Float64Array(AXES * STRIDE);
  readonly #noise: FilterNoise;

  constructor(first: CentredBox, noise: FilterNoise) {
    this.#noise = noise;
    const length = bodyLength(first);
    for (let axis = 0; axis < AXES; axis += 1) {
      const at = axis * STRIDE;
      this.#state[at] = component(first, axis);
      this.#state[at + 2] = (noise.measurement * length) ** 2;
      this.#state[at + 4] = axis < 2 ? (noise.firstSpeed * length) ** 2 : 0;
    }
    this.#known.set(this.#state);
  }

  get box(): CentredBox {
    return { cx: this.#at(0), cy: this.#at(STRIDE), w: this.#at(2 * STRIDE), h: this.#at(3 * STRIDE) };
  }

  /** Picture heights per second. */
  get velocity(): { readonly x: number; readonly y: number } {
    return { x: this.#at(1), y: this.#at(STRIDE + 1) };
  }

  /**
   * Moves on by `dtS` seconds. A body out of sight (`coasting`) slows down: nobody walks on through a wall, and nobody
   * falls on through the floor.
   */
  predict(dtS: number, coasting: boolean): void {
    const { acceleration, resizing, coastingS, fallingS } = this.#noise;
    const length = this.#length();
    const speedGain = (acceleration * length) ** 2 * dtS;
    const sizeGain = (resizing * length) ** 2 * dtS;
    this.#move(0, dtS, coasting ? coastingS : Infinity, speedGain);
    this.#move(1, dtS, coasting ? fallingS : Infinity, speedGain);
    for (let axis = 2; axis < AXES; axis += 1) {
      const at = axis * STRIDE + 2;
      this.#state[at] = this.#at(at) + sizeGain;
    }
  }

  /** One axis of the centre; its speed decays with the time constant `decayS`. */
  #move(axis: number, dtS: number, decayS: number, speedGain: number): void {
    const kept = Math.exp(-dtS / decayS);
    const reach = Number.isFinite(decayS) ? decayS * (1 - kept) : dtS;
    const at = axis * STRIDE;
    const rate = this.#at(at + 1);
    const covariance = this.#at(at + 3);
    const rateVariance = this.#at(at + 4);
    this.#state[at] = this.#at(at) + rate * reach;
    this.#state[at + 1] = rate * kept;
    this.#state[at + 2] =
      this.#at(at + 2) + 2 * reach * covariance + reach * reach * rateVariance + (speedGain * dtS * dtS) / 3;
    this.#state[at + 3] = kept * (covariance + reach * rateVariance) + (speedGain * dtS) / 2;
    this.#state[at + 4] = kept * kept * rateVariance + speedGain;
  }

  /** Takes in a detection of this moment, `doubt` times less sure than one that is beyond doubt. */
  update(seen: CentredBox, doubt = 1): void {
    this.#correct(seen, doubt);
    this.#known.set(this.#state);
  }

  /**
   * Takes in a detection of this moment after a gap of `stepsS`, seconds each, from the detection `last` on. What was
   * guessed in the gap is forgotten, and a straight way between the two is gone through in its place, so that the speed
   * afterwards is that of the way (the observation-centric re-update of Cao et al., "Observation-Centric SORT", CVPR
   * 2023; theirs believes the way as if it had been seen, see `bridging`).
   */
  bridge(last: CentredBox, seen: CentredBox, stepsS: readonly number[], doubt = 1): void {
    const gapS = stepsS.reduce((sum, stepS) => sum + stepS, 0);
    if (gapS > 0) {
      this.#state.set(this.#known);
      let goneS = 0;
      for (const stepS of stepsS) {
        if (goneS > 0) this.#correct(between(last, seen, goneS / gapS), this.#noise.bridging);
        this.predict(stepS, false);
        goneS += stepS;
      }
    }
    this.update(seen, doubt);
  }

  #correct(seen: CentredBox, doubt: number): void {
    const noise = (this.#noise.measurement * doubt * Math.max(this.#length(), bodyLength(seen))) ** 2;
    for (let axis = 0; axis < AXES; axis += 1) {
      const innovation = component(seen, axis) - this.#at(axis * STRIDE);
      this.#startle(axis, innovation * innovation, noise);
      this.#blend(axis, innovation, noise);
    }
  }

  /** Makes the filter so unsure of an axis that the detection is no surprise. */
  #startle(axis: number, squared: number, noise: number): void {
    const at = axis * STRIDE;
    const variance = this.#at(at + 2);
    const { surprise } = this.#noise;
    if (squared <= surprise * (variance + noise)) return;
    const growth = (squared / surprise - noise) / variance;
    for (const index of [at + 2, at + 3, at + 4]) this.#state[index] = this.#at(index) * growth;
  }

  #blend(axis: number, innovation: number, noise: number): void {
    const at = axis * STRIDE;
    const variance = this.#at(at + 2);
    const covariance = this.#at(at + 3);
    const total = variance + noise;
    this.#state[at] = this.#at(at) + (variance / total) * innovation;
    this.#state[at + 1] = this.#at(at + 1) + (covariance / total) * innovation;
    this.#state[at + 2] = (variance * noise) / total;
    this.#state[at + 3] = (covariance * noise) / total;
    this.#state[at + 4] = this.#at(at + 4) - (covariance * covariance) / total;
  }

  #length(): number {
    return Math.max(this.#at(2 * STRIDE), this.#at(3 * STRIDE));
  }

  #at(index: number): number {
    return this.#state[index] ?? 0;
  }
}

function component(box: CentredBox, axis: number): number {
  if (axis === 0) return box.cx;
  if (axis === 1) return box.cy;
  return axis === 2 ? box.w : box.h;
}

function between(a: CentredBox, b: CentredBox, share: number): CentredBox {
  return {
    cx: a.cx + (b.cx - a.cx) * share,
    cy: a.cy + (b.cy - a.cy) * share,
    w: a.w + (b.w - a.w) * share,
    h: a.h + (b.h - a.h) * share,
  };
}
