import { describe, expect, it } from "vitest";
import type { RgbImage } from "../../src/domain/frame.ts";
import { boxHeight, boxWidth, type Point } from "../../src/domain/geometry.ts";
import { type QuarterTurns, turnRgb } from "../../src/domain/turn-rgb.ts";
import {
  boxToPicture,
  detectionToPicture,
  pointToPicture,
  pointToRegion,
  squareAround,
  squareOf,
  turnPoint,
} from "../../src/vision/square-region.ts";

const TURNS: readonly QuarterTurns[] = [0, 1, 2, 3];

/** A small generator with a seed (Park and Miller), so that a failure can be had again. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function bright({ width, height, data }: RgbImage): Point | null {
  for (let at = 0; at < width * height; at += 1) {
    if (data[at * 3] === 255)
      return { x: ((at % width) + 0.5) / width, y: (Math.floor(at / width) + 0.5) / height };
  }
  return null;
}

describe("a square part of a picture", () => {
  it("is square in pixels, whatever the picture's shape", () => {
    for (const aspect of [16 / 9, 4 / 3, 1, 9 / 16]) {
      const square = squareAround({ x: 0.9, y: 0.1 }, 0.6, aspect);
      expect(boxHeight(square)).toBeCloseTo(0.6, 12);
      expect(boxWidth(square) * aspect).toBeCloseTo(0.6, 12);
      expect((square.x1 + square.x2) / 2).toBeCloseTo(0.9, 12);
      expect((square.y1 + square.y2) / 2).toBeCloseTo(0.1, 12);
    }
  });

  it("holds the box it is made for, with room around the longer side", () => {
    const box = { x1: 0.2, y1: 0.5, x2: 0.6, y2: 0.6 };
    const square = squareOf(box, 1.25, 16 / 9);
    expect(boxHeight(square)).toBeCloseTo(1.25 * 0.4 * (16 / 9), 12);
    expect(square.x1).toBeLessThan(box.x1);
    expect(square.y2).toBeGreaterThan(box.y2);
  });

  it("turned, shows every point where turning the pixels puts it", () => {
    const random = randoms(7);
    for (let n = 0; n < 40; n += 1) {
      const side = 9;
      const data = new Uint8Array(side * side * 3);
      data[Math.floor(random() * side * side) * 3] = 255;
      const image = { width: side, height: side, data };
      const before = bright(image);
      if (before === null) throw new Error("nothing is bright");
      for (const turns of TURNS) {
        const after = bright(turnRgb(image, turns));
        const expected = turnPoint(before, turns);
        expect(after?.x).toBeCloseTo(expected.x, 12);
        expect(after?.y).toBeCloseTo(expected.y, 12);
      }
    }
  });

  it("gives points back where they came from, however it was turned", () => {
    const random = randoms(42);
    for (let n = 0; n < 500; n += 1) {
      const square = squareAround({ x: random(), y: random() }, 0.05 + 2 * random(), 0.5 + 1.5 * random());
      const point = { x: 3 * random() - 1, y: 3 * random() - 1 };
      for (const turns of TURNS) {
        const back = pointToPicture(pointToRegion(point, square, turns), square, turns);
        expect(back.x).toBeCloseTo(point.x, 9);
        expect(back.y).toBeCloseTo(point.y, 9);
        const box = { x1: random(), y1: random(), x2: 1 + random(), y2: 1 + random() };
        const corners = [
          { x: box.x1, y: box.y1 },
          { x: box.x2, y: box.y2 },
        ].map((corner) => pointToRegion(corner, square, turns));
        const [a, b] = corners;
        if (a === undefined || b === undefined) throw new Error("no corners");
        const turned = {
          x1: Math.min(a.x, b.x),
          y1: Math.min(a.y, b.y),
          x2: Math.max(a.x, b.x),
          y2: Math.max(a.y, b.y),
        };
        const again = boxToPicture(turned, square, turns);
        for (const key of ["x1", "y1", "x2", "y2"] as const) expect(again[key]).toBeCloseTo(box[key], 9);
      }
    }
  });

  it("brings a detection into the picture with its box around its keypoints, and its confidence", () => {
    const square = { x1: 0.4, y1: 0.2, x2: 0.6, y2: 0.4 };
    const keypoint = { x: 0.25, y: 0.75, confidence: 0.7 };
    const detection = { box: { x1: 0.2, y1: 0.7, x2: 0.3, y2: 0.9 }, confidence: 0.4, pose: [keypoint] };
    for (const turns of TURNS) {
      const { box, pose, confidence } = detectionToPicture(detection, square, turns);
      const [point] = pose ?? [];
      if (point === undefined) throw new Error("no keypoint");
      expect(confidence).toBe(0.4);
      expect(point.confidence).toBe(0.7);
      expect(box.x1 < point.x && point.x < box.x2 && box.y1 < point.y && point.y < box.y2).toBe(true);
    }
    expect(detectionToPicture({ ...detection, pose: null }, square, 1).pose).toBeNull();
  });
});
