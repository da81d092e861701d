import { type Box, boxCentre, type Point } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import type { QuarterTurns } from "../domain/turn-rgb.ts";
import { longSide } from "./square-region.ts";

/** One way of looking at a place. */
export interface View {
  /** Side of the square, body lengths. */
  readonly lengths: number;
  /** How far it is turned, clockwise. */
  readonly turns: QuarterTurns;
}

/** One sighting of a body by the detector. */
interface Sighting {
  readonly timeS: number;
  readonly centre: Point;
  /** Picture heights. */
  readonly length: number;
  readonly confidence: number;
}

/** A body is what it showed over these seconds: long enough to hold a moment of standing upright. */
const WINDOW_S = 4;
/** Of the length, not the longest: arms are stretched out now and then, and boxes jump. */
const LENGTH_QUANTILE = 0.8;
/** Speed is taken over the last sightings within this. */
const SPEED_WINDOW_S = 0.5;

/** What is known of a track from the frames in which it was seen. */
export class LookMemory {
  #sightings: Sighting[] = [];
  readonly firstSeenS: number;
  /** When the detector saw it last, and when it was sure of it last. */
  lastDetectedS: number;
  lastSureS: number;
  /** Where it was last, by the detector or by a look that was sure. */
  lastBox: Box;
  lastLookS: number | null = null;
  /** Looks in a row that did not find it. */
  misses = 0;
  /** What showed it last; null unless a look has found it since the detector was sure of it. */
  view: View | null = null;

  constructor(track: Pick<Track, "box">, timeS: number) {
    this.firstSeenS = timeS;
    this.lastDetectedS = timeS;
    this.lastSureS = timeS;
    this.lastBox = track.box;
  }

  /** The detector saw it in this frame. */
  detected({ box, confidence }: Pick<Track, "box" | "confidence">, sure: boolean, at: MomentAndShape): void {
    const { timeS, aspect } = at;
    this.lastDetectedS = timeS;
    this.lastBox = box;
    if (sure) {
      this.lastSureS = timeS;
      this.view = null;
      this.misses = 0;
    }
    this.#sightings.push({ timeS, centre: boxCentre(box), length: longSide(box, aspect), confidence });
    this.#sightings = this.#sightings.filter((sighting) => timeS - sighting.timeS <= WINDOW_S);
  }

  /**
   * A look found it. `moved`: it is there from now on. Weak finds do not lead on to the next place, or a track would creep
   * over the furniture.
   */
  found({ box }: Pick<Detection, "box">, view: View, moved: boolean): void {
    this.view = view;
    this.misses = 0;
    if (moved) this.lastBox = box;
  }

  /** Length of the body, picture heights. */
  get length(): number {
    return quantile(
      this.#sightings.map((sighting) => sighting.length),
      LENGTH_QUANTILE,
    );
  }

  /** How sure the detector was of it lately, 0..1. */
  get usualConfidence(): number {
    return quantile(
      this.#sightings.map((sighting) => sighting.confidence),
      0.5,
    );
  }

  /** Of the centre when the detector saw it last, body lengths per second; y grows downwards. */
  speed(aspect: number): Point {
    const last = this.#sightings.at(-1);
    const first = this.#sightings.find(
      (sighting) => last !== undefined && last.timeS - sighting.timeS <= SPEED_WINDOW_S,
    );
    const { length } = this;
    if (last === undefined || first === undefined || last.timeS <= first.timeS || length <= 0)
      return { x: 0, y: 0 };
    const unit = length * (last.timeS - first.timeS);
    return {
      x: ((last.centre.x - first.centre.x) * aspect) / unit,
      y: (last.centre.y - first.centre.y) / unit,
    };
  }
}

/** A frame's media time, and its picture's width over its height. */
export interface MomentAndShape {
  readonly timeS: number;
  readonly aspect: number;
}

/** Nearest rank; 0 of nothing. */
function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0;
}
