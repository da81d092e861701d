import type { Millis } from "../core/clock.ts";

export const CAMERA_AVAILABILITY = ["online", "offline", "privacy", "blind"] as const;
export type CameraAvailability = (typeof CAMERA_AVAILABILITY)[number];

export interface StreamInfo {
  readonly width: number;
  readonly height: number;
  /** Nominal frames per second; null when the container does not say. */
  readonly fps: number | null;
  readonly codec: string;
  /** Seconds; null for live sources. */
  readonly durationS: number | null;
}

/** Latest state of one camera, as shown in the panel and on MQTT. */
export interface CameraStatus {
  readonly cameraId: string;
  readonly availability: CameraAvailability;
  /** One sentence for people when it is not online; null when it is. Never holds a password. */
  readonly reason: string | null;
  readonly since: Millis;
  readonly stream: StreamInfo | null;
  /** Frames analysed per second over the last seconds, and how many newer frames replaced ones not yet analysed. */
  readonly analysedFps: number;
  readonly dropped: number;
}

/** What the daemon knows of one camera's room right now: retained on MQTT, shown in the panel. */
export interface RoomState {
  readonly cameraId: string;
  readonly occupied: boolean;
  readonly personCount: number;
  /** Latched: on from a confirmed fall until it is acknowledged or the person has recovered. */
  readonly fall: boolean;
  /** null when the camera has no bed zone. */
  readonly bedOccupied: boolean | null;
}
