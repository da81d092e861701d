import { describe, expect, it } from "vitest";
import { assign } from "../../src/tracking/assignment.ts";

const byTable = (table: number[][]) => (row: number, column: number) => table[row]?.[column] ?? Number.NaN;
const range = (length: number) => Array.from({ length }, (_, index) => index);

/** The least total over all ways to pair, where everybody left alone costs the limit once per pair that is missing. */
function leastTotal(table: number[][], limit: number): number {
  const columns = table[0]?.length ?? 0;
  const from = (row: number, used: ReadonlySet<number>): number => {
    if (row === table.length) return 0;
    let best = limit + from(row + 1, used);
    for (const column of range(columns)) {
      const cost = table[row]?.[column] ?? limit;
      if (!used.has(column) && cost < limit)
        best = Math.min(best, cost + from(row + 1, new Set([...used, column])));
    }
    return best;
  };
  return from(0, new Set());
}

describe("assign", () => {
  it("prefers the best total to the best single pair", () => {
    const pairs = assign(
      range(2),
      range(2),
      byTable([
        [0.1, 0.2],
        [0.15, 0.8],
      ]),
      0.9,
    );
    expect(pairs.toSorted()).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it("leaves a pair at the limit alone, and does not pay for it with a good one", () => {
    const pairs = assign(
      range(2),
      range(2),
      byTable([
        [0.2, 0.9],
        [0.1, 0.95],
      ]),
      0.9,
    );
    expect(pairs).toEqual([[1, 0]]);
  });

  it("has nothing to pair when one side is empty", () => {
    expect(assign([], [1], () => 0, 1)).toEqual([]);
    expect(assign([1], [], () => 0, 1)).toEqual([]);
  });

  it("finds the least total for every shape up to 5 x 5", () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    for (const rows of range(5)) {
      for (const columns of range(5)) {
        for (let trial = 0; trial < 20; trial += 1) {
          const table = range(rows + 1).map(() => range(columns + 1).map(() => random()));
          const limit = 0.2 + 0.7 * random();
          const pairs = assign(range(rows + 1), range(columns + 1), byTable(table), limit);
          const paid = pairs.reduce((sum, [row, column]) => sum + byTable(table)(row, column), 0);
          const total = paid + (rows + 1 - pairs.length) * limit;
          expect(total).toBeCloseTo(leastTotal(table, limit), 9);
          expect(new Set(pairs.map(([row]) => row)).size).toBe(pairs.length);
          expect(new Set(pairs.map(([, column]) => column)).size).toBe(pairs.length);
        }
      }
    }
  });
});
