import { describe, expect, it } from "vitest";
import { SamplingGate } from "../../src/camera/sampling-gate.ts";

function picked(fps: number, times: readonly number[]): number[] {
  const gate = new SamplingGate(fps);
  return times.filter((time) => gate.picks(time));
}

function stream(fps: number, seconds: number): number[] {
  return Array.from({ length: fps * seconds }, (_, index) => index / fps);
}

describe("the sampling gate", () => {
  it("picks the first frame", () => {
    expect(picked(10, [0])).toEqual([0]);
  });

  it.each([
    [10, 10],
    [30, 10],
    [25, 10],
    [29.97, 10],
    [15, 5],
    [60, 7],
  ])("picks from %d frames a second %d a second, over an hour without drift", (source, fps) => {
    const seconds = 3600;
    const times = Array.from({ length: Math.floor(source * seconds) }, (_, index) => index / source);
    const chosen = picked(fps, times);
    // The frame of the grid point at the very end may come a little before it.
    expect(Math.abs(chosen.length - fps * seconds)).toBeLessThanOrEqual(1);
    const astray = chosen.filter(
      (time, k) => time < k / fps - 0.5 / source - 1e-9 || time >= k / fps + 1 / source,
    );
    expect(astray).toEqual([]);
  });

  it("picks every fifth of five times as many", () => {
    expect(picked(5, stream(25, 10))).toEqual(stream(5, 10));
  });

  it("picks the later of two frames that are equally near", () => {
    expect(picked(10, stream(25, 1)).map((time) => Math.round(time * 100))).toEqual([
      0, 12, 20, 32, 40, 52, 60, 72, 80, 92,
    ]);
  });

  it("picks every frame of a stream that is slower than asked for", () => {
    expect(picked(10, stream(4, 5))).toEqual(stream(4, 5));
  });

  it("keeps all of a stream at just the asked rate whose times tremble", () => {
    const trembling = stream(10, 60).map((time, index) =>
      Math.max(0, time + ((index * 7) % 5) * 0.009 - 0.018),
    );
    expect(picked(10, trembling)).toEqual(trembling);
  });

  it("does not make up for a gap", () => {
    expect(picked(10, [0, 0.1, 5, 5.01, 5.02, 5.1])).toEqual([0, 0.1, 5, 5.1]);
  });

  it("says when the next frame is due", () => {
    const gate = new SamplingGate(10);
    expect(gate.nextDueS).toBe(0);
    gate.picks(0.31);
    expect(gate.nextDueS).toBeCloseTo(0.4);
  });

  it("gives other frames of the same stream when its grid is shifted", () => {
    const frames = stream(50, 30);
    const at = (offsetS: number) => {
      const gate = new SamplingGate(10, offsetS);
      return frames.filter((time) => gate.picks(time)).slice(1, 200);
    };
    expect(at(0.04)).toEqual(at(0).map((time) => expect.closeTo(time - 0.06, 6)));
  });
});
