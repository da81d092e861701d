/** Cells of the side of a block over which light is measured; three by three of them count together. */
const BLOCK = 8;
/** Added to both sums for each cell, grey levels: in the dark a ratio of noise must not run away. */
const FLOOR = 4;
/** A row's deviation counts up to this, grey levels: more is a body, not the light. */
const ROW_LIMIT = 6;

/**
 * What light has done between the background and a picture of the same scene: a factor that changes slowly from place to
 * place (lamps, sun, soft shadows, the camera's exposure; light multiplies, and still does after gamma), and an offset of
 * each row (lamps on alternating current: a rolling shutter draws them as bands). Cells in which something differs are
 * left out, so that bodies do not count as light.
 */
export class LightGain {
  readonly #width: number;
  readonly #height: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #now: Float64Array;
  readonly #then: Float64Array;
  readonly #gain: Float64Array;
  /** The factors of the row asked for, one a block. */
  readonly #across: Float64Array;
  /** For each column the block to its left and the share of the next one. */
  readonly #left: Uint16Array;
  readonly #share: Float32Array;
  readonly #lit: Float32Array;
  #differs: Uint8Array = new Uint8Array(0);

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#columns = Math.max(1, Math.ceil(width / BLOCK));
    this.#rows = Math.max(1, Math.ceil(height / BLOCK));
    const blocks = this.#columns * this.#rows;
    this.#now = new Float64Array(blocks);
    this.#then = new Float64Array(blocks);
    this.#gain = new Float64Array(blocks);
    this.#across = new Float64Array(this.#columns + 1);
    this.#left = new Uint16Array(width);
    this.#share = new Float32Array(width);
    this.#lit = new Float32Array(width);
    for (let x = 0; x < width; x += 1) {
      const u = Math.min(this.#columns - 1, Math.max(0, (x + 0.5) / BLOCK - 0.5));
      this.#left[x] = Math.floor(u);
      this.#share[x] = u - Math.floor(u);
    }
  }

  /** @param differs 1 for cells to be left out; looked at again by `row` */
  measure(data: Uint8Array, background: Float32Array, differs: Uint8Array): void {
    this.#differs = differs;
    this.#now.fill(FLOOR);
    this.#then.fill(FLOOR);
    const width = this.#width;
    const now = this.#now;
    const then = this.#then;
    // Every other row is enough for what changes slowly from place to place.
    for (let y = 0; y < this.#height; y += 2) {
      const base = Math.floor(y / BLOCK) * this.#columns;
      for (let x = 0, at = y * width; x < width; x += 1, at += 1) {
        if (differs[at] === 1) continue;
        const block = base + Math.floor(x / BLOCK);
        now[block] = (now[block] ?? 0) + (data[at] ?? 0) + FLOOR;
        then[block] = (then[block] ?? 0) + (background[at] ?? 0) + FLOOR;
      }
    }
    for (let row = 0; row < this.#rows; row += 1) {
      for (let column = 0; column < this.#columns; column += 1) {
        this.#gain[row * this.#columns + column] = this.#around(row, column);
      }
    }
  }

  /** The background's row `y` in the light of the picture, one value a cell; valid until the next call. */
  row(data: Uint8Array, background: Float32Array, y: number): Float32Array {
    this.#interpolate(y);
    const lit = this.#lit;
    const width = this.#width;
    const gains = this.#across;
    const lefts = this.#left;
    const shares = this.#share;
    const differs = this.#differs;
    let sum = 0;
    let count = 0;
    for (let x = 0, at = y * width; x < width; x += 1, at += 1) {
      const left = lefts[x] ?? 0;
      const gain = gains[left] ?? 1;
      const mixed = gain + (shares[x] ?? 0) * ((gains[left + 1] ?? 1) - gain);
      // What would be brighter than white is white.
      const value = Math.min(255, mixed * ((background[at] ?? 0) + FLOOR) - FLOOR);
      lit[x] = value;
      if (differs[at] === 1) continue;
      const off = (data[at] ?? 0) - value;
      sum += Math.min(ROW_LIMIT, Math.max(-ROW_LIMIT, off));
      count += 1;
    }
    // A row that is mostly covered tells nothing of the light.
    if (count < width / 4) return lit;
    const offset = sum / count;
    for (let x = 0; x < width; x += 1) lit[x] = (lit[x] ?? 0) + offset;
    return lit;
  }

  /** Between the centres of blocks the factor changes evenly. */
  #interpolate(y: number): void {
    const v = Math.min(this.#rows - 1, Math.max(0, (y + 0.5) / BLOCK - 0.5));
    const upper = Math.floor(v) * this.#columns;
    const lower = Math.min(this.#rows - 1, Math.floor(v) + 1) * this.#columns;
    const down = v - Math.floor(v);
    for (let column = 0; column < this.#columns; column += 1) {
      const above = this.#gain[upper + column] ?? 1;
      this.#across[column] = above + down * ((this.#gain[lower + column] ?? 1) - above);
    }
    // Right of the last centre nothing changes any more.
    this.#across[this.#columns] = this.#across[this.#columns - 1] ?? 1;
  }

  #around(row: number, column: number): number {
    let now = 0;
    let then = 0;
    for (let y = Math.max(0, row - 1); y <= Math.min(this.#rows - 1, row + 1); y += 1) {
      for (let x = Math.max(0, column - 1); x <= Math.min(this.#columns - 1, column + 1); x += 1) {
        now += this.#now[y * this.#columns + x] ?? 0;
        then += this.#then[y * this.#columns + x] ?? 0;
      }
    }
    return now / then;
  }
}
