// How far a face can be trusted: from its size, how sharp, turned, bright and whole it is. What each costs was measured as
// the likeness that is lost to the same person's good pictures.
import type { RgbImage } from "../domain/frame.ts";
import type { Box, Point } from "../domain/geometry.ts";
import type { PhotoProblem } from "../domain/tracklet.ts";
import { ALIGNED_SIDE } from "./face-alignment.ts";
import type { FaceLandmarks } from "./face-detector.ts";

export interface FaceView {
  /** Of the face in the picture it was cut from, pixels. */
  readonly widthPx: number;
  /** Nose off the middle between the eyes, over their distance: 0 from the front, .5 from about 45 degrees on. */
  readonly yaw: number;
  /** How far the nose is down the way from eyes to mouth: .55 from the front, less with the head raised. */
  readonly pitch: number;
  /** See `sharpnessOf`. */
  readonly sharpness: number;
  /** Mean, 0..255. */
  readonly brightness: number;
  /** Share of its box that lies in the picture, 0..1. */
  readonly visible: number;
}

export interface FaceJudgement {
  /** 0..1 */
  readonly quality: number;
  readonly problems: readonly PhotoProblem[];
}

/** Rises from nought at the first number to one at the second, straight. */
type Ramp = readonly [number, number];

/**
 * One half is where one face begins not to be enough to know somebody by. 125 pictures of 31 people were made worse step by
 * step and compared with the others of the same people (likest, median; share above SFace's .42):
 * width 32 px .82, 100 %; 20 px .65, 100 %; 16 px .53, 86 %; 12 px .36, 24 %.
 */
const SIZE: Ramp = [4, 36];
/** Natural logarithm of the sharpness: .026 gives .85, 100 %; .007 .69, 100 %; .004 .47, 66 %; .003 .25, 6 %. */
const SHARPNESS: Ramp = [Math.log(0.0015), Math.log(0.016)];
/** 31 gives .82, 100 %; 16 .72, 100 %; 8 .51, 77 %. */
const BRIGHTNESS: Ramp = [4, 20];
/** Nothing is lost up to .25 (30 degrees), nor with the head lowered or raised by that much; beyond is the model's word. */
const YAW: Ramp = [0.7, 0.2];
const PITCH_OFF: Ramp = [0.5, 0.2];
const VISIBLE: Ramp = [0.6, 0.95];

/** Of faces that look straight ahead. */
const LEVEL_PITCH = 0.55;
/** Of any one of them, below which a household is told of it. */
const PROBLEM = 0.5;

/** `minWidthPx`: below it, a face is too small to be compared. */
export function judgeFace(view: FaceView, minWidthPx: number): FaceJudgement {
  const sharp = ramp(Math.log(Math.max(view.sharpness, 1e-9)), SHARPNESS);
  const turned = Math.min(ramp(Math.abs(view.yaw), YAW), ramp(Math.abs(view.pitch - LEVEL_PITCH), PITCH_OFF));
  const bright = ramp(view.brightness, BRIGHTNESS);
  const whole = ramp(view.visible, VISIBLE);
  const problems: PhotoProblem[] = [];
  if (view.widthPx < minWidthPx) problems.push("too_small");
  if (sharp < PROBLEM) problems.push("blurred");
  if (turned < PROBLEM) problems.push("turned_away");
  if (whole < PROBLEM) problems.push("cut_off");
  if (bright < PROBLEM) problems.push("too_dark");
  const quality = ramp(view.widthPx, SIZE) * sharp * turned * bright * whole;
  return { quality, problems };
}

function ramp(value: number, [from, to]: Ramp): number {
  const share = (value - from) / (to - from);
  return share > 0 ? Math.min(1, share) : 0;
}

/** Yaw and pitch as `FaceView` has them, whatever way the face leans. Landmarks in pixels, or in any square units. */
export function turnOf({ leftEye, rightEye, nose, mouth }: FaceLandmarks): { yaw: number; pitch: number } {
  const eyes = { x: rightEye.x - leftEye.x, y: rightEye.y - leftEye.y };
  const middle = { x: (leftEye.x + rightEye.x) / 2, y: (leftEye.y + rightEye.y) / 2 };
  const apart = Math.hypot(eyes.x, eyes.y);
  if (!(apart > 0)) return { yaw: 1, pitch: LEVEL_PITCH };
  const along = ({ x, y }: Point) => ((x - middle.x) * eyes.x + (y - middle.y) * eyes.y) / apart;
  const down = ({ x, y }: Point) => ((y - middle.y) * eyes.x - (x - middle.x) * eyes.y) / apart;
  const length = down(mouth);
  // From the side the eyes are seen on top of each other, and everything lies beside them.
  return { yaw: along(nose) / apart, pitch: length > 0 ? down(nose) / length : 1 };
}

/** Of an aligned face: the middle that all faces fill, without hair and background. */
const CORE = { from: 24, to: 88 };

/**
 * Variance of the Laplacian over the variance of the brightness, so that neither light nor contrast counts. Measured on the
 * aligned face, so that a blur counts by its share of the face: 2 pixels are nothing to a face of 200, and much to one of 40.
 * Sharp faces that were enlarged to it have .013 at 20 pixels and .018 at 24 (medians), more than blurred ones.
 */
export function sharpnessOf(aligned: RgbImage): number {
  const side = CORE.to - CORE.from;
  const luma = new Float32Array(side * side);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1)
      luma[y * side + x] = blockLuma(aligned, CORE.from + x, CORE.from + y, 1);
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < side - 1; y += 1) {
    for (let x = 1; x < side - 1; x += 1) {
      const i = y * side + x;
      const at = (index: number) => luma[index] as number;
      const laplacian = at(i - 1) + at(i + 1) + at(i - side) + at(i + side) - 4 * at(i);
      sum += laplacian;
      squares += laplacian * laplacian;
      count += 1;
    }
  }
  const contrast = varianceOf(luma);
  return contrast > 1 ? (squares / count - (sum / count) ** 2) / contrast : 0;
}

/** Mean brightness of an aligned face's core, 0..255. */
export function brightnessOf(aligned: RgbImage): number {
  return blockLuma(aligned, CORE.from, CORE.from, CORE.to - CORE.from);
}

/** Share of a box that lies in the picture; both in the same units, the picture from nought to `width` and `height`. */
export function visibleShare(box: Box, width: number, height: number): number {
  const area = (box.x2 - box.x1) * (box.y2 - box.y1);
  const inX = Math.min(box.x2, width) - Math.max(box.x1, 0);
  const inY = Math.min(box.y2, height) - Math.max(box.y1, 0);
  return area > 0 && inX > 0 && inY > 0 ? (inX * inY) / area : 0;
}

/** ITU-R BT.601. */
function blockLuma({ data }: RgbImage, left: number, top: number, side: number): number {
  let sum = 0;
  for (let y = top; y < top + side; y += 1) {
    for (let x = left; x < left + side; x += 1) {
      const i = (y * ALIGNED_SIDE + x) * 3;
      sum += 0.299 * (data[i] as number) + 0.587 * (data[i + 1] as number) + 0.114 * (data[i + 2] as number);
    }
  }
  return sum / (side * side);
}

function varianceOf(values: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return squares / values.length - (sum / values.length) ** 2;
}
