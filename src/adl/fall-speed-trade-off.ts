/**
 * What each falling speed found and invented on labelled clips: 104 falls of actors and 45 clips of daily living (URFD, Le2i,
 * GMDCSA-24), means over five shifts of the sampling, everything else as it is. Made by
 * `haven eval fall --manifest FILE --hold-last 5 --sampling-offsets 5 --sweep fallSpeed`; to be measured again whenever the
 * fall or floor machine changes.
 */
export const FALL_SPEED_TRADE_OFF: {
  /** Recorded falls, and recordings without one. */
  readonly falls: number;
  readonly clipsWithout: number;
  /** By falling speed, slowest first. */
  readonly rows: readonly {
    /** Body lengths per second. */
    readonly fallSpeed: number;
    /** Shares of the falls, 0..1: confirmed, and confirmed or asked after. */
    readonly detectedShare: number;
    readonly noticedShare: number;
    /** In all clips without a fall together. */
    readonly falseAlarms: number;
  }[];
} = {
  falls: 104,
  clipsWithout: 45,
  rows: [
    { fallSpeed: 0.5, detectedShare: 0.981, noticedShare: 0.981, falseAlarms: 7.2 },
    { fallSpeed: 0.55, detectedShare: 0.981, noticedShare: 0.981, falseAlarms: 5 },
    { fallSpeed: 0.6, detectedShare: 0.981, noticedShare: 0.981, falseAlarms: 3.6 },
    { fallSpeed: 0.65, detectedShare: 0.981, noticedShare: 0.981, falseAlarms: 1.2 },
    { fallSpeed: 0.7, detectedShare: 0.981, noticedShare: 0.981, falseAlarms: 0 },
    { fallSpeed: 0.75, detectedShare: 0.969, noticedShare: 0.969, falseAlarms: 0 },
    { fallSpeed: 0.8, detectedShare: 0.963, noticedShare: 0.965, falseAlarms: 0 },
    { fallSpeed: 0.85, detectedShare: 0.95, noticedShare: 0.956, falseAlarms: 0 },
    { fallSpeed: 0.9, detectedShare: 0.942, noticedShare: 0.952, falseAlarms: 0 },
  ],
};
