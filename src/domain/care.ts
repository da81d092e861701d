// How the household is cared for right now: which alarms are armed, what is snoozed, whether a drill is under way, and what
// a day was like.
import type { Millis } from "../core/clock.ts";
import type { AlarmCause } from "./alarm.ts";

/** `auto` is home by day and night within the household's night hours. */
export const MODES = ["auto", "home", "night", "away"] as const;
export type Mode = (typeof MODES)[number];
export type EffectiveMode = Exclude<Mode, "auto">;

/** Alarms of an area held back for a while. Never a long lie, and never for ever. */
export interface Snooze {
  /** null: the whole house. */
  readonly area: string | null;
  readonly reason: "hand" | "carer";
  /** Who snoozed, or the carer's name. */
  readonly by: string;
  readonly since: Millis;
  /** null: until the carer has left the room. */
  readonly until: Millis | null;
}

export const DRILL_STAGES = [
  "started",
  "person_seen",
  "fall_suspected",
  "fall_confirmed",
  "alarm_raised",
  "delivered",
  "acknowledged",
  "recovered",
] as const;
export type DrillStage = (typeof DRILL_STAGES)[number];

/** A walk-through test of the whole chain. Its alarms are marked as tests; it ends by itself. */
export interface Drill {
  readonly id: string;
  /** null: any camera. */
  readonly cameraId: string | null;
  readonly by: string;
  readonly startedAt: Millis;
  readonly until: Millis;
  /** Stages reached so far, in order. `delayS`: seconds after the body reached the ground; null before it did. */
  readonly stages: readonly {
    readonly stage: DrillStage;
    readonly at: Millis;
    readonly delayS: number | null;
  }[];
}

export interface CareState {
  readonly mode: Mode;
  readonly effectiveMode: EffectiveMode;
  /** What raises an alarm in this mode. */
  readonly armed: readonly AlarmCause[];
  readonly snoozes: readonly Snooze[];
  readonly drill: Drill | null;
}

/** One area's day so far, seconds. null: the area has nothing drawn that would tell. */
export interface AreaDay {
  readonly area: string;
  /** Nobody could have been seen: offline, dark, privacy, vision down. */
  readonly blindS: number;
  readonly occupiedS: number;
  readonly inBedS: number | null;
  readonly bedExits: number;
  readonly falls: number;
}

/** What lies behind a door that somebody went through and came back from. */
export interface DoorDay {
  /** Where the door leads. */
  readonly leadsTo: string;
  readonly visits: number;
  readonly seconds: number;
}

export interface DaySummary {
  /** Local day, such as 2026-11-20. */
  readonly date: string;
  readonly areas: readonly AreaDay[];
  readonly doors: readonly DoorDay[];
  readonly alarms: number;
  readonly falseAlarms: number;
}
