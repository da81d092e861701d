// Small measures of a row of numbers, or of one that was taken at equal steps of time.

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Of the values as they are, not of a population they were drawn from. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** The upper one of the two in the middle; NaN for none. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export interface TimedValue {
  readonly timeS: number;
  readonly value: number;
}

/** At equal steps from the first to the last, on straight lines between the values, whose times increase. */
export function resampled(values: readonly TimedValue[], rateHz: number): readonly number[] {
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined) return [];
  const count = Math.floor((last.timeS - first.timeS) * rateHz) + 1;
  const result: number[] = [];
  let at = 0;
  for (let step = 0; step < count; step += 1) {
    const timeS = first.timeS + step / rateHz;
    while (at + 1 < values.length - 1 && (values[at + 1]?.timeS ?? timeS) < timeS) at += 1;
    const from = values[at] ?? first;
    const to = values[at + 1] ?? from;
    const span = to.timeS - from.timeS;
    const share = span > 0 ? Math.min(1, Math.max(0, (timeS - from.timeS) / span)) : 0;
    result.push(from.value + share * (to.value - from.value));
  }
  return result;
}

/** What is left when the mean of the `2 * reach + 1` values around each one is taken away: of a walk, its steps. */
export function withoutDrift(values: readonly number[], reach: number): readonly number[] {
  return values.map((value, index) => {
    // As many on either side, or the ends would lean.
    const side = Math.min(reach, index, values.length - 1 - index);
    return value - mean(values.slice(index - side, index + side + 1));
  });
}

/** A row that repeats itself does so after twice as long, too: the shortest step that is nearly the best is the period. */
const NEARLY_BEST = 0.8;

/**
 * The step in time at which a row without a drift is likest to itself, -1..1, among those where it is liker than at the
 * steps beside it; of those nearly as good the shortest. Null for a row that never changes, or has no such step.
 */
export function autocorrelationPeak(
  values: readonly number[],
  lags: { readonly from: number; readonly to: number },
): { readonly lag: number; readonly height: number } | null {
  const power = values.reduce((sum, value) => sum + value * value, 0);
  if (!(power > 0)) return null;
  const likeness = (lag: number): number => {
    if (lag >= values.length) return Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (let at = lag; at < values.length; at += 1) sum += (values[at] ?? 0) * (values[at - lag] ?? 0);
    return ((sum / power) * values.length) / (values.length - lag);
  };
  const peaks: { readonly lag: number; readonly height: number }[] = [];
  // Beyond half of the row there is too little left to compare.
  for (let lag = Math.max(1, lags.from); lag <= Math.min(lags.to, values.length >> 1); lag += 1) {
    const height = likeness(lag);
    if (height < likeness(lag - 1) || height < likeness(lag + 1)) continue;
    peaks.push({ lag, height: Math.max(-1, Math.min(1, height)) });
  }
  const best = Math.max(...peaks.map(({ height }) => height));
  return peaks.find(({ height }) => height >= NEARLY_BEST * best || height === best) ?? null;
}
