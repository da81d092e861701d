import { describe, expect, it } from "vitest";
import type { Box } from "../../src/domain/geometry.ts";
import type { Track } from "../../src/domain/track.ts";
import { evaluateFalls } from "../../src/evaluation/fall-evaluation.ts";
import { parseFallManifest } from "../../src/evaluation/fall-manifest.ts";
import { formatFallReport } from "../../src/evaluation/fall-report.ts";
import { LyingWatch } from "../../src/evaluation/lying-watch.ts";

const ASPECT = 4 / 3;
const FALL = { startS: 2, groundS: 3, endS: null };
const STANDING: Box = { x1: 0.4, y1: 0.2, x2: 0.5, y2: 0.8 };
const LYING: Box = { x1: 0.35, y1: 0.7, x2: 0.75, y2: 0.85 };

function track(id: number, box: Box, more: Partial<Track> = {}): Track {
  return {
    id,
    state: "confirmed",
    box,
    confidence: 0.5,
    pose: null,
    detected: true,
    firstSeenS: 0,
    lastSeenS: 0,
    ...more,
  };
}

/** Ten frames a second for ten seconds. */
function play(
  watch: LyingWatch,
  tracksAt: (timeS: number) => readonly Track[],
): { lying: number; seen: number } {
  for (let n = 0; n <= 100; n += 1) {
    const mediaTimeS = n / 10;
    const stamp = { cameraId: "a", sequence: n, capturedAt: 0, mediaTimeS };
    watch.observe({ stamp, aspect: ASPECT, tracks: tracksAt(mediaTimeS) });
  }
  const { lyingS, seenS } = watch.time;
  return { lying: Math.round(lyingS * 100) / 100, seen: Math.round(seenS * 100) / 100 };
}

const watchFor = (fall: { startS: number | null; groundS: number | null; endS: number | null }) =>
  new LyingWatch({ falls: [fall], durationS: 8 });

const person = (timeS: number, id = 1) => track(id, timeS < 3 ? STANDING : LYING);

describe("the time in which somebody who lies is seen", () => {
  it("is all of it when their track goes on", () => {
    expect(play(watchFor(FALL), (t) => [person(t)])).toEqual({ lying: 7, seen: 7 });
  });

  it("ends with the last sighting, however long the track is predicted", () => {
    const seen = play(watchFor(FALL), (t) => [track(1, LYING, { detected: t <= 5, state: "confirmed" })]);
    expect(seen).toEqual({ lying: 7, seen: 2 });
  });

  it("goes on between sightings a second apart, and not between rarer ones", () => {
    const every = (s: number) => (t: number) =>
      t < 3 || Math.round(t * 10) % (s * 10) === 0 ? [person(t)] : [];
    expect(play(watchFor(FALL), every(1)).seen).toBe(7);
    expect(play(watchFor(FALL), every(2)).seen).toBe(0);
  });

  it("counts another track within a body length of where they were lost, and none further away", () => {
    const next = (box: Box) => (t: number) => (t < 4 ? [person(t)] : [track(2, box)]);
    const shifted = (dx: number) => ({ ...LYING, x1: LYING.x1 + dx, x2: LYING.x2 + dx });
    expect(play(watchFor(FALL), next(shifted(0.3))).seen).toBe(7);
    expect(play(watchFor(FALL), next(shifted(0.5))).seen).toBeCloseTo(0.9, 5);
  });

  it("counts neither tracks that are not confirmed nor somebody else across the room", () => {
    const tentative = (t: number) => (t < 3 ? [person(t)] : [track(1, LYING, { state: "tentative" })]);
    expect(play(watchFor(FALL), tentative).seen).toBe(0);
    const away = { x1: 0, y1: 0, x2: 0.1, y2: 0.1 };
    expect(play(watchFor(FALL), (t) => (t < 3 ? [person(t)] : [track(7, away)])).seen).toBe(0);
  });

  it("ends when they get up, and goes on in a held frame when the clip ends before", () => {
    expect(play(watchFor({ ...FALL, endS: 5 }), (t) => [person(t)])).toEqual({ lying: 2, seen: 2 });
    expect(play(watchFor({ ...FALL, endS: 8 }), (t) => [person(t)])).toEqual({ lying: 7, seen: 7 });
  });

  it("is not known of a fall without a labelled ground", () => {
    expect(play(watchFor({ ...FALL, groundS: null }), (t) => [person(t)])).toEqual({ lying: 0, seen: 0 });
  });

  it("stands in the evaluation as a share of all lying time, by set too", () => {
    const clip = (file: string, set: string) => ({
      file,
      set,
      scene: "room",
      duration_s: 8,
      falls: [{ start_s: 2, ground_s: 3, end_s: null }],
    });
    const manifest = parseFallManifest({ clips: [clip("a", "x"), clip("b", "x"), clip("c", "y")] }, "m.json");
    const result = evaluateFalls(manifest, [
      { file: "a", events: [], lying: { lyingS: 9, seenS: 9 } },
      { file: "b", events: [], lying: { lyingS: 1, seenS: 0 } },
      { file: "c", events: [] },
    ]);
    expect(result.lying_seen_share).toBe(0.9);
    expect(result.sets).toMatchObject({ x: { lying_seen_share: 0.9 }, y: { lying_seen_share: null } });
    const lines = formatFallReport(result).split("\n");
    expect(
      lines[0]
        ?.trim()
        .split(/\s{2,}/)
        .at(-1),
    ).toBe("lying seen");
    expect(
      lines[1]
        ?.trim()
        .split(/\s{2,}/)
        .at(-1),
    ).toBe("90.0 %");
  });
});
