// Whether a picture shows what a learned one shows, part by part: how well their edges agree where they are, and whether
// they would agree better elsewhere. Edges stay where they are when lamps are switched, the sun moves or the camera turns
// to infrared; they are elsewhere when the camera was turned.
import { deviation, type SceneStructure, SHOWS_SOMETHING } from "./scene-structure.ts";

export interface ViewMatch {
  /** Parts of the picture in which the learned one shows something. */
  readonly parts: number;
  /** Of these, how many show the same in the same place; show nothing now; show something else. */
  readonly same: number;
  readonly blank: number;
  readonly other: number;
  /** Mean correlation in place over all parts that are not blank, -1..1. */
  readonly likeness: number;
}

/** Parts of a third of the width and height, four by four of them, overlapping: a turn about the middle moves most. */
const PARTS = 4;
const SIZE = 1 / 3;
/** From this correlation on, nothing else has to be tried. */
const SURELY_SAME = 0.6;
/** Below this, agreement is chance: 400 cells with some 50 independent edges have a standard deviation of .14. */
const CHANCE = 0.15;
/** How far away the same edges are looked for, in shares of the sides, and in which steps, cells. */
const REACH = 0.2;
const STRIDE = 2;
/** Nearer than this, cells, it is the same place: supports bend with warmth. */
const PLAY = 1;
/** Regular patterns agree nearly as well with their neighbours. */
const TIE = 0.9;

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function matchViews(now: SceneStructure, learned: SceneStructure): ViewMatch {
  const tally = { parts: 0, same: 0, blank: 0, other: 0 };
  let sum = 0;
  for (const part of partsOf(now)) {
    if (strength(learned, part) < SHOWS_SOMETHING) continue;
    tally.parts += 1;
    if (strength(now, part) < SHOWS_SOMETHING) {
      tally.blank += 1;
      continue;
    }
    const inPlace = correlation(now, learned, part, { dx: 0, dy: 0, rows: 1 });
    sum += inPlace;
    if (inPlace >= SURELY_SAME || isBestInPlace(now, learned, part)) tally.same += 1;
    else tally.other += 1;
  }
  return { ...tally, likeness: sum / Math.max(1, tally.parts - tally.blank) };
}

function partsOf({ width, height }: SceneStructure): readonly Part[] {
  const parts: Part[] = [];
  const partWidth = Math.floor(width * SIZE);
  const partHeight = Math.floor(height * SIZE);
  for (let row = 0; row < PARTS; row += 1) {
    for (let column = 0; column < PARTS; column += 1) {
      parts.push({
        x: Math.floor(((width - partWidth) * column) / (PARTS - 1)),
        y: Math.floor(((height - partHeight) * row) / (PARTS - 1)),
        width: partWidth,
        height: partHeight,
      });
    }
  }
  return parts;
}

/** Standard deviation of the steps in a part, grey levels. */
function strength({ steps, width }: SceneStructure, part: Part): number {
  let sum = 0;
  let squares = 0;
  for (let y = part.y; y < part.y + part.height; y += 1) {
    for (let at = y * width + part.x, end = at + part.width; at < end; at += 1) {
      const step = steps[at] ?? 0;
      sum += step;
      squares += step * step;
    }
  }
  return deviation(sum, squares, part.width * part.height);
}

function isBestInPlace(now: SceneStructure, learned: SceneStructure, part: Part): boolean {
  let inPlace = CHANCE;
  for (let dy = -PLAY; dy <= PLAY; dy += 1) {
    for (let dx = -PLAY; dx <= PLAY; dx += 1) {
      inPlace = Math.max(inPlace, correlation(now, learned, part, { dx, dy, rows: 1 }));
    }
  }
  if (inPlace <= CHANCE) return false;
  const reachX = Math.round(now.width * REACH);
  const reachY = Math.round(now.height * REACH);
  for (let dy = -reachY; dy <= reachY; dy += STRIDE) {
    for (let dx = -reachX; dx <= reachX; dx += STRIDE) {
      if (Math.abs(dx) <= PLAY + 1 && Math.abs(dy) <= PLAY + 1) continue;
      if (correlation(now, learned, part, { dx, dy, rows: 2 }) * TIE > inPlace) return false;
    }
  }
  return true;
}

/** Where a part is looked for, cells further right and down; of every `rows` rows one is compared. */
interface Shift {
  readonly dx: number;
  readonly dy: number;
  readonly rows: number;
}

/** Pearson's correlation of a part's edges with those of the learned picture at a shift, over the cells that both have. */
function correlation(now: SceneStructure, learned: SceneStructure, part: Part, shift: Shift): number {
  const { dx, dy, rows } = shift;
  const { width, height } = now;
  const left = Math.max(part.x, -dx);
  const right = Math.min(part.x + part.width, width - dx);
  const top = Math.max(part.y, -dy);
  const bottom = Math.min(part.y + part.height, height - dy);
  let count = 0;
  let a = 0;
  let b = 0;
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let y = top; y < bottom; y += rows) {
    const offset = dy * width + dx;
    for (let at = y * width + left, end = y * width + right; at < end; at += 1) {
      const p = now.steps[at] ?? 0;
      const q = learned.steps[at + offset] ?? 0;
      a += p;
      b += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
    count += right - left;
  }
  // A sliver of overlap agrees by chance.
  if (count * rows < (part.width * part.height) / 2) return 0;
  const scale = (aa - (a * a) / count) * (bb - (b * b) / count);
  return scale > 0 ? (ab - (a * b) / count) / Math.sqrt(scale) : 0;
}
