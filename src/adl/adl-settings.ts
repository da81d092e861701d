// What a household may set about falls and beds. Everything else in this room is physics and stands beside its rule.

export interface AdlSettings {
  /** Seconds on the ground before a fall is confirmed. 2 s: shorter alarms on kneeling and stooping, longer only delays. */
  readonly minGroundDurationS: number;
  /**
   * Descent of head and shoulders that counts as falling, body lengths per second (1 L/s is about 1.7 m/s). Lower finds
   * slower falls and alarms on lying down in haste; between .65 and .8 the two balance (falls: median 1.19 L/s, 5th
   * percentile .67-.92; lying down on purpose: median .61, maximum .74).
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
