import type { AdlSettings } from "./adl-settings.ts";

/**
 * The numbers that decide a fall or a notice, each with its reason. Lengths in body lengths L, speeds in L/s. All but the
 * speeds lie on plateaus: within the ranges in brackets the outcome of 149 clips changes by at most two.
 */
export const FALL_RULES = {
  /** The top of the descent is looked for this far back, s: a fall takes .5 to 1.5 s from leaving balance [1-1.5]. */
  topWithinS: 1.2,
  /** Head and shoulders come down by at least this much, or it was a nod [.2-.36]. */
  minDrop: 0.28,
  /** Up is to have regained this share of the drop [.4-.6], and at least so much: heads of people who lie do move. */
  regained: 0.5,
  leastRise: 0.15,
  /** Share of the frames on the ground that must be down [.5-.9], and share that must look fallen [.2-.9]. */
  downShare: 0.7,
  fallenShare: 0.5,
  /** Seen in fewer frames than this, the look of somebody says nothing. */
  minFrames: 4,
  /**
   * Down so far [.4-.65] and so much faster than the falling speed [1-1.5], only the ground can have stopped it, whatever
   * it looks like there or whether it is seen at all. Sitting down is .35 to .46 L and below .96 L/s.
   */
  deepDrop: 0.5,
  hardSpeed: 1.3,
  /** Head and shoulders are .88 L above the feet: so far down nobody stands bent, though legs may seem upright. */
  beyondBending: 0.85,
  /** Whoever is further from where they landed than this [.7-1.5] walks: a track has changed over to a passer-by. */
  wandering: 1,
  /** A pose that jumps to a chair covers more than this share of the way in one frame [.5-1]; a body never does. */
  jumpShare: 0.7,
  /** A fall that hands, knees or a mattress slow down still has this share of the falling speed. */
  slowSpeed: 0.65,
  /**
   * How much further head and shoulders come down once the descent is over. What falls is stopped by the ground: nothing
   * is left to come down. Who lies down on purpose is first stopped by knees and hands, with a quarter of a body still to
   * lower.
   */
  settledWay: 0.16,
  /** Lies in this share of the frames of the first second. Sitting down, as fast as that, looks so in a third at most. */
  slowLyingShare: 0.5,
  /** Height of the box on the ground, L. On hands and knees it is .55 to .8, seated .65 to .8. */
  lowHeight: 0.6,
  /** A way down that deserves a question soon: this share of the falling speed, down by so much ... */
  doubtSpeed: 0.65,
  doubtDrop: 0.33,
  /** ... and on the ground so soon after, s: in two stages it may be, but nobody rested on a chair in between. */
  doubtWithinS: 2,
  /** Seconds on the ground before that question, lying; nobody lies down on the floor that fast and is well, but for sport. */
  doubtAfterS: 5,
  /** The same for somebody who sits there: sitting down on the floor in haste is common with children about. */
  seatedDoubtAfterS: 15,
  /** Seconds after which somebody lost on the way down is asked after. */
  vanishedAfterS: 10,
} as const;

export type FallRules = { readonly [Rule in keyof typeof FALL_RULES]: number };

/** The rules in force: the evaluation may vary them, a household may not. */
export function rulesOf({ rules }: Pick<AdlSettings, "rules">): FallRules {
  return rules === undefined ? FALL_RULES : { ...FALL_RULES, ...rules };
}
