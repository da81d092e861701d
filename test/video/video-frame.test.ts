import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { isAppError } from "../../src/core/errors.ts";
import type { LumaImage, RgbImage } from "../../src/domain/frame.ts";
import { turnRgb } from "../../src/domain/turn-rgb.ts";
import { encodeVideo } from "../../src/video/encode-video.ts";
import { openVideo } from "../../src/video/open-video.ts";
import type { VideoFrame } from "../../src/video/video-frame.ts";
import { remux } from "../support/remux.ts";

const SIZE = { width: 320, height: 240 };
const CORNERS = {
  topLeft: [255, 0, 0],
  topRight: [0, 255, 0],
  bottomLeft: [0, 0, 255],
  bottomRight: [128, 128, 128],
} as const;

let folder: string;
let film: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-frame-"));
  film = join(folder, "corners.mp4");
  await encodeVideo({ path: film, ...SIZE, fps: 25, crf: 5 }, [cornered(), cornered(), cornered()]);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function cornered(): RgbImage {
  const { width, height } = SIZE;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const left = x < width / 2;
      const top = y < height / 2;
      const colour = top
        ? left
          ? CORNERS.topLeft
          : CORNERS.topRight
        : left
          ? CORNERS.bottomLeft
          : CORNERS.bottomRight;
      data.set(colour, (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

function colourAt(image: RgbImage, x: number, y: number): number[] {
  const at = (Math.floor(y * image.height) * image.width + Math.floor(x * image.width)) * 3;
  return [...image.data.slice(at, at + 3)];
}

function expectColour(actual: readonly number[], expected: readonly number[], tolerance = 4): void {
  for (const [index, value] of expected.entries()) {
    expect(Math.abs((actual[index] ?? -1000) - value), `${actual} against ${expected}`).toBeLessThanOrEqual(
      tolerance,
    );
  }
}

function expectCorners(image: RgbImage, tolerance?: number): void {
  expectColour(colourAt(image, 0.25, 0.25), CORNERS.topLeft, tolerance);
  expectColour(colourAt(image, 0.75, 0.25), CORNERS.topRight, tolerance);
  expectColour(colourAt(image, 0.25, 0.75), CORNERS.bottomLeft, tolerance);
  expectColour(colourAt(image, 0.75, 0.75), CORNERS.bottomRight, tolerance);
}

async function withFrame<T>(path: string, use: (frame: VideoFrame) => T | Promise<T>): Promise<T> {
  const stream = await openVideo({
    source: path,
    live: false,
    connectTimeoutMs: 5000,
    stallTimeoutMs: 5000,
    clock: new ManualClock(),
    signal: new AbortController().signal,
  });
  try {
    const frame = await stream.next();
    if (frame === null) throw new Error("no picture");
    try {
      return await use(frame);
    } finally {
      frame[Symbol.dispose]();
    }
  } finally {
    await stream[Symbol.asyncDispose]();
  }
}

async function decodeJpeg(jpeg: Uint8Array): Promise<RgbImage> {
  const path = join(folder, "picture.jpg");
  await writeFile(path, jpeg);
  return await withFrame(path, (frame) => frame.toRgb(frame.width, frame.height));
}

describe("a frame", () => {
  it.each([
    [320, 240],
    [256, 256],
    [97, 61],
    [960, 720],
  ])("scaled to %ix%i has packed rows and its colours", async (width, height) => {
    const image = await withFrame(film, (frame) => frame.toRgb(width, height));
    expect(image).toMatchObject({ width, height });
    expect(image.data.length).toBe(width * height * 3);
    expectCorners(image);
  });

  it("gives every image its own memory", async () => {
    await withFrame(film, (frame) => {
      const first = frame.toRgb(64, 48);
      const copy = first.data.slice();
      first.data.fill(7);
      expect(frame.toRgb(64, 48).data).toEqual(copy);
    });
  });

  it("becomes a JPEG of the right size and colours, never enlarged", async () => {
    const [small, full] = await withFrame(film, async (frame) => [
      await frame.toJpeg({ maxWidth: 160, quality: 90 }),
      await frame.toJpeg({ maxWidth: 4000, quality: 90 }),
    ]);
    const decoded = await decodeJpeg(small);
    expect(decoded).toMatchObject({ width: 160, height: 120 });
    expectCorners(decoded, 6);
    expect(await decodeJpeg(full)).toMatchObject(SIZE);
  });

  it("becomes a smaller JPEG at a lower quality", async () => {
    const sizes = await withFrame(film, async (frame) => {
      const lengths: number[] = [];
      for (const quality of [95, 80, 50, 20]) {
        lengths.push((await frame.toJpeg({ maxWidth: 320, quality })).length);
      }
      return lengths;
    });
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(new Set(sizes).size).toBe(4);
  });

  it("may be disposed while its JPEGs are still being made", async () => {
    const jpegs = await withFrame(film, (frame) => ({
      pending: Promise.all([
        frame.toJpeg({ maxWidth: 320, quality: 80 }),
        frame.toJpeg({ maxWidth: 160, quality: 80 }),
      ]),
    }));
    for (const jpeg of await jpegs.pending) expectCorners(await decodeJpeg(jpeg), 6);
  });

  it("shared keeps its pixels until the last hold is gone", async () => {
    const shared = await withFrame(film, (frame) => frame.share());
    expectCorners(shared.toRgb(64, 48));
    shared[Symbol.dispose]();
    shared[Symbol.dispose]();
    expect(() => shared.toRgb(64, 48)).toThrow(expect.toSatisfy((error) => isAppError(error, "internal")));
  });

  it.each([1, 2, 3] as const)("filmed %i quarter turns askew comes out upright", async (quarterTurns) => {
    const path = await remux(film, join(folder, `turned-${quarterTurns}.mp4`), { quarterTurns });
    const expected = turnRgb(cornered(), quarterTurns);
    await withFrame(path, async (frame) => {
      expect(frame).toMatchObject({ width: expected.width, height: expected.height });
      const jpeg = await decodeJpeg(await frame.toJpeg({ maxWidth: 4000, quality: 95 }));
      for (const image of [frame.toRgb(expected.width, expected.height), jpeg]) {
        for (const [x, y] of [
          [0.25, 0.25],
          [0.75, 0.25],
          [0.25, 0.75],
          [0.75, 0.75],
        ] as const) {
          expectColour(colourAt(image, x, y), colourAt(expected, x, y), 6);
        }
      }
    });
  });
});

describe("a frame's brightness", () => {
  const luma = async (path: string, width: number, height: number) =>
    await withFrame(path, (frame) => frame.toLuma(width, height));
  const at = (image: LumaImage, x: number, y: number) =>
    image.data[Math.floor(y * image.height) * image.width + Math.floor(x * image.width)] ?? -1;

  it.each([
    [80, 60],
    [77, 33],
    [640, 480],
  ])("scaled to %ix%i has packed rows, black at 0 and white at 255", async (width, height) => {
    const path = join(folder, `grey-${width}.mp4`);
    await encodeVideo({ path, ...SIZE, fps: 25, crf: 5 }, [greys(), greys()]);
    const image = await luma(path, width, height);
    expect(image).toMatchObject({ width, height });
    expect(image.data.length).toBe(width * height);
    for (const [x, y, value] of [
      [0.25, 0.25, 0],
      [0.75, 0.25, 255],
      [0.25, 0.75, 100],
      [0.75, 0.75, 180],
    ] as const) {
      expect(Math.abs(at(image, x, y) - value), `at ${x}, ${y}`).toBeLessThanOrEqual(3);
    }
  });

  it("is the same of a full-range picture", async () => {
    const path = join(folder, "grey.mp4");
    await encodeVideo({ path, ...SIZE, fps: 25, crf: 5 }, [greys(), greys()]);
    const limited = await luma(path, 80, 60);
    const jpeg = join(folder, "grey.jpg");
    await writeFile(jpeg, await withFrame(path, (frame) => frame.toJpeg({ maxWidth: 320, quality: 95 })));
    const full = await luma(jpeg, 80, 60);
    for (const [index, value] of limited.data.entries()) {
      expect(Math.abs((full.data[index] ?? -99) - value), `cell ${index}`).toBeLessThanOrEqual(4);
    }
  });

  it.each([1, 2, 3] as const)("filmed %i quarter turns askew comes out upright", async (quarterTurns) => {
    const path = join(folder, `grey-${quarterTurns}.mp4`);
    await encodeVideo({ path, ...SIZE, fps: 25, crf: 5 }, [greys(), greys()]);
    const turned = await remux(path, join(folder, `grey-turned-${quarterTurns}.mp4`), { quarterTurns });
    const upright = turnRgb(greys(), quarterTurns);
    const image = await luma(turned, upright.width / 4, upright.height / 4);
    expect(image.width).toBe(upright.width / 4);
    for (const [x, y] of [
      [0.25, 0.25],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.75, 0.75],
    ] as const) {
      expect(
        Math.abs(at(image, x, y) - (colourAt(upright, x, y)[0] ?? -99)),
        `at ${x}, ${y}`,
      ).toBeLessThanOrEqual(3);
    }
  });
});

/** Quarters of black, white and two greys. */
function greys(): RgbImage {
  const { width, height } = SIZE;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, to += 3) {
      data.fill(y < height / 2 ? (x < width / 2 ? 0 : 255) : x < width / 2 ? 100 : 180, to, to + 3);
    }
  }
  return { width, height, data };
}

describe("turning a picture", () => {
  const picture: RgbImage = {
    width: 3,
    height: 2,
    data: Uint8Array.from([1, 2, 3, 4, 5, 6].flatMap((value) => [value, value, value])),
  };
  const values = (image: RgbImage) => [...image.data].filter((_, index) => index % 3 === 0);

  it("turns clockwise", () => {
    expect(values(turnRgb(picture, 1))).toEqual([4, 1, 5, 2, 6, 3]);
    expect(values(turnRgb(picture, 2))).toEqual([6, 5, 4, 3, 2, 1]);
    expect(values(turnRgb(picture, 3))).toEqual([3, 6, 2, 5, 1, 4]);
    expect(turnRgb(picture, 1)).toMatchObject({ width: 2, height: 3 });
  });
});
