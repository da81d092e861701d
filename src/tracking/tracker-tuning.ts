import type { FilterNoise } from "./box-filter.ts";

/** What was weighed up, beside the settings. */
export interface TrackerTuning {
  readonly noise: FilterNoise;
  /** Least likeness of a sure detection to a track it carries on. ByteTrack's .1 (its match threshold of .9). */
  readonly sureLikeness: number;
  /**
   * Least IoU of a weak detection with a track it carries on. The paper asks .5, and no track that is lost; but whoever
   * lies on the floor is found weakly and late. At .4 one more fall of 87 is lost at 10 frames/s, at .5 four.
   */
  readonly weakOverlap: number;
  /**
   * How far from its expected place a body may have got, body lengths per second since the last frame; 1 is about
   * 1.7 m/s. At 0, 16 of 72 falls change their track at 1 frame/s; from .75 to 3 none does.
   */
  readonly reachRate: number;
  /** The most a body may be off its expected place after a gap, body lengths: more only mixes people up. */
  readonly maxReach: number;
  /**
   * What likeness to a lost track counts for beside likeness to one in sight: whoever is there has precedence. From
   * .6 to .75 it makes no odds; .9 brings a twentieth more switches in crowds, at .5 falls change their track.
   */
  readonly lostWeight: number;
  /**
   * What going straight on is worth beside likeness, and what half of that is worth nothing is known of the way
   * (OC-SORT's observation-centric momentum, which takes .2 of the angle). It only chooses among detections that are
   * like enough, so it can end nobody's track. 0 costs 1.5 points of IDF1 in crowds at 10 frames/s, .2 ten switches.
   */
  readonly headingWorth: number;
  /** The way is taken from the sightings of this many seconds; .3 is too little to see a way, 1 is no better. */
  readonly headingS: number;
  /** A lost and a later track that overlap more than this are one body: the shorter one ends. ByteTrack's .85. */
  readonly sameBodyIou: number;
  /** Sightings in a row that make a tentative track a confirmed one. ByteTrack's 2. */
  readonly confirmSightings: number;
}

export const TRACKER_TUNING: TrackerTuning = {
  noise: {
    measurement: 0.07,
    acceleration: 0.7,
    resizing: 0.1,
    surprise: 4,
    // Whoever comes into the picture walks or runs.
    firstSpeed: 2,
    coastingS: 1,
    // A free fall of half a metre, which is what the middle of a body has, takes .32 s. At .6 a fall more is lost.
    fallingS: 0.3,
    bridging: 4,
  },
  sureLikeness: 0.1,
  weakOverlap: 0.4,
  reachRate: 1.5,
  maxReach: 0.5,
  lostWeight: 0.75,
  headingWorth: 0.15,
  headingS: 0.6,
  sameBodyIou: 0.85,
  confirmSightings: 2,
};
