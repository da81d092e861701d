// Web cameras: MJPEG and snapshot addresses, against a real server that behaves as badly as they do.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { type AppError, isAppError } from "../../src/core/errors.ts";
import { FrameConverter } from "../../src/video/frame-converter.ts";
import { openVideo } from "../../src/video/open-video.ts";
import type { VideoStream } from "../../src/video/video-stream.ts";
import { codedPicture, numberIn } from "../support/coded-footage.ts";
import { selfSigned } from "../support/self-signed.ts";

const SECRET = "s3cr3t@/#?%1:& ß";
const opened: AsyncDisposable[] = [];
let jpegs: Buffer[];

beforeAll(async () => {
  const converter = new FrameConverter();
  jpegs = [];
  for (let number = 0; number < 30; number += 1) {
    jpegs.push(Buffer.from(await converter.rgbToJpeg(codedPicture(number), 90)));
  }
});

afterEach(async () => {
  for (const resource of opened.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

function jpeg(number: number): Buffer {
  return jpegs[number % jpegs.length] ?? Buffer.alloc(0);
}

async function serve(listener: RequestListener, secure = false): Promise<string> {
  const server = secure ? createSecureServer(selfSigned(), listener) : createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
  return `http${secure ? "s" : ""}://127.0.0.1:${((server as Server).address() as AddressInfo).port}`;
}

interface Asking {
  readonly fps?: number;
  readonly stallTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

async function open(source: string, asking: Asking = {}): Promise<VideoStream> {
  const stream = await openVideo({
    source,
    live: true,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 5000,
    fps: 50,
    clock: systemClock,
    signal: new AbortController().signal,
    ...asking,
  });
  opened.push(stream);
  return stream;
}

async function numbers(stream: VideoStream, count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const frame = await stream.next();
    if (frame === null) break;
    found.push(numberIn(frame.toRgb(160, 120)));
    frame[Symbol.dispose]();
  }
  return found;
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isAppError(error)) throw new Error("an AppError was expected", { cause: error });
  return error;
}

function withPassword(url: string, password = SECRET): string {
  return url.replace("://", `://carer:${password}@`);
}

/** Answers with the next picture every time. */
function snapshots(contentType: string | null = "image/jpeg"): RequestListener & { asked: number } {
  const listener = (_request: IncomingMessage, response: ServerResponse) => {
    if (contentType !== null) response.setHeader("content-type", contentType);
    response.end(jpeg(listener.asked));
    listener.asked += 1;
  };
  listener.asked = 0;
  return listener;
}

/** Sends parts until `pictures` is at its end, each when the one before was taken by the network. */
function multipart(response: ServerResponse, pictures: Iterable<Buffer>, everyMs = 15): void {
  response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=--next" });
  const iterator = pictures[Symbol.iterator]();
  const timer = setInterval(() => {
    const { done, value } = iterator.next();
    if (done === true) return void response.end(() => clearInterval(timer));
    response.write(
      Buffer.concat([Buffer.from("--next\r\nContent-Type: image/jpeg\r\n\r\n"), value, Buffer.from("\r\n")]),
    );
  }, everyMs);
  response.on("close", () => clearInterval(timer));
}

function* endless(from = 0): Iterable<Buffer> {
  for (let number = from; ; number += 1) yield jpeg(number);
}

describe("an address that gives one picture at a time", () => {
  it.each([
    ["a name for it", "image/jpeg"],
    ["another name for it", "image/pjpeg; charset=binary"],
    ["a name that says nothing", "application/octet-stream"],
    ["no name at all", null],
  ])("is asked again and again, with %s", async (_name, contentType) => {
    const url = await serve(snapshots(contentType));
    const stream = await open(`${url}/cgi/anything?channel=1`);
    expect(stream.info).toEqual({ width: 320, height: 240, fps: 50, codec: "mjpeg", durationS: null });
    expect(stream.startedAt).toBeNull();
    expect(await numbers(stream, 6)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("is asked no more often than told, and timed by when the pictures came", async () => {
    const camera = snapshots();
    const stream = await open(`${await serve(camera)}/`, { fps: 10 });
    const times: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      const frame = await stream.next();
      times.push(frame?.mediaTimeS ?? Number.NaN);
      frame?.[Symbol.dispose]();
    }
    for (const [index, time] of times.entries()) expect(time).toBeGreaterThan(index * 0.1 - 0.05);
    expect(camera.asked).toBeLessThanOrEqual(6);
  });

  it("keeps its connection open between pictures", async () => {
    const sockets = new Set<unknown>();
    const camera = snapshots();
    const url = await serve((request, response) => {
      sockets.add(request.socket);
      camera(request, response);
    });
    await numbers(await open(url), 8);
    expect(sockets.size).toBe(1);
  });

  it("may show PNGs, and the same picture for ever", async () => {
    // One grey pixel.
    const png = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
      "base64",
    );
    const url = await serve((_request, response) => response.setHeader("content-type", "image/png").end(png));
    const stream = await open(url);
    expect(stream.info).toMatchObject({ width: 1, height: 1, codec: "png" });
    expect(await numbers(stream, 3)).toHaveLength(3);
  });

  it("that is too busy now and then, or sends half a picture, goes on and counts it", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      if (asked % 4 === 2) return void response.writeHead(503).end();
      response.setHeader("content-type", "image/jpeg");
      const whole = jpeg(asked);
      response.end(asked % 4 === 3 ? whole.subarray(0, whole.length / 2) : whole);
    });
    const stream = await open(url);
    expect(await numbers(stream, 4)).toEqual([1, 4, 5, 8]);
    expect(stream.damagedPackets).toBe(4);
  });

  it("that only refuses is lost, with the reason", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      if (asked > 2) return void response.writeHead(503).end();
      response.setHeader("content-type", "image/jpeg").end(jpeg(asked));
    });
    const error = await failure(numbers(await open(`${url}/shot`), 100));
    expect(error.code).toBe("source.unreachable");
    expect(error.message).toContain(`${url}/shot`);
    expect(error.message).toContain("error of its own (503)");
  });

  it("whose password was changed meanwhile says so, and is not asked a second time", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      if (asked > 3) return void response.writeHead(401).end();
      response.setHeader("content-type", "image/jpeg").end(jpeg(asked));
    });
    const error = await failure(numbers(await open(url), 100));
    expect(error.message).toContain("user name or password");
    expect(asked).toBe(4);
  });

  it("goes on when the picture's size changes", async () => {
    const converter = new FrameConverter();
    const large = Buffer.from(await converter.rgbToJpeg(codedPicture(5, 640, 480), 90));
    let asked = 0;
    const url = await serve((_request, response) => {
      response.setHeader("content-type", "image/jpeg").end(asked < 3 ? jpeg(asked) : large);
      asked += 1;
    });
    const stream = await open(url);
    const sizes: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const frame = await stream.next();
      sizes.push(`${frame?.width}x${frame?.height}`);
      frame?.[Symbol.dispose]();
    }
    expect(sizes).toEqual(["320x240", "320x240", "320x240", "640x480", "640x480"]);
  });

  it("that stops answering is noticed, and closing it does not wait", async () => {
    const camera = snapshots();
    const url = await serve((request, response) => {
      if (camera.asked < 3) camera(request, response);
    });
    const stream = await open(url, { stallTimeoutMs: 400 });
    expect(await failure(numbers(stream, 100))).toMatchObject({ code: "source.stalled" });
    const before = performance.now();
    await stream[Symbol.asyncDispose]();
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe("a camera that sends pictures by itself", () => {
  it("is played whatever its path, in order, never an old one", async () => {
    const url = await serve((_request, response) => multipart(response, endless()));
    const stream = await open(`${url}/snapshot.jpg`);
    expect(stream.info).toMatchObject({ width: 320, height: 240, fps: null, codec: "mjpeg" });
    const found = await numbers(stream, 10);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(new Set(found).size).toBe(10);
  });

  it("does not lag behind when nobody looks for a while", async () => {
    const last = 25;
    let sent = 0;
    let closed = false;
    const url = await serve((_request, response) => {
      response.on("close", () => {
        closed = true;
      });
      const untilLast = function* () {
        for (;;) {
          yield jpeg(Math.min(sent, last));
          sent += 1;
        }
      };
      multipart(response, untilLast());
    });
    const stream = await open(url);
    await numbers(stream, 1);
    while (sent <= last) await new Promise((resolve) => setImmediate(resolve));
    const seen: number[] = [];
    while (seen.at(-1) !== last) seen.push(...(await numbers(stream, 1)));
    expect(seen.length).toBeLessThan(8);
    await stream[Symbol.asyncDispose]();
    while (!closed) await new Promise((resolve) => setImmediate(resolve));
  });

  it("skips what is torn, and counts it", async () => {
    const pictures = [0, 1, 2, 3].map((number) => (number === 2 ? jpeg(2).subarray(0, 900) : jpeg(number)));
    const url = await serve((_request, response) => multipart(response, pictures, 40));
    const stream = await open(url);
    expect(await numbers(stream, 3)).toEqual([0, 1, 3]);
    expect(stream.damagedPackets).toBe(1);
  });

  it("that closes the connection is lost", async () => {
    const url = await serve((_request, response) => multipart(response, [jpeg(0), jpeg(1)]));
    const error = await failure(numbers(await open(`${url}/mjpg`), 100));
    expect(error.code).toBe("source.unreachable");
    expect(error.message).toBe(`The pictures of ${url}/mjpg broke off: the device closed it.`);
  });

  it("that sends endless garbage is given up", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=x" });
      Readable.from(
        (function* () {
          for (;;) yield Buffer.alloc(100_000, 7);
        })(),
      ).pipe(response);
    });
    const error = await failure(open(url));
    expect(error.code).toBe("source.unreadable");
  });

  it("that drips one byte after the other is unreachable when the time is up", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=x" });
      const bytes = Buffer.concat([Buffer.from("--x\r\n\r\n"), jpeg(0)]);
      let at = 0;
      const timer = setInterval(() => response.write(bytes.subarray(at, ++at)), 20);
      response.on("close", () => clearInterval(timer));
    });
    const error = await failure(open(url, { connectTimeoutMs: 600 }));
    expect(error).toMatchObject({ code: "source.unreachable" });
    expect(error.message).toContain("within 0.6 s");
  });

  it("with a head that is hardly HTTP is understood all the same", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined).resume();
      socket.write(
        "HTTP/1.0 200 OK\r\nServer: cam\r\nPragma : no-cache\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n",
      );
      const timer = setInterval(
        () =>
          socket.write(
            Buffer.concat([
              Buffer.from("--b\r\nContent-type: image/jpeg\r\n\r\n"),
              jpeg(3),
              Buffer.from("\r\n"),
            ]),
          ),
        30,
      );
      socket.on("close", () => clearInterval(timer));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.push({ [Symbol.asyncDispose]: async () => void server.close() });
    const stream = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await numbers(stream, 2)).toEqual([3, 3]);
  });
});

/** A server's own check of a digest (RFC 7616, 3.4), by what the browser's header says. */
function digestIsRight(header: string, request: IncomingMessage, nonce: string): boolean {
  const field = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(header)?.[1] ?? "";
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const first = md5(`carer:cam:${SECRET}`);
  const second = md5(`${request.method}:${request.url}`);
  const expected = md5(`${first}:${nonce}:${field("nc")}:${field("cnonce")}:auth:${second}`);
  return header.startsWith("Digest ") && field("nonce") === nonce && field("response") === expected;
}

describe("a web camera with a password", () => {
  it("in the clear gets it as it was typed", async () => {
    const expected = `Basic ${Buffer.from(`carer:${SECRET}`).toString("base64")}`;
    const camera = snapshots();
    const url = await serve((request, response) => {
      if (request.headers.authorization === expected) return void camera(request, response);
      response.writeHead(401, { "www-authenticate": 'Basic realm="cam"' }).end();
    });
    expect(await numbers(await open(withPassword(url)), 3)).toEqual([0, 1, 2]);
    const error = await failure(open(withPassword(url, `${SECRET}x`)));
    expect(error.message).toContain("user name or password");
    expect(JSON.stringify([error.message, error.fields])).not.toContain("s3cr3t");
  });

  it("by digest gets a right answer every time, also when it asks anew", async () => {
    let asked = 0;
    let refused = 0;
    const camera = snapshots();
    const url = await serve((request, response) => {
      asked += 1;
      const nonce = `nonce${Math.floor(asked / 5)}`;
      if (digestIsRight(request.headers.authorization ?? "", request, nonce)) {
        return void camera(request, response);
      }
      refused += 1;
      response.writeHead(401, {
        "www-authenticate": [`Digest realm="cam", nonce="${nonce}", qop="auth"`, 'Basic realm="cam"'],
      });
      response.end();
    });
    const found = await numbers(await open(`${withPassword(url)}/snap?ch=1&x=y z`), 12);
    expect(found).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(refused).toBeLessThanOrEqual(5);
  });

  it("that sends elsewhere keeps it to itself: only its own host gets it again", async () => {
    const heard: [string, string | undefined][] = [];
    const camera = snapshots();
    const other = await serve((request, response) => {
      heard.push(["other", request.headers.authorization]);
      camera(request, response);
    });
    const url = await serve((request, response) => {
      heard.push([request.url ?? "", request.headers.authorization]);
      if (request.headers.authorization === undefined) {
        return void response.writeHead(401, { "www-authenticate": 'Basic realm="cam"' }).end();
      }
      const to = request.url === "/a" ? "/b" : other.replace("127.0.0.1", "localhost");
      response.writeHead(302, { location: to }).end();
    });
    await numbers(await open(`${withPassword(url, "pw")}/a`, { fps: 2 }), 1);
    const basic = `Basic ${Buffer.from("carer:pw").toString("base64")}`;
    expect(heard).toEqual([
      ["/a", undefined],
      ["/a", basic],
      ["/b", basic],
      ["other", undefined],
    ]);
  });

  it("that sends round in circles is given up", async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: "/again" }).end());
    expect((await failure(open(url))).message).toContain("one address to the next");
  });
});

describe("a web camera over TLS", () => {
  it("is believed although it signed for itself, as cameras do", async () => {
    const url = await serve(snapshots(), true);
    expect(await numbers(await open(url), 3)).toEqual([0, 1, 2]);
  });
});
