// Whether anything moves before a camera, from thumbnails of its brightness: the gate in front of the detector. Compares
// with a running background of its own, after taking out what light does. It errs towards "moves": a needless look costs
// a few milliseconds, a missed one may cost a fall.
import type { LumaImage } from "../domain/frame.ts";
import type { Box } from "../domain/geometry.ts";
import { LightGain } from "./light-gain.ts";

export interface Motion {
  readonly moving: boolean;
  /** Share of the picture's cells that differ from the background, 0..1. */
  readonly share: number;
  /** Around all of them; null when there are none. */
  readonly box: Box | null;
}

const STILL: Motion = { moving: false, share: 0, box: null };

/** What a cell is smoothed over, seconds: somebody running past at 15 % of the picture's height covers a cell that long. */
const SMOOTH_S = 0.2;
/**
 * How fast the background follows, seconds. Where nothing differs: slow enough that somebody who slumps at .05 m/s (five
 * seconds for a cell at 15 % of the height) still stands out by 60 % of the contrast; fast enough for clouds.
 */
const FOLLOW_S = 10;
/** What differs and has not changed for this long, seconds, is background from then on: a chair was moved. */
const SETTLE_S = 8;
/**
 * How long noise is measured over, seconds; and how slowly it is learned where something moves (a television, a fan). What
 * block coding leaves in a still picture stays as it is until the next keyframe, so that many of those have to be seen.
 */
const NOISE_S = 60;
const RESTLESS_S = 120;
/** Smallest difference that counts, grey levels of 255: 8-bit rounding on both sides, and the least of people's contrasts. */
const LEAST = 2;
/** Differences count from this many standard deviations of the noise on. */
const SIGMAS = 4;
/** Noise is taken for no more than this, grey levels: somebody before a flickering screen still stands out. */
const MOST_NOISE = 6;
/** Cells of a picture that differ at once before it is another picture: light, not people. */
const ANOTHER_PICTURE = 0.5;
/** A gap in the pictures longer than this, seconds, counts as this long. */
const LONGEST_STEP_S = 2;

export class MotionDetector {
  #width = 0;
  #height = 0;
  #startedS = 0;
  #lastS = 0;
  #differedBefore = false;
  /** Brightness of the empty scene in the light of now; of each cell. */
  #background = new Float32Array(0);
  /** Smoothed difference from it, light taken out. */
  #difference = new Float32Array(0);
  /** Mean square of the smoothed difference of each cell, and the mean of those that do not differ. */
  #typicalNoise = 1;
  #noise = new Float32Array(0);
  /** 1 where a cell differs. */
  #differs = new Uint8Array(0);
  /** The difference a differing cell settles at, and since when. */
  #settling = new Float32Array(0);
  #settlingFor = new Float32Array(0);
  #light = new LightGain(0, 0);

  /**
   * The first picture is taken for the background.
   * @param timeS media time; rises from call to call
   */
  observe(luma: LumaImage, timeS: number): Motion {
    if (luma.width !== this.#width || luma.height !== this.#height) {
      this.#begin(luma, timeS);
      return STILL;
    }
    const stepS = Math.min(LONGEST_STEP_S, Math.max(0.001, timeS - this.#lastS));
    this.#lastS = timeS;
    this.#light.measure(luma.data, this.#background, this.#differs);
    this.#compare(luma.data, stepS, timeS - this.#startedS);
    const { cells, box } = this.#gather();
    const share = cells / luma.data.length;
    // Once is chance: a keyframe, a damaged packet.
    const moving = cells > 0 && this.#differedBefore;
    this.#differedBefore = cells > 0;
    if (share > ANOTHER_PICTURE) this.#adopt(luma.data);
    return { moving: moving || share > ANOTHER_PICTURE, share, box };
  }

  #begin(luma: LumaImage, timeS: number): void {
    const size = luma.data.length;
    this.#width = luma.width;
    this.#height = luma.height;
    this.#startedS = this.#lastS = timeS;
    this.#background = Float32Array.from(luma.data);
    this.#difference = new Float32Array(size);
    this.#noise = new Float32Array(size).fill(1);
    this.#differs = new Uint8Array(size);
    this.#settling = new Float32Array(size);
    this.#settlingFor = new Float32Array(size);
    this.#light = new LightGain(luma.width, luma.height);
    this.#differedBefore = false;
  }

  /** Another picture is no movement in this one. */
  #adopt(data: Uint8Array): void {
    this.#background.set(data);
    this.#difference.fill(0);
    this.#differs.fill(0);
  }

  /** Updates difference, noise and background of every cell. */
  #compare(data: Uint8Array, stepS: number, ageS: number): void {
    const smooth = 1 - Math.exp(-stepS / SMOOTH_S);
    // In the first seconds a plain mean of all pictures: what is seen first must not weigh more than the rest.
    const follow = Math.max(1 - Math.exp(-stepS / FOLLOW_S), Math.min(0.5, stepS / (ageS + stepS)));
    const learn = Math.max(1 - Math.exp(-stepS / NOISE_S), Math.min(0.5, stepS / (ageS + stepS)));
    const learnRestless = 1 - Math.exp(-stepS / RESTLESS_S);
    const typical = this.#typicalNoise;
    let sum = 0;
    let count = 0;
    const background = this.#background;
    const difference = this.#difference;
    const noise = this.#noise;
    const differs = this.#differs;
    const width = this.#width;
    for (let y = 0, at = 0; y < this.#height; y += 1) {
      const lit = this.#light.row(data, background, y);
      for (let x = 0; x < width; x += 1, at += 1) {
        const expected = lit[x] ?? 0;
        const before = difference[at] ?? 0;
        const now = before + smooth * ((data[at] ?? 0) - expected - before);
        difference[at] = now;
        const variance = noise[at] ?? 0;
        const limit = LEAST + SIGMAS * Math.sqrt(Math.max(variance, typical));
        const different = now > limit || now < -limit;
        differs[at] = different ? 1 : 0;
        const square = Math.min(now * now, limit * limit);
        const learned = variance + (different ? learnRestless : learn) * (square - variance);
        noise[at] = Math.min(learned, MOST_NOISE * MOST_NOISE);
        if (!different) {
          sum += variance;
          count += 1;
        }
        const old = background[at] ?? 0;
        if (!different) background[at] = old + follow * ((data[at] ?? 0) - old);
        else if (this.#settles(at, now, limit, stepS)) background[at] = data[at] ?? 0;
        else background[at] = old + follow * (expected - old);
      }
    }
    if (count > 0) this.#typicalNoise = Math.min(sum / count, MOST_NOISE * MOST_NOISE);
  }

  /** Whether a differing cell has shown the same for so long that it is the background. */
  #settles(at: number, difference: number, limit: number, stepS: number): boolean {
    const waited = (this.#settlingFor[at] ?? 0) + stepS;
    const off = difference - (this.#settling[at] ?? 0);
    if (off > limit || off < -limit) {
      this.#settling[at] = difference;
      this.#settlingFor[at] = 0;
      return false;
    }
    if (waited < SETTLE_S) {
      this.#settlingFor[at] = waited;
      return false;
    }
    this.#settling[at] = this.#settlingFor[at] = this.#difference[at] = this.#differs[at] = 0;
    return true;
  }

  /** Cells that differ and have two neighbours that do: single ones are noise. */
  #gather(): { cells: number; box: Box | null } {
    const width = this.#width;
    const height = this.#height;
    const differs = this.#differs;
    let cells = 0;
    let left = width;
    let right = -1;
    let top = height;
    let bottom = -1;
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 1) {
        if (differs[at] !== 1 || this.#neighbours(x, y, at) < 2) continue;
        cells += 1;
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        bottom = y;
      }
    }
    if (cells === 0) return { cells, box: null };
    const box = { x1: left / width, y1: top / height, x2: (right + 1) / width, y2: (bottom + 1) / height };
    return { cells, box };
  }

  #neighbours(x: number, y: number, at: number): number {
    const differs = this.#differs;
    const width = this.#width;
    let count = 0;
    const first = x > 0 ? -1 : 0;
    const last = x < width - 1 ? 1 : 0;
    for (let row = y > 0 ? at - width : at; row <= (y < this.#height - 1 ? at + width : at); row += width) {
      for (let dx = first; dx <= last; dx += 1) count += differs[row + dx] ?? 0;
    }
    return count - 1;
  }
}
