// What a fixed camera's picture looks like with nobody in it, cell by cell, and what stands in it now that did not before.
// Two rates: a smoothed picture that follows within a third of a second, and a background that is learned slowly and only
// where nobody is and nothing changes. Light is taken out, so that lamps, clouds and exposure are no things. It does not
// know what a person is: whoever asks says which cells are covered by one.
import type { LumaImage } from "../domain/frame.ts";
import { LightGain } from "./light-gain.ts";

/** Whether a cell may be learned: not where somebody is seen, nor where somebody may still be. */
export const FREE = 0;
export const SEEN = 1;
export const KEPT = 2;

/** What a cell is smoothed over, seconds: two pictures against noise, and shorter than anybody takes to lie still. */
const SMOOTH_S = 0.3;
/** How slowly the background follows, seconds: the sun is slower, and people do not pause uncovered for so long. */
const FOLLOW_S = 30;
const NOISE_S = 60;
/** A cell's place is empty when it was free and unchanged for so long, seconds: a walking body covers a cell for .3 s. */
export const EMPTY_S = 1;
/** What stands unchanged for so long is a thing, not a movement. */
export const STILL_S = 1;
/**
 * What differs and has stood unchanged for so long, seconds, is furniture from then on, unless its cells are kept: a moved
 * chair. Longer than `long_lie` (1 min) by far, so that nothing that is asked after goes missing before the answer.
 */
export const ABSORB_S = 600;
/**
 * A place that has changed so often of late with nobody seen there shows nothing that stands: a television, a curtain. Each
 * change is forgotten over five minutes; whoever falls before it is told of where somebody was lost.
 */
const RESTLESS = 6;
const RESTLESS_S = 300;
/** Smallest difference that counts, grey levels of 255; then so many standard deviations of the cell's noise. */
const LEAST = 4;
const SIGMAS = 4;
const MOST_NOISE = 6;
/** The light on a thing and on what is behind it may part by this share before the thing counts as changed. */
const LIT = 0.2;
/** Of the uncovered cells, this share differs at once before it is another light or another view. */
const ANOTHER_PICTURE = 0.5;
const LONGEST_STEP_S = 2;

/** One picture's size for good: of another size, make another model. */
export class BackgroundModel {
  readonly width: number;
  readonly height: number;
  /** 1 where the place has been seen empty, so that the background is one. */
  readonly known: Uint8Array;
  /** 1 where the picture differs from a known background and has stood so for `STILL_S`. */
  readonly standing: Uint8Array;
  /** 1 where the picture differs from the background, known or not. */
  readonly differs: Uint8Array;
  /** The background in the light of now, grey levels. */
  readonly expected: Float32Array;
  /** Of the smoothed picture from it. */
  readonly difference: Float32Array;
  /** From which difference on a cell differs, grey levels. */
  readonly limit: Float32Array;
  /** Media time of each cell's last big change, seconds. */
  readonly changedS: Float64Array;
  readonly #background: Float32Array;
  readonly #noise: Float32Array;
  /** The difference a cell stays at. */
  readonly #settled: Float32Array;
  /** Changes of late. */
  readonly #restless: Float32Array;
  /** Seconds the cell has been seen empty. */
  readonly #emptyS: Float32Array;
  /** What tells nothing of the light. */
  readonly #unlit: Uint8Array;
  readonly #light: LightGain;
  #typicalNoise = 1;
  #lastS: number;
  /** Of the picture under way. */
  #pace = { timeS: 0, stepS: 0, slow: 0 };

  /** The first picture is what is compared with, known nowhere. */
  constructor({ width, height, data }: LumaImage, timeS: number) {
    const size = data.length;
    this.width = width;
    this.height = height;
    this.known = new Uint8Array(size);
    this.standing = new Uint8Array(size);
    this.differs = new Uint8Array(size);
    this.expected = Float32Array.from(data);
    this.difference = new Float32Array(size);
    this.limit = new Float32Array(size).fill(LEAST + SIGMAS);
    this.changedS = new Float64Array(size).fill(timeS);
    this.#background = Float32Array.from(data);
    this.#noise = new Float32Array(size).fill(1);
    this.#settled = new Float32Array(size);
    this.#restless = new Float32Array(size);
    this.#emptyS = new Float32Array(size);
    this.#unlit = new Uint8Array(size);
    this.#light = new LightGain(width, height);
    this.#lastS = timeS;
  }

  /**
   * Takes the next picture. True when it is another picture altogether (a lamp, infrared, a turned camera): it has been
   * taken for the background, and what is covered is not known any more.
   * @param cover FREE, SEEN or KEPT for each cell
   * @param timeS media time; rises from call to call
   */
  observe(data: Uint8Array, timeS: number, cover: Uint8Array): boolean {
    const stepS = Math.min(LONGEST_STEP_S, Math.max(0.001, timeS - this.#lastS));
    this.#lastS = timeS;
    for (let at = 0; at < data.length; at += 1) {
      this.#unlit[at] = this.differs[at] === 1 || cover[at] !== FREE ? 1 : 0;
    }
    this.#light.measure(data, this.#background, this.#unlit);
    const changed = this.#compare(data, timeS, stepS, cover);
    if (!changed) return false;
    this.#adopt(data, cover);
    return true;
  }

  /** The cell shows its empty place from now on. */
  learn(at: number): void {
    this.#background[at] = (this.expected[at] ?? 0) + (this.difference[at] ?? 0);
    this.#emptyS[at] = EMPTY_S;
    this.difference[at] = this.#settled[at] = this.differs[at] = this.standing[at] = 0;
    this.known[at] = 1;
  }

  /** What the cell shows is not its empty place, whatever was learned. */
  forget(at: number): void {
    this.known[at] = 0;
    this.#emptyS[at] = 0;
  }

  /** Whether it is another picture. */
  #compare(data: Uint8Array, timeS: number, stepS: number, cover: Uint8Array): boolean {
    const smooth = 1 - Math.exp(-stepS / SMOOTH_S);
    const { width, height, expected, difference, differs, limit, changedS } = this;
    const settled = this.#settled;
    const noise = this.#noise;
    const typical = this.#typicalNoise;
    this.#pace = { timeS, stepS, slow: 1 - Math.exp(-stepS / FOLLOW_S) };
    let free = 0;
    let off = 0;
    let noises = 0;
    for (let y = 0, at = 0; y < height; y += 1) {
      const lit = this.#light.row(data, this.#background, y);
      for (let x = 0; x < width; x += 1, at += 1) {
        const wanted = lit[x] ?? 0;
        const before = difference[at] ?? 0;
        const news = (data[at] ?? 0) - wanted - before;
        const variance = noise[at] ?? 0;
        const most = LEAST + SIGMAS * Math.sqrt(Math.max(variance, typical));
        // What is no noise is not smoothed: it is there at once, and still from then on.
        const now = news > 2 * most || news < -2 * most ? before + news : before + smooth * news;
        const isOff = now > most || now < -most;
        const isFree = cover[at] === FREE;
        expected[at] = wanted;
        difference[at] = now;
        limit[at] = most;
        differs[at] = isOff ? 1 : 0;
        const stays = settled[at] ?? 0;
        const moved = now - stays;
        // What light does to a thing it does in proportion.
        const bound = most + LIT * (stays < 0 ? -stays : stays);
        if (moved > bound || moved < -bound) {
          settled[at] = now;
          if (isFree) this.#noteChange(at, timeS);
          changedS[at] = timeS;
        }
        if (isFree) {
          free += 1;
          if (isOff) off += 1;
          else noises += variance;
        }
        this.#follow(at, isFree, isOff);
      }
    }
    if (free > off) this.#typicalNoise = Math.min(noises / (free - off), MOST_NOISE * MOST_NOISE);
    return free > 0 && off > ANOTHER_PICTURE * free;
  }

  #noteChange(at: number, timeS: number): void {
    const left = Math.exp(((this.changedS[at] ?? 0) - timeS) / RESTLESS_S);
    this.#restless[at] = (this.#restless[at] ?? 0) * left + 1;
  }

  #follow(at: number, isFree: boolean, isOff: boolean): void {
    const { timeS, stepS, slow } = this.#pace;
    const stoodS = timeS - (this.changedS[at] ?? 0);
    const isKnown = this.known[at] === 1;
    const stands = isOff && isKnown && stoodS >= STILL_S;
    this.standing[at] = stands && (!isFree || (this.#restless[at] ?? 0) < RESTLESS) ? 1 : 0;
    const old = this.#background[at] ?? 0;
    const expected = this.expected[at] ?? 0;
    if (!isFree || (isOff && isKnown && stoodS < ABSORB_S)) {
      // What cannot be seen is taken to be lit as its surroundings are.
      this.#background[at] = old + slow * (expected - old);
      return;
    }
    if (isOff || !isKnown) {
      if (stoodS >= EMPTY_S) this.learn(at);
      return;
    }
    const now = this.difference[at] ?? 0;
    // In the first seconds a plain mean: what is seen first must not weigh more than the rest.
    const emptyS = this.#emptyS[at] ?? 0;
    const early = emptyS > stepS ? stepS / (emptyS + stepS) : 0.5;
    if (emptyS < NOISE_S) this.#emptyS[at] = emptyS + stepS;
    this.#background[at] = old + Math.max(early, slow) * (expected + now - old);
    const variance = this.#noise[at] ?? 0;
    const rate = stepS / NOISE_S;
    const learned = variance + Math.max(early, rate) * (now * now - variance);
    this.#noise[at] = Math.min(learned, MOST_NOISE * MOST_NOISE);
  }

  #adopt(data: Uint8Array, cover: Uint8Array): void {
    this.#background.set(data);
    this.expected.set(data);
    this.difference.fill(0);
    this.#settled.fill(0);
    this.differs.fill(0);
    this.standing.fill(0);
    for (let at = 0; at < data.length; at += 1) if (cover[at] !== FREE) this.known[at] = 0;
  }
}
