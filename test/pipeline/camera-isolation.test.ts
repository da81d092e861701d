// Which cameras vision is not given, over time.
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/domain/camera.ts";
import { CameraIsolation } from "../../src/pipeline/camera-isolation.ts";
import { type CameraJob, FROM_THE_START } from "../../src/pipeline/vision-contract.ts";
import type { ProcessEnd } from "../../src/pipeline/vision-process.ts";
import type { NativePhase } from "../../src/video/native-phase.ts";

const MINUTE = 60_000;
// Half past one in the afternoon, wherever the test runs.
const AFTERNOON = new Date(2026, 0, 5, 13, 30).getTime();

function camera(id: string, more: Partial<Camera> = {}): Camera {
  return {
    id,
    name: id,
    area: null,
    source: `rtsp://${id}/1`,
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps: [],
    ...more,
  };
}

class Stage {
  readonly clock = new ManualClock(AFTERNOON);
  changes = 0;
  readonly isolation = new CameraIsolation({
    clock: this.clock,
    log: silentLogger,
    onChange: () => {
      this.changes += 1;
    },
  });

  configure(...cameras: readonly Camera[]): void {
    this.isolation.configure(
      cameras.map(
        (one): CameraJob => ({
          camera: one,
          playback: { kind: "live", loop: true },
          resume: FROM_THE_START,
        }),
      ),
    );
  }

  start(): void {
    this.isolation.begin();
    this.isolation.ready();
  }

  plays(...ids: readonly string[]): void {
    for (const id of ids)
      this.isolation.heard(id, {
        kind: "online",
        stream: { width: 640, height: 360, fps: 25, codec: "h264", durationS: null },
      });
  }

  dies(phases: Readonly<Record<string, NativePhase>>, end: Partial<ProcessEnd> = {}) {
    return this.isolation.died({
      code: null,
      signal: "SIGSEGV",
      ailment: null,
      phases: new Map(Object.entries(phases)),
      probing: false,
      livedMs: 1000,
      ...end,
    });
  }

  get withheld(): string[] {
    return [...this.isolation.withheld().keys()];
  }
}

function withQuarantine(): Stage {
  const stage = new Stage();
  stage.configure(camera("hall"), camera("bad"));
  for (let death = 0; death < 3; death++) {
    stage.start();
    stage.plays("hall");
    stage.dies({ hall: "read", bad: "decode" });
  }
  stage.start();
  return stage;
}

describe("the isolation of cameras", () => {
  it("withholds a suspect until the others play, and proves it by letting it play", () => {
    const stage = new Stage();
    stage.configure(camera("hall"), camera("bad"));
    stage.start();
    expect(stage.withheld).toEqual([]);
    stage.dies({ hall: "read", bad: "decode" });
    stage.start();
    expect(stage.withheld).toEqual(["bad"]);
    expect(stage.isolation.withheld().get("bad")).toMatch(/opened after the others/);
    stage.plays("hall");
    expect(stage.withheld).toEqual([]);
    expect(stage.changes).toBe(1);
    stage.plays("bad");
    stage.clock.advance(5_000);
    stage.dies({ hall: "read", bad: "read" }, { signal: "SIGKILL" });
    stage.start();
    expect(stage.withheld).toEqual([]);
  });

  it("closes a camera for ten minutes, says until when, and then tries it again by itself", () => {
    const stage = withQuarantine();
    expect(stage.isolation.withheld().get("bad")).toBe(
      "its stream crashed or hung the video decoder 3 times; it is tried again at 13:40, or at once when its address is changed",
    );
    stage.plays("hall");
    stage.clock.advance(9 * MINUTE);
    expect(stage.isolation.quarantined()).toEqual(["bad"]);
    stage.changes = 0;
    stage.clock.advance(MINUTE + 1);
    expect(stage.withheld).toEqual([]);
    expect(stage.changes).toBeGreaterThan(0);
  });

  it("closes it for twenty when it kills again after that", () => {
    const stage = withQuarantine();
    stage.plays("hall");
    stage.clock.advance(10 * MINUTE + 1);
    expect(stage.dies({ hall: "decode", bad: "decode" })).toEqual({ suspects: ["bad"], quarantined: true });
    stage.start();
    stage.clock.advance(19 * MINUTE);
    expect(stage.withheld).toEqual(["bad"]);
    stage.plays("hall");
    stage.clock.advance(MINUTE + 1);
    expect(stage.withheld).toEqual([]);
  });

  it("opens a camera at once whose address was changed, and forgets one that was switched off", () => {
    const stage = withQuarantine();
    stage.configure(camera("hall"), camera("bad", { source: "rtsp://bad/2" }));
    expect(stage.withheld).toEqual([]);
    const other = withQuarantine();
    other.configure(camera("hall"), camera("bad", { enabled: false }));
    other.configure(camera("hall"), camera("bad"));
    expect(other.withheld).toEqual([]);
  });

  it("keeps a camera closed through privacy, but says nothing of it while it is private", () => {
    const stage = withQuarantine();
    stage.configure(camera("hall"), camera("bad", { privacy: true }));
    expect(stage.withheld).toEqual([]);
    stage.configure(camera("hall"), camera("bad"));
    expect(stage.withheld).toEqual(["bad"]);
  });

  it.each([
    ["it ended by itself", { signal: null, code: 3 }],
    ["an address was being tried out", { probing: true }],
    ["it grew too large", { ailment: { kind: "grown", rssBytes: 2, limitBytes: 1 } }],
    ["a model hung", { ailment: { kind: "inference-stuck", forMs: 21_000 } }],
  ] as const)("blames no camera when %s", (_why, end) => {
    const stage = new Stage();
    stage.configure(camera("hall"), camera("bad"));
    for (let death = 0; death < 5; death++) {
      stage.start();
      stage.plays("hall");
      expect(stage.dies({ hall: "read", bad: "decode" }, end)).toEqual({ suspects: [], quarantined: false });
    }
  });

  it("leaves files that are played offline to whoever plays them", () => {
    const stage = new Stage();
    stage.isolation.configure(
      ["a", "b"].map((id) => ({
        camera: camera(id),
        playback: { kind: "offline", holdLastS: 0 },
        resume: FROM_THE_START,
      })),
    );
    for (let death = 0; death < 5; death++) {
      stage.start();
      expect(stage.dies({ a: "decode" }).suspects).toEqual([]);
      expect(stage.withheld).toEqual([]);
    }
  });
});
