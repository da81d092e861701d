// What goes wrong between a camera and Haven, each with the reason that a caregiver reads.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CameraConnection } from "../../src/camera/camera-connection.ts";
import type { CameraReport } from "../../src/camera/camera-machine.ts";
import { systemClock } from "../../src/core/clock.ts";
import { type AppError, isAppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { openVideo } from "../../src/video/open-video.ts";
import type { VideoFrame } from "../../src/video/video-frame.ts";
import { codedVideo } from "../support/coded-footage.ts";
import { RtspCamera, type RtspCameraOptions, type RtspUnit, rtspUnits } from "../support/rtsp-camera.ts";

const SECRET = "p@ss:/w#rd%1? x";
let folder: string;
let film: readonly RtspUnit[];
let hevc: readonly RtspUnit[];
const opened: AsyncDisposable[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-faults-"));
  film = await rtspUnits(await codedVideo(folder, { frames: 50, keyframeEvery: 10 }));
  const h265 = { name: "h265.mp4", frames: 50, keyframeEvery: 10, codec: "h265" } as const;
  hevc = await rtspUnits(await codedVideo(folder, h265), "H265");
});

afterEach(async () => {
  for (const resource of opened.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function watch(source: string) {
  const reports: CameraReport[] = [];
  const world = { frames: 0 };
  const connection = new CameraConnection<VideoFrame>({
    camera: { id: "hall", source, substream: null, transport: "auto", enabled: true, privacy: false },
    playback: { kind: "live", loop: false },
    fps: 25,
    open: (request) =>
      openVideo({ ...request, connectTimeoutMs: 1500, stallTimeoutMs: 1000, clock: systemClock }),
    clock: systemClock,
    random: () => 1,
    log: silentLogger,
    onState: (report) => reports.push(report),
    onFrame: ({ frame }) => {
      world.frames += 1;
      frame[Symbol.dispose]();
    },
  });
  opened.push({ [Symbol.asyncDispose]: () => connection.stop() });
  connection.start();
  const until = async (kind: CameraReport["kind"]) => {
    await vi.waitFor(() => expect(reports.at(-1)?.kind).toBe(kind), { timeout: 20_000 });
    const last = reports.at(-1);
    return last !== undefined && "reason" in last ? last.reason : "";
  };
  return { connection, reports, world, until };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({ [Symbol.asyncDispose]: async () => void server.close() });
  return (server.address() as AddressInfo).port;
}

/** Stands between; takes everything and hands nothing on while it is cut, as a network without a way does. */
async function relay(to: string) {
  const target = Number(new URL(to).port);
  const state = { cut: false };
  const sockets = new Set<Socket>();
  const port = await listen(
    createServer((socket) => {
      const inner = connect(target, "127.0.0.1");
      for (const [from, other] of [
        [socket, inner],
        [inner, socket],
      ] as const) {
        sockets.add(from);
        from.on("error", () => undefined);
        from.on("data", (bytes) => state.cut || other.write(bytes));
        from.on("close", () => other.destroy());
      }
    }),
  );
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
    },
  });
  return { url: `rtsp://127.0.0.1:${port}/cam`, state };
}

/** A device that sends this, again and again, to whoever connects. */
async function sending(bytes: Buffer, everyMs: number): Promise<string> {
  const sockets = new Set<Socket>();
  const port = await listen(
    createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined).resume();
      const timer = setInterval(() => socket.write(bytes), everyMs);
      socket.on("close", () => clearInterval(timer));
    }),
  );
  opened.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
    },
  });
  return `127.0.0.1:${port}`;
}

async function camera(options: Partial<RtspCameraOptions> = {}): Promise<RtspCamera> {
  const started = await RtspCamera.start({ units: film, ...options });
  opened.push(started);
  return started;
}

async function failure(source: string, connectTimeoutMs = 1500): Promise<AppError> {
  const { signal } = new AbortController();
  const error: unknown = await openVideo({
    source,
    live: true,
    connectTimeoutMs,
    stallTimeoutMs: 1000,
    clock: systemClock,
    signal,
  }).then(
    (stream) => stream[Symbol.asyncDispose]().then(() => null),
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw new Error("an AppError was expected", { cause: error });
  return error;
}

describe("a camera in service", () => {
  it("behind a network that is cut goes offline as silent, and online when the network is back", async () => {
    const { url, state } = await relay((await camera()).url);
    const { until } = watch(url);
    await until("online");
    state.cut = true;
    expect(await until("offline")).toMatch(/sent no picture for 1 s|did not send a stream/);
    state.cut = false;
    await until("online");
  });

  it("whose password is changed says so, not that it is gone, and comes back when it is right again", async () => {
    const guarded = await camera({ login: { user: "carer", password: SECRET } });
    const { until } = watch(guarded.url.replace("://", `://carer:${SECRET}@`));
    await until("online");
    guarded.login = { user: "carer", password: "another" };
    guarded.dropAll();
    await vi.waitFor(
      async () => expect(await until("offline")).toContain("refuses the user name or password"),
      {
        timeout: 15_000,
      },
    );
    guarded.login = { user: "carer", password: SECRET };
    await until("online");
  });

  it("that sends another codec when it is back is decoded by that", async () => {
    const changing = await camera();
    const { reports, until, world } = watch(changing.url);
    await until("online");
    changing.units = hevc;
    changing.codec = "H265";
    changing.dropAll();
    await vi.waitFor(
      () => expect(reports.at(-1)).toMatchObject({ kind: "online", stream: { codec: "hevc" } }),
      {
        timeout: 15_000,
      },
    );
    const before = world.frames;
    await vi.waitFor(() => expect(world.frames).toBeGreaterThan(before + 5), { timeout: 10_000 });
  });
});

describe("a device that is no camera, or is broken", () => {
  it.each(["rtsp", "http"])("drips single bytes over %s: given up when the time is up", async (scheme) => {
    const host = await sending(Buffer.from("R"), 100);
    const before = performance.now();
    const error = await failure(`${scheme}://${host}/cam`);
    expect(error.code).toMatch(/^source\.unrea/);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it.each(["rtsp", "http"])("sends endless garbage over %s: given up, without growing", async (scheme) => {
    const host = await sending(Buffer.alloc(64 * 1024, "\xa7garbage\n"), 1);
    const before = process.memoryUsage.rss();
    const error = await failure(`${scheme}://${host}/cam`);
    expect(error.code).toMatch(/^source\.unrea/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);
  });

  it("sends a picture so rarely that it is near to silence: watched all the same", async () => {
    // A keyframe every 800 ms with a limit of a second.
    const keys = film.filter((_, index) => index % 10 === 0).map((unit) => ({ ...unit, durationMs: 800 }));
    const slow = await camera({ units: keys, pretends: (_ms: number, index: number) => index * 800 });
    const { reports, world, until } = watch(slow.url);
    await until("online");
    await vi.waitFor(() => expect(world.frames).toBeGreaterThanOrEqual(4), { timeout: 15_000 });
    expect(reports.filter(({ kind }) => kind === "offline")).toEqual([]);
  });
});
