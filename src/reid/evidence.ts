// What is known of one track's body, gathered over its checkpoints: what a decision is made from.
import type { Facing } from "../domain/tracklet.ts";

/** A vector of unit length and how far it can be trusted, 0..1. Vectors of different models are never compared. */
export interface WeighedVector {
  readonly modelId: string;
  readonly vector: Float32Array;
  readonly quality: number;
}

export interface FaceEvidence extends WeighedVector {
  /** Good enough to become a reference. */
  readonly reference: boolean;
}

export interface AppearanceEvidence extends WeighedVector {
  readonly facing: Facing | null;
}

/** Best first, each. */
export interface TrackEvidence {
  readonly faces: readonly FaceEvidence[];
  readonly appearances: readonly AppearanceEvidence[];
  readonly gait: WeighedVector | null;
  /** Frames in which the track was detected. */
  readonly frames: number;
  /** Mean height of the body, pixels. */
  readonly heightPx: number;
}
