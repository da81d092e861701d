// RTSP cameras that do what well-behaved servers do not: refuse TCP, lose packets, change size or codec, tell wrong times.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { type AppError, isAppError } from "../../src/core/errors.ts";
import { type OpenVideoOptions, openVideo } from "../../src/video/open-video.ts";
import type { VideoStream } from "../../src/video/video-stream.ts";
import { codedVideo, numberIn } from "../support/coded-footage.ts";
import { RtspCamera, type RtspCameraOptions, type RtspUnit, rtspUnits } from "../support/rtsp-camera.ts";
import { selfSigned } from "../support/self-signed.ts";

const FRAMES = 100;
let folder: string;
let film: readonly RtspUnit[];
const opened: AsyncDisposable[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-rtsp-"));
  film = await rtspUnits(await codedVideo(folder, { frames: FRAMES, keyframeEvery: 10 }));
});

afterEach(async () => {
  for (const resource of opened.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function camera(options: Partial<RtspCameraOptions> = {}): Promise<RtspCamera> {
  const started = await RtspCamera.start({ units: film, ...options });
  opened.push(started);
  return started;
}

async function open(source: string, asking: Partial<OpenVideoOptions> = {}): Promise<VideoStream> {
  const stream = await openVideo({
    source,
    live: true,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 5000,
    clock: systemClock,
    signal: new AbortController().signal,
    ...asking,
  });
  opened.push(stream);
  return stream;
}

interface Seen {
  readonly numbers: number[];
  readonly times: number[];
  readonly sizes: string[];
}

async function play(
  stream: VideoStream,
  count: number,
  until: (seen: Seen) => boolean = () => false,
): Promise<Seen> {
  const seen: Seen = { numbers: [], times: [], sizes: [] };
  while (seen.times.length < count && !until(seen)) {
    const frame = await stream.next();
    if (frame === null) break;
    seen.numbers.push(numberIn(frame.toRgb(160, 120)));
    seen.times.push(frame.mediaTimeS);
    seen.sizes.push(`${frame.width}x${frame.height}`);
    frame[Symbol.dispose]();
  }
  return seen;
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw new Error("an AppError was expected", { cause: error });
  return error;
}

function expectInOrder(numbers: readonly number[]): void {
  const first = numbers[0] ?? 0;
  expect(numbers).toEqual(numbers.map((_, index) => (first + index) % FRAMES));
}

function expectRising(times: readonly number[]): void {
  for (const [index, time] of times.entries()) {
    if (index > 0) expect(time).toBeGreaterThan(times[index - 1] ?? 0);
  }
}

describe("an RTSP camera's transport", () => {
  it("is TCP unless told otherwise", async () => {
    const tcp = await camera();
    expectInOrder((await play(await open(tcp.url), 40)).numbers);
    expect(tcp.asked).toEqual(["tcp"]);
  });

  it("is UDP when told so: in order, none lost on a good network", async () => {
    const udp = await camera();
    const { numbers, times } = await play(await open(udp.url, { transport: "udp" }), 60);
    expectInOrder(numbers);
    expectRising(times);
    expect(udp.asked).toEqual(["udp"]);
  });

  it.each(["461 Unsupported Transport", "400 Bad Request", "406 Not Acceptable", "501 Not Implemented"])(
    "is UDP when it answers TCP with %s",
    async (refusal) => {
      const udp = await camera({ transports: ["udp"], refusal });
      expectInOrder((await play(await open(udp.url), 20)).numbers);
      expect(udp.asked).toEqual(["tcp", "udp"]);
    },
  );

  it("is not tried another way when one was chosen, or when the reason is another", async () => {
    const udp = await camera({ transports: ["udp"] });
    const refused = await failure(open(udp.url, { transport: "tcp" }));
    expect(refused.message).toContain("set the camera's transport to auto");
    expect(udp.asked).toEqual(["tcp"]);
    const closed = await camera({ transports: [], refusal: "401 Unauthorized" });
    expect((await failure(open(closed.url))).message).toContain("user name or password");
    expect(closed.asked).toEqual(["tcp"]);
  });

  it("over UDP survives a network that loses packets", async () => {
    const lossy = await camera({ loses: (packet) => packet > 60 && packet % 9 === 0 });
    const stream = await open(lossy.url, { transport: "udp" });
    const { numbers, times } = await play(stream, 60);
    expect(numbers).toHaveLength(60);
    expectRising(times);
    // Two and a half seconds of pictures come within the time they stand for.
    expect(times.at(-1) ?? 0).toBeGreaterThan(2);
  });

  it("over UDP is noticed to be silent, since nothing closes there", async () => {
    const udp = await camera();
    const stream = await open(udp.url, { transport: "udp", stallTimeoutMs: 600 });
    await play(stream, 5);
    udp.silent = true;
    expect(await failure(play(stream, 1000))).toMatchObject({ code: "source.stalled" });
  });

  it("may be encrypted, with a certificate that the camera signed itself", async () => {
    const plain = await camera();
    const port = Number(new URL(plain.url).port);
    const relay = createTlsServer(selfSigned(), (socket) => {
      const inner = connect(port, "127.0.0.1");
      for (const end of [socket, inner]) end.on("error", () => undefined);
      socket.pipe(inner).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(relay, "listening");
    opened.push({ [Symbol.asyncDispose]: async () => void relay.close() });
    const stream = await open(`rtsps://127.0.0.1:${(relay.address() as AddressInfo).port}/cam`);
    expectInOrder((await play(stream, 20)).numbers);
  });
});

describe("an RTSP camera's stream", () => {
  it("of H.265 is played like one of H.264", async () => {
    const clip = await codedVideo(folder, {
      name: "h265.mp4",
      frames: FRAMES,
      keyframeEvery: 10,
      codec: "h265",
    });
    const h265 = await camera({ codec: "H265", units: await rtspUnits(clip, "H265") });
    const stream = await open(h265.url);
    expect(stream.info).toMatchObject({ width: 320, height: 240, codec: "hevc" });
    const { numbers, times } = await play(stream, 40);
    expectInOrder(numbers);
    expectRising(times);
  });

  it("with B frames comes out in the order of showing", async () => {
    const clip = await codedVideo(folder, { name: "b.mp4", frames: FRAMES, keyframeEvery: 20, bFrames: 2 });
    const { numbers, times } = await play(
      await open((await camera({ units: await rtspUnits(clip) })).url),
      50,
    );
    expectInOrder(numbers);
    expectRising(times);
  });

  it("that changes its size goes on with the new one, and says so", async () => {
    const clip = await codedVideo(folder, {
      name: "large.mp4",
      frames: 50,
      keyframeEvery: 10,
      width: 640,
      height: 480,
    });
    const large = await rtspUnits(clip);
    const changing = await camera();
    const stream = await open(changing.url);
    await play(stream, 10);
    const before = stream.info;
    changing.units = large;
    const { numbers, times } = await play(
      stream,
      100,
      ({ sizes }) => sizes.filter((s) => s === "640x480").length >= 15,
    );
    expectRising(times);
    expect(stream.info).toMatchObject({ width: 640, height: 480 });
    expect(stream.info).not.toBe(before);
    expectInOrder(numbers.slice(-15));
    changing.units = film;
    await play(stream, 100, ({ sizes }) => sizes.at(-1) === "320x240");
    expect(stream.info).toMatchObject({ width: 320, height: 240 });
  });

  it.each<[string, (ms: number, index: number) => number]>([
    ["stand still", () => 0],
    ["leap an hour ahead now and then", (ms, index) => ms + Math.floor(index / 15) * 3_600_000],
    ["run backwards", (ms) => 3_600_000 - ms],
    ["go round the end of their 32 bits", (ms) => ms + 2 ** 32 / 90 - 1000],
    ["are noise", (_ms, index) => ((index * 7919) % 1000) * 100],
  ])("whose times %s is timed by its arrival, always onward", async (_name, pretends) => {
    const { times } = await play(await open((await camera({ pretends })).url), 60);
    expectRising(times);
    const passed = (times.at(-1) ?? 0) - (times[20] ?? 0);
    expect(passed).toBeGreaterThan(0.8);
    expect(passed).toBeLessThan(4);
  });

  it("over TCP with holes in it shows the pictures as well as it can, and counts those with holes", async () => {
    // Large enough that a picture takes many packets: what is lost is a part of one.
    const size = { width: 640, height: 480, crf: 4 };
    const clip = await codedVideo(folder, { name: "fine.mp4", frames: 50, keyframeEvery: 10, ...size });
    const units = await rtspUnits(clip);
    const holes = await camera({ units, loses: (packet) => packet > 40 && packet % 15 === 0 });
    const stream = await open(holes.url);
    expectRising((await play(stream, 50)).times);
    expect(stream.damagedPackets).toBeGreaterThan(0);
  });
});
