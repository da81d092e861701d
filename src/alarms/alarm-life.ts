// The phases of an alarm and the ways between them, and what the room of alarms knows of one beyond what it shows.
import type { Millis } from "../core/clock.ts";
import { defineMachine, type KindOf, type Reachable } from "../core/transitions.ts";
import type { Alarm, AlarmState } from "../domain/alarm.ts";

export const ALARM_MACHINE = defineMachine({
  name: "Alarm",
  about:
    "An alarm from its cause until it is over. It latches: while nobody acknowledges it stays, and is told to others in turn.",
  initial: "none",
  transitions: [
    {
      from: "none",
      to: "raised",
      when: "what the mode arms happens and no snooze holds it back; a long lie in any case",
      tells: ["alarm_raised"],
    },
    {
      from: "raised",
      to: "escalated",
      when: "nobody acknowledged within the time of a level",
      tells: ["alarm_escalated"],
    },
    {
      from: "escalated",
      to: "escalated",
      when: "nobody acknowledged within the time of the next level, or until the last is repeated",
      tells: ["alarm_escalated"],
    },
    {
      from: "raised",
      to: "acknowledged",
      when: "somebody acknowledges or answers it",
      tells: ["alarm_acknowledged"],
    },
    {
      from: "escalated",
      to: "acknowledged",
      when: "somebody acknowledges or answers it",
      tells: ["alarm_acknowledged"],
    },
    {
      from: "raised",
      to: "cleared",
      when: "the person has been up again for a while, where the household lets that clear it",
      tells: ["alarm_cleared"],
    },
    {
      from: "escalated",
      to: "cleared",
      when: "the person has been up again for a while, where the household lets that clear it",
      tells: ["alarm_cleared"],
    },
    {
      from: "acknowledged",
      to: "cleared",
      when: "the person is up again, or its time on the list is over",
      tells: ["alarm_cleared"],
    },
  ],
});

type Table = typeof ALARM_MACHINE;
export type AlarmPhase = Exclude<KindOf<Table>, "none">;
export type OpenPhase = Exclude<AlarmPhase, "cleared">;

/** A body as one camera sees it. Track ids and media time hold within one run of the daemon only. */
export interface AlarmSubject {
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly trackId: number | null;
  readonly personId: string | null;
  /** When it happened: for somebody on the floor, when they reached it. Media time of this camera. */
  readonly atS: number | null;
  /** The same as wall time, which cameras share. */
  readonly at: Millis;
  /** When this camera saw them up, or back in bed; null while they are not. */
  readonly upAt: Millis | null;
}

/** An alarm in a phase. Times in `run` are on this run's monotonic clock: no jump of the wall clock moves them. */
export interface AlarmLife<Phase extends AlarmPhase = AlarmPhase> {
  readonly phase: Phase;
  readonly alarm: Alarm;
  /** Whom it is about, one for each camera that sees them; none for an alarm of an earlier run. */
  readonly subjects: readonly AlarmSubject[];
  /** How often its level has been told. */
  readonly round: number;
  readonly run: {
    readonly raisedAt: Millis;
    readonly escalatedAt: Millis | null;
    readonly acknowledgedAt: Millis | null;
    readonly recoveredAt: Millis | null;
  };
}

export type OpenAlarm = { readonly [Phase in OpenPhase]: AlarmLife<Phase> }[OpenPhase];

/** What changes with a transition, besides the phase. */
interface Change {
  readonly alarm: Partial<Omit<Alarm, "id" | "state">>;
  readonly round?: number;
  readonly run?: Partial<AlarmLife["run"]>;
}

/** The alarm in its next phase; only the table's transitions compile. */
export function moved<From extends AlarmPhase, To extends Reachable<Table, From> & AlarmPhase>(
  life: AlarmLife<From>,
  to: To,
  { alarm, round, run }: Change,
): AlarmLife<To> {
  return {
    phase: to,
    alarm: { ...life.alarm, ...alarm, state: stateOf(to) },
    subjects: life.subjects,
    round: round ?? life.round,
    run: { ...life.run, ...run },
  };
}

function stateOf(phase: AlarmPhase): AlarmState {
  return phase === "escalated" ? "raised" : phase;
}

/**
 * An alarm of an earlier run, as old as the wall clock says now, and at least as old as it was when it was last told: a
 * clock that lost its time begins no level again. null for one that is over.
 */
export function resumed(alarm: Alarm, round: number, time: RunTime): OpenAlarm | null {
  const ago = (at: Millis): Millis => time.run - Math.max(0, time.now - at);
  const { raisedAt, escalatedAt, acknowledgedAt, recoveredAt } = alarm;
  const life = {
    alarm,
    subjects: [],
    round,
    run: {
      raisedAt: Math.min(ago(raisedAt), time.run - Math.max(0, (escalatedAt ?? raisedAt) - raisedAt)),
      escalatedAt: escalatedAt === null ? null : ago(escalatedAt),
      acknowledgedAt: acknowledgedAt === null ? null : ago(acknowledgedAt),
      recoveredAt: recoveredAt === null ? null : ago(recoveredAt),
    },
  };
  switch (alarm.state) {
    case "raised":
      return alarm.level > 0 ? { ...life, phase: "escalated" } : { ...life, phase: "raised" };
    case "acknowledged":
      return { ...life, phase: "acknowledged" };
    case "cleared":
      return null;
  }
}

/** The same moment on both clocks. */
export interface RunTime {
  /** Wall time. */
  readonly now: Millis;
  /** Monotonic. */
  readonly run: Millis;
}
