import type { Millis } from "../core/clock.ts";
import type { EventKind } from "./events.ts";

export type AlarmState = "raised" | "acknowledged" | "cleared";

/** What a carer must see and can acknowledge. */
export interface Alarm {
  readonly id: string;
  readonly state: AlarmState;
  readonly cause: EventKind;
  readonly causeEventId: string;
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly personName: string | null;
  readonly raisedAt: Millis;
  readonly acknowledgedAt: Millis | null;
  readonly acknowledgedBy: string | null;
  /** When the person was seen to be up again; null while nobody has seen it, or after another fall. */
  readonly recoveredAt: Millis | null;
  readonly clearedAt: Millis | null;
}
