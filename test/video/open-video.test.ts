import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { isAppError } from "../../src/core/errors.ts";
import type { NativePhase } from "../../src/video/native-phase.ts";
import { openVideo } from "../../src/video/open-video.ts";
import type { VideoFrame } from "../../src/video/video-frame.ts";
import type { VideoStream } from "../../src/video/video-stream.ts";
import { VideoWriter } from "../../src/video/video-writer.ts";
import { codedPicture, codedVideo, numberIn } from "../support/coded-footage.ts";
import { remux } from "../support/remux.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-video-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function open(source: string): Promise<VideoStream> {
  return openVideo({
    source,
    live: false,
    connectTimeoutMs: 5000,
    stallTimeoutMs: 5000,
    clock: new ManualClock(),
    signal: new AbortController().signal,
  });
}

interface Played {
  readonly numbers: number[];
  readonly times: number[];
  readonly sizes: string[];
  readonly damaged: number;
}

async function playAll(source: string): Promise<Played> {
  const stream = await open(source);
  const played = { numbers: [] as number[], times: [] as number[], sizes: [] as string[] };
  try {
    for (;;) {
      const frame = await stream.next();
      if (frame === null) return { ...played, damaged: stream.damagedPackets };
      played.numbers.push(numberIn(frame.toRgb(160, 120)));
      played.times.push(frame.mediaTimeS);
      played.sizes.push(`${frame.width}x${frame.height}`);
      frame[Symbol.dispose]();
    }
  } finally {
    await stream[Symbol.asyncDispose]();
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function expectEvery(times: readonly number[], stepS: number): void {
  for (const [index, time] of times.entries()) expect(time).toBeCloseTo(index * stepS, 3);
}

async function refusal(source: string) {
  const error: unknown = await open(source).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw new Error("was expected to be refused", { cause: error });
  return error;
}

describe("a video file", () => {
  it.each([
    ["film.mp4", 0],
    ["reordered.mp4", 3],
    ["film.mkv", 2],
    ["film.ts", 2],
    ["film.avi", 0],
    // A bare stream has no timestamps at all.
    ["film.h264", 0],
  ])("gives every picture of %s once, in order and at its time, to the last", async (name, bFrames) => {
    const path = await codedVideo(folder, { name, frames: 60, bFrames });
    const { numbers, times, damaged } = await playAll(path);
    expect(numbers).toEqual(upTo(60));
    expectEvery(times, 0.04);
    expect(damaged).toBe(0);
  });

  it("tells its size, rate, codec, length and time of recording", async () => {
    const createdAt = Date.UTC(2024, 4, 5, 6, 7, 8);
    const path = await codedVideo(folder, { name: "dated.mp4", frames: 50, createdAt });
    const stream = await open(path);
    expect(stream.info).toEqual({ width: 320, height: 240, fps: 25, codec: "h264", durationS: 2 });
    expect(stream.startedAt).toBe(createdAt);
    await stream[Symbol.asyncDispose]();
  });

  it("takes the file's own date where the container has none", async () => {
    const path = await codedVideo(folder, { name: "undated.mp4", frames: 5 });
    await utimes(path, new Date(), new Date("2023-02-03T04:05:06Z"));
    const stream = await open(path);
    expect(stream.startedAt).toBe(Date.parse("2023-02-03T04:05:06Z"));
    await stream[Symbol.asyncDispose]();
  });

  it("gives the same pictures at the same times every time", async () => {
    const path = await codedVideo(folder, { name: "again.mp4", frames: 40, bFrames: 2 });
    expect(await playAll(path)).toEqual(await playAll(path));
  });

  it("keeps to the times of a recording with an uneven rate", async () => {
    const path = join(folder, "uneven.mp4");
    const at = [0, 0.1, 0.15, 0.9, 1, 4];
    const writer = await VideoWriter.create({ path, width: 320, height: 240, fps: 10 });
    for (const [number, atS] of at.entries()) await writer.write(codedPicture(number), atS);
    await writer.finish();
    await writer[Symbol.asyncDispose]();
    const { numbers, times } = await playAll(path);
    expect(numbers).toEqual(upTo(6));
    for (const [index, atS] of at.entries()) expect(times[index]).toBeCloseTo(atS, 4);
  });

  it("goes on in order when the timestamps begin again in mid-stream", async () => {
    const first = await codedVideo(folder, { name: "part.ts", frames: 30 });
    const path = join(folder, "parts.ts");
    const bytes = await readFile(first);
    await writeFile(path, Buffer.concat([bytes, bytes]));
    const { numbers, times } = await playAll(path);
    expect(numbers).toEqual([...upTo(30), ...upTo(30)]);
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true);
    expect(times.at(-1)).toBeLessThan(4);
  });

  it("goes on when the picture's size changes in mid-stream", async () => {
    const small = await codedVideo(folder, { name: "small.h264", frames: 10 });
    const large = await codedVideo(folder, { name: "large.h264", frames: 10, width: 640, height: 360 });
    const path = join(folder, "growing.h264");
    await writeFile(path, Buffer.concat([await readFile(small), await readFile(large)]));
    const { numbers, sizes } = await playAll(path);
    expect(numbers).toEqual([...upTo(10), ...upTo(10)]);
    expect(new Set(sizes.slice(0, 10))).toEqual(new Set(["320x240"]));
    expect(new Set(sizes.slice(10))).toEqual(new Set(["640x360"]));
  });

  it("plays the pictures beside an audio track", async () => {
    const film = await codedVideo(folder, { name: "mute.mkv", frames: 30 });
    const path = await remux(film, join(folder, "spoken.mkv"), { audio: true });
    const { numbers } = await playAll(path);
    expect(numbers).toEqual(upTo(30));
  });

  it("shows upright and undistorted what was filmed sideways or squeezed", async () => {
    const film = await codedVideo(folder, { name: "plain.mp4", frames: 3 });
    const turned = await open(await remux(film, join(folder, "turned.mp4"), { quarterTurns: 1 }));
    expect(turned.info).toMatchObject({ width: 240, height: 320 });
    await turned[Symbol.asyncDispose]();
    const squeezed = await open(await remux(film, join(folder, "squeezed.mp4"), { pixelAspect: [16, 11] }));
    expect(squeezed.info).toMatchObject({ width: 465, height: 240 });
    await squeezed[Symbol.asyncDispose]();
  });

  it.each(["mkv", "mp4"])("goes on behind a torn stretch of a film.%s", async (ending) => {
    const film = await codedVideo(folder, { name: `whole.${ending}`, frames: 100, keyframeEvery: 10 });
    const bytes = await readFile(film);
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0xff, middle, middle + 3000);
    const path = join(folder, `torn.${ending}`);
    await writeFile(path, bytes);
    const { numbers, damaged } = await playAll(path);
    expect(numbers.length).toBeGreaterThan(60);
    expect(numbers.at(-1)).toBe(99);
    // Matroska's reader finds the next whole packet by itself; MP4's index leads into the torn ones.
    if (ending === "mp4") expect(damaged).toBeGreaterThan(0);
  });

  it("plays what is there of a file that was cut off", async () => {
    const path = await codedVideo(folder, { name: "cut.mp4", frames: 100, keyframeEvery: 10 });
    const { length } = await readFile(path);
    await truncate(path, Math.round(length * 0.6));
    const { numbers } = await playAll(path);
    expect(numbers.length).toBeGreaterThan(30);
    expect(numbers.length).toBeLessThan(90);
    expect(numbers.slice(0, 30)).toEqual(upTo(30));
  });

  it("does not grow in memory, frame after frame", async () => {
    const path = await codedVideo(folder, {
      name: "long.mp4",
      frames: 400,
      width: 640,
      height: 480,
      crf: 40,
    });
    // Kept, so that it is disposing that frees them and not the garbage collector.
    const kept: VideoFrame[] = [];
    const pass = async () => {
      const stream = await open(path);
      for (let frame = await stream.next(); frame !== null; frame = await stream.next()) {
        frame.toRgb(320, 240);
        frame.share()[Symbol.dispose]();
        frame[Symbol.dispose]();
        kept.push(frame);
      }
      await stream[Symbol.asyncDispose]();
    };
    await pass();
    const before = process.memoryUsage().rss;
    await pass();
    // Undisposed, these 400 pictures of 0.46 MB would be 184 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(80e6);
  });
});

describe("a file that is no video", () => {
  it("is missing: says so and names it", async () => {
    const path = join(folder, "nowhere.mp4");
    expect(await refusal(path)).toMatchObject({
      code: "source.missing",
      message: expect.stringContaining(path),
    });
  });

  it.each([
    ["text.mp4", "Dear diary,\nnothing fell today.\n"],
    ["text.txt", "\u001b[31mDear diary,\u001b[0m\r\nnothing fell today.\r\n".repeat(200)],
    ["empty.mp4", ""],
    ["page.html", "<!doctype html><title>404</title>"],
  ])("%s is not a video that can be decoded", async (name, text) => {
    const path = join(folder, name);
    await writeFile(path, text);
    const error = await refusal(path);
    expect(error.code).toBe("source.unreadable");
    expect(error.message).toContain(`${path} is not a video that can be decoded`);
  });

  it("is the torn head of one", async () => {
    const path = await codedVideo(folder, { name: "head.mp4", frames: 20 });
    await truncate(path, 300);
    expect(await refusal(path)).toMatchObject({ code: "source.unreadable" });
  });

  it("is a sound: says that there is no picture in it", async () => {
    const path = join(folder, "sound.wav");
    const header = Buffer.from(
      "RIFF\x24\x10\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\x10\0\0",
      "latin1",
    );
    await writeFile(path, Buffer.concat([header, Buffer.alloc(4096)]));
    expect(await refusal(path)).toMatchObject({
      code: "source.unreadable",
      message: expect.stringContaining("no picture"),
    });
  });

  it("is a folder", async () => {
    expect(await refusal(folder)).toMatchObject({
      code: "source.unreadable",
      message: expect.stringContaining("folder"),
    });
  });

  it("is a playlist: what it names is not fetched", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const path = join(folder, "list.m3u8");
    const item = `http://127.0.0.1:${port}/a.ts`;
    await writeFile(path, `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${item}\n#EXT-X-ENDLIST\n`);
    expect(await refusal(path)).toMatchObject({ code: "source.unreadable" });
    expect(asked).toBe(0);
    server.close();
  });

  it.skipIf(process.getuid?.() === 0)("may not be read: says so", async () => {
    const path = await codedVideo(folder, { name: "locked.mp4", frames: 2 });
    await chmod(path, 0);
    expect((await refusal(path)).message).toContain("permissions");
  });
});

describe("a call into FFmpeg", () => {
  it("is told before and after it is made, whatever becomes of the source", async () => {
    const path = await codedVideo(folder, { name: "phases.mp4", frames: 5 });
    await truncate(path, (await readFile(path)).length - 50);
    for (const source of [path, join(folder, "phases.txt")]) {
      if (source.endsWith(".txt")) await writeFile(source, "no video".repeat(100));
      const phases: NativePhase[] = [];
      const opening = openVideo({
        source,
        live: false,
        connectTimeoutMs: 5000,
        stallTimeoutMs: 5000,
        clock: new ManualClock(),
        signal: new AbortController().signal,
        onNative: (phase) => phases.push(phase),
      });
      const stream = await opening.catch(() => null);
      for (let frame = await stream?.next(); frame != null; frame = await stream?.next())
        frame[Symbol.dispose]();
      await stream?.[Symbol.asyncDispose]();
      // Every phase is closed before the next one begins.
      expect(phases.filter((_, index) => index % 2 === 1).every((phase) => phase === null)).toBe(true);
      expect(phases.length % 2).toBe(0);
      const named = new Set(phases.filter((phase) => phase !== null));
      expect(named).toEqual(new Set(stream === null ? ["open"] : ["open", "read", "decode"]));
    }
  });
});

describe("closing a stream", () => {
  it("frees it once however often it is closed, and lets frames live on", async () => {
    const stream = await open(await codedVideo(folder, { name: "close.mp4", frames: 10 }));
    const frame = await stream.next();
    await Promise.all([stream[Symbol.asyncDispose](), stream[Symbol.asyncDispose]()]);
    expect(frame === null ? null : numberIn(frame.toRgb(160, 120))).toBe(0);
    frame?.[Symbol.dispose]();
    await expect(stream.next()).rejects.toSatisfy((error) => isAppError(error, "interrupted"));
  });

  it("lets go of a pending picture at once", async () => {
    const stream = await open(await codedVideo(folder, { name: "pending.mp4", frames: 10 }));
    (await stream.next())?.[Symbol.dispose]();
    const pending = stream.next();
    const closed = stream[Symbol.asyncDispose]();
    await expect(pending).rejects.toSatisfy((error) => isAppError(error, "interrupted"));
    await closed;
  });
});
