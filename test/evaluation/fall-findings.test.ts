import { describe, expect, it } from "vitest";
import { evaluateFalls, judgeClips } from "../../src/evaluation/fall-evaluation.ts";
import { findingsOf } from "../../src/evaluation/fall-findings.ts";
import { parseFallManifest } from "../../src/evaluation/fall-manifest.ts";
import { formatFallReport } from "../../src/evaluation/fall-report.ts";
import type { ClipTrace, SubjectTrace, TracedEvent } from "../../src/evaluation/fall-trace.ts";

const SCALE = { fallSpeed: 0.7, minDrop: 0.28, minGroundDurationS: 2 };
const BOX = { x1: 0.4, y1: 0.2, x2: 0.6, y2: 0.9 };
const STANDS: SubjectTrace = {
  trackId: 1,
  seen: true,
  box: BOX,
  pose: null,
  headSpeed: 0.1,
  drop: 0.05,
  looksFallen: false,
  posture: "standing",
  fall: "watching",
  floor: "off",
};
const UNSEEN: Partial<SubjectTrace> = { seen: false, headSpeed: null, drop: null, looksFallen: null };

/** Ten frames a second for ten seconds; `at` says what is special about a moment, null that nobody is there. */
function trace(at: (timeS: number) => Partial<SubjectTrace> | null, events: TracedEvent[] = []): ClipTrace {
  return {
    frames: Array.from({ length: 100 }, (_, index) => {
      const special = at(index / 10);
      return { timeS: index / 10, subjects: special === null ? [] : [{ ...STANDS, ...special }] };
    }),
    events,
  };
}

/** Leaves balance at 4 s and is on the ground at 5 s. */
function manifest(falls = [{ start_s: 4 as number | null, ground_s: 5 as number | null, end_s: null }]) {
  return parseFallManifest({ clips: [{ file: "a.mp4", set: "s", scene: "r", duration_s: 10, falls }] }, "m");
}

function reasons(clip: ClipTrace, labels = manifest()): string[] {
  const [verdict] = judgeClips(labels, [{ file: "a.mp4", events: clip.events }]);
  return verdict === undefined ? [] : findingsOf(verdict, clip, SCALE).map(({ reason }) => reason);
}

describe("the reason of a missed fall", () => {
  it("is that nobody was seen", () => {
    expect(reasons(trace(() => null))).toEqual(["nobody was seen between 3.0 and 6.0 s"]);
  });

  it("is that the descent was too slow, with both figures", () => {
    const slow = trace((timeS) => (timeS === 4.5 ? { headSpeed: 0.52 } : { looksFallen: timeS > 5 }));
    expect(reasons(slow)).toEqual(["fastest descent 0.52 of 0.70 L/s"]);
  });

  it("is that the body came down too little", () => {
    const nod = trace((timeS) => ({
      headSpeed: timeS === 4.5 ? 0.9 : 0,
      drop: 0.21,
      fall: timeS >= 4.5 && timeS < 4.8 ? "descending" : "watching",
      looksFallen: timeS >= 5,
    }));
    expect(reasons(nod)).toEqual(["0.90 L/s, but came down only 0.21 of 0.28 L"]);
  });

  it("is how the body looked on the ground, for how long it was unseen, and when it was given up", () => {
    const hidden = trace((timeS) => ({
      headSpeed: timeS === 4.5 ? 0.9 : 0,
      fall: timeS >= 4.5 && timeS < 8 ? "grounded" : "watching",
      ...(timeS >= 5.6 ? UNSEEN : {}),
      ...(timeS === 5.2 ? { looksFallen: true } : {}),
    }));
    const suspected: TracedEvent = { kind: "fall_suspected", mediaTimeS: 5.4, trackId: 1, evidence: null };
    expect(reasons({ ...hidden, events: [suspected] })).toEqual([
      "went down, and was given up at 8.0 s; not seen for 1.4 s of the 2.0 s on the ground; hardly looked fallen: 1 of 6 frames; suspected, then given up",
    ]);
  });

  it("tells that the fall was asked after", () => {
    const slow = trace(() => ({}), [{ kind: "on_floor", mediaTimeS: 9, trackId: 1, evidence: null }]);
    const [verdict] = judgeClips(manifest(), [{ file: "a.mp4", events: slow.events }]);
    expect(verdict && findingsOf(verdict, slow, SCALE)).toMatchObject([
      { kind: "missed", noticed: true, at_s: 4, reason: expect.stringMatching(/; asked after at 9\.0 s$/) },
    ]);
  });

  it("is looked for in the whole clip where the time of the fall is not labelled", () => {
    const slow = trace((timeS) => ({ headSpeed: timeS === 8 ? 0.6 : 0, looksFallen: true }));
    const untimed = manifest([{ start_s: null, ground_s: null, end_s: null }]);
    expect(reasons(slow, untimed)).toEqual(["fastest descent 0.60 of 0.70 L/s"]);
  });
});

describe("the reason of a false alarm", () => {
  const event: TracedEvent = {
    kind: "fall_confirmed",
    mediaTimeS: 6,
    trackId: 1,
    evidence: {
      peakSpeed: 1.1,
      drop: 0.62,
      posture: "on_all_fours",
      onGroundS: 2,
      signs: ["fast", "looks_fallen"],
    },
  };

  it("is what spoke for a fall", () => {
    const clip = trace(() => ({}), [event, { ...event, kind: "on_floor", mediaTimeS: 8, evidence: null }]);
    expect(reasons(clip, manifest([]))).toEqual([
      "came down 0.62 L at up to 1.10 L/s; on all fours after 2.0 s; fast, looks fallen",
      "nothing was said about why",
    ]);
  });

  it("stands beside its file in the report", () => {
    const clip = trace(() => ({}), [event]);
    const outcomes = [{ file: "a.mp4", events: clip.events }];
    const findings = judgeClips(manifest([]), outcomes).flatMap((verdict) =>
      findingsOf(verdict, clip, SCALE),
    );
    const report = formatFallReport(evaluateFalls(manifest([]), outcomes), findings).split("\n");
    expect(report).toContain("False alarms:");
    expect(report).toContain(
      "  a.mp4 at 6.0 s: came down 0.62 L at up to 1.10 L/s; on all fours after 2.0 s; fast, looks fallen",
    );
  });
});
