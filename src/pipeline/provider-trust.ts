// Whether models may run on the graphics again after the vision process died there. A bad driver does not throw, it
// crashes: the processor is slower and always there. Pure; times are monotonic milliseconds.
import type { Millis } from "../core/clock.ts";

export interface ProviderTrust {
  /** Deaths that may have been the graphics', lately. */
  readonly deaths: readonly Millis[];
  /** How often they were given up. */
  readonly givenUp: number;
  /** Until when models run on the processor; null when they need not. */
  readonly until: Millis | null;
}

export const FULL_TRUST: ProviderTrust = { deaths: [], givenUp: 0, until: null };

const WINDOW: Millis = 10 * 60_000;
const FIRST_PAUSE: Millis = 6 * 60 * 60_000;
const LONGEST_PAUSE: Millis = 48 * 60 * 60_000;

/**
 * A death while models ran, or may have run, on the graphics. One that can be laid to nobody else is theirs; where a stream
 * was being decoded as well, it takes two in ten minutes.
 */
export function distrust(
  trust: ProviderTrust,
  death: { readonly at: Millis; readonly othersSuspected: boolean },
): ProviderTrust {
  const { at, othersSuspected } = death;
  const deaths = [...trust.deaths.filter((other) => at - other <= WINDOW), at];
  if (othersSuspected && deaths.length < 2) return { ...trust, deaths };
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** trust.givenUp);
  return { deaths: [], givenUp: trust.givenUp + 1, until: at + pause };
}

export function isDistrusted(trust: ProviderTrust, at: Millis): boolean {
  return trust.until !== null && at < trust.until;
}
