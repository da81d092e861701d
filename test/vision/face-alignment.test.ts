import { describe, expect, it } from "vitest";
import type { RgbImage } from "../../src/domain/frame.ts";
import type { Point } from "../../src/domain/geometry.ts";
import { ALIGNED_SIDE, alignFace, alignmentOf, similarityBetween } from "../../src/vision/face-alignment.ts";
import type { FaceLandmarks } from "../../src/vision/face-detector.ts";

/** Where ArcFace's models expect the eyes, at 112x112. */
const LEFT_EYE = { x: 38.29, y: 51.7 };
const RIGHT_EYE = { x: 73.53, y: 51.5 };

function turned({ x, y }: Point, degrees: number, scale: number, shift: Point): Point {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return { x: scale * (cos * x - sin * y) + shift.x, y: scale * (sin * x + cos * y) + shift.y };
}

/** A face in a picture of 200x200 pixels, leaning by `degrees`; normalised. */
function landmarks(degrees: number, scale: number, shift: Point): FaceLandmarks {
  const at = (x: number, y: number) => {
    const point = turned({ x, y }, degrees, scale, shift);
    return { x: point.x / 200, y: point.y / 200 };
  };
  return {
    leftEye: at(38.2946, 51.6963),
    rightEye: at(73.5318, 51.5014),
    nose: at(56.0252, 71.7366),
    mouth: at(56.1396, 92.28485),
    leftEar: at(18, 60),
    rightEar: at(94, 60),
  };
}

/** Black, with a white dot of 5x5 pixels. */
function dotAt({ x, y }: Point): RgbImage {
  const data = new Uint8Array(200 * 200 * 3);
  for (let dy = -2; dy <= 2; dy += 1)
    for (let dx = -2; dx <= 2; dx += 1) {
      const at = ((Math.floor(y * 200) + dy) * 200 + Math.floor(x * 200) + dx) * 3;
      data.fill(255, at, at + 3);
    }
  return { width: 200, height: 200, data };
}

/** Centre of what is bright. */
function centroid({ width, data }: RgbImage): Point {
  let [sum, x, y] = [0, 0, 0];
  for (let at = 0; at < data.length / 3; at += 1) {
    const value = data[at * 3] ?? 0;
    sum += value;
    x += value * ((at % width) + 0.5);
    y += value * (Math.floor(at / width) + 0.5);
  }
  return { x: x / sum, y: y / sum };
}

describe("the similarity between two sets of points", () => {
  it.each([
    [0, 1, { x: 0, y: 0 }],
    [30, 2, { x: 5, y: -7 }],
    [-110, 0.3, { x: 100, y: 40 }],
  ])("is found exactly for a turn of %d degrees at scale %d", (degrees, scale, shift) => {
    const from = [
      { x: 1, y: 2 },
      { x: 9, y: 3 },
      { x: 4, y: 8 },
      { x: 6, y: 6 },
    ];
    const to = from.map((point) => turned(point, degrees, scale, shift));
    const found = similarityBetween(from, to);
    expect(found?.a).toBeCloseTo(scale * Math.cos((degrees * Math.PI) / 180), 9);
    expect(found?.b).toBeCloseTo(scale * Math.sin((degrees * Math.PI) / 180), 9);
    expect(found?.tx).toBeCloseTo(shift.x, 9);
    expect(found?.ty).toBeCloseTo(shift.y, 9);
  });

  it("never mirrors: a mirrored face is laid as well as a turn can", () => {
    const from = [
      { x: -1, y: 0 },
      { x: 1, y: 0 },
      { x: 0, y: 2 },
    ];
    const found = similarityBetween(
      from,
      from.map(({ x, y }) => ({ x: -x, y })),
    );
    expect((found?.a ?? 0) ** 2 + (found?.b ?? 0) ** 2).toBeLessThan(1);
  });

  it("is none for points that are all one", () => {
    const points = Array.from({ length: 4 }, () => ({ x: 3, y: 3 }));
    expect(similarityBetween(points, points)).toBeNull();
  });
});

describe("an aligned face", () => {
  it.each([0, 20, -35])("has its eyes where models expect them when it leans by %d degrees", (degrees) => {
    const face = landmarks(degrees, 0.9, { x: 70, y: 50 });
    const alignment = alignmentOf(face, 200, 200);
    if (alignment === null) throw new Error("no alignment");
    for (const [eye, expected] of [
      [face.leftEye, LEFT_EYE],
      [face.rightEye, RIGHT_EYE],
    ] as const) {
      const aligned = alignFace(dotAt(eye), alignment);
      expect(aligned.width).toBe(ALIGNED_SIDE);
      const seen = centroid(aligned);
      expect(Math.abs(seen.x - expected.x)).toBeLessThan(1);
      expect(Math.abs(seen.y - expected.y)).toBeLessThan(1);
    }
  });

  it("leaves the pixels as they are where nothing has to be turned, moved or scaled", () => {
    const data = Uint8Array.from({ length: 112 * 112 * 3 }, (_, index) => (index * 37) % 256);
    const image = { width: 112, height: 112, data };
    expect(alignFace(image, { a: 1, b: 0, tx: 0, ty: 0 }).data).toEqual(data);
  });

  it("is black where it reaches past the picture", () => {
    const white = { width: 10, height: 10, data: new Uint8Array(300).fill(255) };
    const { data } = alignFace(white, { a: 1, b: 0, tx: 51, ty: 51 });
    expect(data[(56 * 112 + 56) * 3]).toBe(255);
    expect(data[0]).toBe(0);
    expect(data[(80 * 112 + 56) * 3]).toBe(0);
  });
});
