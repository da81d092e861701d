// How a body shows itself to the camera in one frame: which way it faces, whether its face is seen, whether it stands.
// Widths are stretched by the picture's aspect first, since normalised x and y are not the same length.
import { type Box, boxArea, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import { type KeypointName, keypoint, type Pose } from "../domain/pose.ts";
import type { Facing, Tracklet } from "../domain/tracklet.ts";

/** A nose or an eye of less is a guess. It is not enough: on the backs of heads MoveNet is as sure of them. */
const FACE_FLOOR = 0.3;
/**
 * Shoulders are .7 to .8 of the torso's length apart from the front (.36 of .5 m), half of that at 60 degrees: from there
 * on a body is seen from its side.
 */
const SIDE_SPAN = 0.35;
/** Turned away from the side by more than this, in the same measure, a face is not seen any more. */
const AWAY_SPAN = 0.15;
/** From the side a nose lies a tenth of a metre before the shoulders: .2 of the torso; half of it is sure enough. */
const NOSE_AHEAD = 0.1;
/** Leaning further than this, degrees from the vertical, a body sits crouched, bends or lies. */
const UPRIGHT_LEAN = 25;
/** Ankles lie this near to the lower edge of a box of somebody whose feet are seen, shares of the box's height. */
const ANKLE_TO_FOOT = 0.15;
/** From hip to ankle, of the box's height: about .5 standing, under .3 sitting. */
const LEG_SHARE = 0.36;
/** A box this near to the picture's edge is cut off by it, shares of the picture. */
const EDGE = 0.01;
/** Widths of a face, which is about .14 m wide, in distances of its eyes (.063 m), its ears (.14 m), and nose to ear (.1 m). */
const FACE_WIDTHS = { eyes: 2.2, ears: 1, noseToEar: 1.4 } as const;

/**
 * Which way a body faces, as the camera sees it: `front` is towards it; `left` and `right` are those of the picture, not
 * of the body. Of somebody who faces the camera the left shoulder is to the right in the picture, of somebody who turns
 * their back it is to the left. Null where shoulders and head disagree, or too little is seen.
 */
export function facingOf(pose: Pose, aspect: number): Facing | null {
  const left = keypoint(pose, "left_shoulder");
  const right = keypoint(pose, "right_shoulder");
  const torso = torsoOf(pose, aspect);
  if (left === null || right === null || torso === null || torso.length <= 0) return null;
  const span = ((left.x - right.x) * aspect) / torso.length;
  const head = headOrder(pose);
  if (span >= SIDE_SPAN) return head < 0 ? null : "front";
  if (span <= -SIDE_SPAN) return head > 0 ? null : "back";
  const nose = keypoint(pose, "nose");
  if (nose === null) return null;
  const ahead = ((nose.x - (left.x + right.x) / 2) * aspect) / torso.length;
  if (Math.abs(ahead) < NOSE_AHEAD) return null;
  return ahead < 0 ? "left" : "right";
}

/**
 * A nose and an eye are made out, and neither shoulders nor head are seen from behind: enough for a face to be looked for.
 * Of 1,394 frames in which six people mostly turn their backs, MoveNet gives a nose and an eye in 1,300.
 */
export function showsFace(pose: Pose, aspect: number): boolean {
  if (keypoint(pose, "nose", FACE_FLOOR) === null) return false;
  const eyes = [keypoint(pose, "left_eye", FACE_FLOOR), keypoint(pose, "right_eye", FACE_FLOOR)];
  if (eyes.every((eye) => eye === null)) return false;
  const left = keypoint(pose, "left_shoulder");
  const right = keypoint(pose, "right_shoulder");
  if (left === null || right === null) return headOrder(pose) >= 0;
  const length = torsoOf(pose, aspect)?.length ?? 0;
  const span = (left.x - right.x) * aspect;
  return span >= -AWAY_SPAN * length || headOrder(pose) > 0;
}

/** Above 0 where the head is seen from before, below from behind, by the order of its ears, or else its eyes; 0 unknown. */
function headOrder(pose: Pose): number {
  const ears = [keypoint(pose, "left_ear"), keypoint(pose, "right_ear")] as const;
  const eyes = [keypoint(pose, "left_eye"), keypoint(pose, "right_eye")] as const;
  const [left, right] = ears.includes(null) ? eyes : ears;
  return left === null || right === null ? 0 : Math.sign(left.x - right.x);
}

/** About how wide the face is, picture heights, from whatever of it is widest apart; null without two points of it. */
export function faceWidth(pose: Pose, aspect: number): number | null {
  const between = (a: KeypointName, b: KeypointName): number => {
    const [p, q] = [keypoint(pose, a), keypoint(pose, b)];
    return p === null || q === null ? 0 : Math.hypot((p.x - q.x) * aspect, p.y - q.y);
  };
  const width = Math.max(
    FACE_WIDTHS.eyes * between("left_eye", "right_eye"),
    FACE_WIDTHS.ears * between("left_ear", "right_ear"),
    FACE_WIDTHS.noseToEar * between("nose", "left_ear"),
    FACE_WIDTHS.noseToEar * between("nose", "right_ear"),
  );
  return width > 0 ? width : null;
}

/** Whether clothes are seen as they are of somebody who stands, walks or sits straight: not of those who lie or bend. */
export function isUpright(box: Box, pose: Pose | null, aspect: number): boolean {
  const torso = pose === null ? null : torsoOf(pose, aspect);
  if (torso === null) return boxHeight(box) >= boxWidth(box) * aspect;
  return torso.shoulders.y < torso.hips.y && torso.lean <= 2 * UPRIGHT_LEAN;
}

/** Where its feet are and how high it stands; null unless it stands straight with its legs stretched and its feet seen. */
export function uprightStance(box: Box, pose: Pose | null, aspect: number): Tracklet["upright"] {
  if (pose === null || box.y2 >= 1 - EDGE || box.y1 <= EDGE) return null;
  const torso = torsoOf(pose, aspect);
  const ankles = centreOf(pose, "left_ankle", "right_ankle");
  const height = boxHeight(box);
  if (torso === null || ankles === null || height <= 0) return null;
  const isStraight = torso.shoulders.y < torso.hips.y && torso.lean <= UPRIGHT_LEAN;
  const standsOnFeet = box.y2 - ankles.y <= ANKLE_TO_FOOT * height;
  if (!isStraight || !standsOnFeet || ankles.y - torso.hips.y < LEG_SHARE * height) return null;
  return { footY: box.y2, height };
}

/** Reaches the edge of the picture, so that part of it is not seen. */
export function isCutOff({ x1, y1, x2, y2 }: Box): boolean {
  return x1 <= EDGE || y1 <= EDGE || x2 >= 1 - EDGE || y2 >= 1 - EDGE;
}

/** The largest share of a box that another one covers, 0..1: which of the two is before the other is not known. */
export function coveredShare(box: Box, others: readonly Box[]): number {
  const area = boxArea(box);
  let most = 0;
  for (const other of others) {
    const width = Math.min(box.x2, other.x2) - Math.max(box.x1, other.x1);
    const height = Math.min(box.y2, other.y2) - Math.max(box.y1, other.y1);
    if (width > 0 && height > 0 && area > 0) most = Math.max(most, (width * height) / area);
  }
  return Math.min(1, most);
}

interface Torso {
  readonly shoulders: Point;
  readonly hips: Point;
  /** Picture heights. */
  readonly length: number;
  /** From the vertical, degrees, 0..90. */
  readonly lean: number;
}

function torsoOf(pose: Pose, aspect: number): Torso | null {
  const shoulders = centreOf(pose, "left_shoulder", "right_shoulder");
  const hips = centreOf(pose, "left_hip", "right_hip");
  if (shoulders === null || hips === null) return null;
  const x = (shoulders.x - hips.x) * aspect;
  const y = shoulders.y - hips.y;
  const lean = (Math.atan2(Math.abs(x), Math.abs(y)) * 180) / Math.PI;
  return { shoulders, hips, length: Math.hypot(x, y), lean };
}

function centreOf(pose: Pose, a: KeypointName, b: KeypointName): Point | null {
  const [p, q] = [keypoint(pose, a), keypoint(pose, b)];
  if (p === null || q === null) return p ?? q;
  return { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2 };
}
