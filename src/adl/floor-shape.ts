// From cells in which feet were seen to the stretch of floor they stand for, and the furniture that is none.

/** Cells of the picture: 3 % of its width and 4 % of its height, about a shoe's length for somebody of 15 % of the height. */
export const FLOOR_COLUMNS = 32;
export const FLOOR_ROWS = 24;

export const UNKNOWN = 0;
export const FLOOR = 1;
export const FURNITURE = 2;

/** Visits among a cell and its eight neighbours before it is floor: one alone may be a misplaced pose. */
const FEWEST_VISITS = 2;
/** Gaps between walked cells that nobody has stepped on yet: a fifth of the picture's width, a sixth of its height. */
const GAP_COLUMNS = 6;
const GAP_ROWS = 4;
/** Sittings among a cell and its neighbours before it is a seat; and so many for each visit there, or it is a chair on a way. */
const FEWEST_SITTINGS = 3;
const SITTINGS_PER_VISIT = 1;

/**
 * UNKNOWN, FLOOR or FURNITURE for each cell.
 * @param reach rows below a walked one, nearer to the camera, that are floor too: feet are not seen through furniture, but
 * what stands before them would hide them
 */
export function floorCells(
  feet: Float32Array,
  seats: Float32Array,
  reach: (row: number) => number,
): Uint8Array {
  const walked = Uint8Array.from(feet, (_, cell) => (around(feet, cell) >= FEWEST_VISITS ? 1 : 0));
  const closed = walked.slice();
  for (let row = 0; row < FLOOR_ROWS; row += 1)
    bridge(walked, closed, row * FLOOR_COLUMNS, 1, FLOOR_COLUMNS, GAP_COLUMNS);
  for (let column = 0; column < FLOOR_COLUMNS; column += 1) {
    bridge(walked, closed, column, FLOOR_COLUMNS, FLOOR_ROWS, GAP_ROWS);
  }
  const cells = closed.slice();
  for (let cell = 0; cell < closed.length; cell += 1) {
    if (closed[cell] !== 1) continue;
    const rows = reach(Math.floor(cell / FLOOR_COLUMNS));
    for (let off = 1; off <= rows; off += 1) {
      const below = cell + off * FLOOR_COLUMNS;
      if (below < cells.length) cells[below] = FLOOR;
    }
  }
  for (let cell = 0; cell < cells.length; cell += 1) {
    const sittings = around(seats, cell);
    if (sittings >= FEWEST_SITTINGS && sittings > SITTINGS_PER_VISIT * around(feet, cell))
      cells[cell] = FURNITURE;
  }
  return cells;
}

/** Fills short gaps between marked cells along one line. */
function bridge(
  marks: Uint8Array,
  into: Uint8Array,
  start: number,
  stride: number,
  length: number,
  gap: number,
): void {
  let last: number | null = null;
  for (let step = 0; step < length; step += 1) {
    if (marks[start + step * stride] !== 1) continue;
    if (last !== null && step - last - 1 <= gap) {
      for (let between = last + 1; between < step; between += 1) into[start + between * stride] = 1;
    }
    last = step;
  }
}

function around(counts: Float32Array, cell: number): number {
  const column = cell % FLOOR_COLUMNS;
  const row = (cell - column) / FLOOR_COLUMNS;
  let sum = 0;
  for (let y = Math.max(0, row - 1); y <= Math.min(FLOOR_ROWS - 1, row + 1); y += 1) {
    for (let x = Math.max(0, column - 1); x <= Math.min(FLOOR_COLUMNS - 1, column + 1); x += 1) {
      sum += counts[y * FLOOR_COLUMNS + x] ?? 0;
    }
  }
  return sum;
}
