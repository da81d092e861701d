// The JSON of the HTTP and WebSocket wire, as the daemon sends it and the panel reads it: types only. Names are
// snake_case, times are ISO 8601 in UTC, lengths are shares of the picture (0..1), confidences are 0..1.
import type { Posture } from "../domain/activity.ts";
import type { AlarmAnswer, AlarmCause, AlarmState } from "../domain/alarm.ts";
import type { AnalysisPace, BlindCause, CameraAvailability } from "../domain/camera-status.ts";
import type { WireEvent } from "../domain/events.ts";
import type { TrackState } from "../domain/track.ts";
import type { ZoneKind } from "../domain/zone.ts";
import type { CareJson, DayJson } from "./care-contract.ts";
import type { PresenceJson, TrackPersonJson } from "./person-contract.ts";

export interface StreamJson {
  readonly width: number;
  readonly height: number;
  readonly fps: number | null;
  readonly codec: string;
  readonly duration_s: number | null;
}

export interface ZoneJson {
  readonly id: string;
  readonly name: string;
  readonly kind: ZoneKind;
  /** Of a door: the room behind it, or "outside"; null where it does not matter. */
  readonly leads_to: string | null;
  /** At least three corners, [x, y] each. */
  readonly polygon: readonly (readonly [number, number])[];
}

export interface CameraStatusJson {
  readonly camera_id: string;
  readonly availability: CameraAvailability;
  /** One sentence for people when it is not online; null when it is. */
  readonly reason: string | null;
  readonly since: string;
  readonly stream: StreamJson | null;
  /** Why its pictures show nothing of use; null when they do or when there are none. */
  readonly blind: BlindCause | null;
  readonly analysed_fps: number;
  readonly dropped: number;
  /** How much of its pictures is analysed. */
  readonly pace: AnalysisPace;
  /** Long side of the detector's input, pixels; null before the first picture. */
  readonly detector_input: number | null;
  /** "software", or the hardware decoder's name. */
  readonly decoder: string;
  readonly damaged_packets: number;
}

export interface RoomJson {
  readonly camera_id: string;
  readonly occupied: boolean;
  readonly person_count: number;
  readonly fall: boolean;
  readonly bed_occupied: boolean | null;
}

export interface CameraJson {
  readonly id: string;
  readonly name: string;
  readonly area: string | null;
  /** Without user, password and query: never enough to open the stream. */
  readonly source: string;
  readonly enabled: boolean;
  readonly privacy: boolean;
  readonly zones: readonly ZoneJson[];
  /** Ids of cameras that see some of the same place. */
  readonly overlaps: readonly string[];
  readonly status: CameraStatusJson;
  readonly room: RoomJson;
}

export interface AlarmJson {
  readonly id: string;
  readonly state: AlarmState;
  readonly cause: AlarmCause;
  readonly cause_event_id: string;
  /** A graver thing that happened to the same body since, such as a long lie after a fall; null while nothing did. */
  readonly grown_to: AlarmCause | null;
  readonly camera_id: string | null;
  readonly area: string | null;
  readonly person_name: string | null;
  readonly raised_at: string;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  /** When the person was seen to be up again; null while nobody has seen it. */
  readonly recovered_at: string | null;
  readonly cleared_at: string | null;
  /** How often nobody answered in time: 0 at first, then the number of the level it was escalated to. */
  readonly level: number;
  readonly escalated_at: string | null;
  readonly answer: AlarmAnswer | null;
  readonly answered_at: string | null;
  readonly answered_by: string | null;
  /** Raised in a drill. */
  readonly test: boolean;
}

/** POST api/cameras. A zone's id is made from its name when it is left out. */
export interface CameraDraftJson {
  readonly name: string;
  readonly area?: string | null;
  readonly source: string;
  readonly enabled?: boolean;
  readonly privacy?: boolean;
  readonly zones?: readonly ZoneDraftJson[];
  readonly overlaps?: readonly string[];
}

export type ZoneDraftJson = Omit<ZoneJson, "id" | "leads_to"> & {
  readonly id?: string;
  readonly leads_to?: string | null;
};

/**
 * PATCH api/cameras/:id. What is left out stays, also the `leads_to` of a zone that comes with its id; so does a `source`
 * that is sent back as it was shown.
 */
export type CameraPatchJson = Partial<CameraDraftJson>;

/** POST api/cameras/test: an address that was typed in, or the one a known camera has. */
export type CameraTestJson = { readonly source: string } | { readonly camera_id: string };

export interface CameraTestResultJson {
  readonly stream: StreamJson;
  /** A `data:image/jpeg` URL. */
  readonly picture: string;
}

/** GET api/cameras */
export interface CamerasJson {
  readonly cameras: readonly CameraJson[];
}

/** GET api/events?kind=&camera_id=&person_id=&limit=&before=, newest first. `next` is the value of `before` for the following page; null at the end. */
export interface EventsJson {
  readonly events: readonly WireEvent[];
  readonly next: string | null;
}

/** GET api/alarms: all that are not cleared, newest first; with `?all=true` the latest hundred, cleared ones included. */
export interface AlarmsJson {
  readonly alarms: readonly AlarmJson[];
}

/** POST api/alarms/:id/acknowledge. Ignored behind Home Assistant, which says itself who is signed in. */
export interface AcknowledgeJson {
  readonly by?: string;
}

/** GET api/config */
export interface ConfigJson {
  readonly config: unknown;
}

/** GET api/system */
export interface SystemJson {
  readonly version: string;
  readonly started_at: string;
  readonly home_assistant: boolean;
  readonly vision: {
    readonly state: "starting" | "running" | "down";
    /** cpu, webgpu, cuda or tensorrt. */
    readonly provider: string | null;
    /** Why models run on the processor although graphics were asked for; null when they do not, or nobody asked. */
    readonly provider_reason: string | null;
    readonly provider_since: string | null;
    readonly workers: number | null;
  };
  readonly mqtt: {
    readonly state: "off" | "connecting" | "connected";
    /** Without user and password. */
    readonly broker: string | null;
  };
  readonly database_bytes: number | null;
  /** Sentences for people; empty when all is well. */
  readonly problems: readonly string[];
}

/** GET healthz, with status 200 or 503. */
export interface HealthJson {
  readonly status: "ok" | "failing";
}

/** Every answer with a status of 400 and above (RFC 9457). `type` is for programs, `detail` for people. */
export interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Of a conflict with a person who is known: who that is. */
  readonly person_id?: string;
}

/** Text messages on `ws` from the daemon. The first is `hello`; later ones replace the part they carry. */
export type ServerMessage =
  | {
      readonly kind: "hello";
      readonly version: string;
      /** Whether Home Assistant says who is signed in; else a viewer gives its own name when it acknowledges. */
      readonly home_assistant: boolean;
      readonly server_time: string;
      readonly cameras: readonly CameraJson[];
      readonly alarms: readonly AlarmJson[];
      readonly care: CareJson;
      readonly day: DayJson | null;
      readonly presence: PresenceJson;
      /** Bones to draw, as pairs of indices into a pose, and the confidence from which a keypoint counts. */
      readonly skeleton: readonly (readonly [number, number])[];
      readonly keypoint_floor: number;
    }
  | { readonly kind: "cameras"; readonly cameras: readonly CameraJson[] }
  | { readonly kind: "camera_status"; readonly status: CameraStatusJson }
  | { readonly kind: "room"; readonly room: RoomJson }
  | { readonly kind: "alarms"; readonly alarms: readonly AlarmJson[] }
  | { readonly kind: "care"; readonly care: CareJson }
  /** Today as far as it has come, every few minutes. */
  | { readonly kind: "day"; readonly day: DayJson }
  /** Somebody was added, renamed, merged, forgotten: GET api/persons has changed. */
  | { readonly kind: "persons" }
  | { readonly kind: "presence"; readonly presence: PresenceJson }
  | { readonly kind: "event"; readonly event: WireEvent }
  /** Every ten seconds: a viewer that hears nothing for longer has lost the daemon. */
  | { readonly kind: "heartbeat"; readonly server_time: string }
  /** A `watch` that cannot be had, in one sentence. */
  | { readonly kind: "refused"; readonly camera_id: string; readonly detail: string };

/**
 * Text messages on `ws` from a viewer. Live pictures are paced by the viewer: it answers every binary message with one
 * `shown` once the frame was drawn or thrown away, and gets at most a few ahead of that. `alive` answers a heartbeat.
 */
export type ViewerMessage =
  | { readonly kind: "watch"; readonly camera_id: string; readonly picture: boolean }
  | { readonly kind: "unwatch"; readonly camera_id: string }
  | { readonly kind: "shown"; readonly camera_id: string }
  | { readonly kind: "alive" };

/**
 * Binary messages on `ws`: the header's length in bytes (4 bytes, big-endian), the header as JSON, then a JPEG of the
 * very frame the header is about (nothing when it was asked for without picture).
 */
export interface LiveFrameHeader {
  readonly camera_id: string;
  readonly sequence: number;
  readonly captured_at: string;
  /** Width over height of the picture. */
  readonly aspect: number;
  readonly tracks: readonly LiveTrackJson[];
}

export interface LiveTrackJson {
  readonly id: number;
  readonly state: TrackState;
  /** x1, y1, x2, y2 */
  readonly box: readonly [number, number, number, number];
  readonly confidence: number;
  /** 17 keypoints in COCO's order: x, y, confidence. Null when none was seen in this frame. */
  readonly pose: readonly (readonly [number, number, number])[] | null;
  readonly posture: Posture | null;
  readonly fall: "suspected" | "confirmed" | null;
  /** null while nobody is known to be it. */
  readonly person: TrackPersonJson | null;
}
