// The messages between the daemon and the vision process: versioned, serialisable, complete. A second machine would
// speak the same. The daemon sends the whole desired state; vision works out what to open and close.
import type { CameraReport } from "../camera/camera-machine.ts";
import type { Millis } from "../core/clock.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Camera } from "../domain/camera.ts";
import type { Blindness, CameraHealth, StreamInfo } from "../domain/camera-status.ts";
import type { FrameStamp } from "../domain/frame.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { PhotoDescription, Tracklet } from "../domain/tracklet.ts";

export const VISION_CONTRACT_VERSION = 4;

export interface VisionSettings {
  readonly inference: {
    readonly provider: "auto" | "cpu" | "webgpu" | "cuda" | "tensorrt";
    /** Inference worker threads; 0 chooses by the number of cores. */
    readonly workers: number;
    /** Id of a model, or the absolute path of a manifest of the household's own. */
    readonly detector: string;
    /** Long side of the detector's input, pixels; 0 chooses for each camera by the size of the people in it. */
    readonly inputSize: number;
    /** Analysed frames per second and camera. */
    readonly fps: number;
    /** Pictures in which nothing moves and nobody is are not analysed. */
    readonly motionGate: boolean;
    /** Looks again where somebody was lost. */
    readonly secondLook: boolean;
    /** `auto` tries the decoders of the machine's graphics and uses one that gives the same pictures. */
    readonly hardwareDecoding: "auto" | "off";
    readonly modelsDir: string;
  };
  readonly tracker: {
    readonly kind: "bytetrack" | "botsort";
    /**
     * First- and second-stage detection confidence, and what starts a track: on the model's scale. Null: as the model's
     * manifest says.
     */
    readonly high: number | null;
    readonly low: number | null;
    readonly newTrack: number | null;
    /** Seconds a lost track is looked for. */
    readonly lostS: number;
  };
  /** null: nobody is told apart. */
  readonly identify: IdentifySettings | null;
}

/** What is found out about people beside where they are. */
export interface IdentifySettings {
  /** Ids of models, or absolute paths of manifests of the household's own; null: the cue is not looked at. */
  readonly faceDetector: string;
  readonly faceModel: string | null;
  readonly appearanceModel: string | null;
  readonly gait: boolean;
  /** Keeps a picture of the head beside each good face. */
  readonly keepPictures: boolean;
  /** Crops of a tracklet that are looked at. */
  readonly samples: number;
  /** Frames in which a track is seen before anything is found out about it. */
  readonly minFrames: number;
  /** Height of the body from which appearance counts, and width of the face from which the face does. Pixels. */
  readonly minHeightPx: number;
  readonly minFacePx: number;
  /** Width of a face that may become a reference. */
  readonly minReferenceFacePx: number;
}

/** How a source is played. Live: newest wins, paced by the source. Offline: every due frame, as fast as it goes. */
export type Playback =
  | { readonly kind: "live"; readonly loop: boolean }
  | {
      readonly kind: "offline";
      readonly holdLastS: number;
      /** Shifts the frames that are picked for analysis, seconds: how much a result depends on which they are. */
      readonly offsetS?: number;
    };

/** Where a camera's timeline goes on, so that a restarted vision process never turns time back or reuses a track id. */
export interface Resume {
  readonly sequence: number;
  readonly mediaTimeS: number;
  readonly trackId: number;
}

export const FROM_THE_START: Resume = { sequence: 0, mediaTimeS: 0, trackId: 0 };

export interface CameraJob {
  readonly camera: Camera;
  readonly playback: Playback;
  readonly resume: Resume;
}

export type ToVision =
  | {
      readonly kind: "configure";
      readonly version: number;
      readonly settings: VisionSettings;
      readonly jobs: readonly CameraJob[];
      /** Camera id to its place in the trail, where vision notes what FFmpeg is at. */
      readonly slots: Readonly<Record<string, number>>;
    }
  /** Pictures for viewers: as many as analysed, no wider than `maxWidth`, until unwatched. */
  | { readonly kind: "watch"; readonly cameraId: string; readonly maxWidth: number }
  | { readonly kind: "unwatch"; readonly cameraId: string }
  | {
      readonly kind: "snapshot";
      readonly requestId: string;
      readonly cameraId: string;
      readonly maxWidth: number;
    }
  /** Somebody lies, or was last seen lying, in this camera's room: it is never rested and served before others. */
  | { readonly kind: "attention"; readonly cameraId: string; readonly lying: boolean }
  | { readonly kind: "probe"; readonly requestId: string; readonly source: string }
  /** What faces are in a photo: a JPEG, PNG or WebP file as it was uploaded. */
  | { readonly kind: "describe_photo"; readonly requestId: string; readonly photo: Uint8Array }
  | { readonly kind: "shutdown" };

/** How a camera stands: `ended` and `failed` are for offline playback; live sources go offline and are tried again. */
export type ConnectionState = CameraReport;

export interface ProbeResult {
  readonly stream: StreamInfo;
  readonly jpeg: Uint8Array;
}

export type FromVision =
  | {
      readonly kind: "ready";
      readonly version: number;
      readonly provider: string;
      /** Why models run on the processor although graphics were asked for; null when they do not, or nobody asked. */
      readonly providerReason: string | null;
      readonly workers: number;
      /** What decodes video: "software", or the graphics' decoder where that takes the stream. */
      readonly decoder: string;
      /** What of the models that are set cannot be used, and what is used instead; null when all is as wished. */
      readonly modelProblem: string | null;
    }
  | {
      readonly kind: "heartbeat";
      readonly rssBytes: number;
      /** How long model runs have been under way without one of them ending; 0 while there is none. */
      readonly inferenceStuckMs: Millis;
      /** The camera that FFmpeg has been decoding one packet of for the longest. */
      readonly longestDecode: { readonly cameraId: string; readonly forMs: Millis } | null;
    }
  | { readonly kind: "observation"; readonly observation: FrameObservation }
  /** A checkpoint of a track: after the observation of its last frame, or a little later. */
  | { readonly kind: "tracklet"; readonly tracklet: Tracklet }
  /** Follows the observation of the same stamp. */
  | { readonly kind: "picture"; readonly stamp: FrameStamp; readonly jpeg: Uint8Array }
  | { readonly kind: "connection"; readonly cameraId: string; readonly state: ConnectionState }
  /** Models run elsewhere from now on: the graphics were lost. */
  | { readonly kind: "provider"; readonly provider: string; readonly reason: string }
  /** Whether the camera's pictures show anything; said when it changes. */
  | { readonly kind: "sight"; readonly cameraId: string; readonly blind: Blindness | null }
  | { readonly kind: "health"; readonly cameraId: string; readonly health: CameraHealth }
  | {
      readonly kind: "answer";
      readonly requestId: string;
      readonly result: { readonly jpeg: Uint8Array } | ProbeResult | PhotoDescription;
    }
  /** `input`: what was asked cannot be answered, however often it is asked. */
  | {
      readonly kind: "refusal";
      readonly requestId: string;
      readonly reason: string;
      readonly input?: true;
    }
  /** Vision cannot work at all (a model is missing or corrupt): said before it exits. */
  | { readonly kind: "fatal"; readonly code: ErrorCode; readonly reason: string };
