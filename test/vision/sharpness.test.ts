import { describe, expect, it } from "vitest";
import { laplacianVariance } from "../../src/vision/sharpness.ts";

const SIDE = 32;

/** A grey picture, brightness by place. */
function picture(brightness: (x: number, y: number) => number) {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let at = 0; at < SIDE * SIDE; at += 1)
    data.fill(brightness(at % SIDE, Math.floor(at / SIDE)), 3 * at, 3 * at + 3);
  return { width: SIDE, height: SIDE, data };
}

describe("sharpness", () => {
  it("is the variance of the Laplacian over the inside of the picture", () => {
    // Every point of a 4x4 grid is 100 brighter: -400 there, +100 at its four neighbours.
    const points = picture((x, y) => (x % 4 === 1 && y % 4 === 1 ? 100 : 0));
    const inside = (SIDE - 2) ** 2;
    // Centres and neighbours that lie inside of the picture's edge: 8 columns and rows of centres, 7 of which have a left one.
    const centres = 64;
    const neighbours = 2 * 64 + 2 * 8 * 7;
    const sum = -400 * centres + 100 * neighbours;
    const squares = 400 ** 2 * centres + 100 ** 2 * neighbours;
    expect(laplacianVariance(points)).toBeCloseTo(squares / inside - (sum / inside) ** 2, 3);
  });

  it("is nought of what is flat or rises evenly, and less the more blurred an edge is", () => {
    expect(laplacianVariance(picture(() => 90))).toBe(0);
    expect(laplacianVariance(picture((x, y) => 2 * x + 3 * y))).toBe(0);
    const hard = laplacianVariance(picture((x) => (x < 16 ? 0 : 200)));
    const soft = laplacianVariance(picture((x) => Math.max(0, Math.min(200, (x - 12) * 25))));
    expect(hard).toBeGreaterThan(5 * soft);
    expect(soft).toBeGreaterThan(0);
  });

  it("is nought of a picture without an inside", () => {
    expect(laplacianVariance({ width: 2, height: 2, data: new Uint8Array(12).fill(200) })).toBe(0);
  });
});
