import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AV_PIX_FMT_BGRA,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_MONOBLACK,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_P010LE,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_UYVY422,
  AV_PIX_FMT_YUV411P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUV444P,
  type AVPixelFormat,
} from "node-av/constants";
import { Frame, SoftwareScaleContext } from "node-av/lib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { isAppError } from "../../src/core/errors.ts";
import type { RgbImage } from "../../src/domain/frame.ts";
import type { Box } from "../../src/domain/geometry.ts";
import { encodeVideo } from "../../src/video/encode-video.ts";
import { newFrame } from "../../src/video/frame-converter.ts";
import { openVideo } from "../../src/video/open-video.ts";
import { RegionScaler } from "../../src/video/region-scaler.ts";
import type { VideoFrame } from "../../src/video/video-frame.ts";
import { remux } from "../support/remux.ts";

const SIZE = { width: 324, height: 242 };
const BOX: Box = { x1: 0.303, y1: 0.207, x2: 0.811, y2: 0.689 };

let folder: string;
let film: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-region-"));
  film = join(folder, "ramps.mp4");
  await encodeVideo({ path: film, ...SIZE, fps: 25, crf: 3 }, [ramps(), ramps()]);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Red grows to the right, green downwards: every colour says where it is from. */
function ramps({ width, height } = SIZE): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const red = 20 + (216 * (x + 0.5)) / width;
      const green = 20 + (216 * (y + 0.5)) / height;
      data.set([red, green, 120], (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

function placeAt(image: RgbImage, x: number, y: number): { x: number; y: number } {
  const at = (y * image.width + x) * 3;
  return { x: ((image.data[at] ?? 0) - 20) / 216, y: ((image.data[at + 1] ?? 0) - 20) / 216 };
}

/** Colours are kept to about 5 of 255 where they are given for pairs or fours of pixels: 3 % of the picture. */
const TOLERANCE = 0.04;

/** Every tenth pixel shows the place of the picture that the box puts there. */
function expectShows(image: RgbImage, box: Box, original: RgbImage): void {
  for (let y = 2; y < image.height; y += 10) {
    for (let x = 2; x < image.width; x += 10) {
      const shown = placeAt(image, x, y);
      const from = placeAt(
        original,
        Math.floor((box.x1 + ((box.x2 - box.x1) * (x + 0.5)) / image.width) * original.width),
        Math.floor((box.y1 + ((box.y2 - box.y1) * (y + 0.5)) / image.height) * original.height),
      );
      expect(Math.abs(shown.x - from.x), `across at ${x},${y}`).toBeLessThan(TOLERANCE);
      expect(Math.abs(shown.y - from.y), `down at ${x},${y}`).toBeLessThan(TOLERANCE);
    }
  }
}

/** Waves of grey, of a length of 12 and 15 pixels. */
function waves({ width, height } = SIZE): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.fill(grey(x, y), (y * width + x) * 3, (y * width + x) * 3 + 3);
  }
  return { width, height, data };
}

function grey(x: number, y: number): number {
  return 128 + 45 * Math.sin((2 * Math.PI * x) / 12) + 45 * Math.sin((2 * Math.PI * y) / 15);
}

/** How far the waves are from where they ought to be when the box is taken to lie `dx`, `dy` pixels aside. */
function misfit(image: RgbImage, box: Box, dx: number, dy: number): number {
  let sum = 0;
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      const px = (box.x1 + ((box.x2 - box.x1) * (x + 0.5)) / image.width) * SIZE.width - 0.5;
      const py = (box.y1 + ((box.y2 - box.y1) * (y + 0.5)) / image.height) * SIZE.height - 0.5;
      sum += Math.abs((image.data[(y * image.width + x) * 3] ?? 0) - grey(px + dx, py + dy));
    }
  }
  return sum / (image.width * image.height);
}

function whole(frame: VideoFrame): RgbImage {
  return frame.toRgb(frame.width, frame.height);
}

async function withFrame<T>(path: string, use: (frame: VideoFrame) => T | Promise<T>): Promise<T> {
  await using stream = await openVideo({
    source: path,
    live: false,
    connectTimeoutMs: 5000,
    stallTimeoutMs: 5000,
    clock: new ManualClock(),
    signal: new AbortController().signal,
  });
  using frame = await stream.next();
  if (frame === null) throw new Error("no picture");
  return await use(frame);
}

describe("a part of a frame", () => {
  it.each([
    [256, 256],
    [61, 97],
    [40, 30],
    [500, 400],
  ])("is what lies in the box, scaled to exactly %ix%i", async (width, height) => {
    await withFrame(film, (frame) => {
      const image = frame.toRgbRegion(BOX, width, height);
      expect(image).toMatchObject({ width, height });
      expect(image.data.length).toBe(width * height * 3);
      expectShows(image, BOX, whole(frame));
    });
  });

  it("lies right to a pixel", async () => {
    const path = join(folder, "waves.mp4");
    await encodeVideo({ path, ...SIZE, fps: 25, crf: 3 }, [waves(), waves()]);
    await withFrame(path, (frame) => {
      for (const offset of [0, 0.003, 0.0061, 0.0092]) {
        const box = { x1: BOX.x1 + offset, y1: BOX.y1 + offset, x2: BOX.x2 + offset, y2: BOX.y2 };
        const image = frame.toRgbRegion(box, 256, 256);
        const best = misfit(image, box, 0, 0);
        for (const [dx, dy] of [
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ] as const) {
          expect(best, `rather ${dx},${dy} at ${offset}`).toBeLessThan(misfit(image, box, dx, dy));
        }
      }
    });
  });

  it("is the whole picture when the box is", async () => {
    await withFrame(film, (frame) => {
      const whole = frame.toRgbRegion({ x1: 0, y1: 0, x2: 1, y2: 1 }, 160, 120);
      const scaled = frame.toRgb(160, 120);
      const worst = whole.data.reduce((max, v, i) => Math.max(max, Math.abs(v - (scaled.data[i] ?? 0))), 0);
      expect(worst).toBeLessThanOrEqual(1);
    });
  });

  it("is black where it reaches past the edge, and in place beside it", async () => {
    const box = { x1: -0.5, y1: 0.5, x2: 0.5, y2: 1.5 };
    const image = await withFrame(film, (frame) => frame.toRgbRegion(box, 200, 200));
    for (let y = 0; y < 200; y += 1) {
      for (let x = 0; x < 200; x += 1) {
        const at = (y * 200 + x) * 3;
        const isInside = x >= 100 && y < 100;
        // What lies on the border may be either.
        if (Math.abs(x - 100) < 2 || Math.abs(y - 100) < 2) continue;
        if (!isInside) expect([...image.data.slice(at, at + 3)], `at ${x},${y}`).toEqual([0, 0, 0]);
        else if (x % 10 === 5 && y % 10 === 5) {
          expect(Math.abs(placeAt(image, x, y).x - (x + 0.5 - 100) / 200)).toBeLessThan(TOLERANCE);
          expect(Math.abs(placeAt(image, x, y).y - (0.5 + (y + 0.5) / 200))).toBeLessThan(TOLERANCE);
        }
      }
    }
  });

  it("is all black beside the picture, and large when the box is tiny", async () => {
    await withFrame(film, (frame) => {
      const beside = frame.toRgbRegion({ x1: 1.5, y1: 0.2, x2: 2, y2: 0.8 }, 32, 32);
      expect(beside.data.every((value) => value === 0)).toBe(true);
      const tiny = frame.toRgbRegion({ x1: 0.5, y1: 0.5, x2: 0.50001, y2: 0.50001 }, 64, 64);
      const { x, y } = placeAt(tiny, 32, 32);
      expect(Math.abs(x - 0.5) + Math.abs(y - 0.5)).toBeLessThan(2 * TOLERANCE);
    });
  });

  it("of nothing is refused", async () => {
    await withFrame(film, (frame) => {
      for (const box of [
        { x1: 0.5, y1: 0.5, x2: 0.5, y2: 0.7 },
        { x1: Number.NaN, y1: 0, x2: 1, y2: 1 },
      ]) {
        const ask = () => frame.toRgbRegion(box, 32, 32);
        expect(ask).toThrow(expect.toSatisfy((error) => isAppError(error, "internal")));
      }
    });
  });

  it("leaves the frame and its whole picture as they are", async () => {
    await withFrame(film, (frame) => {
      const before = frame.toRgb(64, 48).data;
      for (let n = 0; n < 20; n += 1) frame.toRgbRegion({ ...BOX, x1: n / 50 }, 256, 256);
      expect(frame.toRgb(64, 48).data).toEqual(before);
    });
  });

  it.each([1, 2, 3] as const)("filmed %i quarter turns askew comes out upright", async (quarterTurns) => {
    const path = await remux(film, join(folder, `turned-${quarterTurns}.mp4`), { quarterTurns });
    await withFrame(path, (frame) => expectShows(frame.toRgbRegion(BOX, 120, 90), BOX, whole(frame)));
  });

  it("of a picture with tall pixels is the part that is seen there", async () => {
    const path = await remux(film, join(folder, "anamorphic.mp4"), { pixelAspect: [16, 11] });
    await withFrame(path, (frame) => {
      expect(frame.width).toBe(Math.round((SIZE.width * 16) / 11));
      expectShows(frame.toRgbRegion(BOX, 120, 90), BOX, whole(frame));
    });
  });
});

describe("the cutter of regions", () => {
  const formats: readonly (readonly [string, AVPixelFormat])[] = [
    ["NV12", AV_PIX_FMT_NV12],
    ["P010", AV_PIX_FMT_P010LE],
    ["4:2:0 of 10 bits", AV_PIX_FMT_YUV420P10LE],
    ["4:2:2", AV_PIX_FMT_YUV422P],
    ["packed 4:2:2", AV_PIX_FMT_UYVY422],
    ["4:4:4", AV_PIX_FMT_YUV444P],
    ["4:1:1", AV_PIX_FMT_YUV411P],
    ["BGRA", AV_PIX_FMT_BGRA],
    ["RGB", AV_PIX_FMT_RGB24],
  ];

  it.each(formats)("cuts %s at the right place", (_, format) => {
    using scaler = new RegionScaler();
    using source = asFormat(ramps(), format);
    const region = {
      x: BOX.x1 * SIZE.width,
      y: BOX.y1 * SIZE.height,
      width: (BOX.x2 - BOX.x1) * SIZE.width,
      height: (BOX.y2 - BOX.y1) * SIZE.height,
    };
    const all = { x: 0, y: 0, ...SIZE };
    expectShows(
      scaler.toRgb(source, region, 96, 80),
      BOX,
      scaler.toRgb(source, all, SIZE.width, SIZE.height),
    );
  });

  it.each([
    ["grey", AV_PIX_FMT_GRAY8],
    ["one bit a pixel", AV_PIX_FMT_MONOBLACK],
  ])("cuts %s at the right place", (_, format) => {
    const half = ramps({ width: 320, height: 240 });
    for (let at = 0; at < half.data.length; at += 3) {
      half.data.fill((at / 3) % 320 < 160 ? 0 : 255, at, at + 3);
    }
    using scaler = new RegionScaler();
    using source = asFormat(half, format);
    // The edge at pixel 160 comes to 40 % of the region's width.
    const image = scaler.toRgb(source, { x: 120, y: 40, width: 100, height: 100 }, 100, 100);
    const brightness = (x: number) => image.data[(50 * 100 + x) * 3] ?? -1;
    expect([brightness(10), brightness(36)].every((value) => value < 20)).toBe(true);
    expect([brightness(44), brightness(90)].every((value) => value > 235)).toBe(true);
  });

  function asFormat(image: RgbImage, format: AVPixelFormat): Frame {
    using rgb = Frame.fromVideoBuffer(Buffer.from(image.data), {
      width: image.width,
      height: image.height,
      format: AV_PIX_FMT_RGB24,
    });
    const frame = newFrame(image.width, image.height, format);
    const context = new SoftwareScaleContext();
    context.allocContext();
    expect(context.scaleFrameSync(frame, rgb)).toBeGreaterThanOrEqual(0);
    context.freeContext();
    return frame;
  }
});
