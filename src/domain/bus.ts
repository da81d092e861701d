import type { Alarm } from "./alarm.ts";
import type { Camera } from "./camera.ts";
import type { CameraStatus, RoomState } from "./camera-status.ts";
import type { CareState, DaySummary } from "./care.ts";
import type { HavenEvent } from "./events.ts";
import type { AreaPresence, PersonPresence, TrackIdentity } from "./identity.ts";

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
  /** Who a track is taken for, when that changes. */
  readonly identity: TrackIdentity;
  /** Somebody was added, renamed, merged, forgotten: the list of persons has to be read again. */
  readonly persons: undefined;
  /** Where somebody is, when that changes. */
  readonly person_presence: PersonPresence;
  /** Somebody is no longer followed: forgotten, merged or without a name again. */
  readonly person_gone: { readonly personId: string };
  readonly area_presence: AreaPresence;
  /** All cameras as configured now. */
  readonly cameras: readonly Camera[];
}
