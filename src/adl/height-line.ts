// How tall somebody stands at each height of the picture: before a level camera a body's height grows evenly from the
// horizon down (h = s * (footY - horizon): similar triangles), before a tilted one nearly so. A line through the medians
// of rows, by Theil and Sen, so that neither children nor misplaced boxes bend it.

/** The usual height of who stands in a row, and where the feet were, picture heights; of how many sights: those are forgotten. */
export interface HeightBin {
  readonly footY: number;
  readonly height: number;
  readonly count: number;
}

/** Sights in a row before it counts. */
const FEWEST = 3;
/** The line is known where so many rows are, or this near to a row that is. */
const FEWEST_ROWS = 3;
const NEAR_ROWS = 1;
/** Beyond the rows that are known a line is trusted no further than this, shares of the picture. */
const BEYOND = 0.1;
/** A median moves by no more than this share of itself at a sight, and never less than the second. */
const STEP = 0.3;
const LEAST_STEP = 0.02;
const MOST_COUNT = 255;

/** Between the rows it was drawn through, shares of the picture. */
interface Line {
  readonly slope: number;
  readonly offset: number;
  readonly from: number;
  readonly to: number;
}

export class HeightLine {
  readonly #heights: Float64Array;
  readonly #feet: Float64Array;
  readonly #counts: Float64Array;
  #line: Line | null = null;
  #isFresh = false;

  constructor(rows: number, bins: readonly HeightBin[]) {
    this.#heights = Float64Array.from({ length: rows }, (_, row) => bins[row]?.height ?? 0);
    this.#feet = Float64Array.from({ length: rows }, (_, row) => bins[row]?.footY ?? 0);
    this.#counts = Float64Array.from({ length: rows }, (_, row) => bins[row]?.count ?? 0);
  }

  /** Somebody `height` tall stands with the feet at `footY`, picture heights. */
  learn(footY: number, height: number): void {
    const row = Math.floor(footY * this.#counts.length);
    const count = this.#counts[row];
    if (count === undefined) return;
    const median = this.#heights[row] ?? 0;
    // A running median: a step towards every sight, smaller the more there were.
    const step = median * Math.max(LEAST_STEP, STEP / (count + 1));
    const moved = height > median ? Math.min(height, median + step) : Math.max(height, median - step);
    this.#heights[row] = count < 1 ? height : moved;
    const usual = this.#feet[row] ?? 0;
    this.#feet[row] = count < 1 ? footY : usual + (footY - usual) / (count + 1);
    this.#counts[row] = Math.min(MOST_COUNT, count + 1);
    this.#isFresh = false;
  }

  /** @param left share of every count that is left, 0..1 */
  forget(left: number): void {
    for (let row = 0; row < this.#counts.length; row += 1)
      this.#counts[row] = (this.#counts[row] ?? 0) * left;
    this.#isFresh = false;
  }

  /** Null where it is not known. */
  at(footY: number): number | null {
    if (!this.#isFresh) {
      this.#line = this.#fit();
      this.#isFresh = true;
    }
    const line = this.#line;
    if (line !== null && footY >= line.from - BEYOND && footY <= line.to + BEYOND) {
      const height = line.offset + line.slope * footY;
      return height > 0 ? height : null;
    }
    return this.#nearRow(footY);
  }

  bins(): readonly HeightBin[] {
    const round = (value: number) => Math.round(value * 1e4) / 1e4;
    return Array.from(this.#counts, (count, row) => ({
      footY: round(this.#feet[row] ?? 0),
      height: round(this.#heights[row] ?? 0),
      count: round(count),
    }));
  }

  #nearRow(footY: number): number | null {
    const rows = this.#counts.length;
    const row = Math.floor(footY * rows);
    for (let off = 0; off <= NEAR_ROWS; off += 1) {
      for (const near of [row - off, row + off]) {
        if ((this.#counts[near] ?? 0) >= FEWEST) return this.#heights[near] ?? null;
      }
    }
    return null;
  }

  #fit(): Line | null {
    const known = Array.from(this.#counts, (count, row) => ({
      y: this.#feet[row] ?? 0,
      height: this.#heights[row] ?? 0,
      weight: Math.min(count, MOST_COUNT),
    })).filter(({ weight }) => weight >= FEWEST);
    const first = known[0];
    const last = known.at(-1);
    if (first === undefined || last === undefined || known.length < FEWEST_ROWS) return null;
    const slopes = known.flatMap((a, index) =>
      known.slice(index + 1).map((b) => ({
        value: (b.height - a.height) / (b.y - a.y),
        // Rows far apart say more of a slope.
        weight: Math.sqrt(a.weight * b.weight) * (b.y - a.y),
      })),
    );
    // Nobody is taller further off: then it is the households' children, and the middle is the better guess.
    const slope = Math.max(0, weightedMedian(slopes));
    const offset = weightedMedian(
      known.map(({ y, height, weight }) => ({ value: height - slope * y, weight: Math.sqrt(weight) })),
    );
    return { slope, offset, from: first.y, to: last.y };
  }
}

export function createHeightLine(rows: number, bins: readonly HeightBin[] = []): HeightLine {
  return new HeightLine(rows, bins);
}

function weightedMedian(entries: readonly { readonly value: number; readonly weight: number }[]): number {
  const sorted = [...entries].sort((a, b) => a.value - b.value);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const { value, weight } of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return 0;
}
