import type { Facing } from "../domain/tracklet.ts";

/** What makes a moment of a track worth keeping, beside how sharp its crop is. */
export interface MomentView {
  /** Of the detection, 0..1. */
  readonly confidence: number;
  /** Of the box, pixels of the stream. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly facing: Facing | null;
  readonly showsFace: boolean;
  /** Share of the box that somebody else's covers, 0..1. */
  readonly covered: number;
  /** The picture's edge cuts the body off. */
  readonly cutOff: boolean;
}

/** The specification's: what counts as large, pixels, and as sharp, variance of the Laplacian of an 8-bit crop. */
const LARGE_AREA = 100 * 100;
const SHARP_VARIANCE = 100;
const WEIGHTS = { confidence: 0.3, size: 0.3, sharpness: 0.4 } as const;
const FACE_BONUS = 1.2;
/** Covered by more than this, half of what is described is somebody else. */
const COVERED_FROM = 0.3;
/** Not the specification's: enough for a whole body of middling quality to be preferred to a good one in part. */
const COVERED_FACTOR = 0.6;
const CUT_OFF_FACTOR = 0.8;

/** 0..1, of the variance of a crop's Laplacian. */
export function sharpnessShare(variance: number): number {
  return Number.isFinite(variance) ? Math.min(1, Math.max(0, variance / SHARP_VARIANCE)) : 0;
}

/**
 * Quality of a moment, 0..1: .3 confidence + .3 size + .4 sharpness, times 1.2 with a face (specification, S4), less where
 * the body is covered or cut off.
 * @param sharpness 0..1, see `sharpnessShare`
 */
export function momentQuality(view: MomentView, sharpness: number): number {
  const size = Math.min(1, Math.max(0, (view.widthPx * view.heightPx) / LARGE_AREA));
  const plain =
    WEIGHTS.confidence * Math.min(1, Math.max(0, view.confidence)) +
    WEIGHTS.size * size +
    WEIGHTS.sharpness * sharpness;
  const faced = view.showsFace ? FACE_BONUS * plain : plain;
  const covered = view.covered > COVERED_FROM ? COVERED_FACTOR : 1;
  const whole = view.cutOff ? CUT_OFF_FACTOR : 1;
  const quality = faced * covered * whole;
  return Number.isFinite(quality) ? Math.min(1, quality) : 0;
}
