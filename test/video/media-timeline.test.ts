import { describe, expect, it } from "vitest";
import { type FrameTiming, MediaTimeline } from "../../src/video/media-timeline.ts";

function play(live: boolean, frames: readonly Partial<FrameTiming>[]): number[] {
  const timeline = new MediaTimeline({ live });
  return frames.map((frame) => timeline.stamp({ ptsS: null, arrivalS: 0, nominalS: 0.04, ...frame }));
}

function steps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) * 1000) / 1000);
}

/** Frames 0 .. count-1 at 25 per second, arriving as they are taken. */
function steady(count: number, startS = 0): { ptsS: number; arrivalS: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    ptsS: startS + index * 0.04,
    arrivalS: index * 0.04,
  }));
}

describe("media time of a file", () => {
  it("starts at 0 whatever the first timestamp is and then follows the timestamps", () => {
    expect(play(false, [{ ptsS: 1000.5 }, { ptsS: 1000.54 }, { ptsS: 1001.54 }])).toEqual([
      0,
      expect.closeTo(0.04),
      expect.closeTo(1.04),
    ]);
  });

  it("bridges a jump back with one nominal frame and goes on from there", () => {
    expect(
      steps(play(false, [{ ptsS: 5 }, { ptsS: 5.1 }, { ptsS: 0 }, { ptsS: 0.1 }, { ptsS: 0.2 }])),
    ).toEqual([0.1, 0.04, 0.1, 0.1]);
  });

  it("gives repeated timestamps a nominal frame each", () => {
    expect(steps(play(false, [{ ptsS: 1 }, { ptsS: 1 }, { ptsS: 1 }]))).toEqual([0.04, 0.04]);
  });

  it("keeps a pause of some seconds but bridges a leap of hours, which no recording has", () => {
    expect(steps(play(false, [{ ptsS: 0 }, { ptsS: 8 }, { ptsS: 95_443 }, { ptsS: 95_443.04 }]))).toEqual([
      8, 0.04, 0.04,
    ]);
  });

  it("keeps the pace of a film of one picture every fifteen seconds", () => {
    const frames = [0, 15, 30].map((ptsS) => ({ ptsS, nominalS: 15 }));
    expect(steps(play(false, frames))).toEqual([15, 15]);
  });

  it("counts nominal frames where there are no timestamps, without doubling them when they return", () => {
    expect(steps(play(false, [{ ptsS: 0 }, {}, {}, { ptsS: 0.12 }]))).toEqual([0.04, 0.04, 0.04]);
  });

  it("does not look at the clock", () => {
    const frames = [0, 0.04, 0.08].map((ptsS) => ({ ptsS }));
    const slow = frames.map((frame, index) => ({ ...frame, arrivalS: index * 60 }));
    expect(play(false, slow)).toEqual(play(false, frames));
  });
});

describe("media time of a live stream", () => {
  it("follows the camera's timestamps, not the trembling of the network", () => {
    const trembling = steady(50).map((frame, index) => ({
      ...frame,
      arrivalS: frame.arrivalS + (index % 3) * 0.05,
    }));
    for (const step of steps(play(true, trembling))) expect(step).toBeCloseTo(0.04);
  });

  it("goes on by arrival when the camera's clock leaps ahead or back", () => {
    const frames = [...steady(3), { ptsS: 3600, arrivalS: 0.12 }, { ptsS: 3600.04, arrivalS: 0.16 }];
    expect(steps(play(true, frames))).toEqual([0.04, 0.04, 0.04, 0.04]);
    const back = [...steady(3, 500), { ptsS: 1, arrivalS: 0.2 }, { ptsS: 1.04, arrivalS: 0.24 }];
    expect(steps(play(true, back))).toEqual([0.04, 0.04, 0.12, 0.04]);
  });

  it("loses nothing when the network stalls and then delivers everything at once", () => {
    const late = steady(100).map((frame) => ({ ...frame, arrivalS: Math.max(frame.arrivalS, 3) }));
    expect(play(true, [...steady(1), ...late.slice(1)]).at(-1)).toBeCloseTo(99 * 0.04);
  });

  it("loses nothing of a slow stream's burst either", () => {
    const frames = [0, 1, 2, 3, 4].map((index) => ({ ptsS: index * 2, arrivalS: index === 0 ? 0 : 8 }));
    expect(steps(play(true, frames))).toEqual([2, 2, 2, 2]);
  });

  it("makes up for time that passed while the camera's clock stood still", () => {
    const after = Array.from({ length: 300 }, (_, index) => ({
      ptsS: 0.08 + (index + 1) * 0.04,
      arrivalS: 4.08 + (index + 1) * 0.04,
    }));
    const times = play(true, [...steady(3), ...after]);
    expect(times.at(-1)).toBeCloseTo(after.at(-1)?.arrivalS ?? 0, 0);
  });

  it("gives up timestamps that run at the wrong rate and uses arrival", () => {
    // Ten frames a second whose timestamps pretend to be twenty-five.
    const frames = Array.from({ length: 600 }, (_, index) => ({ ptsS: index * 0.04, arrivalS: index * 0.1 }));
    const times = play(true, frames);
    for (const step of steps(times).slice(-100)) expect(step).toBeCloseTo(0.1);
    expect(times.at(-1)).toBeGreaterThan(58);
  });

  it("does not count the drift of a cheap clock as lag, however long it runs", () => {
    const day = Array.from({ length: 90_000 }, (_, index) => ({ ptsS: index, arrivalS: index * 1.0005 }));
    expect(new Set(steps(play(true, day)))).toEqual(new Set([1]));
  });

  it("uses arrival where there are no timestamps, and keeps the order of a burst", () => {
    const times = play(true, [{ arrivalS: 0 }, { arrivalS: 0.3 }, { arrivalS: 0.3 }, { arrivalS: 0.5 }]);
    expect(steps(times)).toEqual([0.3, 0.001, 0.2]);
  });
});

describe("media time of anything", () => {
  it("is strictly increasing for whatever timestamps come in", () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (const live of [true, false]) {
      let arrivalS = 0;
      const frames = Array.from({ length: 5000 }, () => {
        arrivalS += random() < 0.1 ? 0 : random() * (random() < 0.01 ? 30 : 0.1);
        return { ptsS: random() < 0.1 ? null : (random() - 0.3) * 10 ** (random() * 6), arrivalS };
      });
      for (const step of steps(play(live, frames))) expect(step).toBeGreaterThan(0);
    }
  });
});
