import { describe, expect, it } from "vitest";
import type { FrameObservation } from "../../src/domain/track.ts";
import { type DailyOutcome, formatDailyReport, scoreDaily } from "../../src/evaluation/daily-report.ts";
import { type DailyClip, dailyStream, interleaved } from "../../src/evaluation/daily-stream.ts";

const BOX = { x1: 0.4, y1: 0.2, x2: 0.6, y2: 0.9 };
const STARTED_AT = 1_700_000_000_000;

/** Two seconds, the last of them held, with one or two people. */
function clip(file: string, people: number, shiftS = 0): DailyClip {
  const sampled = (offsetS: number) =>
    Array.from({ length: 20 }, (_, index): FrameObservation => {
      const mediaTimeS = 0.5 + index / 10 + offsetS;
      return {
        stamp: { cameraId: "file", sequence: index, capturedAt: index, mediaTimeS },
        aspect: 1.5,
        tracks: Array.from({ length: people }, (_, person) => ({
          id: person + 1,
          state: "confirmed",
          box: BOX,
          confidence: 0.9,
          pose: null,
          detected: true,
          firstSeenS: 0.5,
          lastSeenS: mediaTimeS,
        })),
        foreground: [],
      };
    });
  return { file, durationS: 1.5, samplings: [sampled(0), sampled(shiftS)] };
}

const CLIPS = [clip("a", 1), clip("b", 2), clip("c", 1)];

/** A different number each time, the same ones each time. */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

function stream(hours: number, clips: readonly DailyClip[] = CLIPS) {
  return [...dailyStream({ clips, cameraId: "hall", hours, startedAt: STARTED_AT, random: numbers() })];
}

describe("a stream of daily living", () => {
  const frames = stream(0.01);

  it("plays every clip once before any comes again, without what was held after its end", () => {
    const order = [...new Set(frames.map(({ airing }) => airing))].flatMap((airing) => airing ?? []);
    expect(
      order
        .slice(0, 3)
        .map(({ file }) => file)
        .sort(),
    ).toEqual(["a", "b", "c"]);
    expect(
      order
        .slice(3, 6)
        .map(({ file }) => file)
        .sort(),
    ).toEqual(["a", "b", "c"]);
    expect(order.every(({ fromS, untilS }) => Math.abs(untilS - fromS - 1) < 1e-6)).toBe(true);
  });

  it("is one camera's: time and numbers go on, wall time with them, and nobody is there for a second between clips", () => {
    for (const [index, { observation }] of frames.entries()) {
      const { stamp } = observation;
      expect(stamp).toMatchObject({ cameraId: "hall", sequence: index });
      expect(stamp.capturedAt).toBe(STARTED_AT + Math.round(stamp.mediaTimeS * 1000));
      const before = frames[index - 1]?.observation.stamp.mediaTimeS ?? -0.1;
      expect(stamp.mediaTimeS - before).toBeCloseTo(0.1);
      expect("foreground" in observation).toBe(false);
    }
    const gaps = frames.filter(({ airing }) => airing === null);
    expect(gaps.every(({ observation }) => observation.tracks.length === 0)).toBe(true);
    expect(gaps.slice(0, 10)).toHaveLength(10);
  });

  it("gives every body of every airing an id of its own, seen in the stream's time", () => {
    const seen = new Map<number, Set<unknown>>();
    for (const { observation, airing } of frames) {
      for (const { id, firstSeenS, lastSeenS } of observation.tracks) {
        seen.set(id, (seen.get(id) ?? new Set()).add(airing));
        expect(firstSeenS).toBeCloseTo(airing?.fromS ?? -1);
        expect(lastSeenS).toBeCloseTo(observation.stamp.mediaTimeS);
      }
    }
    expect([...seen.values()].every((airings) => airings.size === 1)).toBe(true);
  });

  it("shows a clip that comes again as it was sampled with the next shift", () => {
    const shifted = {
      ...clip("a", 1),
      samplings: [clip("a", 1).samplings[0] ?? [], clip("a", 2).samplings[0] ?? []],
    };
    const people = stream(0.002, [shifted])
      .filter(({ airing }) => airing !== null)
      .map(({ observation }) => observation.tracks.length);
    expect(people.slice(0, 22)).toEqual([...Array(11).fill(1), ...Array(11).fill(2)]);
  });

  it("ends where nothing was seen", () => {
    expect(stream(1, [])).toEqual([]);
    expect(stream(1, [{ file: "empty", durationS: 5, samplings: [[]] }])).toEqual([]);
  });

  it("is one house with others, in the order of the wall clock", () => {
    const streams = ["hall", "bath"].map((cameraId, index) =>
      dailyStream({
        clips: CLIPS,
        cameraId,
        hours: 0.001,
        startedAt: STARTED_AT + 30 * index,
        random: numbers(),
      }),
    );
    const ids = [...interleaved(streams)].map(({ observation }) => observation.stamp);
    expect(ids.length).toBeGreaterThan(60);
    expect(ids.every(({ capturedAt }, index) => capturedAt >= (ids[index - 1]?.capturedAt ?? 0))).toBe(true);
    expect(ids.slice(0, 4).map(({ cameraId }) => cameraId)).toEqual(["hall", "bath", "hall", "bath"]);
  });
});

describe("the score of daily living", () => {
  const outcome: DailyOutcome = {
    hours: 2,
    seed: 1,
    footageS: 660,
    clips: 2,
    cameras: [
      {
        cameraId: "hall",
        airings: [
          { file: "a", fromS: 0, untilS: 10 },
          { file: "b", fromS: 11, untilS: 20 },
        ],
      },
      { cameraId: "bath", airings: [{ file: "b", fromS: 0, untilS: 9 }] },
    ],
    sayings: [
      { kind: "fall_confirmed", cameraId: "hall", beganS: 8, sent: true },
      { kind: "on_floor", cameraId: "hall", beganS: 10.5, sent: true },
      { kind: "on_floor", cameraId: "bath", beganS: 3, sent: false },
      { kind: "alarm_raised", cameraId: "hall", beganS: 8, sent: true },
      { kind: "person_in", cameraId: "hall", beganS: 0, sent: true },
    ],
  };

  it("counts what was said of falls, by the clip that was on when it began", () => {
    const score = scoreDaily(outcome);
    expect(score).toMatchObject({
      cameras: 2,
      airings: 3,
      footage_minutes: 11,
      false_alarms: 1,
      alarms_raised: 1,
      false_notices: 2,
      long_lies: 0,
      false_alarms_per_camera_day: 6,
      sent: 2,
      by_clip: [
        { file: "a", airings: 1, false_alarms: 1, false_notices: 1, long_lies: 0 },
        { file: "b", airings: 2, false_alarms: 0, false_notices: 1, long_lies: 0 },
      ],
    });
    expect(formatDailyReport(score)).toMatch(/falls confirmed +1\n/);
  });

  it("says so when nothing happened", () => {
    expect(formatDailyReport(scoreDaily({ ...outcome, sayings: [] }))).toContain("No clip led to any of it.");
  });
});
