// Boxes and places in the cells of a thumbnail.
import type { Box } from "../domain/geometry.ts";
import { SEEN } from "./background-model.ts";

/** In cells, right and bottom exclusive; may reach past the picture. */
export interface CellBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Grid {
  readonly width: number;
  readonly height: number;
}

/** Marks a box; who is seen counts more than who may be there. */
export function fill(cover: Uint8Array, box: CellBox, { width, height }: Grid, kind: number): void {
  const right = Math.min(width, box.right);
  for (let y = Math.max(0, box.top); y < Math.min(height, box.bottom); y += 1) {
    const end = y * width + right;
    for (let at = y * width + Math.max(0, box.left); at < end; at += 1) {
      if (cover[at] !== SEEN) cover[at] = kind;
    }
  }
}

/** A normalised box, enlarged by a share of its sides and, if by any, one cell. */
export function cellsOf(box: Box, { width, height }: Grid, margin: number): CellBox {
  const aside = margin * (box.x2 - box.x1);
  const above = margin * (box.y2 - box.y1);
  const cell = margin > 0 ? 1 : 0;
  return {
    left: Math.floor((box.x1 - aside) * width) - cell,
    top: Math.floor((box.y1 - above) * height) - cell,
    right: Math.ceil((box.x2 + aside) * width) + cell,
    bottom: Math.ceil((box.y2 + above) * height) + cell,
  };
}

/** Of the cells, that lies in the box, 0..1. */
export function shareIn(cells: readonly number[], box: CellBox, { width }: Grid): number {
  const within = cells.filter((at) => {
    const x = at % width;
    const y = (at - x) / width;
    return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
  });
  return cells.length === 0 ? 0 : within.length / cells.length;
}
