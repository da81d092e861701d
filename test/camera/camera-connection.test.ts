import { describe, expect, it, vi } from "vitest";
import {
  CameraConnection,
  type CameraConnectionOptions,
  type CapturedFrame,
} from "../../src/camera/camera-connection.ts";
import type { CameraReport } from "../../src/camera/camera-machine.ts";
import type { Playback } from "../../src/camera/playback.ts";
import type { OpenedStream, StreamFrame, StreamOpener } from "../../src/camera/stream-opener.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { StreamInfo } from "../../src/domain/camera-status.ts";

const INFO: StreamInfo = { width: 320, height: 240, fps: 10, codec: "h264", durationS: null };
const STARTED_AT = Date.UTC(2024, 0, 1);

/** Counts the holds on pixels that nobody has given back. */
class Pixels {
  held = 0;
}

class FakeFrame implements StreamFrame<FakeFrame> {
  readonly mediaTimeS: number;
  readonly number: number;
  readonly #pixels: Pixels;
  #disposed = false;

  constructor(number: number, mediaTimeS: number, pixels: Pixels) {
    this.number = number;
    this.mediaTimeS = mediaTimeS;
    this.#pixels = pixels;
    pixels.held += 1;
  }

  share(): FakeFrame {
    if (this.#disposed) throw new Error("shared after it was disposed");
    return new FakeFrame(this.number, this.mediaTimeS, this.#pixels);
  }

  [Symbol.dispose](): void {
    if (!this.#disposed) this.#pixels.held -= 1;
    this.#disposed = true;
  }
}

/** The far side of the wire: a source whose pictures come when the test says so, or all at once. */
class FakeStream implements OpenedStream<FakeFrame> {
  info = INFO;
  readonly decoder = "software";
  damagedPackets = 0;
  readonly startedAt: number | null;
  readonly #pixels: Pixels;
  readonly #times: number[];
  readonly #endless: boolean;
  #waiting: { resolve: (frame: FakeFrame | null) => void; reject: (error: unknown) => void } | null = null;
  #wanted: (mediaTimeS: number) => boolean = () => true;
  #number = 0;
  asked = 0;
  disposed = 0;

  constructor(
    pixels: Pixels,
    times: readonly number[],
    options: { startedAt: number | null; endless: boolean },
  ) {
    this.#pixels = pixels;
    this.#times = [...times];
    this.startedAt = options.startedAt;
    this.#endless = options.endless;
  }

  next(wanted: (mediaTimeS: number) => boolean = () => true): Promise<FakeFrame | null> {
    this.asked += 1;
    this.#wanted = wanted;
    if (this.disposed > 0) return Promise.reject(new AppError("interrupted", "The stream was closed."));
    for (let time = this.#times.shift(); time !== undefined; time = this.#times.shift())
      if (wanted(time)) return Promise.resolve(this.#frame(time));
      else this.#pass();
    if (!this.#endless) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  send(mediaTimeS: number): void {
    const waiting = this.#waiting;
    if (waiting === null) this.#times.push(mediaTimeS);
    else if (this.#wanted(mediaTimeS)) {
      this.#waiting = null;
      waiting.resolve(this.#frame(mediaTimeS));
    } else this.#pass();
  }

  breakOff(reason: string): void {
    this.#waiting?.reject(new AppError("source.unreachable", reason));
    this.#waiting = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed += 1;
    this.#waiting?.reject(new AppError("interrupted", "The stream was closed."));
    this.#waiting = null;
  }

  /** A picture nobody wants; the next one is asked for. */
  #pass(): void {
    this.#number += 1;
    this.asked += 1;
  }

  #frame(mediaTimeS: number): FakeFrame {
    const frame = new FakeFrame(this.#number, mediaTimeS, this.#pixels);
    this.#number += 1;
    return frame;
  }
}

interface Setup {
  readonly playback?: Playback;
  readonly times?: readonly number[];
  readonly startedAt?: number | null;
  readonly endless?: boolean;
  readonly fps?: number;
  readonly enabled?: boolean;
  readonly privacy?: boolean;
  readonly substream?: string;
  readonly open?: StreamOpener<FakeFrame>;
  readonly onFrame?: CameraConnectionOptions<FakeFrame>["onFrame"];
}

function setUp(setup: Setup = {}) {
  const clock = new ManualClock(1_000_000);
  const pixels = new Pixels();
  const streams: FakeStream[] = [];
  const reports: CameraReport[] = [];
  const captured: Omit<CapturedFrame<FakeFrame>, "frame">[] = [];
  const numbers: number[] = [];
  const open: StreamOpener<FakeFrame> = async () => {
    const stream = new FakeStream(pixels, setup.times ?? [], {
      startedAt: setup.startedAt ?? null,
      endless: setup.endless ?? true,
    });
    streams.push(stream);
    return stream;
  };
  const connection = new CameraConnection<FakeFrame>({
    camera: {
      id: "hall",
      source: "rtsp://cam/s1",
      substream: setup.substream ?? null,
      transport: "auto",
      enabled: setup.enabled ?? true,
      privacy: setup.privacy ?? false,
    },
    playback: setup.playback ?? { kind: "live", loop: false },
    fps: setup.fps ?? 10,
    open: setup.open ?? open,
    clock,
    random: () => 0,
    log: silentLogger,
    onState: (report) => reports.push(report),
    onFrame:
      setup.onFrame ??
      (({ frame, mediaTimeS, capturedAt }) => {
        captured.push({ mediaTimeS: Math.round(mediaTimeS * 1000) / 1000, capturedAt });
        numbers.push(frame.number);
        frame[Symbol.dispose]();
      }),
  });
  const kinds = () => reports.map((report) => report.kind);
  return { clock, pixels, streams, reports, captured, numbers, connection, kinds };
}

/** Patient with a busy machine, quick on an idle one. */
function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 15_000, interval: 5 });
}

function stream(streams: readonly FakeStream[], index: number): FakeStream {
  const found = streams[index];
  if (found === undefined) throw new Error(`the source was opened ${streams.length} times`);
  return found;
}

describe("a live camera", () => {
  it("goes online and hands on the pictures that are due, with the time of now", async () => {
    const { clock, streams, captured, numbers, connection, kinds, pixels } = setUp({ fps: 5 });
    connection.start();
    await eventually(() => expect(streams[0]?.asked).toBe(1));
    expect(kinds()).toEqual(["connecting", "online"]);
    for (let index = 0; index < 6; index += 1) {
      stream(streams, 0).send(index / 10);
      await eventually(() => expect(stream(streams, 0).asked).toBe(index + 2));
      clock.advance(100);
    }
    expect(numbers).toEqual([0, 2, 4]);
    expect(captured.map(({ mediaTimeS }) => mediaTimeS)).toEqual([0, 0.2, 0.4]);
    expect(captured.map(({ capturedAt }) => capturedAt)).toEqual([1_000_000, 1_000_200, 1_000_400]);
    await connection.stop();
    expect(pixels.held).toBe(0);
  });

  it("comes back after a break, and its time goes on by the time it was away", async () => {
    const { clock, streams, captured, reports, connection, kinds } = setUp();
    connection.start();
    await eventually(() => expect(streams[0]?.asked).toBe(1));
    stream(streams, 0).send(0);
    await eventually(() => expect(stream(streams, 0).asked).toBe(2));
    stream(streams, 0).breakOff("The stream of rtsp://cam/s1 broke off.");
    await eventually(() => expect(kinds()).toEqual(["connecting", "online", "offline"]));
    expect(reports.at(-1)).toEqual({ kind: "offline", reason: "The stream of rtsp://cam/s1 broke off." });
    expect(stream(streams, 0).disposed).toBeGreaterThan(0);
    clock.advance(499);
    expect(streams.length).toBe(1);
    clock.advance(1);
    await eventually(() => expect(streams[1]?.asked).toBe(1));
    stream(streams, 1).send(0);
    await eventually(() => expect(captured.length).toBe(2));
    expect(captured.map(({ mediaTimeS }) => mediaTimeS)).toEqual([0, 0.5]);
    expect(kinds()).toEqual(["connecting", "online", "offline", "online"]);
    await connection.stop();
  });

  it("that stays away is reported once, and again when the reason changes", async () => {
    const reasons = ["refused", "refused", "no answer", "no answer"];
    let attempts = 0;
    const open: StreamOpener<FakeFrame> = async () => {
      throw new AppError("source.unreachable", reasons[attempts++] ?? "no answer");
    };
    const { clock, reports, connection } = setUp({ open });
    connection.start();
    for (let count = 1; count <= 4; count += 1) {
      await eventually(() => expect(attempts).toBe(count));
      await eventually(() => expect(connection.report?.kind).toBe("offline"));
      clock.advance(30_000);
    }
    await connection.stop();
    expect(reports).toEqual([
      { kind: "connecting" },
      { kind: "offline", reason: "refused" },
      { kind: "offline", reason: "no answer" },
    ]);
  });

  it("whose pictures cannot be taken is treated like a lost one", async () => {
    const { streams, reports, connection } = setUp({
      onFrame: ({ frame }) => {
        frame[Symbol.dispose]();
        throw new Error("no room");
      },
    });
    connection.start();
    await eventually(() => expect(streams[0]?.asked).toBe(1));
    stream(streams, 0).send(0);
    await eventually(() => expect(reports.at(-1)).toEqual({ kind: "offline", reason: "no room" }));
    expect(stream(streams, 0).disposed).toBeGreaterThan(0);
    await connection.stop();
  });

  it("is not kept by a listener that throws", async () => {
    const { streams, connection, captured } = setUp();
    const broken = new CameraConnection<FakeFrame>({
      camera: {
        id: "hall",
        source: "rtsp://cam/s1",
        substream: null,
        transport: "auto",
        enabled: true,
        privacy: false,
      },
      playback: { kind: "live", loop: false },
      fps: 10,
      open: async () => new FakeStream(new Pixels(), [0], { startedAt: null, endless: true }),
      clock: new ManualClock(),
      random: () => 0,
      log: silentLogger,
      onState: () => {
        throw new Error("a broken listener");
      },
      onFrame: ({ frame, mediaTimeS, capturedAt }) => {
        captured.push({ mediaTimeS, capturedAt });
        frame[Symbol.dispose]();
      },
    });
    broken.start();
    await eventually(() => expect(captured.length).toBe(1));
    await broken.stop();
    expect(streams.length).toBe(0);
    await connection.stop();
  });

  it("stopped while it is being opened is let go, and an opened stream that comes late is closed", async () => {
    const late = new FakeStream(new Pixels(), [0], { startedAt: null, endless: true });
    let arrive: (stream: FakeStream) => void = () => undefined;
    const { connection, captured, kinds } = setUp({
      open: () =>
        new Promise((resolve) => {
          arrive = resolve;
        }),
    });
    connection.start();
    await Promise.resolve();
    await Promise.resolve();
    const stopped = connection.stop();
    arrive(late);
    await stopped;
    expect(late.disposed).toBeGreaterThan(0);
    expect(late.asked).toBe(0);
    expect(captured).toEqual([]);
    expect(kinds()).toEqual(["connecting"]);
  });

  it("is never opened twice at a time", async () => {
    let open = 0;
    let most = 0;
    const pixels = new Pixels();
    const { connection } = setUp({
      open: async () => {
        open += 1;
        most = Math.max(most, open);
        const opened = new FakeStream(pixels, [], { startedAt: null, endless: true });
        return Object.assign(opened, {
          [Symbol.asyncDispose]: async () => {
            await FakeStream.prototype[Symbol.asyncDispose].call(opened);
            if (opened.disposed === 1) open -= 1;
          },
        });
      },
    });
    connection.start();
    await eventually(() => expect(open).toBe(1));
    for (let count = 0; count < 5; count += 1) {
      void connection.setPrivacy(true);
      void connection.setPrivacy(false);
    }
    await eventually(() => expect(connection.report?.kind).toBe("online"));
    await connection.stop();
    expect(most).toBe(1);
    expect(open).toBe(0);
  });
});

describe("privacy", () => {
  it("closes the stream and asks for no further picture", async () => {
    const { clock, streams, connection, kinds, captured } = setUp();
    connection.start();
    await eventually(() => expect(streams[0]?.asked).toBe(1));
    await connection.setPrivacy(true);
    expect(stream(streams, 0).disposed).toBeGreaterThan(0);
    const asked = stream(streams, 0).asked;
    stream(streams, 0).send(0);
    clock.advance(3_600_000);
    await Promise.resolve();
    expect(stream(streams, 0).asked).toBe(asked);
    expect(streams.length).toBe(1);
    expect(captured).toEqual([]);
    expect(kinds()).toEqual(["connecting", "online", "privacy"]);
    await connection.stop();
  });

  it("from the start opens nothing", async () => {
    const { clock, streams, connection, kinds } = setUp({ privacy: true });
    connection.start();
    clock.advance(3_600_000);
    await Promise.resolve();
    expect(streams).toEqual([]);
    expect(kinds()).toEqual(["privacy"]);
    await connection.stop();
  });

  it("keeps back a picture that comes in at the same moment", async () => {
    const { streams, connection, captured, pixels } = setUp();
    connection.start();
    await eventually(() => expect(streams[0]?.asked).toBe(1));
    stream(streams, 0).send(0);
    await connection.setPrivacy(true);
    expect(captured).toEqual([]);
    expect(pixels.held).toBe(0);
    await connection.stop();
  });

  it("keeps back a picture that was waiting for its time", async () => {
    const { clock, connection, numbers, pixels } = setUp({
      times: [0, 0.1, 0.2],
      startedAt: STARTED_AT,
      endless: false,
    });
    connection.start();
    await eventually(() => expect(numbers).toEqual([0]));
    await connection.setPrivacy(true);
    clock.advance(10_000);
    expect(numbers).toEqual([0]);
    expect(pixels.held).toBe(0);
    await connection.stop();
  });

  it("switched off goes on", async () => {
    const { streams, connection, kinds } = setUp();
    connection.start();
    await eventually(() => expect(streams[0]?.asked).toBe(1));
    await connection.setPrivacy(true);
    await connection.setPrivacy(false);
    await eventually(() => expect(streams[1]?.asked).toBe(1));
    expect(kinds()).toEqual(["connecting", "online", "privacy", "connecting", "online"]);
    await connection.stop();
  });

  it("and a disabled camera: nothing is opened for either", async () => {
    const { streams, connection, kinds } = setUp({ enabled: false });
    connection.start();
    await connection.setPrivacy(true);
    await connection.setPrivacy(false);
    expect(streams).toEqual([]);
    expect(kinds()).toEqual([]);
    await connection.stop();
  });
});

describe("a camera with a small stream", () => {
  /** What can be opened, and what was, by the end of its address. */
  function house(times: readonly number[] = []) {
    const world = { reachable: new Set(["small", "large"]), asked: [] as string[] };
    const pixels = new Pixels();
    const streams: FakeStream[] = [];
    const rig = setUp({
      substream: "rtsp://cam/small",
      open: async ({ source, signal }) => {
        signal.throwIfAborted();
        const name = source === "rtsp://cam/small" ? "small" : "large";
        world.asked.push(name);
        if (!world.reachable.has(name)) throw new AppError("source.unreachable", `no ${name}`);
        const opened = new FakeStream(pixels, times, { startedAt: null, endless: true });
        if (name === "small") opened.info = { ...INFO, width: 160, height: 120 };
        streams.push(opened);
        return opened;
      },
    });
    return { ...rig, ...world, world, pixels, streams };
  }
  const online = (width: number) => ({ kind: "online", stream: expect.objectContaining({ width }) });

  it("is watched by that alone", async () => {
    const { connection, world, reports, streams } = house();
    connection.start();
    await eventually(() => expect(reports.at(-1)).toMatchObject(online(160)));
    expect(world.asked).toEqual(["small"]);
    expect(connection.stream).toBe(streams[0]);
    await connection.stop();
    expect(connection.stream).toBeNull();
  });

  it("is watched by the large one while the small one cannot be opened, and goes back without a gap", async () => {
    const { connection, world, reports, streams, clock, captured, kinds } = house();
    world.reachable.delete("small");
    connection.start();
    await eventually(() => expect(reports.at(-1)).toMatchObject(online(320)));
    stream(streams, 0).send(0);
    await eventually(() => expect(captured).toHaveLength(1));
    // Tried again after five minutes, and then less and less often.
    clock.advance(5 * 60_000);
    await eventually(() => expect(world.asked).toEqual(["small", "large", "small"]));
    await eventually(() => expect(stream(streams, 0).asked).toBe(2));
    world.reachable.add("small");
    clock.advance(5 * 60_000);
    expect(world.asked).toHaveLength(3);
    clock.advance(5 * 60_000);
    await eventually(() => expect(streams).toHaveLength(2));
    expect(stream(streams, 0).disposed).toBe(0);
    stream(streams, 0).send(900);
    await eventually(() => expect(stream(streams, 0).disposed).toBe(1));
    await eventually(() => expect(reports.at(-1)).toMatchObject(online(160)));
    stream(streams, 1).send(0);
    stream(streams, 1).send(0.1);
    await eventually(() => expect(captured).toHaveLength(3));
    const times = captured.map(({ mediaTimeS }) => mediaTimeS);
    expect(times[2]).toBeGreaterThan(times[1] ?? 0);
    expect(kinds()).toEqual(["connecting", "online", "online"]);
    await connection.stop();
    expect(streams.map(({ disposed }) => disposed)).toEqual([1, expect.any(Number)]);
  });

  it("in privacy holds neither, even when the small one came back a moment before", async () => {
    const { connection, world, streams, clock, reports } = house();
    world.reachable.delete("small");
    connection.start();
    await eventually(() => expect(reports.at(-1)?.kind).toBe("online"));
    world.reachable.add("small");
    clock.advance(5 * 60_000);
    await eventually(() => expect(streams).toHaveLength(2));
    await connection.setPrivacy(true);
    expect(streams.map(({ disposed }) => disposed > 0)).toEqual([true, true]);
    clock.advance(2 * 60 * 60_000);
    expect(world.asked).toEqual(["small", "large", "small"]);
    await connection.stop();
  });

  it("is offline for the large one's reason when neither can be opened", async () => {
    const { connection, world, reports } = house();
    world.reachable.clear();
    connection.start();
    await eventually(() => expect(reports.at(-1)).toEqual({ kind: "offline", reason: "no large" }));
    await connection.stop();
  });
});

describe("a stream that changes its size", () => {
  it("is reported with the new one, and stays online", async () => {
    const { connection, streams, reports, kinds } = setUp();
    connection.start();
    await eventually(() => expect(reports.at(-1)?.kind).toBe("online"));
    stream(streams, 0).info = { ...INFO, width: 640, height: 480 };
    stream(streams, 0).send(0);
    await eventually(() => expect(reports.at(-1)).toMatchObject({ stream: { width: 640, height: 480 } }));
    expect(kinds()).toEqual(["connecting", "online", "online"]);
    await connection.stop();
  });
});

describe("a file played live", () => {
  const film = { times: [0, 0.1, 0.2], startedAt: STARTED_AT, endless: false } as const;

  it("shows every picture at its time", async () => {
    const { clock, connection, numbers } = setUp(film);
    connection.start();
    await eventually(() => expect(numbers).toEqual([0]));
    clock.advance(99);
    await Promise.resolve();
    expect(numbers).toEqual([0]);
    clock.advance(1);
    await eventually(() => expect(numbers).toEqual([0, 1]));
    clock.advance(100);
    await eventually(() => expect(numbers).toEqual([0, 1, 2]));
    await connection.stop();
  });

  it("begins again at its end, its time going on, with the time of now", async () => {
    const { clock, connection, captured, numbers, kinds } = setUp({
      ...film,
      playback: { kind: "live", loop: true },
    });
    connection.start();
    for (let count = 1; count <= 7; count += 1) {
      await eventually(() => expect(numbers.length).toBe(count));
      clock.advance(100);
    }
    expect(numbers).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(captured.map(({ mediaTimeS }) => mediaTimeS)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    expect(captured.map(({ capturedAt }) => capturedAt - 1_000_000)).toEqual([
      0, 100, 200, 300, 400, 500, 600,
    ]);
    expect(kinds()).toEqual(["connecting", "online"]);
    await connection.stop();
  });

  it("ends where it is not to be repeated", async () => {
    const { clock, connection, numbers, kinds } = setUp(film);
    connection.start();
    for (let count = 1; count <= 3; count += 1) {
      await eventually(() => expect(numbers.length).toBe(count));
      clock.advance(100);
    }
    await eventually(() => expect(kinds()).toEqual(["connecting", "online", "ended"]));
    await connection.stop();
  });

  it("goes on from where it is after the machine has slept, instead of hurrying after", async () => {
    const { clock, connection, numbers } = setUp({
      ...film,
      times: [0, 0.1, 0.2, 0.3],
    });
    connection.start();
    await eventually(() => expect(numbers).toEqual([0]));
    clock.advance(60_000);
    // The sleep fell into the wait for picture 1; picture 2 finds itself late, and the count begins anew from it.
    await eventually(() => expect(numbers).toEqual([0, 1, 2]));
    clock.advance(99);
    await Promise.resolve();
    expect(numbers).toEqual([0, 1, 2]);
    clock.advance(1);
    await eventually(() => expect(numbers).toEqual([0, 1, 2, 3]));
    await connection.stop();
  });
});

describe("a file played offline", () => {
  const offline = (holdLastS: number) => ({ playback: { kind: "offline", holdLastS } as const });
  const film = { times: [0, 0.1, 0.2, 0.25], startedAt: STARTED_AT, endless: false } as const;

  it("hands on every due picture without waiting, with the time of its recording", async () => {
    const { connection, captured, numbers, kinds, pixels } = setUp({ ...film, ...offline(0) });
    connection.start();
    await eventually(() => expect(kinds()).toEqual(["connecting", "online", "ended"]));
    expect(numbers).toEqual([0, 1, 2]);
    expect(captured.map(({ capturedAt }) => capturedAt - STARTED_AT)).toEqual([0, 100, 200]);
    expect(pixels.held).toBe(0);
    await connection.stop();
  });

  it("holds the very last picture, also one that was not due, at the pace of analysis", async () => {
    const { connection, captured, numbers, kinds, pixels } = setUp({ ...film, ...offline(0.5) });
    connection.start();
    await eventually(() => expect(kinds().at(-1)).toBe("ended"));
    expect(numbers).toEqual([0, 1, 2, 3, 3, 3, 3, 3]);
    expect(captured.map(({ mediaTimeS }) => mediaTimeS)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    expect(captured.at(-1)?.capturedAt).toBe(STARTED_AT + 700);
    expect(pixels.held).toBe(0);
    await connection.stop();
  });

  it("decodes no faster than its pictures are consumed", async () => {
    const consume: (() => void)[] = [];
    const { connection, streams, pixels } = setUp({
      ...film,
      ...offline(0),
      onFrame: ({ frame }) =>
        new Promise<void>((resolve) => {
          consume.push(() => {
            frame[Symbol.dispose]();
            resolve();
          });
        }),
    });
    connection.start();
    await eventually(() => expect(consume.length).toBe(1));
    await Promise.resolve();
    expect(stream(streams, 0).asked).toBe(1);
    consume[0]?.();
    await eventually(() => expect(consume.length).toBe(2));
    expect(stream(streams, 0).asked).toBe(2);
    consume[1]?.();
    await eventually(() => expect(consume.length).toBe(3));
    consume[2]?.();
    await connection.stop();
    expect(pixels.held).toBe(0);
  });

  it("stopped half-way leaves nothing held", async () => {
    const stopAt: { now: () => void } = { now: () => undefined };
    const { connection, kinds, numbers, pixels } = setUp({
      ...film,
      ...offline(5),
      onFrame: ({ frame }) => {
        numbers.push(frame.number);
        if (numbers.length === 5) stopAt.now();
        frame[Symbol.dispose]();
      },
    });
    stopAt.now = () => void connection.stop();
    connection.start();
    await eventually(() => expect(numbers.length).toBe(5));
    await connection.stop();
    expect(numbers.length).toBe(5);
    expect(pixels.held).toBe(0);
    expect(kinds()).toEqual(["connecting", "online"]);
  });

  it("that cannot be opened has failed, with the reason, for good", async () => {
    let attempts = 0;
    const { clock, connection, reports } = setUp({
      ...offline(0),
      open: async () => {
        attempts += 1;
        throw new AppError("source.missing", "There is no file fall.mp4; check the path.");
      },
    });
    connection.start();
    await eventually(() => expect(reports.at(-1)?.kind).toBe("failed"));
    expect(reports.at(-1)).toEqual({ kind: "failed", reason: "There is no file fall.mp4; check the path." });
    clock.advance(3_600_000);
    await connection.stop();
    expect(attempts).toBe(1);
  });
});
