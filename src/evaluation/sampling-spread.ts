// How much a result depends on which frames happened to be looked at: the same clips sampled at shifted times.
import type { FallScore } from "./fall-evaluation.ts";
import { textTable } from "./text-table.ts";

export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** Of the sample (n - 1); 0 for one value. */
  readonly sd: number;
}

export interface SamplingSpread {
  readonly offsets: number;
  readonly detected: Spread;
  readonly noticed: Spread;
  readonly false_alarms: Spread;
  readonly false_notices: Spread;
  /** Medians' spread; left out where no fall's ground is labelled. */
  readonly delay_median_s?: Spread;
}

/** @param scores one for each shift, of the same clips */
export function samplingSpread(scores: readonly FallScore[]): SamplingSpread {
  const delays = scores.flatMap(({ delay_median_s }) => (delay_median_s === null ? [] : [delay_median_s]));
  return {
    offsets: scores.length,
    detected: spreadOf(scores.map((score) => score.detected)),
    noticed: spreadOf(scores.map((score) => score.noticed)),
    false_alarms: spreadOf(scores.map((score) => score.false_alarms)),
    false_notices: spreadOf(scores.map((score) => score.false_notices)),
    ...(delays.length === 0 ? {} : { delay_median_s: spreadOf(delays) }),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const count = Math.max(1, values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean: tidy(mean),
    min: values.length === 0 ? 0 : Math.min(...values),
    max: values.length === 0 ? 0 : Math.max(...values),
    sd: tidy(Math.sqrt(squares / Math.max(1, values.length - 1))),
  };
}

function tidy(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function spreadLines(spread: SamplingSpread): readonly string[] {
  const rows: [string, Spread | undefined][] = [
    ["detected", spread.detected],
    ["noticed", spread.noticed],
    ["false alarms", spread.false_alarms],
    ["false notices", spread.false_notices],
    ["median delay s", spread.delay_median_s],
  ];
  return [
    `Over ${spread.offsets} shifts of the sampling:`,
    ...textTable([
      ["", "mean", "min", "max", "sd"],
      ...rows.flatMap(([name, one]) =>
        one === undefined
          ? []
          : [[name, ...[one.mean, one.min, one.max, one.sd].map((value) => value.toFixed(2))]],
      ),
    ]),
  ];
}
