import { describe, expect, it } from "vitest";
import { ContinuousTime } from "../../src/camera/continuous-time.ts";

describe("a camera's media time", () => {
  it("is the first stream's own", () => {
    const time = new ContinuousTime();
    time.restart(100);
    expect([time.at(0, 100), time.at(0.5, 100.5)]).toEqual([0, 0.5]);
  });

  it("goes on by the time that passed while the camera was away", () => {
    const time = new ContinuousTime();
    time.restart(100);
    time.at(7, 107);
    time.restart(127);
    expect(time.at(0, 127)).toBeCloseTo(27);
    expect(time.at(1, 128)).toBeCloseTo(28);
  });

  it("goes on by one frame where a film begins again", () => {
    const time = new ContinuousTime();
    time.restart(0);
    time.at(9.96, 10);
    time.restart(12, 0.04);
    expect(time.at(0, 12)).toBeCloseTo(10);
    time.at(9.96, 22);
    time.restart(22, 0.04);
    expect(time.at(0, 22)).toBeCloseTo(20);
  });

  it("never stands still, even when no time has passed", () => {
    const time = new ContinuousTime();
    time.restart(5);
    const last = time.at(1, 5);
    time.restart(5);
    expect(time.at(0, 5)).toBeGreaterThan(last);
  });
});
