import { type BackgroundModel, SEEN } from "./background-model.ts";

/** Cells that stand together where something differs; indices into the picture's rows, ascending is not promised. */
export interface StandingRegion {
  readonly cells: readonly number[];
  /** In cells, right and bottom exclusive. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Media time by which most of its cells had come to be as they are, seconds. */
  readonly sinceS: number;
}

/** Of its cells' last changes: not the very last, which is somebody's hand or a flicker. */
const SINCE_SHARE = 0.8;
/** A cell belongs when so many of its eight neighbours differ as well: edges of a picture shifted by half a cell do not. */
const NEIGHBOURS = 3;
/** Steps along the border were this much higher in the background: something has gone, it has left its imprint there. */
const HOLE = 1.4;
/** And are now at the most this share of what the region differs by: what covers a place ends with a step of that height. */
const SEAMLESS = 0.5;
/** Lower steps along a border tell nothing, grey levels. */
const LEAST_STEP = 3;

/** Connected cells (eight neighbours) that stand out, of at least so many cells; those that are SEEN left out. */
export function standingRegions(
  model: BackgroundModel,
  fewestCells: number,
  cover: Uint8Array,
): readonly StandingRegion[] {
  const { width, height, standing } = model;
  const member = new Uint8Array(standing.length);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      if (standing[at] !== 1 || cover[at] === SEEN) continue;
      if (neighbours(standing, x, y, model) >= NEIGHBOURS) member[at] = 1;
    }
  }
  const regions: StandingRegion[] = [];
  for (let at = 0; at < member.length; at += 1) {
    if (member[at] !== 1) continue;
    const region = regionFrom(at, member, model);
    if (region.cells.length >= fewestCells) regions.push(region);
  }
  return regions;
}

/** The region that these cells make, connected or not. */
export function regionOf(cells: readonly number[], model: BackgroundModel): StandingRegion {
  let left = model.width;
  let top = model.height;
  let right = 0;
  let bottom = 0;
  for (const at of cells) {
    const x = at % model.width;
    const y = (at - x) / model.width;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  }
  const times = Float64Array.from(cells, (at) => model.changedS[at] ?? 0).sort();
  const sinceS = times[Math.min(times.length - 1, Math.floor(times.length * SINCE_SHARE))] ?? 0;
  return { cells, left, top, right, bottom, sinceS };
}

/**
 * Whether something has gone from there instead of come: the background, not the picture, has an edge all around it.
 * Somebody who was in the very first picture unseen, or a chair that was carried off.
 */
export function isHole(region: StandingRegion, model: BackgroundModel): boolean {
  const inside = new Set(region.cells);
  const { width, height, expected, difference, differs } = model;
  let now = 0;
  let then = 0;
  let contrast = 0;
  let count = 0;
  for (const at of region.cells) {
    const x = at % width;
    const around = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
    for (const other of around) {
      if (other < 0 || other >= width * height || inside.has(other)) continue;
      // Not settled yet, it may be a part of the same thing.
      if (differs[other] === 1) continue;
      const step = (expected[at] ?? 0) - (expected[other] ?? 0);
      then += Math.abs(step);
      now += Math.abs(step + (difference[at] ?? 0) - (difference[other] ?? 0));
      contrast += Math.abs(difference[at] ?? 0);
      count += 1;
    }
  }
  return count > 0 && then > count * LEAST_STEP && then > HOLE * now && now < SEAMLESS * contrast;
}

function regionFrom(start: number, member: Uint8Array, model: BackgroundModel): StandingRegion {
  const { width } = model;
  const cells = [start];
  member[start] = 0;
  for (let next = 0; next < cells.length; next += 1) {
    const at = cells[next] ?? 0;
    const x = at % width;
    for (let dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx += 1) {
      for (const other of [at - width + dx, at + dx, at + width + dx]) {
        // Outside the picture there is no member.
        if (member[other] !== 1) continue;
        member[other] = 0;
        cells.push(other);
      }
    }
  }
  return regionOf(cells, model);
}

function neighbours(
  marks: Uint8Array,
  x: number,
  y: number,
  size: { readonly width: number; readonly height: number },
): number {
  const { width, height } = size;
  let count = -1;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
      count += marks[row * width + column] ?? 0;
    }
  }
  return count;
}
