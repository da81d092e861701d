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

/** Why a camera that sends pictures shows nothing of use. */
export const BLIND_CAUSES = ["dark", "covered", "frozen", "moved"] as const;
export type BlindCause = (typeof BLIND_CAUSES)[number];

export interface Blindness {
  readonly cause: BlindCause;
  /** One sentence for people. */
  readonly reason: string;
}

/**
 * How much of a camera's pictures is analysed. `full`: as configured. `resting`: nothing moves and nobody is there, so they
 * are only decoded and compared. `reduced`: the machine cannot keep up, and every camera gets its share.
 */
export type AnalysisPace = "full" | "resting" | "reduced";

/** What vision measured of one camera over the last seconds. */
export interface CameraHealth {
  readonly analysedFps: number;
  /** Due frames that a newer one replaced, since the start. */
  readonly dropped: number;
  readonly pace: AnalysisPace;
  /** Long side of the detector's input, pixels. */
  readonly inputSize: number;
  /** What decodes: "software", or the name of a hardware decoder. */
  readonly decoder: string;
  /** Packets of the stream that could not be decoded, since it was opened. */
  readonly damagedPackets: number;
}

/** Before anything was measured. */
export const NO_HEALTH: CameraHealth = {
  analysedFps: 0,
  dropped: 0,
  pace: "full",
  inputSize: 0,
  decoder: "software",
  damagedPackets: 0,
};

/** Latest state of one camera, as shown in the panel and on MQTT. */
export interface CameraStatus extends CameraHealth {
  readonly cameraId: string;
  readonly availability: CameraAvailability;
  /** One sentence for people when it is not online; null when it is. Never holds a password. */
  readonly reason: string | null;
  /** Why its pictures show nothing of use; null when they do or when there are none. */
  readonly blind: BlindCause | null;
  readonly since: Millis;
  readonly stream: StreamInfo | null;
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
