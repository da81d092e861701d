import type { Alarm } from "./alarm.ts";
import type { Camera } from "./camera.ts";
import type { CameraStatus, RoomState } from "./camera-status.ts";
import type { CareState, DaySummary } from "./care.ts";
import type { HavenEvent } from "./events.ts";

/** What goes over the daemon's one event bus (slow path: a few a minute). Frames do not. */
export interface BusEvents {
  /** Recorded: it is on disk. */
  readonly event: HavenEvent;
  readonly camera_status: CameraStatus;
  readonly room_state: RoomState;
  /** Every alarm that is not cleared, newest first. */
  readonly alarms: readonly Alarm[];
  readonly care: CareState;
  /** The day so far; every few minutes. */
  readonly day: DaySummary;
  /** All cameras as configured now. */
  readonly cameras: readonly Camera[];
}
