// The whole way: footage from npm, cut out, staged, encoded, and then seen by the model that watches over real rooms.
import { cp, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { fetchPackageFiles, packageFolder } from "../../models/package-files.ts";
import { systemClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { FALLS_S, RISES_S } from "../../src/demo/choreography.ts";
import { DEMO_FPS, ensureDemoClip, SOURCE_CLIP } from "../../src/demo/demo-clip.ts";
import { ROOM_HEIGHT, ROOM_WIDTH } from "../../src/demo/living-room.ts";
import type { Detection } from "../../src/domain/pose.ts";
import { InferencePool } from "../../src/inference/inference-pool.ts";
import { openVideo } from "../../src/video/open-video.ts";
import { MoveNetMultiPose } from "../../src/vision/movenet-multi-pose.ts";

/** The fetched footage is kept between test runs, the film made of it is not: that is what is tested. */
const footage = packageFolder(modelsDirectory(process.env), SOURCE_CLIP);
const never = new AbortController().signal;

let folder: string;
let clip: string;
const steps: { label: string; share: number }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-demo-"));
  await fetchPackageFiles({ ...SOURCE_CLIP, files: [SOURCE_CLIP.file], into: footage });
  await lendFootage(folder);
  clip = await ensureDemoClip({ cacheDir: folder, signal: never, progress: (step) => steps.push(step) });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function lendFootage(cacheDir: string): Promise<void> {
  const { path } = SOURCE_CLIP.file;
  await cp(join(footage, path), join(packageFolder(cacheDir, SOURCE_CLIP), path));
}

function open() {
  return openVideo({
    source: clip,
    live: false,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 10_000,
    clock: systemClock,
    signal: never,
  });
}

describe("the demo clip", () => {
  it("is a film of 29 seconds, the same at its end as at its beginning", async () => {
    await using stream = await open();
    expect(stream.info).toMatchObject({
      width: ROOM_WIDTH,
      height: ROOM_HEIGHT,
      fps: DEMO_FPS,
      codec: "h264",
    });
    let first: Uint8Array | null = null;
    let last: Uint8Array | null = null;
    let count = 0;
    for (;;) {
      using frame = await stream.next();
      if (frame === null) break;
      count += 1;
      last = frame.toRgb(ROOM_WIDTH, ROOM_HEIGHT).data;
      first ??= last;
    }
    expect(count).toBe(29 * DEMO_FPS);
    const difference = last?.reduce((sum, value, at) => sum + Math.abs(value - (first?.[at] ?? 0)), 0) ?? 0;
    expect(difference / ROOM_WIDTH / ROOM_HEIGHT / 3).toBeLessThan(2);
  });

  it("tells how far it is, from the footage to the finished film", () => {
    expect(steps.at(-1)).toEqual({ label: "scene", share: 1 });
    expect(steps.filter(({ label }) => label === "scene").length).toBeGreaterThan(100);
    expect(steps.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
  });

  it("is made once", async () => {
    const before = await stat(clip);
    steps.length = 0;
    expect(
      await ensureDemoClip({ cacheDir: folder, signal: never, progress: (step) => steps.push(step) }),
    ).toBe(clip);
    expect((await stat(clip)).mtimeMs).toBe(before.mtimeMs);
    expect(steps).toEqual([]);
  });

  it("leaves nothing half finished behind when it is interrupted", async () => {
    const other = join(folder, "interrupted");
    await lendFootage(other);
    const before = await readdir(other);
    const interrupt = new AbortController();
    const reason = new AppError("interrupted", "interrupted");
    const making = ensureDemoClip({
      cacheDir: other,
      signal: interrupt.signal,
      progress: ({ share }) => {
        if (share > 0.1 && share < 1) interrupt.abort(reason);
      },
    });
    await expect(making).rejects.toBe(reason);
    expect(await readdir(other)).toEqual(before);
  });

  it("says what to do when its folder cannot be made", async () => {
    const file = join(folder, "a-file");
    await writeFile(file, "");
    await expect(ensureDemoClip({ cacheDir: join(file, "demo"), signal: never })).rejects.toMatchObject({
      code: "store.unusable",
      message: expect.stringContaining("HAVEN_MODELS_DIR"),
    });
  });
});

interface Sighting {
  readonly at: number;
  readonly people: readonly Detection[];
}

describe("MoveNet MultiPose at 256 pixels, ten times a second, on the demo clip", () => {
  let seen: Sighting[];

  beforeAll(async () => {
    const store = new ModelStore({ log: silentLogger });
    await store.ensure(["movenet-multipose"], { signal: never });
    const pool = await InferencePool.create({
      workers: 1,
      provider: "cpu",
      log: silentLogger,
      modelPath: (id) => store.pathOf(id),
    });
    try {
      await pool.load("movenet-multipose");
      const detector = new MoveNetMultiPose({ runner: pool, floor: 0.1 });
      const { contentWidth, contentHeight } = detector.fit(ROOM_WIDTH, ROOM_HEIGHT, 256);
      seen = [];
      await using stream = await open();
      for (let due = 0; ; ) {
        using frame = await stream.next();
        if (frame === null) break;
        if (frame.mediaTimeS < due) continue;
        due += 0.1;
        const people = await detector.detect(frame.toRgb(contentWidth, contentHeight));
        seen.push({ at: frame.mediaTimeS, people });
      }
    } finally {
      await pool.close();
    }
  });

  const between = (from: number, to: number) => seen.filter(({ at }) => at >= from && at < to);

  it("sees nobody in the empty room, furniture included", () => {
    expect([...between(0, 0.95), ...between(26.45, 29)].flatMap(({ people }) => people)).toEqual([]);
  });

  it.each([
    ["walking in", 1.8, 5],
    ["dancing", 5, FALLS_S],
    ["falling", FALLS_S, FALLS_S + 1.1],
    ["lying", FALLS_S + 1.1, RISES_S],
  ])("sees exactly one person, well enough to start a track, all the time he is %s", (_, from, to) => {
    for (const { at, people } of between(from, to)) {
      expect(people.length, `at ${at} s`).toBe(1);
      expect(people[0]?.confidence, `at ${at} s`).toBeGreaterThanOrEqual(0.25);
    }
  });

  it("sees him fall faster than anybody lies down on purpose", () => {
    const length = Math.max(...between(5, FALLS_S).map(({ people }) => heightOf(people[0])));
    const heads = between(FALLS_S, FALLS_S + 1.2).map(({ at, people }) => ({
      at,
      y: people[0]?.pose?.[0]?.y ?? Number.NaN,
    }));
    const speeds = heads.slice(2).map(({ at, y }, index) => {
      const before = heads[index];
      return before === undefined ? 0 : (y - before.y) / (at - before.at) / length;
    });
    expect(Math.max(...speeds)).toBeGreaterThan(1);
  });

  it("sees him wider than high once he is down", () => {
    for (const { people } of between(FALLS_S + 1.2, RISES_S)) {
      const box = people[0]?.box;
      if (box === undefined) continue;
      expect((box.x2 - box.x1) * ROOM_WIDTH).toBeGreaterThan((box.y2 - box.y1) * ROOM_HEIGHT * 1.3);
    }
  });
});

function heightOf(person: Detection | undefined): number {
  return person === undefined ? 0 : person.box.y2 - person.box.y1;
}
