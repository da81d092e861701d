// Lays a face so that eyes, nose and mouth lie where face models were trained to find them: a turn, a scale and a shift
// (the least squares of Umeyama, 1991, which in the plane is one complex division), then bilinear sampling.
import type { RgbImage } from "../domain/frame.ts";
import type { Point } from "../domain/geometry.ts";
import type { FaceLandmarks } from "./face-detector.ts";

/** Side of an aligned face, pixels. */
export const ALIGNED_SIDE = 112;

/** x' = a x - b y + tx, y' = b x + a y + ty. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/** The five points of ArcFace (Deng et al., 2019) at 112x112; the detector knows the mouth's middle, not its corners. */
const TEMPLATE: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: (41.5493 + 70.7299) / 2, y: (92.3655 + 92.2041) / 2 },
];

/** The similarity that brings `from` nearest to `to`, both of the same length; null where the points are all one. */
export function similarityBetween(from: readonly Point[], to: readonly Point[]): Similarity | null {
  const [p, q] = [meanOf(from), meanOf(to)];
  let spread = 0;
  let along = 0;
  let across = 0;
  for (const [index, point] of from.entries()) {
    const target = to[index];
    if (target === undefined) return null;
    const [px, py, qx, qy] = [point.x - p.x, point.y - p.y, target.x - q.x, target.y - q.y];
    spread += px * px + py * py;
    along += px * qx + py * qy;
    across += px * qy - py * qx;
  }
  if (!(spread > 0) || !(along * along + across * across > 0)) return null;
  const [a, b] = [along / spread, across / spread];
  return { a, b, tx: q.x - (a * p.x - b * p.y), ty: q.y - (b * p.x + a * p.y) };
}

/** From the pixels of the image in which the landmarks (normalised to it) lie, to those of an aligned face; null where they are all one. */
export function alignmentOf(landmarks: FaceLandmarks, width: number, height: number): Similarity | null {
  const { leftEye, rightEye, nose, mouth } = landmarks;
  const points = [leftEye, rightEye, nose, mouth].map(({ x, y }) => ({ x: x * width, y: y * height }));
  return similarityBetween(points, TEMPLATE);
}

/** The face, 112x112; black where it reaches past the image's edge. */
export function alignFace(image: RgbImage, alignment: Similarity): RgbImage {
  const side = ALIGNED_SIDE;
  const data = new Uint8Array(side * side * 3);
  const { a, b, tx, ty } = alignment;
  // Backwards: where in the image each pixel of the face lies. Pixel centres are at .5.
  const norm = a * a + b * b;
  const [stepX, stepY] = [a / norm, -b / norm];
  for (let y = 0, to = 0; y < side; y += 1) {
    const [dx, dy] = [0.5 - tx, y + 0.5 - ty];
    let sx = (a * dx + b * dy) / norm - 0.5;
    let sy = (a * dy - b * dx) / norm - 0.5;
    for (let x = 0; x < side; x += 1, to += 3) {
      sample(image, sx, sy, data, to);
      sx += stepX;
      sy += stepY;
    }
  }
  return { width: side, height: side, data };
}

function sample({ width, height, data }: RgbImage, x: number, y: number, out: Uint8Array, to: number): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  if (left < -1 || top < -1 || left >= width || top >= height) return;
  const [u, v] = [x - left, y - top];
  for (let channel = 0; channel < 3; channel += 1) {
    const at = (px: number, py: number) =>
      px < 0 || py < 0 || px >= width || py >= height ? 0 : (data[(py * width + px) * 3 + channel] as number);
    const upper = at(left, top) * (1 - u) + at(left + 1, top) * u;
    const lower = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u;
    out[to + channel] = Math.round(upper * (1 - v) + lower * v);
  }
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
