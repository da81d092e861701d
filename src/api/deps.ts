// What the api asks of the rest of the daemon. `app.ts` hands it in; tests hand in a home made up in memory.
import type { Clock, Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Posture } from "../domain/activity.ts";
import type { Alarm, AlarmAnswer, AlarmCause } from "../domain/alarm.ts";
import type { Camera } from "../domain/camera.ts";
import type { CameraStatus, RoomState, StreamInfo } from "../domain/camera-status.ts";
import type { CareState, DaySummary, EffectiveMode, Mode } from "../domain/care.ts";
import type { EventKind, HavenEvent } from "../domain/events.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { PersonAdmin, TrackIdentities } from "./person-deps.ts";

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
  /** null for everybody's, and nobody's. */
  readonly personId: string | null;
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
  readonly identities: TrackIdentities;
  readonly jpeg: Uint8Array;
}

/** The moments around an alarm: what vision saw, and the zones as they were drawn then. */
export interface AlarmClip {
  readonly cameraId: string;
  readonly raisedAt: Millis;
  /** In the order of their time. */
  readonly frames: readonly FrameObservation[];
  readonly zones: readonly Zone[];
}

/** What carers do. `by` is who does it, for everybody to see. */
export interface CareAdmin {
  state(): CareState;
  setMode(mode: Mode, by: string): Promise<CareState>;
  /** `area` null: the whole house. Throws AppError input.invalid when it is longer than a snooze may be. */
  snooze(request: {
    readonly minutes: number;
    readonly area: string | null;
    readonly by: string;
  }): Promise<CareState>;
  /** Ends the snooze by hand of this area, or of the whole house; nothing happens where there is none. */
  endSnooze(area: string | null, by: string): Promise<CareState>;
  /** `cameraId` null: any. Throws AppError conflict while another drill is under way. */
  startDrill(cameraId: string | null, by: string): Promise<CareState>;
  /** Nothing happens where there is none. */
  endDrill(by: string): Promise<CareState>;
}

/** The settings a household changes from the panel, named as in the configuration; sections may hold more. */
export interface HouseholdSettings {
  readonly adl: {
    readonly fallSpeed: number;
    readonly bedEdgeAfterS: number;
    readonly nightFrom: string;
    readonly nightUntil: string;
    readonly inactivityAfterMinutes: number;
    readonly wanderingAfterMinutes: number;
  };
  readonly alarms: {
    readonly armed: Readonly<Record<EffectiveMode, readonly AlarmCause[]>>;
    readonly snoozeMaxMinutes: number;
    readonly escalation: readonly { readonly name: string; readonly afterS: number }[];
  };
}
export type AdlPatch = Partial<HouseholdSettings["adl"]>;
export type AlarmsPatch = Partial<Pick<HouseholdSettings["alarms"], "armed">>;

/** What each value of the falling speed found and invented, as it was measured. */
export interface TradeOff {
  /** Recorded falls, and recordings without one. */
  readonly falls: number;
  readonly clipsWithout: number;
  /** By falling speed, slowest first; empty while nothing has been measured. */
  readonly rows: readonly {
    /** Body lengths per second. */
    readonly fallSpeed: number;
    /** Shares of the falls, 0..1. */
    readonly detectedShare: number;
    readonly noticedShare: number;
    /** In all clips without a fall together. */
    readonly falseAlarms: number;
  }[];
}

/**
 * What viewers are told the moment it happens. `cameras`, `alarms`, `persons` and `presence` say that the list has to be read
 * again.
 */
export type HomeNews =
  | { readonly kind: "event"; readonly event: HavenEvent }
  | { readonly kind: "camera_status"; readonly status: CameraStatus }
  | { readonly kind: "room"; readonly room: RoomState }
  | { readonly kind: "cameras" }
  | { readonly kind: "alarms" }
  | { readonly kind: "care"; readonly care: CareState }
  | { readonly kind: "day"; readonly day: DaySummary }
  | { readonly kind: "persons" }
  | { readonly kind: "presence" };

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
    /** The newest, cleared ones included, newest first; at most `limit`. */
    recent(limit: number): Promise<readonly Alarm[]>;
    /** The last answer stands; a raised alarm is acknowledged by it. Throws AppError not-found. */
    answer(id: string, answer: AlarmAnswer, by: string): Promise<Alarm>;
    /** null where nothing was recorded, or not yet. Throws AppError not-found for an alarm that is not there. */
    clip(id: string): Promise<AlarmClip | null>;
  };
  readonly care: CareAdmin;
  readonly persons: PersonAdmin;
  readonly days: {
    /** Local days, both included, oldest first; `from` null is six days before `to`, `to` null is today as far as it is. */
    list(from: string | null, to: string | null): Promise<readonly DaySummary[]>;
    /** null until the first of it is known. */
    today(): DaySummary | null;
  };
  readonly settings: {
    current(): HouseholdSettings;
    /** Both throw AppError config.invalid for what the configuration does not allow, and then change nothing. */
    updateAdl(patch: AdlPatch): Promise<void>;
    updateAlarms(patch: AlarmsPatch): Promise<void>;
    /** What the configuration allows for the falling speed. */
    readonly fallSpeed: { readonly least: number; readonly most: number; readonly default: number };
  };
  readonly sensitivity: { tradeOff(): TradeOff };
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
