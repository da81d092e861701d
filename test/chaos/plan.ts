// What happens in which round, drawn from a seed: the same seed, the same rounds.
import { randomNumbers } from "../../src/bench/random-numbers.ts";

export const FAULTS = [
  "daemon killed",
  "daemon killed between steps",
  "vision killed",
  "broker killed",
  "network cut",
  "network silent",
  "broker frozen",
  "disk full",
  "clock forward",
  "clock back",
] as const;
export type Fault = (typeof FAULTS)[number];

/** Moments on an alarm's way at which the daemon can be made to die, in their order. */
export const STEPS = [
  "decided",
  "writing",
  "committed",
  "told",
  "fall noted as sent",
  "fall sent",
  "fall confirmed by the broker",
  "fall noted as delivered",
  "alarm noted as sent",
  "alarm sent",
  "alarm confirmed by the broker",
] as const;
export type Step = (typeof STEPS)[number];

/** In the environment of the daemon: where it dies, and the file that says how far its wall clock is off. */
export const STEP_VARIABLE = "HAVEN_CHAOS_STEP";
export const CLOCK_VARIABLE = "HAVEN_CHAOS_CLOCK";

export interface RoundPlan {
  readonly number: number;
  readonly fault: Fault;
  /** From the moment the fall should be confirmed to the fault, milliseconds. */
  readonly offsetMs: number;
  /** How long what fails stays away, milliseconds. */
  readonly awayMs: number;
  /** Only for a daemon that is killed between steps. */
  readonly step: Step;
  /** Only for a clock that jumps. */
  readonly jumpMs: number;
  /** How the daemon is restarted at the end. */
  readonly restart: "SIGTERM" | "SIGKILL";
}

const BEFORE_MS = 2_000;
const AFTER_MS = 3_000;
/** What starts a process that has died takes at least so long to see it and at most so long to act. */
const RESTARTED_MS = { from: 100, to: 2_000 };
const OUTAGE_MS = { from: 1_000, to: 60_000 };
const JUMP_MS = { from: 60_000, to: 30 * 86_400_000 };

export function planRounds(
  seed: number,
  options: { readonly rounds: number; readonly faults: readonly Fault[]; readonly longestOutageMs?: number },
): readonly RoundPlan[] {
  const { rounds, faults, longestOutageMs = OUTAGE_MS.to } = options;
  const draw = randomNumbers(seed);
  for (let skipped = 0; skipped < 5; skipped += 1) draw();
  let steps = 0;
  return Array.from({ length: rounds }, (_, index): RoundPlan => {
    const fault = faults[index % faults.length] ?? "daemon killed";
    // All numbers are drawn in every round: one fault more does not change the others.
    const [offset, away, jump, restart] = [draw(), draw(), draw(), draw()];
    const step = STEPS[steps % STEPS.length] ?? "decided";
    if (fault === "daemon killed between steps") steps += 1;
    const outage = fault.startsWith("network") || fault === "broker frozen" || fault === "disk full";
    const range = outage ? { from: OUTAGE_MS.from, to: longestOutageMs } : RESTARTED_MS;
    return {
      number: index + 1,
      fault,
      offsetMs: -BEFORE_MS + offset * (BEFORE_MS + AFTER_MS),
      awayMs: logUniform(range, away),
      step,
      jumpMs: logUniform(JUMP_MS, jump) * (fault === "clock back" ? -1 : 1),
      restart: restart < 0.5 ? "SIGTERM" : "SIGKILL",
    };
  });
}

/** As many between 1 and 2 as between 10 and 20: short ones are as interesting as long ones. */
function logUniform({ from, to }: { readonly from: number; readonly to: number }, draw: number): number {
  return from * (to / from) ** draw;
}
