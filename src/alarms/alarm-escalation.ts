// Whom an alarm is told next while nobody acknowledges it. Pure. Also of somebody who is up again: that they fell is still
// unanswered, and a household that trusts recovery has a setting for it.
import type { Millis } from "../core/clock.ts";
import type { OpenAlarm } from "./alarm-life.ts";

export interface Escalation {
  /** In the order of their times, seconds after the alarm was raised. */
  readonly levels: readonly { readonly name: string; readonly afterS: number }[];
  /** The last level is told again after this; 0: once. */
  readonly repeatS: number;
}

export interface DueLevel {
  /** Counted from 1. */
  readonly level: number;
  readonly name: string;
  /** How often this level has been told with this one. */
  readonly round: number;
}

/** The highest level whose time has come and that was not told yet, or the last one once more; null when none is due. */
export function dueEscalation(open: OpenAlarm, escalation: Escalation, runMs: Millis): DueLevel | null {
  if (open.phase === "acknowledged") return null;
  const { levels } = escalation;
  const age = runMs - open.run.raisedAt;
  const reached = levels.filter(({ afterS }) => afterS * 1000 <= age).length;
  const { level } = open.alarm;
  if (reached > level) return { level: reached, name: nameOf(levels, reached), round: 1 };
  const repeat = repeatAt(open, escalation);
  return repeat !== null && repeat <= runMs
    ? { level, name: nameOf(levels, level), round: open.round + 1 }
    : null;
}

/** When the next level, or the last one again, falls due; null for never. */
export function nextEscalationAt(open: OpenAlarm, escalation: Escalation): Millis | null {
  if (open.phase === "acknowledged") return null;
  const next = escalation.levels[open.alarm.level];
  return next === undefined ? repeatAt(open, escalation) : open.run.raisedAt + next.afterS * 1000;
}

function repeatAt({ alarm, run }: OpenAlarm, { levels, repeatS }: Escalation): Millis | null {
  // A level that the household has since taken away counts as the last there is.
  const isLast = levels.length > 0 && alarm.level >= levels.length;
  return isLast && repeatS > 0 && run.escalatedAt !== null ? run.escalatedAt + repeatS * 1000 : null;
}

function nameOf(levels: Escalation["levels"], level: number): string {
  return levels[Math.min(level, levels.length) - 1]?.name ?? "";
}
