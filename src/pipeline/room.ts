// What the daemon keeps of one camera's room.
import type { Millis } from "../core/clock.ts";
import type { Posture } from "../domain/activity.ts";
import type { Camera } from "../domain/camera.ts";
import type { Blindness, CameraStatus, RoomState, StreamInfo } from "../domain/camera-status.ts";
import { type ActivitySettings, CameraActivity, type RoomOccupancy } from "./camera-activity.ts";
import { firstStatus } from "./camera-availability.ts";

const EMPTY: RoomOccupancy = { occupied: false, personCount: 0, bedOccupied: null };

export interface Room {
  camera: Camera;
  readonly activity: CameraActivity;
  status: CameraStatus;
  occupancy: RoomOccupancy;
  state: RoomState;
  postures: ReadonlyMap<number, Posture>;
  falls: ReadonlyMap<number, "suspected" | "confirmed">;
  /** Tracks of those in a drawn bed. */
  inBed: ReadonlySet<number>;
  /** Whether whoever was seen last lay. */
  lying: boolean;
  /** What the connection says; whether the pictures show anything is another matter. */
  connected: { readonly stream: StreamInfo } | null;
  blind: Blindness | null;
  closing: Disposable | null;
  /** Whether the camera was said to be online or offline before: the first connecting is not news. */
  announced: boolean;
}

/** `fall`: whether an alarm of a fall in this room stands from before. */
export function newRoom(
  camera: Camera,
  settings: ActivitySettings,
  { now, fall }: { readonly now: Millis; readonly fall: boolean },
): Room {
  const hasBed = camera.zones.some((zone) => zone.kind === "bed");
  const occupancy = hasBed ? { ...EMPTY, bedOccupied: false } : EMPTY;
  return {
    camera,
    activity: new CameraActivity(camera, settings),
    status: firstStatus(camera, now),
    occupancy,
    state: { cameraId: camera.id, ...occupancy, fall },
    postures: new Map(),
    falls: new Map(),
    inBed: new Set(),
    lying: false,
    connected: null,
    blind: null,
    closing: null,
    announced: false,
  };
}
