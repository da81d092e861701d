// What one frame shows of a body: its angles, how its parts stand above one another, and what it rests on. Lengths are in
// body lengths L; coordinates in picture heights, y downwards.
import { type Box, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import {
  ANKLES,
  angleFromVertical,
  type BodyPoints,
  centreOf,
  HIPS,
  horizontalSpread,
  KNEES,
  SHOULDERS,
  WRISTS,
} from "./body-geometry.ts";

export interface BodyShape {
  readonly hips: Point | null;
  /** Degrees from the vertical, folded to 0..90; the axis runs from the head to the feet. Null without the keypoints. */
  readonly torsoAngle: number | null;
  readonly axisAngle: number | null;
  /** From the hips to the feet. */
  readonly legAngle: number | null;
  /** How far the shoulders are above the hips, and the hips above the feet, L. About .3 and .42 standing, 0 lying. */
  readonly torsoRise: number | null;
  readonly legDrop: number | null;
  /** How far the hips are above the knees, against the length of the torso: .85 standing, 0 to .5 seated. */
  readonly thighDrop: number | null;
  /** How far hips are above the knees, and knees above the ankles, L: .24 each standing; 0 for the knees that kneel. */
  readonly thighRise: number | null;
  readonly shinRise: number | null;
  /** How far the shoulders are above the lower wrist, L: .3 on all fours, 0 lying with the arms beside the body. */
  readonly armRise: number | null;
  /** A hand, or the knees, at the level of the lowest part of the body. Null where they are not seen. */
  readonly handsDown: boolean | null;
  readonly kneesDown: boolean | null;
  /** Of the box, and of the keypoints' standard deviations. */
  readonly widthOverHeight: number;
  readonly spread: number | null;
}

/** A hand this little above the lowest foot or knee touches the ground, L: half a hand and the jitter of two keypoints. */
const HAND_REACH = 0.1;
/** Shins this short against the thighs lie on the ground: standing they are alike from wherever they are seen. */
const FLAT_SHIN = 0.4;
/** Knees this little above ankles or the lower edge of the box are down, L; standing and seated they are .24 up. */
const KNEE_REACH = 0.08;

/** A body that reaches the lower edge of the picture is cut off by it: where its lower edge is says nothing. */
export const CUT_OFF = 0.97;

export function shapeOf(box: Box, points: BodyPoints | null, head: Point, bodyLength: number): BodyShape {
  const height = boxHeight(box);
  const widthOverHeight = height > 0 ? boxWidth(box) / height : 0;
  if (points === null) return { ...NO_SHAPE, widthOverHeight };
  const shoulders = centreOf(points, SHOULDERS);
  const hips = centreOf(points, HIPS);
  const knees = centreOf(points, KNEES);
  const ankles = centreOf(points, ANKLES);
  const torso = shoulders && hips && Math.hypot(hips.x - shoulders.x, hips.y - shoulders.y);
  // A thigh is half a leg, where the feet are out of sight.
  const feetY = ankles?.y ?? (hips && knees && 2 * knees.y - hips.y);
  const rise = (upper: Point | null, lower: Point | null) =>
    upper && lower && (lower.y - upper.y) / bodyLength;
  const thighRise = rise(hips, knees);
  const shinRise = rise(knees, ankles);
  const wrist = lowestOf(points, WRISTS);
  const ground = lowestOf(points, [...KNEES, ...ANKLES]);
  const wristRise = rise(wrist, ground);
  const lowerEdge = { x: 0, y: box.y2 };
  return {
    hips,
    torsoAngle: angleFromVertical(shoulders, hips),
    axisAngle: angleFromVertical(head, ankles ?? knees ?? hips),
    legAngle: angleFromVertical(hips, ankles ?? knees),
    torsoRise: rise(shoulders, hips),
    legDrop: hips && feetY !== null ? (feetY - hips.y) / bodyLength : null,
    thighDrop: torso !== null && torso > 0 && hips && knees ? (knees.y - hips.y) / torso : null,
    thighRise,
    shinRise,
    armRise: rise(shoulders, wrist),
    handsDown: wristRise === null ? null : wristRise < HAND_REACH,
    kneesDown: areKneesDown(thighRise, shinRise, box.y2 < CUT_OFF ? rise(knees, lowerEdge) : null),
    widthOverHeight,
    spread: horizontalSpread(points),
  };
}

const NO_SHAPE: BodyShape = {
  hips: null,
  torsoAngle: null,
  axisAngle: null,
  legAngle: null,
  torsoRise: null,
  legDrop: null,
  thighDrop: null,
  thighRise: null,
  shinRise: null,
  armRise: null,
  handsDown: null,
  kneesDown: null,
  widthOverHeight: 0,
  spread: null,
};

/** Feet behind kneeling knees are often out of sight; then the knees are the lowest there is. */
function areKneesDown(
  thighRise: number | null,
  shinRise: number | null,
  aboveEdge: number | null,
): boolean | null {
  if (shinRise === null) return aboveEdge === null ? null : aboveEdge < KNEE_REACH;
  return shinRise < Math.max(KNEE_REACH, FLAT_SHIN * (thighRise ?? 0));
}

function lowestOf(points: BodyPoints, indices: readonly number[]): Point | null {
  let lowest: Point | null = null;
  for (const index of indices) {
    const point = points[index];
    if (point !== null && point !== undefined && (lowest === null || point.y > lowest.y)) lowest = point;
  }
  return lowest;
}
