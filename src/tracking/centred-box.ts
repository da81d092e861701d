import type { Box } from "../domain/geometry.ts";

/**
 * A box in square coordinates: lengths in picture heights on both axes, so that a body keeps its length when it turns
 * by 90 degrees.
 */
export interface CentredBox {
  readonly cx: number;
  readonly cy: number;
  readonly w: number;
  readonly h: number;
}

/** `aspect` is the picture's width over its height. */
export function toCentred(box: Box, aspect: number): CentredBox {
  return {
    cx: ((box.x1 + box.x2) / 2) * aspect,
    cy: (box.y1 + box.y2) / 2,
    w: (box.x2 - box.x1) * aspect,
    h: box.y2 - box.y1,
  };
}

export function fromCentred(box: CentredBox, aspect: number): Box {
  return {
    x1: (box.cx - box.w / 2) / aspect,
    y1: box.cy - box.h / 2,
    x2: (box.cx + box.w / 2) / aspect,
    y2: box.cy + box.h / 2,
  };
}

/** The longer side: what a body's length is taken to be. */
export function bodyLength(box: CentredBox): number {
  return Math.max(box.w, box.h);
}

/**
 * Intersection over union after every side of both boxes was moved out by `margin` of their own body's length
 * (the buffered IoU of Yang et al., "Hard to Track Objects with Irregular Motions", 2023; theirs grows each axis by its
 * own length, which would leave a lying body no room to rise into).
 */
export function bufferedIou(a: CentredBox, b: CentredBox, margin: number): number {
  const ma = 2 * margin * bodyLength(a);
  const mb = 2 * margin * bodyLength(b);
  const aw = a.w + ma;
  const ah = a.h + ma;
  const bw = b.w + mb;
  const bh = b.h + mb;
  const width = Math.min(a.cx + aw / 2, b.cx + bw / 2) - Math.max(a.cx - aw / 2, b.cx - bw / 2);
  const height = Math.min(a.cy + ah / 2, b.cy + bh / 2) - Math.max(a.cy - ah / 2, b.cy - bh / 2);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (aw * ah + bw * bh - intersection);
}
