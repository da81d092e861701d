// The thresholds that decide a fall or a notice, for whoever measures what each of them does.
import type { AdlSettings } from "./adl-settings.ts";
import type { FallRules } from "./fall-rules.ts";

export interface Sweepable {
  /** Of AdlSettings, or of FALL_RULES. */
  readonly name: keyof FallRules | Exclude<keyof AdlSettings, "rules">;
  /** Plausible ones, the default included. */
  readonly values: readonly number[];
  readonly reason: string;
}

export const SWEEPABLE: readonly Sweepable[] = [
  {
    name: "fallSpeed",
    values: [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9],
    reason:
      "a choice for the household: falls have a median of 1.19 L/s, lying down on purpose one of .61 and a maximum of .74",
  },
  {
    name: "minGroundDurationS",
    values: [1.5, 2, 2.5, 3],
    reason: "shorter alarms on kneeling and stooping, longer only delays",
  },
  {
    name: "topWithinS",
    values: [0.8, 1, 1.2, 1.5, 2],
    reason: "a fall takes .5 to 1.5 s from leaving balance to the ground",
  },
  {
    name: "minDrop",
    values: [0.2, 0.24, 0.28, 0.32, 0.36],
    reason: "head and shoulders of somebody seated are .3 L above those of somebody lying; a nod is below .2",
  },
  {
    name: "regained",
    values: [0.3, 0.4, 0.5, 0.6, 0.7],
    reason: "sitting up on the floor regains a third, a chair half to two thirds, standing all of it",
  },
  {
    name: "leastRise",
    values: [0.05, 0.1, 0.15, 0.2, 0.25],
    reason: "a head lifted off the floor rises by .1 L, and a pose jitters by .02",
  },
  {
    name: "downShare",
    values: [0.5, 0.6, 0.7, 0.8, 0.9],
    reason: "three frames in ten may show a wrong pose in the dark or from above",
  },
  {
    name: "fallenShare",
    values: [0.2, 0.35, 0.5, 0.65, 0.8],
    reason: "nine frames in ten of people on the floor look fallen, one in fifty of others",
  },
  {
    name: "minFrames",
    values: [2, 3, 4, 5, 6],
    reason: "a wrong pose lasts for two or three frames",
  },
  {
    name: "deepDrop",
    values: [0.4, 0.45, 0.5, 0.55, 0.6, 0.65],
    reason: "sitting down is .35 to .46 L",
  },
  {
    name: "hardSpeed",
    values: [1, 1.15, 1.3, 1.5, 1.7],
    reason:
      "dropping onto a chair reaches .96 L/s, 1.3 times the falling speed is .91 for .2 s together with deepDrop",
  },
  {
    name: "beyondBending",
    values: [0.75, 0.8, 0.85, 0.9, 0.95],
    reason: "head and shoulders are .88 L above the feet of somebody standing",
  },
  {
    name: "wandering",
    values: [0.7, 0.85, 1, 1.2, 1.5],
    reason: "whoever fell stays within their own length",
  },
  {
    name: "jumpShare",
    values: [0.5, 0.6, 0.7, 0.8, 0.9, 1],
    reason: "a fall of .5 s spreads over five frames, a pose that jumps to a chair over one",
  },
  {
    name: "slowSpeed",
    values: [0.55, 0.6, 0.65, 0.7, 0.8, 1],
    reason: "hands, knees or a mattress take a third of the speed out of a fall; 1 finds fast falls only",
  },
  {
    name: "settledWay",
    values: [0.1, 0.13, 0.16, 0.19, 0.22, 0.26],
    reason: "knees and hands stop a controlled descent .25 to .4 L above the ground, a fall ends there",
  },
  {
    name: "slowLyingShare",
    values: [0.35, 0.43, 0.5, 0.57, 0.65],
    reason:
      "sitting down fast looks like lying in a third of the frames at most, a slow fall in more than half",
  },
  {
    name: "lowHeight",
    values: [0.5, 0.55, 0.6, 0.65, 0.7],
    reason: "on hands and knees and seated a body is .55 to .8 L high, lying below .5",
  },
  {
    name: "doubtSpeed",
    values: [0.5, 0.6, 0.65, 0.7, 0.8],
    reason: "getting to the floor by way of knees and hands stays below half of the falling speed",
  },
  {
    name: "doubtDrop",
    values: [0.25, 0.29, 0.33, 0.37, 0.41],
    reason: "from a chair to the floor head and shoulders come down by .3 to .4 L",
  },
  {
    name: "doubtWithinS",
    values: [1, 1.5, 2, 2.5, 3],
    reason: "a fall in two stages takes up to 2 s, whoever sat down first has been on the chair for longer",
  },
  {
    name: "doubtAfterS",
    values: [3, 5, 7, 10],
    reason: "soon enough to help, late enough for somebody who only dropped something to be up again",
  },
  {
    name: "vanishedAfterS",
    values: [5, 10, 15, 20],
    reason: "whoever went behind furniture for something comes up again within ten seconds",
  },
];
