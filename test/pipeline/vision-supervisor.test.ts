// The vision process and who looks after it: a real process, real streams, and every way to lose it.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ensureDemoClip } from "../../src/demo/demo-clip.ts";
import type { Camera } from "../../src/domain/camera.ts";
import { type CameraJob, FROM_THE_START } from "../../src/pipeline/vision-contract.ts";
import {
  type VisionState,
  VisionSupervisor,
  type VisionSupervisorOptions,
} from "../../src/pipeline/vision-supervisor.ts";

const never = new AbortController().signal;
const PATIENCE = { timeout: 60_000, interval: 20 };
let clip: string;
let modelsDir: string;

beforeAll(async () => {
  const store = new ModelStore({ log: silentLogger });
  await store.ensure(["movenet-multipose", "movenet-thunder"], { signal: never });
  modelsDir = store.directory;
  clip = await ensureDemoClip({ cacheDir: modelsDirectory(process.env), signal: never });
});

function job(id: string, source: string): CameraJob {
  const camera: Camera = {
    id,
    name: id,
    area: null,
    source,
    substream: null,
    transport: "tcp",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps: [],
  };
  return { camera, playback: { kind: "live", loop: true }, resume: FROM_THE_START };
}

/** A supervisor with all it says written down. */
class Watched implements AsyncDisposable {
  readonly supervisor: VisionSupervisor;
  readonly states: VisionState[] = [];
  readonly reports: { readonly cameraId: string; readonly kind: string; readonly reason: string | null }[] =
    [];
  observations = 0;

  constructor(options: Partial<VisionSupervisorOptions> = {}) {
    this.supervisor = new VisionSupervisor({
      clock: systemClock,
      log: silentLogger,
      random: () => 0.5,
      logLevel: "silent",
      settings: {
        inference: {
          provider: "cpu",
          workers: 1,
          detector: "movenet-multipose",
          inputSize: 256,
          fps: 5,
          motionGate: false,
          secondLook: false,
          hardwareDecoding: "off",
          modelsDir,
        },
        tracker: { kind: "bytetrack", high: 0.2, low: 0.1, newTrack: 0.2, lostS: 2 },
        identify: null,
      },
      ...options,
    });
    const { events } = this.supervisor;
    events.on("state", (state) => this.states.push(state));
    events.on("observation", () => {
      this.observations += 1;
    });
    events.on("connection", ({ cameraId, state }) =>
      this.reports.push({ cameraId, kind: state.kind, reason: "reason" in state ? state.reason : null }),
    );
  }

  latest(cameraId: string) {
    return this.reports.findLast((report) => report.cameraId === cameraId);
  }

  downs() {
    return this.states.filter((state) => state.kind === "down");
  }

  /** Runs until this camera is online and something was seen, counting from now. */
  async seesAgain(cameraId: string): Promise<void> {
    const before = this.observations;
    const reported = this.reports.length;
    await vi.waitFor(() => {
      expect(
        this.reports.slice(reported).some((one) => one.cameraId === cameraId && one.kind === "online"),
      ).toBe(true);
      expect(this.observations).toBeGreaterThan(before);
    }, PATIENCE);
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.supervisor;
    if (pid === null) throw new Error("there is no vision process");
    process.kill(pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor.stop();
  }
}

/** Accepts connections and never says a word: whoever opens it waits inside FFmpeg. */
class Tarpit implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  visits = 0;

  private constructor() {
    this.#server = createServer((socket) => {
      this.visits += 1;
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      socket.resume();
    });
  }

  static async open(): Promise<Tarpit> {
    const tarpit = new Tarpit();
    tarpit.#server.listen(0, "127.0.0.1");
    await once(tarpit.#server, "listening");
    return tarpit;
  }

  get url(): string {
    return `rtsp://127.0.0.1:${(this.#server.address() as AddressInfo).port}/cam`;
  }

  async visited(times: number): Promise<void> {
    await vi.waitFor(() => expect(this.visits).toBeGreaterThanOrEqual(times), PATIENCE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function watched(options: Partial<VisionSupervisorOptions> = {}): Promise<Watched> {
  const made = new Watched(options);
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

describe("a camera that takes the vision process down again and again", () => {
  let tarpit: Tarpit;
  let house: Watched;

  beforeAll(async () => {
    tarpit = await Tarpit.open();
    house = new Watched();
    house.supervisor.configure([job("good", clip), job("bad", tarpit.url)]);
    await house.supervisor.start();
    await Promise.all([house.seesAgain("good"), tarpit.visited(1)]);
  });

  afterAll(async () => {
    await house?.[Symbol.asyncDispose]();
    await tarpit?.[Symbol.asyncDispose]();
  });

  it("is opened after the others from its first death on, and they see again each time", async () => {
    for (let death = 1; death <= 2; death++) {
      const reported = house.reports.length;
      house.signal("SIGSEGV");
      await Promise.all([house.seesAgain("good"), tarpit.visited(death + 1)]);
      const kinds = house.reports.slice(reported).map(({ cameraId, kind }) => `${cameraId} ${kind}`);
      expect(kinds.indexOf("bad connecting")).toBeGreaterThan(kinds.indexOf("good online"));
    }
    expect(house.downs().map(({ reason }) => reason)).toEqual(
      Array(2).fill("the vision process was ended by SIGSEGV and is being restarted"),
    );
  });

  it("is closed and named at the third, and the others go on", async () => {
    house.signal("SIGSEGV");
    await house.seesAgain("good");
    expect(house.latest("bad")).toMatchObject({
      kind: "offline",
      reason: expect.stringMatching(
        /^its stream crashed or hung the video decoder 3 times; it is tried again at \d\d:\d\d, or at once when its address is changed$/,
      ),
    });
    expect(house.supervisor.quarantined).toEqual(["bad"]);
    // Nothing stands in the way of the others: no pause before this start.
    expect(house.downs().at(-1)?.retryInMs).toBe(0);
    expect(tarpit.visits).toBe(3);
  });

  it("stays closed whatever else is configured, and is opened at once when its address changes", async () => {
    house.supervisor.configure([job("good", clip), job("bad", tarpit.url), job("new", clip)]);
    await vi.waitFor(() => expect(house.latest("new")?.kind).toBe("online"), PATIENCE);
    expect(house.latest("bad")?.kind).toBe("offline");
    expect(tarpit.visits).toBe(3);
    house.supervisor.configure([job("good", clip), job("bad", `${clip}`), job("new", clip)]);
    await vi.waitFor(() => expect(house.latest("bad")?.kind).toBe("online"), PATIENCE);
    expect(house.supervisor.quarantined).toEqual([]);
  });
});

describe("a vision process that does not die but is of no use", () => {
  it("is replaced when it hangs, and goes on where the camera's timeline stood", async () => {
    const house = await watched();
    house.supervisor.configure([job("good", clip)]);
    let last = { sequence: -1, mediaTimeS: -1 };
    const back: boolean[] = [];
    house.supervisor.events.on("observation", ({ stamp }) => {
      back.push(stamp.sequence <= last.sequence || stamp.mediaTimeS <= last.mediaTimeS);
      last = stamp;
    });
    await house.supervisor.start();
    await house.seesAgain("good");
    const { pid } = house.supervisor;
    house.signal("SIGSTOP");
    await house.seesAgain("good");
    expect(house.supervisor.pid).not.toBe(pid);
    expect(house.downs().map(({ reason }) => reason)).toEqual([
      "the vision process gave no sign of life for 5 s and is being restarted",
    ]);
    expect(back).not.toContain(true);
  });

  it("is replaced when it has grown beyond its bound, at once, but not over and over at that pace", async () => {
    const asked: { readonly workers: number; readonly cameras: number }[] = [];
    const house = await watched({
      memoryLimitBytes: (load) => {
        asked.push(load);
        return 50 * 2 ** 20;
      },
    });
    house.supervisor.configure([job("good", clip)]);
    await house.supervisor.start();
    await vi.waitFor(() => expect(house.downs()).toHaveLength(2), PATIENCE);
    const [first, second] = house.downs();
    expect(first?.reason).toMatch(
      /^the vision process grew to \d{3} MB, more than the 50 MB it may use, and is/,
    );
    expect(first?.retryInMs).toBe(0);
    expect(second?.retryInMs).toBeGreaterThan(300);
    expect(asked[0]).toMatchObject({ cameras: 1, workers: 1 });
  });

  it("is not held against any camera", async () => {
    const house = await watched({ memoryLimitBytes: () => 50 * 2 ** 20 });
    house.supervisor.configure([job("good", clip), job("other", clip)]);
    await house.supervisor.start();
    await vi.waitFor(() => expect(house.downs()).toHaveLength(1), PATIENCE);
    await vi.waitFor(() => expect(house.latest("other")?.kind).toBe("online"), PATIENCE);
    expect(house.reports.filter(({ reason }) => reason?.includes("opened after the others"))).toEqual([]);
  });
});
