import { bodyLength, type CentredBox } from "./centred-box.ts";

/** Noise of the filter, in body lengths (the longer side of the box) and seconds. All are standard deviations. */
export interface FilterNoise {
  /** Of a detection's centre and size, body lengths. */
  readonly measurement: number;
  /** What the centre's speed gains in one second, body lengths/s. */
  readonly acceleration: number;
  /** What the size gains in one second, body lengths. */
  readonly resizing: number;
  /** Of the unknown speed of a body that was seen only once, body lengths/s. */
  readonly firstSpeed: number;
  /** Seconds after which a body out of sight has lost 63 % of its sideways speed. */
  readonly coastingS: number;
  /** The same for its speed up or down, which the floor ends. */
  readonly fallingS: number;
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

  /** Takes in a detection of this moment. */
  update(seen: CentredBox): void {
    const noise = (this.#noise.measurement * Math.max(this.#length(), bodyLength(seen))) ** 2;
    for (let axis = 0; axis < AXES; axis += 1) {
      const at = axis * STRIDE;
      const variance = this.#at(at + 2);
      const covariance = this.#at(at + 3);
      const total = variance + noise;
      const innovation = component(seen, axis) - this.#at(at);
      this.#state[at] = this.#at(at) + (variance / total) * innovation;
      this.#state[at + 1] = this.#at(at + 1) + (covariance / total) * innovation;
      this.#state[at + 2] = (variance * noise) / total;
      this.#state[at + 3] = (covariance * noise) / total;
      this.#state[at + 4] = this.#at(at + 4) - (covariance * covariance) / total;
    }
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
