import type { Millis } from "../core/clock.ts";
import type { EventKind } from "./events.ts";

export type AlarmState = "raised" | "acknowledged" | "cleared";

/** Kinds of events that can raise an alarm, where the mode the household is in arms them. */
export const ALARM_CAUSES = [
  "fall_confirmed",
  "long_lie",
  "on_floor",
  "bed_exit",
  "bed_edge",
  "inactivity",
  "wandering",
  "unknown_person",
  "area_blind",
] as const satisfies readonly EventKind[];
export type AlarmCause = (typeof ALARM_CAUSES)[number];

/** What a carer says an alarm was, once they have looked. */
export const ALARM_ANSWERS = ["real", "false_alarm", "test"] as const;
export type AlarmAnswer = (typeof ALARM_ANSWERS)[number];

/** What a carer must see and can acknowledge. */
export interface Alarm {
  readonly id: string;
  readonly state: AlarmState;
  readonly cause: AlarmCause;
  readonly causeEventId: string;
  /** A graver thing that happened to the same body since, such as a long lie after a fall; left out while nothing did. */
  readonly grownTo?: AlarmCause;
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly personName: string | null;
  readonly raisedAt: Millis;
  readonly acknowledgedAt: Millis | null;
  readonly acknowledgedBy: string | null;
  /** When the person was seen to be up again; null while nobody has seen it, or after another fall. */
  readonly recoveredAt: Millis | null;
  readonly clearedAt: Millis | null;
  /** How often nobody answered in time: 0 at first, then the number of the level it was escalated to. */
  readonly level: number;
  readonly escalatedAt: Millis | null;
  readonly answer: AlarmAnswer | null;
  readonly answeredAt: Millis | null;
  readonly answeredBy: string | null;
  /** Raised in a drill: everything happens as always, and everybody is told that it is one. */
  readonly test: boolean;
}
