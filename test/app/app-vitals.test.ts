import { afterEach, describe, expect, it, vi } from "vitest";
import { DaemonVitals } from "../../src/app-vitals.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { type CameraStatus, NO_HEALTH } from "../../src/domain/camera-status.ts";
import type { VisionState } from "../../src/pipeline/vision-supervisor.ts";

const START = Date.UTC(2026, 10, 20, 8);
const clock = new ManualClock(START);
let vitals = new DaemonVitals(clock);
afterEach(() => {
  vitals[Symbol.dispose]();
  vitals = new DaemonVitals(clock);
});

const runningOn = (provider: string): VisionState => ({
  kind: "ready",
  pid: 1,
  provider,
  providerReason: null,
  workers: 1,
  modelProblem: null,
});

describe("the daemon's vitals", () => {
  it("say since when models run on what they run on, and that nothing runs while vision does not", () => {
    expect(vitals.note({ kind: "starting" })).toBe(false);
    clock.advance(2_000);
    expect(vitals.note(runningOn("webgpu"))).toBe(true);
    const since = clock.now();
    clock.advance(60_000);
    expect(vitals.note(runningOn("webgpu"))).toBe(false);
    expect(vitals.providerSince).toBe(since);
    expect(vitals.note(runningOn("cpu"))).toBe(true);
    expect(vitals.providerSince).toBe(since + 60_000);
    expect(vitals.stats([], 0).provider).toBe("cpu");
    expect(vitals.note({ kind: "down", reason: "it crashed", retryInMs: 500 })).toBe(true);
    expect(vitals.providerSince).toBeNull();
    expect(vitals.stats([], 0).provider).toBeNull();
  });

  it("add up what the cameras do", () => {
    const camera = (
      cameraId: string,
      online: boolean,
      analysedFps: number,
      dropped: number,
    ): CameraStatus => ({
      ...NO_HEALTH,
      cameraId,
      availability: online ? "online" : "offline",
      reason: null,
      blind: null,
      since: START,
      stream: null,
      analysedFps,
      dropped,
    });
    const stats = vitals.stats([camera("hall", true, 9.5, 3), camera("bath", false, 0, 4)], 7);
    expect(stats).toMatchObject({
      cameras: 2,
      camerasOnline: 1,
      analysedFps: 9.5,
      dropped: 7,
      eventsWaiting: 7,
    });
    expect(stats.memoryBytes).toBeGreaterThan(1e6);
  });

  it("tell for how long the event loop was held up since they were last asked", async () => {
    const busyFor = (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    };
    // The loop is looked at between these.
    let turns = 0;
    await vi.waitFor(() => {
      busyFor(100);
      turns += 1;
      expect(turns).toBeGreaterThan(3);
    });
    expect(vitals.stats([], 0).eventLoopDelayMs).toBeGreaterThan(60);
    expect(vitals.stats([], 0).eventLoopDelayMs).toBeNull();
  });
});
