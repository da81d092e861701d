import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Clock, ManualClock, systemClock } from "../../src/core/clock.ts";
import { type AppError, isAppError } from "../../src/core/errors.ts";
import { openVideo } from "../../src/video/open-video.ts";
import { probeSource } from "../../src/video/probe-source.ts";
import type { VideoStream } from "../../src/video/video-stream.ts";
import { codedVideo, numberIn } from "../support/coded-footage.ts";
import { fetchGo2rtc, freePort, noRtspServer, startRtspServer } from "../support/rtsp-server.ts";

const FRAMES = 200;
const CONNECT_MS = 600_000;
const SECRET = "s3cr3t";

let folder: string;
let film: string;
const opened: AsyncDisposable[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-network-"));
  film = await codedVideo(folder, { frames: FRAMES, keyframeEvery: 25 });
});

afterEach(async () => {
  for (const resource of opened.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Asking {
  readonly live?: boolean;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly stallTimeoutMs?: number;
}

async function open(source: string, asking: Asking = {}): Promise<VideoStream> {
  const stream = await openVideo({
    source,
    live: asking.live ?? true,
    // Longer than any test: it is never FFmpeg's own timeout that ends a wait.
    connectTimeoutMs: CONNECT_MS,
    stallTimeoutMs: asking.stallTimeoutMs ?? 5000,
    clock: asking.clock ?? systemClock,
    signal: asking.signal ?? new AbortController().signal,
  });
  opened.push(stream);
  return stream;
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw new Error("an AppError was expected", { cause: error });
  return error;
}

async function playUntilFailure(stream: VideoStream): Promise<AppError> {
  return await failure(
    (async () => {
      for (;;) (await stream.next())?.[Symbol.dispose]();
    })(),
  );
}

async function listen(server: Server | HttpServer): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({ [Symbol.asyncDispose]: () => closeServer(server) });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server | HttpServer): Promise<void> {
  if ("closeAllConnections" in server) server.closeAllConnections();
  server.close();
  await once(server, "close");
}

async function httpServer(listener: RequestListener): Promise<string> {
  return `http://${await listen(createHttpServer(listener))}`;
}

/** Takes connections and says nothing. */
async function silentServer(): Promise<{ readonly host: string; readonly connected: Promise<Socket> }> {
  const server = createTcpServer();
  const connected = once(server, "connection").then(([socket]) => {
    const taken = socket as Socket;
    taken.on("error", () => undefined).resume();
    opened.push({ [Symbol.asyncDispose]: async () => void taken.destroy() });
    return taken;
  });
  return { host: await listen(server), connected };
}

describe("a video over HTTP", () => {
  it("is played like the file it is", async () => {
    const { size } = await stat(film);
    const url = await httpServer((_request, response) => {
      response.writeHead(200, { "content-type": "video/mp4", "content-length": size });
      createReadStream(film).pipe(response);
    });
    const stream = await open(`${url}/film.mp4`, { live: false });
    expect(stream.info).toMatchObject({ width: 320, height: 240, durationS: FRAMES / 25 });
    const numbers: number[] = [];
    for (let frame = await stream.next(); frame !== null; frame = await stream.next()) {
      numbers.push(numberIn(frame.toRgb(160, 120)));
      frame[Symbol.dispose]();
    }
    expect(numbers).toEqual(Array.from({ length: FRAMES }, (_, index) => index));
  });

  it("of a camera that sends JPEGs without times is timed by their arrival", async () => {
    const { jpeg } = await probeSource(film, {
      timeoutMs: 5000,
      clock: systemClock,
      signal: new AbortController().signal,
    });
    const everyMs = 100;
    const url = await httpServer((_request, response) => {
      response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=next" });
      const timer = setInterval(() => {
        response.write(`--next\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`);
        response.write(jpeg);
        response.write("\r\n");
      }, everyMs);
      response.on("close", () => clearInterval(timer));
    });
    const stream = await open(`${url}/stream`);
    const times: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const frame = await stream.next();
      times.push(frame?.mediaTimeS ?? Number.NaN);
      frame?.[Symbol.dispose]();
    }
    // What was probed came at once; the rest at the camera's pace, not at an assumed 25 a second (0.04 s).
    const last = times.slice(-5);
    expect(((last[4] ?? 0) - (last[0] ?? 0)) / 4).toBeGreaterThan((everyMs / 1000) * 0.7);
  });

  it.each([
    [401, "user name or password"],
    [403, "forbids"],
    [404, "no stream under this path"],
    [503, "error of its own"],
  ])("that answers %i cannot be reached, and says why without the password", async (status, reason) => {
    const url = await httpServer((_request, response) => response.writeHead(status).end());
    const address = `${url}/film.mp4?token=${SECRET}`.replace("http://", `http://admin:${SECRET}@`);
    const error = await failure(open(address));
    expect(error.code).toBe("source.unreachable");
    expect(error.message).toContain(reason);
    expect(error.message).toContain(`${url}/film.mp4`);
    expect(JSON.stringify([error.message, error.fields])).not.toContain(SECRET);
  });

  it("that sends a web page is not a video", async () => {
    const url = await httpServer((_request, response) =>
      response.end("<!doctype html><title>Log in</title>"),
    );
    const error = await failure(open(`${url}/`));
    expect(error.code).toBe("source.unreadable");
    expect(error.message).toContain("answers, but with something else");
  });
});

describe("a source that does not answer", () => {
  it.each(["rtsp", "http"])("refuses %s connections: unreachable at once, with the host", async (scheme) => {
    const host = `127.0.0.1:${await freePort()}`;
    const error = await failure(open(`${scheme}://admin:${SECRET}@${host}/cam`));
    expect(error.code).toBe("source.unreachable");
    expect(error.message).toContain(host);
    expect(error.message).toContain("refused");
    expect(error.message).not.toContain(SECRET);
  });

  it("has a name that nobody knows: unreachable", async () => {
    const error = await failure(open(`rtsp://admin:${SECRET}@no-such-camera.invalid/cam`));
    expect(error).toMatchObject({ code: "source.unreachable" });
    expect(error.message).toContain("no-such-camera.invalid");
    expect(error.message).not.toContain(SECRET);
  });

  it.each(["rtsp", "http"])("is silent over %s: unreachable when the time is up", async (scheme) => {
    const { host, connected } = await silentServer();
    const clock = new ManualClock();
    const opening = failure(open(`${scheme}://${host}/cam`, { clock }));
    const socket = await connected;
    const closed = once(socket, "close");
    clock.advance(CONNECT_MS);
    expect(await opening).toMatchObject({
      code: "source.unreachable",
      message: expect.stringContaining("within 600 s"),
    });
    await closed;
  });

  it.each(["rtsp", "http"])(
    "is given up over %s at once when aborted, and its connection closed",
    async (scheme) => {
      const { host, connected } = await silentServer();
      const abort = new AbortController();
      const opening = open(`${scheme}://${host}/cam`, { signal: abort.signal });
      const socket = await connected;
      const closed = once(socket, "close");
      const reason = new Error("not any more");
      abort.abort(reason);
      await expect(opening).rejects.toBe(reason);
      await closed;
    },
  );

  it("is not even asked when it was aborted before", async () => {
    const reason = new Error("never");
    await expect(open("rtsp://127.0.0.1/cam", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("a password", () => {
  const password = `${SECRET}@/#?%1:&`;
  const expected = `Basic ${Buffer.from(`carer:${password}`).toString("base64")}`;

  it("reaches an HTTP camera as it was typed", async () => {
    const asked: (string | undefined)[] = [];
    const url = await httpServer((request, response) => {
      asked.push(request.headers.authorization);
      const known = request.headers.authorization === expected;
      response.writeHead(known ? 404 : 401, { "www-authenticate": 'Basic realm="cam"' }).end();
    });
    const source = (word: string) => `${url}/film.mp4`.replace("http://", `http://carer:${word}@`);
    expect((await failure(open(source(password)))).message).toContain("no stream under this path");
    expect(asked).toContain(expected);
    const error = await failure(open(source(`${password}x`)));
    expect(error.message).toContain("user name or password");
    expect(JSON.stringify([error.message, error.fields])).not.toContain(SECRET);
  });

  it("reaches an RTSP camera as it was typed", async () => {
    const asked: string[] = [];
    const host = await listen(
      createTcpServer((socket) => {
        socket.on("data", (bytes) => {
          const request = bytes.toString();
          const number = /cseq: *(\d+)/i.exec(request)?.[1] ?? "0";
          const authorization = /authorization: *(.*)\r/i.exec(request)?.[1];
          if (authorization !== undefined) asked.push(authorization);
          const status = request.startsWith("OPTIONS")
            ? "200 OK"
            : authorization === expected
              ? "404 Not Found"
              : "401 Unauthorized";
          socket.write(
            `RTSP/1.0 ${status}\r\nCSeq: ${number}\r\nWWW-Authenticate: Basic realm="cam"\r\n\r\n`,
          );
        });
        socket.on("error", () => undefined);
      }),
    );
    const source = (word: string) => `rtsp://carer:${word}@${host}/cam`;
    expect((await failure(open(source(password)))).message).toContain("no stream under this path");
    expect(asked).toContain(expected);
    const error = await failure(open(source(`${password}x`)));
    expect(error.message).toContain("user name or password");
    expect(JSON.stringify([error.message, error.fields])).not.toContain(SECRET);
  });
});

describe.skipIf(noRtspServer !== null)(
  `an RTSP camera${noRtspServer === null ? "" : ` (${noRtspServer})`}`,
  () => {
    beforeAll(async () => {
      await fetchGo2rtc();
    });

    it("is played live: in order, none lost, at its own times", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const stream = await open(server.url);
      expect(stream.info).toEqual({ width: 320, height: 240, fps: 25, codec: "h264", durationS: null });
      expect(stream.startedAt).toBeNull();
      const numbers: number[] = [];
      const times: number[] = [];
      for (let count = 0; count < 60; count += 1) {
        const frame = await stream.next();
        if (frame === null) break;
        numbers.push(numberIn(frame.toRgb(160, 120)));
        times.push(frame.mediaTimeS);
        frame[Symbol.dispose]();
      }
      const first = numbers[0] ?? 0;
      expect(numbers).toEqual(numbers.map((_, index) => (first + index) % FRAMES));
      expect((times[59] ?? 0) - (times[10] ?? 0)).toBeCloseTo(49 * 0.04, 0);
      expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0))).toBe(true);
    });

    it("has no stream of that name: unreachable", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const error = await failure(open(server.url.replace("/cam", "/garden")));
      expect(error.code).toBe("source.unreachable");
      expect(error.message).toContain("no stream under this path");
    });

    it("that loses its power breaks off at once", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const stream = await open(server.url, { clock: new ManualClock() });
      const broken = playUntilFailure(stream);
      await server.kill();
      const error = await broken;
      expect(error.code).toBe("source.unreachable");
      expect(error.message).toContain("broke off");
    });

    it("that hangs is noticed by its silence, and closing it does not wait", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const stream = await open(server.url, { stallTimeoutMs: 700 });
      const broken = playUntilFailure(stream);
      server.freeze();
      expect(await broken).toMatchObject({ code: "source.stalled" });
      const before = performance.now();
      await stream[Symbol.asyncDispose]();
      expect(performance.now() - before).toBeLessThan(1500);
    });

    it("is closed while a picture is awaited", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const stream = await open(server.url);
      const broken = playUntilFailure(stream);
      await stream[Symbol.asyncDispose]();
      expect(await broken).toMatchObject({ code: "interrupted" });
    });

    it("is probed for its picture and format", async () => {
      const server = await startRtspServer({ clip: film });
      opened.push(server);
      const { stream, jpeg } = await probeSource(server.url, {
        timeoutMs: 10_000,
        clock: systemClock,
        signal: new AbortController().signal,
      });
      expect(stream).toMatchObject({ width: 320, height: 240, codec: "h264" });
      expect([...jpeg.slice(0, 2)]).toEqual([0xff, 0xd8]);
    });
  },
);
