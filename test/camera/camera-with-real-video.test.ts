import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CameraConnection } from "../../src/camera/camera-connection.ts";
import type { CameraReport } from "../../src/camera/camera-machine.ts";
import type { Playback } from "../../src/camera/playback.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { openVideo } from "../../src/video/open-video.ts";
import type { VideoFrame } from "../../src/video/video-frame.ts";
import type { VideoStream } from "../../src/video/video-stream.ts";
import { codedVideo, numberIn } from "../support/coded-footage.ts";
import { fetchGo2rtc, freePort, noRtspServer, startRtspServer } from "../support/rtsp-server.ts";

const FRAMES = 100;

let folder: string;
let film: string;
const opened: AsyncDisposable[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-camera-"));
  film = await codedVideo(folder, { frames: FRAMES, keyframeEvery: 25 });
});

afterEach(async () => {
  for (const resource of opened.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function connect(source: string, playback: Playback, stallTimeoutMs = 5000) {
  const reports: CameraReport[] = [];
  const numbers: number[] = [];
  const times: number[] = [];
  const streams: VideoStream[] = [];
  const connection = new CameraConnection<VideoFrame>({
    camera: { id: "hall", source, substream: null, transport: "auto", enabled: true, privacy: false },
    playback,
    fps: 5,
    open: async (request) => {
      const stream = await openVideo({
        ...request,
        connectTimeoutMs: 10_000,
        stallTimeoutMs,
        clock: systemClock,
      });
      streams.push(stream);
      return stream;
    },
    clock: systemClock,
    random: () => 1,
    log: silentLogger,
    onState: (report) => reports.push(report),
    onFrame: ({ frame, mediaTimeS }) => {
      numbers.push(numberIn(frame.toRgb(160, 120)));
      times.push(mediaTimeS);
      frame[Symbol.dispose]();
    },
  });
  opened.push({ [Symbol.asyncDispose]: () => connection.stop() });
  connection.start();
  const last = (kind: CameraReport["kind"]) =>
    vi.waitFor(() => expect(reports.at(-1)?.kind).toBe(kind), { timeout: 20_000 });
  return { connection, reports, numbers, times, streams, last };
}

describe("a film played offline", () => {
  it("gives the same pictures at the same times every time, and holds its last", async () => {
    const runs = [
      connect(film, { kind: "offline", holdLastS: 1 }),
      connect(film, { kind: "offline", holdLastS: 1 }),
    ];
    for (const run of runs) await run.last("ended");
    const [first, second] = runs;
    expect(first?.numbers.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index * 5));
    expect(first?.numbers.slice(20)).toEqual([99, 99, 99, 99, 99]);
    expect(second?.numbers).toEqual(first?.numbers);
    expect(second?.times).toEqual(first?.times);
  });

  it("that is not there has failed and says which", async () => {
    const path = join(folder, "nowhere.mp4");
    const { last, reports } = connect(path, { kind: "offline", holdLastS: 0 });
    await last("failed");
    expect(reports.at(-1)).toMatchObject({ reason: expect.stringContaining(path) });
  });
});

describe.skipIf(noRtspServer !== null)(
  `a live RTSP camera${noRtspServer === null ? "" : ` (${noRtspServer})`}`,
  () => {
    beforeAll(async () => {
      await fetchGo2rtc();
    });

    it("that loses its power goes offline and, when it is back, online, its time going on", async () => {
      const port = await freePort();
      const before = await startRtspServer({ clip: film, port });
      opened.push(before);
      const { last, reports, numbers, times } = connect(before.url, { kind: "live", loop: false });
      await last("online");
      await vi.waitFor(() => expect(numbers.length).toBeGreaterThan(2), { timeout: 10_000 });
      await before.kill();
      await last("offline");
      const seen = numbers.length;
      opened.push(await startRtspServer({ clip: film, port }));
      await last("online");
      await vi.waitFor(() => expect(numbers.length).toBeGreaterThan(seen + 2), { timeout: 10_000 });
      expect(reports.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(["connecting", "online", "offline", "online"]),
      );
      expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true);
    });

    it("that hangs goes offline and, when it goes on, online", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const { last, reports } = connect(server.url, { kind: "live", loop: false }, 700);
      await last("online");
      server.freeze();
      await last("offline");
      expect(reports.at(-1)).toMatchObject({ reason: expect.stringContaining("sent no picture") });
      server.thaw();
      await last("online");
    });

    it("in privacy decodes nothing and holds no connection", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const { connection, last, numbers, streams } = connect(server.url, { kind: "live", loop: false });
      await vi.waitFor(() => expect(numbers.length).toBeGreaterThan(2), { timeout: 10_000 });
      await connection.setPrivacy(true);
      const seen = numbers.length;
      // The stream is closed: it can give no picture even to somebody who asks.
      await expect(streams[0]?.next()).rejects.toThrow("closed");
      await server.kill();
      opened.push(await startRtspServer({ clip: film, port: server.port }));
      expect(numbers.length).toBe(seen);
      expect(streams.length).toBe(1);
      await connection.setPrivacy(false);
      await last("online");
      await vi.waitFor(() => expect(numbers.length).toBeGreaterThan(seen), { timeout: 10_000 });
    });
  },
);
