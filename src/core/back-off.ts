import type { Millis } from "./clock.ts";

export interface BackOffPolicy {
  readonly first: Millis;
  readonly max: Millis;
  /** Multiplied at every attempt. */
  readonly factor: number;
  /** Share of the delay that is drawn at random, so that many cameras do not come back in step. 0..1 */
  readonly jitter: number;
}

export const RECONNECT: BackOffPolicy = { first: 500, max: 30_000, factor: 2, jitter: 0.25 };

/** Delay before attempt `attempt` (0 is the first retry). `random` is in 0..1. */
export function backOffDelay(policy: BackOffPolicy, attempt: number, random: number): Millis {
  const full = Math.min(policy.max, policy.first * policy.factor ** Math.min(attempt, 30));
  return full * (1 - policy.jitter * random);
}
