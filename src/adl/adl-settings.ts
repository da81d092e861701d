// What a household may set about falls and beds. Everything else in this room is physics and stands beside its rule.
import type { FallRules } from "./fall-rules.ts";

export interface AdlSettings {
  /** Seconds on the ground before a fall is confirmed. 2 s: shorter alarms on kneeling and stooping, longer only delays. */
  readonly minGroundDurationS: number;
  /**
   * Descent of head and shoulders that counts as falling, body lengths per second (1 L/s is about 1.7 m/s); slower falls
   * have to end flat on the ground as well (FALL_RULES.slowSpeed). Lower alarms on lying down in haste, higher misses: a
   * choice for the household. Of 104 falls and 45 other clips, over shifts of the sampling: .5 finds 98 % with 7 or 8
   * false alarms, .6 98 % with 3 or 4, .65 98 % with 1 or 2, .7 98 % with none, .8 97 %, .9 94 %, both with none. What is
   * slower still is asked after by `onFloorAfterS`, or sooner where the way down was doubtful.
   */
  readonly fallSpeed: number;
  /**
   * Seconds somebody lies on the floor before the lower-grade notice, whatever the way down; after a doubtful one it comes
   * within seconds (FALL_RULES.doubtAfterS). 30 s: half a minute on the floor deserves a question.
   */
  readonly onFloorAfterS: number;
  /** Seconds on the floor before it is an alarm of its own. 60 s: when care systems in the field begin to call (50-60 s). */
  readonly longLieAfterS: number;
  /** Seconds a body rests in a bed zone before it is in bed, and is out of it before it has left: turning over is neither. */
  readonly bedDwellS: number;
  /** Seconds somebody who was in bed sits on its edge before the warning; 0 gives none. */
  readonly bedEdgeAfterS: number;
  /** Other thresholds than FALL_RULES': for sweeps, never for a household. */
  readonly rules?: Partial<FallRules>;
}

export const DEFAULT_ADL_SETTINGS: AdlSettings = {
  minGroundDurationS: 2,
  fallSpeed: 0.7,
  onFloorAfterS: 30,
  longLieAfterS: 60,
  bedDwellS: 2,
  bedEdgeAfterS: 10,
};
