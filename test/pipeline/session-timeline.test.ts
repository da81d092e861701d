import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { SessionTimeline } from "../../src/pipeline/session-timeline.ts";

describe("a camera's timeline", () => {
  it("goes on by the monotonic clock while the camera is away", () => {
    const clock = new ManualClock(1_000_000);
    const timeline = new SessionTimeline(0, clock, true);
    timeline.open(null);
    timeline.stamp(0);
    clock.advance(10_000);
    expect(timeline.stamp(10).mediaTimeS).toBeCloseTo(10);
    clock.advance(5_000);
    timeline.open(null);
    expect(timeline.stamp(0).mediaTimeS).toBeCloseTo(15);
    expect(timeline.stamp(0.1).mediaTimeS).toBeCloseTo(15.1);
  });

  it("never turns back when a stream ran ahead of the clock before it was cut", () => {
    const clock = new ManualClock();
    const timeline = new SessionTimeline(0, clock, true);
    timeline.open(null);
    timeline.stamp(0);
    timeline.stamp(8);
    clock.advance(2_000);
    timeline.open(null);
    expect(timeline.stamp(0).mediaTimeS).toBeGreaterThanOrEqual(8);
  });

  it("goes on from where another process left it", () => {
    const timeline = new SessionTimeline(42, new ManualClock(), true);
    timeline.open(null);
    expect(timeline.stamp(3).mediaTimeS).toBeCloseTo(42);
  });

  it("takes a recording's time as it is, from the recording's start", () => {
    const timeline = new SessionTimeline(0, new ManualClock(999), false);
    timeline.open(1_700_000_000_000);
    expect(timeline.stamp(2.5)).toEqual({ capturedAt: 1_700_000_002_500, mediaTimeS: 2.5 });
  });
});
