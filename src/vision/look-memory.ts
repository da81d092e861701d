import type { Box } from "../domain/geometry.ts";
import { boxCentre, type Point } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import type { QuarterTurns } from "../domain/turn-rgb.ts";
import { longSide } from "./square-region.ts";

/** One sighting of a body by the detector. */
interface Sighting {
  readonly timeS: number;
  readonly centre: Point;
  /** Picture heights. */
  readonly length: number;
}

/** A body's length is what it showed over these seconds: long enough to hold a moment of standing upright. */
const LENGTH_WINDOW_S = 4;
/** Not the longest: arms are stretched out now and then, and boxes jump. */
const LENGTH_QUANTILE = 0.8;
/** Speed is taken over the last sightings within this. */
const SPEED_WINDOW_S = 0.5;

/** What is known of a track from the frames in which it was seen. */
export class LookMemory {
  #sightings: Sighting[] = [];
  /** Seconds in which the detector saw it, and when it did first and last. */
  readonly firstSeenS: number;
  lastDetectedS: number;
  /** Where it was seen last, by the detector or by a second look. */
  lastBox: Box;
  lastLookS: number | null = null;
  /** Looks since it was seen, however it was. */
  misses = 0;
  /** How the picture was turned when a look found it last. */
  turns: QuarterTurns = 0;

  constructor(track: Track, timeS: number) {
    this.firstSeenS = timeS;
    this.lastDetectedS = timeS;
    this.lastBox = track.box;
  }

  /** The detector saw it in this frame. */
  detected(track: Track, timeS: number, aspect: number): void {
    this.lastDetectedS = timeS;
    this.lastBox = track.box;
    this.misses = 0;
    this.turns = 0;
    this.#sightings.push({ timeS, centre: boxCentre(track.box), length: longSide(track.box, aspect) });
    this.#sightings = this.#sightings.filter((sighting) => timeS - sighting.timeS <= LENGTH_WINDOW_S);
  }

  /** A second look found it. */
  found(box: Box, turns: QuarterTurns): void {
    this.lastBox = box;
    this.turns = turns;
    this.misses = 0;
  }

  /** Length of the body, picture heights. */
  get length(): number {
    const lengths = this.#sightings.map((sighting) => sighting.length).sort((a, b) => a - b);
    return lengths[Math.max(0, Math.ceil(lengths.length * LENGTH_QUANTILE) - 1)] ?? 0;
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
