// Places where somebody was lost and may still be. Their cells are never learned, however long nothing changes there: a
// person who lies still for an hour is no furniture. A vigil ends when the place is seen empty or changed, or when the one
// it is kept for is seen elsewhere.
import type { CellBox } from "./background-cells.ts";
import { type BackgroundModel, KEPT, SEEN } from "./background-model.ts";

/** Somebody who was followed and is not seen any more. */
export interface Loss {
  readonly trackId: number;
  /** Of the last detection, in cells. */
  readonly box: CellBox;
  readonly lastSeenS: number;
  /** Was kept, and is not where they were any more. */
  readonly wasKept: boolean;
}

export interface Vigil {
  /** Whose it is; null where nobody was seen to go there. */
  readonly trackId: number | null;
  readonly cells: readonly number[];
  /** By cell: the difference that it showed when it was lost; it counts while the place itself is not known. */
  readonly shown: Float32Array;
  readonly sinceS: number;
  /** At the latest it ends then, media time in seconds. */
  readonly untilS: number;
  /** Since when it has looked empty; null while it does not. */
  readonly emptySinceS: number | null;
}

/**
 * Nobody lies anywhere unseen for longer; what does is furniture. As long as a camera that shows another view is waited
 * for to be turned back.
 */
export const LONGEST_VIGIL_S = 12 * 3600;
/**
 * Fewer of the cells that can be seen than this are as they were: whoever it was has gone. Turning over changes a half of
 * them. Of a place that was never seen empty all of the box is kept, a third of which is the room beside the body.
 */
const STILL_THERE = 0.35;
const STILL_THERE_UNKNOWN = 0.55;
/** Fewer than this of its cells uncovered tell nothing: a carer bends over them. */
const JUDGED = 0.3;
/** Empty for so long is not the flash of a lamp or somebody's passing shadow. */
const EMPTY_HOLD_S = 1.5;
/** A difference that is kept in mind may be off by this many limits: light is judged more coarsely over an unknown place. */
const ALIKE = 1.5;

/** A vigil over cells of a known background that differ, or of an unknown one that have not changed. */
export function beginVigil(
  model: BackgroundModel,
  cells: readonly number[],
  given: Pick<Vigil, "trackId" | "sinceS" | "untilS">,
): Vigil {
  const shown = Float32Array.from(cells, (at) => model.difference[at] ?? 0);
  return { ...given, cells, shown, emptySinceS: null };
}

/**
 * Cells of a place that was never seen empty, and where most has not changed since somebody was last seen there: whoever
 * leaves changes the picture. None where it has.
 */
export function unchangedCells(model: BackgroundModel, { box, lastSeenS }: Loss): readonly number[] {
  const cells: number[] = [];
  let unchanged = 0;
  for (let y = Math.max(0, box.top); y < Math.min(model.height, box.bottom); y += 1) {
    for (let x = Math.max(0, box.left); x < Math.min(model.width, box.right); x += 1) {
      const at = y * model.width + x;
      if (model.known[at] === 1) continue;
      cells.push(at);
      if ((model.changedS[at] ?? 0) <= lastSeenS) unchanged += 1;
    }
  }
  return unchanged * 2 >= cells.length ? cells : [];
}

/** The cells of a vigil at which whatever was there still is, among those nobody covers. */
export function liveCells(model: BackgroundModel, vigil: Vigil, cover: Uint8Array): readonly number[] {
  return vigil.cells.filter((at, index) => cover[at] !== SEEN && isThere(model, at, vigil.shown[index] ?? 0));
}

/** Null when it is over. */
export function keepVigil(
  model: BackgroundModel,
  vigil: Vigil,
  cover: Uint8Array,
  timeS: number,
): Vigil | null {
  if (timeS >= vigil.untilS) return null;
  let uncovered = 0;
  let there = 0;
  let needed = 0;
  for (const [index, at] of vigil.cells.entries()) {
    if (cover[at] === SEEN) continue;
    uncovered += 1;
    needed += model.known[at] === 1 ? STILL_THERE : STILL_THERE_UNKNOWN;
    if (isThere(model, at, vigil.shown[index] ?? 0)) there += 1;
  }
  if (uncovered < JUDGED * vigil.cells.length) return vigil;
  if (there >= needed) return vigil.emptySinceS === null ? vigil : { ...vigil, emptySinceS: null };
  if (vigil.emptySinceS === null) return { ...vigil, emptySinceS: timeS };
  return timeS - vigil.emptySinceS >= EMPTY_HOLD_S ? null : vigil;
}

/** The picture has become another one altogether: what lies there now is what is looked for from now on. */
export function carryOver(vigil: Vigil): Vigil {
  return { ...vigil, shown: new Float32Array(vigil.cells.length), emptySinceS: null };
}

/** Marks the cells of vigils, so that they are not learned. */
export function coverVigils(vigils: readonly Vigil[], cover: Uint8Array): void {
  for (const { cells } of vigils) for (const at of cells) if (cover[at] !== SEEN) cover[at] = KEPT;
}

function isThere(model: BackgroundModel, at: number, shown: number): boolean {
  if (model.known[at] === 1) return model.differs[at] === 1;
  const off = (model.difference[at] ?? 0) - shown;
  const limit = ALIKE * (model.limit[at] ?? 0);
  return off <= limit && off >= -limit;
}
