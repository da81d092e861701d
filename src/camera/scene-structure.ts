/** Cells of the side of a block. */
export const BLOCK = 8;
/**
 * Standard deviation of the brightness steps in a block from which on it shows something, grey levels. An even slope,
 * which a hand or a lamp before the lens leaves, has none; block coding and fixed patterns of sensors leave up to 1 in a
 * picture of nothing; furniture in a dim room has 3 and more.
 */
export const SHOWS_SOMETHING = 2;

/** The edges of a thumbnail: what of it does not depend on how bright it is. */
export class SceneStructure {
  readonly width: number;
  readonly height: number;
  /** Height of the brightness step at each cell, grey levels: half the differences of the neighbours, added up. */
  readonly steps: Float32Array;
  /** Standard deviation of the steps in each block, by rows of `columns`. */
  readonly blocks: Float32Array;
  readonly columns: number;
  /** 95 % of the cells are no brighter, 0..255. */
  readonly bright: number;

  constructor(luma: Float32Array, width: number, height: number) {
    this.width = width;
    this.height = height;
    this.steps = stepsOf(luma, width, height);
    // What is left over at the right and at the bottom belongs to the last block.
    this.columns = Math.max(1, Math.floor(width / BLOCK));
    const rows = Math.max(1, Math.floor(height / BLOCK));
    const sums = new Float64Array(this.columns * rows);
    const squares = new Float64Array(sums.length);
    const counts = new Uint16Array(sums.length);
    for (let y = 0, at = 0; y < height; y += 1) {
      const base = Math.min(rows - 1, Math.floor(y / BLOCK)) * this.columns;
      for (let x = 0; x < width; x += 1, at += 1) {
        const block = base + Math.min(this.columns - 1, Math.floor(x / BLOCK));
        const step = this.steps[at] ?? 0;
        sums[block] = (sums[block] ?? 0) + step;
        squares[block] = (squares[block] ?? 0) + step * step;
        counts[block] = (counts[block] ?? 0) + 1;
      }
    }
    this.blocks = Float32Array.from(sums, (sum, block) =>
      deviation(sum, squares[block] ?? 0, counts[block] ?? 1),
    );
    this.bright = Float32Array.from(luma).sort()[Math.floor(luma.length * 0.95)] ?? 0;
  }

  /** Share of the blocks that show something, 0..1. */
  get shown(): number {
    return this.blocks.filter((block) => block >= SHOWS_SOMETHING).length / this.blocks.length;
  }
}

/** Standard deviation from a sum, a sum of squares and a count. */
export function deviation(sum: number, squares: number, count: number): number {
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

function stepsOf(luma: Float32Array, width: number, height: number): Float32Array {
  const steps = new Float32Array(luma.length);
  for (let y = 1; y < height - 1; y += 1) {
    for (let at = y * width + 1, end = at + width - 2; at < end; at += 1) {
      const across = (luma[at + 1] ?? 0) - (luma[at - 1] ?? 0);
      const down = (luma[at + width] ?? 0) - (luma[at - width] ?? 0);
      steps[at] = (Math.abs(across) + Math.abs(down)) / 2;
    }
  }
  return steps;
}
