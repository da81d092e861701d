import type { FilterNoise } from "./box-filter.ts";

/** What was weighed up, beside the settings. How, see `TRACKER_TUNING`. */
export interface TrackerTuning {
  readonly noise: FilterNoise;
  /** Least likeness of a sure detection to a track it carries on or bears out. ByteTrack's .1 (its match threshold of .9). */
  readonly sureLikeness: number;
  /**
   * Least overlap, after reaching out, of a weak detection with a track it carries on. The paper asks an IoU of .5, and
   * no track that is lost; but whoever lies on the floor is found weakly and late. At .5 two more falls are out of sight
   * at 10 frames/s and four at 1; at .3 there are 15 switches more in crowds.
   */
  readonly weakOverlap: number;
  /**
   * How far from its expected place a body may have got, body lengths per second since the last frame; 1 is about
   * 1.7 m/s. At 0, 18 of 59 falls change their track at 1 frame/s; from .75 to 3 at most one of 71 does.
   */
  readonly reachRate: number;
  /** The most a body may be off its expected place after a gap, body lengths: more only mixes people up. */
  readonly maxReach: number;
  /**
   * What likeness to a lost track counts for beside likeness to one in sight: whoever is there has precedence. From
   * .5 to .75 it makes no odds in crowds; .9 brings ten switches more.
   */
  readonly lostWeight: number;
  /**
   * What going straight on is worth beside likeness (OC-SORT's observation-centric momentum). It only chooses among
   * detections that are like enough, so it can end nobody's track. At 0 there are eight switches more and .7 points of
   * IDF1 less at 10 frames/s, and no difference at 30.
   */
  readonly headingWorth: number;
  /** The way is taken from the sightings of this many seconds: .3 is too little to see a way, 1 is no better. */
  readonly headingS: number;
  /** A lost and a later track that overlap more than this are one body: the shorter one ends. ByteTrack's .85. */
  readonly sameBodyIou: number;
  /** Sightings in a row that make a tentative track a confirmed one. ByteTrack's 2. */
  readonly confirmSightings: number;
}

/**
 * Weighed up on two measurements at once. Crowds: six MOT15 / MOT17 sequences on their public detections, each also
 * played backwards and with boxes shaken by 1.5 %, at their own rate and every third frame, as one run says little (its
 * IDF1 moves by a point when a box does by a pixel). Falls: 104 labelled ones seen by MultiPose at 10, 5, 2 and 1
 * frames/s, whose track must live through them. Every value lies on a plateau of both; where they disagree, falls win.
 *
 * Found, at the sequences' own rate (MOTA, IDF1, switches; combined, `haven eval tracking`): 52.9 %, 55.8 %, 190; with
 * ByteTrack's thresholds of .6 and .7 51.9 %, 56.0 %, 287. ByteTrack itself: 51.1 %, 53.9 %, 325; OC-SORT: 48.4 %, 52.1 %,
 * 278. Over all replays, against the filter and the matching of ByteTrack with a reach: IDF1 54.6 % and not 52.6 %, a
 * tenth fewer switches, MOTA .5 points up; chosen on five sequences and measured on the sixth, IDF1 gains 1.3 points and
 * switches fall by 4 %. Falls in sight afterwards: 85 of 87 at 10 frames/s, 79 of 82 at 2 (76 before), none of them under another id.
 *
 * Tried and left out: measurement noise by 1 - confidence (NSA: 70 switches more), likeness times confidence (at 1 frame/s
 * 16 of 61 falls change their track) or times the overlap in height (21 of 63), matching lost tracks to where they were
 * last seen (OC-SORT's recovery: a point of IDF1 less), more sightings before a track counts (late for whoever comes in).
 */
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
