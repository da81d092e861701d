import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BlindWatch } from "../../src/camera/blind-watch.ts";
import { MotionDetector } from "../../src/camera/motion-detector.ts";
import { SamplingGate } from "../../src/camera/sampling-gate.ts";
import { thumbnailSize } from "../../src/camera/thumbnail-size.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { LumaImage } from "../../src/domain/frame.ts";
import { openVideo } from "../../src/video/open-video.ts";
import { measuringFootage, WITH_FOOTAGE } from "../support/measuring-footage.ts";

interface Clip {
  readonly file: string;
  readonly scene: string;
  readonly falls: readonly { readonly start_s: number | null; readonly ground_s: number | null }[];
}

interface Shown {
  readonly timeS: number;
  readonly luma: LumaImage;
}

const FPS = 10;
const manifest = measuringFootage("fall", "manifest.json");
const home = measuringFootage("home", "one-by-one-person-detection.mp4");
const film = measuringFootage("mot", "PETS09-S2L1", "vtest.avi");

async function thumbnailsOf(source: string): Promise<Shown[]> {
  const stream = await openVideo({
    source,
    live: false,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 10_000,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  const gate = new SamplingGate(FPS);
  const shown: Shown[] = [];
  try {
    for (;;) {
      using frame = await stream.next();
      if (frame === null) return shown;
      if (!gate.picks(frame.mediaTimeS)) continue;
      const { width, height } = thumbnailSize(frame.width, frame.height);
      shown.push({ timeS: frame.mediaTimeS, luma: frame.toLuma(width, height) });
    }
  } finally {
    await stream[Symbol.asyncDispose]();
  }
}

/** One film after the other, as if one camera had seen them. */
function joined(films: readonly (readonly Shown[])[]): LumaImage[] {
  return films.flatMap((shown) => shown.map(({ luma }) => luma));
}

function causes(pictures: readonly LumaImage[]): { timeS: number; cause: string | null }[] {
  const watch = new BlindWatch();
  const motion = new MotionDetector();
  const changes: { timeS: number; cause: string | null }[] = [];
  for (const [index, luma] of pictures.entries()) {
    const timeS = index / FPS;
    const { moving } = motion.observe(luma, timeS);
    const cause = watch.observe(luma, timeS, { moving, people: 0 })?.cause ?? null;
    if (cause !== (changes.at(-1)?.cause ?? null)) changes.push({ timeS, cause });
  }
  return changes;
}

/** The same camera, looking 15 % further to the side; what comes into view mirrors what was there. */
function aside({ width, height, data }: LumaImage): LumaImage {
  const by = Math.round(width * 0.15);
  const turned = data.map((_, at) => {
    const x = (at % width) + by;
    return data[at - (at % width) + (x < width ? x : 2 * width - 1 - x)] ?? 0;
  });
  return { width, height, data: turned };
}

describe.skipIf(manifest === null)(`on recorded falls, ${WITH_FOOTAGE}`, () => {
  const clips =
    manifest === null ? [] : (JSON.parse(readFileSync(manifest, "utf8")) as { clips: Clip[] }).clips;
  const pathOf = ({ file }: Clip) => measuringFootage("fall", file) ?? "";

  it("every fall is seen to move, and no clip's camera is called blind", { timeout: 120_000 }, async () => {
    const some = clips.filter((_, index) => index % 9 === 0);
    let falls = 0;
    for (const clip of some) {
      const shown = await thumbnailsOf(pathOf(clip));
      const motion = new MotionDetector();
      const moving = shown
        .filter(({ luma, timeS }) => motion.observe(luma, timeS).moving)
        .map(({ timeS }) => timeS);
      for (const { start_s: startS, ground_s: groundS } of clip.falls) {
        if (startS === null) continue;
        falls += 1;
        const during = moving.filter((timeS) => timeS >= startS && timeS <= (groundS ?? startS + 1));
        expect(during, clip.file).not.toEqual([]);
      }
      expect(causes(joined([shown])), clip.file).toEqual([]);
    }
    expect(falls).toBeGreaterThan(5);
  });

  it("a room filmed on many days is the same room, until the camera looks aside", {
    timeout: 120_000,
  }, async () => {
    const room = clips
      .filter(({ scene }) => scene === "Coffee_room_01")
      .filter((_, index) => index % 4 === 0);
    const films: Shown[][] = [];
    for (const clip of room) films.push(await thumbnailsOf(pathOf(clip)));
    const pictures = joined(films);
    expect(pictures.length).toBeGreaterThan(60 * FPS);
    const turned = pictures.slice(0, 40 * FPS).map(aside);
    const [moved, ...more] = causes([...pictures, ...turned]);
    expect(moved?.cause).toBe("moved");
    const afterS = (moved?.timeS ?? 0) - pictures.length / FPS;
    expect(afterS).toBeGreaterThan(0);
    expect(afterS).toBeLessThan(30);
    expect(more).toEqual([]);
  });
});

describe.skipIf(home === null)(`before a table, ${WITH_FOOTAGE}`, () => {
  it("nothing moves until somebody comes, and the camera sees all the while", {
    timeout: 120_000,
  }, async () => {
    const shown = await thumbnailsOf(home ?? "");
    const motion = new MotionDetector();
    const moving = shown
      .filter(({ luma, timeS }) => motion.observe(luma, timeS).moving)
      .map(({ timeS }) => timeS);
    // Her hair is in the picture from 5.9 seconds on.
    expect(moving[0]).toBeGreaterThan(5.8);
    expect(moving[0]).toBeLessThan(6.5);
    expect(causes(joined([shown]))).toEqual([]);
  });
});

describe.skipIf(film === null)(`in a street, ${WITH_FOOTAGE}`, () => {
  it("people of a sixth of the picture's height are seen to move all the while", {
    timeout: 120_000,
  }, async () => {
    const shown = await thumbnailsOf(film ?? "");
    const motion = new MotionDetector();
    const still = shown.filter(({ luma, timeS }) => !motion.observe(luma, timeS).moving && timeS > 1);
    expect(still).toEqual([]);
    expect(causes(joined([shown]))).toEqual([]);
  });
});
