// What a household may set about falls and beds. Everything else in this room is physics and stands beside its rule.

export interface AdlSettings {
  /** Seconds on the ground before a fall is confirmed. 2 s: shorter alarms on kneeling and stooping, longer only delays. */
  readonly minGroundDurationS: number;
  /**
   * Descent of head and shoulders that counts as falling, body lengths per second (1 L/s is about 1.7 m/s). Lower finds
   * slower falls and alarms on lying down in haste: a choice for the household. Of 104 falls and 45 other clips, over six
   * shifts of the sampling: .6 finds 96 % with 4 false alarms, .65 93 % with 1 or 2, .7 90 % with 1, .75 88 % with 0 or
   * 1, .8 85 % with none. What is slower is asked after by `onFloorAfterS`.
   */
  readonly fallSpeed: number;
  /**
   * Seconds somebody lies on the floor before the lower-grade notice, whatever the way down. 30 s: slow falls cannot be
   * told from lying down by their speed, and half a minute on the floor deserves a question.
   */
  readonly onFloorAfterS: number;
  /** Seconds on the floor before it is an alarm of its own. 60 s: when care systems in the field begin to call (50-60 s). */
  readonly longLieAfterS: number;
  /** Seconds a body rests in a bed zone before it is in bed, and is out of it before it has left: turning over is neither. */
  readonly bedDwellS: number;
}

export const DEFAULT_ADL_SETTINGS: AdlSettings = {
  minGroundDurationS: 2,
  fallSpeed: 0.7,
  onFloorAfterS: 30,
  longLieAfterS: 60,
  bedDwellS: 2,
};
