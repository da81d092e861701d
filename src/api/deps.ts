// What the api asks of the rest of the daemon. `app.ts` hands it in; tests hand in a home made up in memory.
import type { Clock, Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Posture } from "../domain/activity.ts";
import type { Alarm } from "../domain/alarm.ts";
import type { Camera } from "../domain/camera.ts";
import type { CameraStatus, RoomState, StreamInfo } from "../domain/camera-status.ts";
import type { EventKind, HavenEvent } from "../domain/events.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";

export interface CameraView {
  readonly camera: Camera;
  readonly status: CameraStatus;
  readonly room: RoomState;
}

/** A camera as somebody entered it: ids are the daemon's to give. */
export type CameraInput = Omit<Camera, "id" | "zones"> & { readonly zones: readonly ZoneInput[] };
export type ZoneInput = Omit<Zone, "id"> & { readonly id: string | null };
export type CameraPatch = Partial<CameraInput>;

export interface CameraAdmin {
  list(): readonly CameraView[];
  get(id: string): CameraView | null;
  /** Throws AppError input.invalid or config.invalid. */
  add(camera: CameraInput): Promise<CameraView>;
  /** Throws AppError not-found, input.invalid or config.invalid. */
  update(id: string, patch: CameraPatch): Promise<CameraView>;
  /** Throws AppError not-found. */
  remove(id: string): Promise<void>;
  /** Opens a source for one picture. Throws AppError source.* with a reason for people. */
  test(
    source: string,
    signal: AbortSignal,
  ): Promise<{ readonly stream: StreamInfo; readonly jpeg: Uint8Array }>;
  /** The newest picture as JPEG. Throws AppError source.* or vision.down. */
  snapshot(id: string, signal: AbortSignal): Promise<Uint8Array>;
}

export interface EventQuery {
  /** null for every kind. */
  readonly kinds: readonly EventKind[] | null;
  readonly cameraId: string | null;
  /** Only events that came before the one with this id; null for the newest. */
  readonly before: string | null;
  /** 1..200 */
  readonly limit: number;
}

export interface TrackActivity {
  readonly posture: Posture;
  readonly fall: "suspected" | "confirmed" | null;
}

/** One analysed frame with its own picture: what is drawn over it was seen in it. */
export interface LiveFrame {
  readonly observation: FrameObservation;
  /** By track id; tracks without an entry have no posture yet. */
  readonly activity: ReadonlyMap<number, TrackActivity>;
  readonly jpeg: Uint8Array;
}

/** What viewers are told the moment it happens. `cameras` and `alarms` say that the list has to be read again. */
export type HomeNews =
  | { readonly kind: "event"; readonly event: HavenEvent }
  | { readonly kind: "camera_status"; readonly status: CameraStatus }
  | { readonly kind: "room"; readonly room: RoomState }
  | { readonly kind: "cameras" }
  | { readonly kind: "alarms" };

export interface SystemInfo {
  readonly startedAt: Millis;
  readonly vision: {
    readonly state: "starting" | "running" | "down";
    readonly provider: string | null;
    /** Why models run on the processor although graphics were asked for; null when they do not, or nobody asked. */
    readonly providerReason: string | null;
    /** When the vision process began to use the provider; null when it does not run. */
    readonly providerSince: Millis | null;
    readonly workers: number | null;
  };
  readonly mqtt: { readonly state: "off" | "connecting" | "connected"; readonly broker: string | null };
  readonly databaseBytes: number | null;
  readonly problems: readonly string[];
}

export interface ApiDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly cameras: CameraAdmin;
  readonly events: {
    /** Newest first, at most `limit`. */
    list(query: EventQuery): Promise<readonly HavenEvent[]>;
  };
  readonly alarms: {
    /** All that are not cleared, newest first. */
    list(): readonly Alarm[];
    /** The first to acknowledge stands; later ones get the alarm as it is. Throws AppError not-found. */
    acknowledge(id: string, by: string): Promise<Alarm>;
  };
  readonly live: {
    /** Frames of one camera until disposed. The pictures belong to the listener; nobody writes into them again. */
    subscribe(cameraId: string, listener: (frame: LiveFrame) => void): Disposable;
  };
  readonly news: { subscribe(listener: (news: HomeNews) => void): Disposable };
  readonly system: { info(): SystemInfo };
  readonly config: {
    /** JSON without secrets. */
    current(): unknown;
    /** JSON Schema. */
    schema(): unknown;
  };
  readonly health: { check(): boolean };
}

export interface ApiOptions {
  readonly version: string;
  /** Address to listen on, such as 127.0.0.1, 0.0.0.0 or ::. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Behind Home Assistant: only this address may connect, and it is believed about who is signed in. */
  readonly ingress: { readonly proxyAddress: string } | null;
  /** When set, api and ws ask for it: `Authorization: Bearer ...`, or `?token=` where a browser cannot set headers. */
  readonly token: string | null;
  /** Further host names the panel is reached by, for instance behind a reverse proxy. */
  readonly allowedHosts: readonly string[];
  /** Folder of the built panel; null serves no panel. */
  readonly panelDir: string | null;
}
