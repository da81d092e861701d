// Where in a picture to look for somebody's face: a square around the head, placed by the keypoints of the pose. A face
// detector that is shown a whole room misses the small faces and finds those of others.
import { type Box, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import { type KeypointName, keypoint, type Pose } from "../domain/pose.ts";
import { squareAround } from "./square-region.ts";

/** Side of the square that is handed to the face detector, pixels; smaller heads are enlarged to it, larger ones shrunk. */
export const HEAD_SIDE = 256;

const HEAD_POINTS: readonly KeypointName[] = ["nose", "left_eye", "right_eye", "left_ear", "right_ear"];

/**
 * The square's side over what is measured of the body, as seen from the front: eyes are about .065 m apart, ears .15,
 * shoulders .37, and the nose is .24 m above the shoulders; the square shows .5 m. Turning the head shortens what is seen,
 * so the largest wins. The eyes are so close together that an error of a pixel would count most: they are left out where
 * there is anything else.
 */
const SIDE_PER_EARS = 3.3;
const SIDE_PER_SHOULDERS = 1.3;
const SIDE_PER_NECK = 2;
const SIDE_PER_EYES = 7.5;
/** Of a standing body's height; whoever is nearer than that is cut off by the picture, and the pose says so. */
const SIDE_PER_BODY = 0.3;
/** No head is wider than this share of what is seen of its body. */
const MAX_SIDE_PER_BODY = 1.1;
/** Without a pose: the face is about this far down a standing body. */
const HEAD_DOWN_BODY = 0.09;

/**
 * The square to look for a face in, normalised to the picture, past whose edge it may reach; null when the head is not seen.
 * `aspect` is the picture's width over its height. Its centre is where the head is: the face there is this body's.
 */
export function headRegion(box: Box, pose: Pose | null, aspect: number): Box | null {
  const height = boxHeight(box);
  const long = Math.max(height, boxWidth(box) * aspect);
  if (!(long > 0) || !Number.isFinite(long)) return null;
  if (pose === null) {
    // A box alone says where a head is only of somebody who stands.
    if (height < boxWidth(box) * aspect) return null;
    const centre = { x: (box.x1 + box.x2) / 2, y: box.y1 + height * HEAD_DOWN_BODY };
    return squareAround(centre, height * SIDE_PER_BODY, aspect);
  }
  const seen = HEAD_POINTS.map((name) => keypoint(pose, name)).filter((point) => point !== null);
  if (seen.length < 2) return null;
  const centre = {
    x: seen.reduce((sum, { x }) => sum + x, 0) / seen.length,
    y: seen.reduce((sum, { y }) => sum + y, 0) / seen.length,
  };
  const side = Math.min(sideOf(pose, aspect) ?? height * SIDE_PER_BODY, long * MAX_SIDE_PER_BODY);
  return side > 0 ? squareAround(centre, side, aspect) : null;
}

/** In picture heights; null where too little is seen. */
function sideOf(pose: Pose, aspect: number): number | null {
  const apart = (a: KeypointName, b: KeypointName): number | null => {
    const [p, q] = [keypoint(pose, a), keypoint(pose, b)];
    return p === null || q === null ? null : distance(p, q, aspect);
  };
  const ears = apart("left_ear", "right_ear");
  const shoulders = apart("left_shoulder", "right_shoulder");
  const neck = neckLength(pose, aspect);
  const sides = [
    ears === null ? 0 : ears * SIDE_PER_EARS,
    shoulders === null ? 0 : shoulders * SIDE_PER_SHOULDERS,
    neck === null ? 0 : neck * SIDE_PER_NECK,
  ];
  const largest = Math.max(...sides);
  if (largest > 0) return largest;
  const eyes = apart("left_eye", "right_eye");
  return eyes === null ? null : eyes * SIDE_PER_EYES;
}

function neckLength(pose: Pose, aspect: number): number | null {
  const [nose, left, right] = [
    keypoint(pose, "nose"),
    keypoint(pose, "left_shoulder"),
    keypoint(pose, "right_shoulder"),
  ];
  if (nose === null || left === null || right === null) return null;
  return distance(nose, { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 }, aspect);
}

function distance(a: Point, b: Point, aspect: number): number {
  return Math.hypot((a.x - b.x) * aspect, a.y - b.y);
}
