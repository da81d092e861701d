// What vision found out about one track beside where it was: the best moments of a few seconds, each with what a face and
// clothes look like as numbers, and how the body moves. Sent at checkpoints, never per frame.
import type { Millis } from "../core/clock.ts";
import type { Box } from "./geometry.ts";

/** Strongest first. */
export const CUES = ["face", "gait", "appearance"] as const;
export type Cue = (typeof CUES)[number];

/** Which way a body faces the camera, from the order of its shoulders and whether a face is seen. */
export const FACINGS = ["front", "back", "left", "right"] as const;
export type Facing = (typeof FACINGS)[number];

/** A face as its model describes it. Only faces of the same model can be compared. */
export interface FaceSample {
  readonly modelId: string;
  /** Of unit length: the product of two is their cosine, -1..1. */
  readonly embedding: Float32Array;
  /** 0..1 from size, sharpness and how far it is turned. */
  readonly quality: number;
  /** Width of the face in the picture it was cut from, pixels. */
  readonly widthPx: number;
  /** Good enough to become a reference that others are measured by: harder than to be recognised. */
  readonly reference: boolean;
}

/** What a body looks like. */
export interface AppearanceSample {
  readonly modelId: string;
  /**
   * As the model gives it, before it is standardised; NaN where nothing of the body was seen. Standardising is up to
   * whoever knows the camera's statistics.
   */
  readonly descriptor: Float32Array;
}

/** One of a track's best moments. */
export interface TrackletSample {
  readonly capturedAt: Millis;
  readonly mediaTimeS: number;
  readonly box: Box;
  /** 0..1, of the crop as a whole. */
  readonly quality: number;
  /** null where the pose does not tell. */
  readonly facing: Facing | null;
  readonly face: FaceSample | null;
  readonly appearance: AppearanceSample | null;
  /** JPEG of the head, for the household's gallery; null where pictures are not to be kept or none was good enough. */
  readonly picture: Uint8Array | null;
}

/** How a body is built and moves, from a sequence of poses. */
export interface GaitSample {
  readonly modelId: string;
  /** Of unit length after standardising. */
  readonly vector: Float32Array;
  /** 0..1 from how complete the poses were and how much they moved. */
  readonly quality: number;
  /** Poses it was made from, at least 15. */
  readonly frames: number;
}

/** A checkpoint of one track: what has become known since the last one. The first comes when the tracklet is stable. */
export interface Tracklet {
  readonly cameraId: string;
  readonly trackId: number;
  /** Counts from 0. */
  readonly checkpoint: number;
  /** The track has ended: nothing more comes. */
  readonly ended: boolean;
  readonly firstSeenAt: Millis;
  readonly lastSeenAt: Millis;
  /** Frames in which it was detected so far. */
  readonly frames: number;
  /** Mean size of its box so far, pixels of the stream. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Where its feet were last and how high it stood, as shares of the picture, while upright; null where that is not known. */
  readonly upright: { readonly footY: number; readonly height: number } | null;
  /** New since the last checkpoint, best first. */
  readonly samples: readonly TrackletSample[];
  /** The newest; null while there are too few poses, or when gait is switched off. */
  readonly gait: GaitSample | null;
}

/** Why a face in a photo is not good enough, for whoever took it. */
export const PHOTO_PROBLEMS = ["too_small", "blurred", "turned_away", "cut_off", "too_dark"] as const;
export type PhotoProblem = (typeof PHOTO_PROBLEMS)[number];

/** A face in a photo that was uploaded. */
export interface PhotoFace {
  /** In the photo, 0..1. */
  readonly box: Box;
  /** Of the detector, 0..1. */
  readonly confidence: number;
  readonly sample: FaceSample;
  readonly problems: readonly PhotoProblem[];
  /** JPEG of the face. */
  readonly picture: Uint8Array;
}

export interface PhotoDescription {
  /** Of the photo as it is looked at, upright. Pixels. */
  readonly width: number;
  readonly height: number;
  /** Largest first. */
  readonly faces: readonly PhotoFace[];
}
