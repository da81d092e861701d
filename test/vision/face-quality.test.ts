import { describe, expect, it } from "vitest";
import type { RgbImage } from "../../src/domain/frame.ts";
import type { FaceLandmarks } from "../../src/vision/face-detector.ts";
import {
  brightnessOf,
  type FaceView,
  judgeFace,
  sharpnessOf,
  turnOf,
  visibleShare,
} from "../../src/vision/face-quality.ts";

const GOOD: FaceView = {
  widthPx: 90,
  yaw: 0,
  pitch: 0.55,
  sharpness: 0.1,
  brightness: 120,
  visible: 1,
};
const MIN_PX = 40;

function qualities(views: readonly Partial<FaceView>[]): number[] {
  return views.map((view) => judgeFace({ ...GOOD, ...view }, MIN_PX).quality);
}

function face(noseX: number, noseY: number): FaceLandmarks {
  const ears = { leftEar: { x: 10, y: 60 }, rightEar: { x: 100, y: 60 } };
  return {
    leftEye: { x: 38, y: 50 },
    rightEye: { x: 74, y: 50 },
    nose: { x: noseX, y: noseY },
    mouth: { x: 56, y: 90 },
    ...ears,
  };
}

/** Stripes whose edges are `soft` pixels wide. */
function stripes(soft: number, level = 1): RgbImage {
  const data = new Uint8Array(112 * 112 * 3);
  for (let at = 0; at < 112 * 112; at += 1) {
    const phase = (at % 112) % 24;
    const edge = Math.min(phase, 24 - phase, Math.abs(phase - 12));
    const side = phase < 12 ? 1 : -1;
    const value = 128 + side * 90 * Math.min(1, edge / Math.max(soft, 1e-6));
    data.fill(Math.round(value * level), at * 3, at * 3 + 3);
  }
  return { width: 112, height: 112, data };
}

describe("a face's quality", () => {
  it("is full for a large, sharp, bright, whole face from the front, of which nothing is to be told", () => {
    expect(judgeFace(GOOD, MIN_PX)).toEqual({ quality: 1, problems: [] });
  });

  it.each<[string, readonly Partial<FaceView>[]]>([
    ["smaller", [{ widthPx: 30 }, { widthPx: 24 }, { widthPx: 16 }, { widthPx: 10 }]],
    ["more blurred", [{ sharpness: 0.014 }, { sharpness: 0.006 }, { sharpness: 0.003 }]],
    ["turned to the left", [{ yaw: -0.3 }, { yaw: -0.45 }, { yaw: -0.6 }]],
    ["turned to the right", [{ yaw: 0.3 }, { yaw: 0.45 }, { yaw: 0.6 }]],
    ["raised", [{ pitch: 0.3 }, { pitch: 0.2 }, { pitch: 0.1 }]],
    ["darker", [{ brightness: 17 }, { brightness: 12 }, { brightness: 6 }]],
    ["cut off further", [{ visible: 0.9 }, { visible: 0.75 }, { visible: 0.62 }]],
  ])("falls the %s it is", (_, views) => {
    const all = [1, ...qualities(views)];
    for (const [index, quality] of all.entries()) {
      if (index > 0) expect(quality).toBeLessThan(all[index - 1] ?? 0);
      expect(quality).toBeGreaterThanOrEqual(0);
    }
  });

  it("is half where one face begins not to be enough: 20 pixels wide", () => {
    expect(qualities([{ widthPx: 20 }])[0]).toBeCloseTo(0.5, 2);
  });

  it.each<[string, Partial<FaceView>]>([
    ["too_small", { widthPx: 39 }],
    ["blurred", { sharpness: 0.004 }],
    ["turned_away", { yaw: 0.5 }],
    ["cut_off", { visible: 0.7 }],
    ["too_dark", { brightness: 9 }],
  ])("tells of %s, and of nothing else", (problem, view) => {
    expect(judgeFace({ ...GOOD, ...view }, MIN_PX).problems).toEqual([problem]);
  });

  it("is none, not a number gone wrong, for a face without any structure", () => {
    expect(judgeFace({ ...GOOD, sharpness: 0 }, MIN_PX).quality).toBe(0);
    expect(judgeFace({ ...GOOD, yaw: Number.NaN }, MIN_PX).quality).toBe(0);
  });
});

describe("what is measured of a face", () => {
  it("turns with the nose: to the picture's right it is positive, however the face leans", () => {
    expect(turnOf(face(56, 72)).yaw).toBeCloseTo(0, 5);
    expect(turnOf(face(65, 72)).yaw).toBeCloseTo(0.25, 5);
    expect(turnOf(face(47, 72)).yaw).toBeCloseTo(-0.25, 5);
    const flipped = Object.fromEntries(
      Object.entries(face(65, 72)).map(([name, { x, y }]) => [name, { x: -y, y: x }]),
    ) as unknown as FaceLandmarks;
    expect(turnOf(flipped).yaw).toBeCloseTo(0.25, 5);
    expect(turnOf(face(56, 72)).pitch).toBeCloseTo(0.55, 5);
    expect(turnOf(face(56, 58)).pitch).toBeLessThan(0.25);
  });

  it("is less sharp the softer the edges are, whatever light and contrast", () => {
    const [crisp, soft, softer] = [0.5, 2, 4].map((edge) => sharpnessOf(stripes(edge)));
    expect(crisp).toBeGreaterThan((soft ?? 0) * 2);
    expect(soft).toBeGreaterThan(softer ?? 0);
    expect(sharpnessOf(stripes(2, 0.4)) / (soft ?? 1)).toBeCloseTo(1, 1);
  });

  it("is none for a face without any structure", () => {
    expect(sharpnessOf({ width: 112, height: 112, data: new Uint8Array(112 * 112 * 3) })).toBe(0);
  });

  it("is as bright as its middle, and as whole as the share of it in the picture", () => {
    const grey = { width: 112, height: 112, data: new Uint8Array(112 * 112 * 3).fill(77) };
    expect(brightnessOf(grey)).toBeCloseTo(77, 3);
    expect(visibleShare({ x1: -50, y1: 10, x2: 50, y2: 110 }, 640, 360)).toBeCloseTo(0.5, 6);
    expect(visibleShare({ x1: 700, y1: 10, x2: 800, y2: 110 }, 640, 360)).toBe(0);
  });
});
