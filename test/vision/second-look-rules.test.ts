import { describe, expect, it } from "vitest";
import type { Box } from "../../src/domain/geometry.ts";
import type { Track } from "../../src/domain/track.ts";
import { LookMemory } from "../../src/vision/look-memory.ts";
import { deservesSecondLook, type Missed, pickMissed } from "../../src/vision/second-look-rules.ts";

const ASPECT = 16 / 9;
const STANDING: Box = { x1: 0.45, y1: 0.3, x2: 0.55, y2: 0.8 };
/** When the detector stops to see it. */
const LOST_S = 3;

interface Story {
  /** Where it is at each time while the detector sees it. */
  readonly path?: (timeS: number) => Box;
  readonly seenFromS?: number;
  readonly confidence?: (timeS: number) => number;
}

/** Somebody who is seen at ten frames a second until LOST_S and not from then on. */
function lost({ path = () => STANDING, seenFromS = 0, confidence = () => 0.6 }: Story = {}): Missed {
  let memory: LookMemory | null = null;
  let track: Track | null = null;
  for (let n = Math.round(seenFromS * 10); n <= LOST_S * 10; n += 1) {
    const timeS = n / 10;
    track = trackAt(path(timeS), { confidence: confidence(timeS), lastSeenS: timeS });
    memory ??= new LookMemory(track, timeS);
    memory.detected(track, track.confidence >= 0.2, { timeS, aspect: ASPECT });
  }
  if (memory === null || track === null) throw new Error("never seen");
  return { track: { ...track, state: "lost", detected: false, pose: null }, memory };
}

function trackAt(box: Box, more: Partial<Track> = {}): Track {
  return {
    id: 1,
    state: "confirmed",
    box,
    confidence: 0.6,
    pose: null,
    detected: true,
    firstSeenS: 0,
    lastSeenS: 0,
    ...more,
  };
}

const moved = (box: Box, dx: number, dy = 0): Box => ({
  x1: box.x1 + dx,
  y1: box.y1 + dy,
  x2: box.x2 + dx,
  y2: box.y2 + dy,
});
const at = (timeS: number) => ({ timeS, aspect: ASPECT });
const why = (missed: Missed, timeS = LOST_S + 0.1) => deservesSecondLook(missed, at(timeS));

describe("whom a second look is for", () => {
  it("is for who is lost in the middle of the picture", () => {
    expect(why(lost())).toBe("lost");
  });

  it("is not for who is seen, tentative or given up", () => {
    const { track, memory } = lost();
    expect(why({ track: { ...track, detected: true, state: "confirmed" }, memory })).toBeNull();
    expect(why({ track: { ...track, state: "tentative" }, memory })).toBeNull();
    expect(why({ track: { ...track, state: "ended" }, memory })).toBeNull();
  });

  it("is not for what flickered up for less than half a second", () => {
    expect(why(lost({ seenFromS: 2.6 }))).toBeNull();
    expect(why(lost({ seenFromS: 2.4 }))).toBe("lost");
  });

  it.each([
    ["left", (t: number) => moved(STANDING, -0.45 + 0.15 * (LOST_S - t))],
    ["right", (t: number) => moved(STANDING, 0.45 - 0.15 * (LOST_S - t))],
  ])("is not for who walks out on the %s", (_, path) => {
    expect(why(lost({ path }))).toBeNull();
  });

  it("is for who stands still or falls at the edge, or comes in", () => {
    const atEdge = moved(STANDING, -0.45);
    expect(why(lost({ path: () => atEdge }))).toBe("lost");
    const down = (t: number) => moved(atEdge, 0.02 * (LOST_S - t), 0.4 * (t - LOST_S));
    expect(why(lost({ path: down }))).toBe("lost");
    expect(why(lost({ path: (t) => moved(atEdge, -0.05 * (LOST_S - t)) }))).toBe("lost");
  });

  it("is for who is cut off by the lower edge: falling near the camera is no way out", () => {
    expect(why(lost({ path: (t) => moved(STANDING, 0, 0.2 + 0.3 * (t - LOST_S)) }))).toBe("lost");
  });

  it("is for whom the detector was sure of and is not any more", () => {
    const collapsing = lost({ confidence: (t) => (t < LOST_S ? 0.6 : 0.15) });
    const seen = { ...collapsing.track, state: "confirmed", detected: true } as const;
    expect(why({ ...collapsing, track: seen }, LOST_S)).toBe("collapsed");
    expect(why({ ...collapsing, track: { ...seen, confidence: 0.25 } }, LOST_S)).toBeNull();
    const neverSure = lost({ confidence: () => 0.18 });
    expect(why({ ...neverSure, track: { ...seen, confidence: 0.18 } }, LOST_S)).toBeNull();
  });

  it("comes at every frame at first, then less and less, and at last once a second, twice when it finds nobody", () => {
    const looksAt = (finds: boolean) => {
      const missed = lost();
      const times: number[] = [];
      for (let n = 1; n <= 100; n += 1) {
        const timeS = LOST_S + n / 10;
        if (why(missed, timeS) === null) continue;
        missed.memory.lastLookS = timeS;
        missed.memory.misses = finds ? 0 : missed.memory.misses + 1;
        times.push(n);
      }
      return times;
    };
    const last = (finds: boolean) => looksAt(finds).slice(-3);
    expect(looksAt(true).slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(last(true).map((n) => n - (last(true)[0] ?? 0))).toEqual([0, 10, 20]);
    expect(looksAt(false).slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(last(false).map((n) => n - (last(false)[0] ?? 0))).toEqual([0, 5, 10]);
  });
});

describe("whom a second look takes for the one who was lost", () => {
  const LYING: Box = { x1: 0.43, y1: 0.68, x2: 0.66, y2: 0.8 };
  const fallen = () => lost({ path: (t) => (t < 2 ? STANDING : LYING) });
  const detection = (box: Box, confidence: number) => ({ box, confidence, pose: null });
  const pick = (
    found: readonly ReturnType<typeof detection>[],
    others: readonly Box[] = [],
    timeS = LOST_S + 0.1,
    missed = fallen(),
  ) => pickMissed(found, missed, others, at(timeS));

  it("is who is at the place, weak or sure, the surest first", () => {
    const weak = detection(moved(LYING, 0.02), 0.11);
    const sure = detection(LYING, 0.3);
    expect(pick([weak])).toBe(weak);
    expect(pick([weak, sure])).toBe(sure);
    expect(pick([detection(LYING, 0.09)])).toBeNull();
  });

  it("is somebody near the place while the body may be moving, when they are sure and long enough", () => {
    const beside = moved(LYING, 0, 0.2);
    expect(pick([detection(beside, 0.25)])?.box).toBe(beside);
    expect(pick([detection(beside, 0.19)])).toBeNull();
    expect(pick([detection(beside, 0.25)], [], LOST_S + 0.6)).toBeNull();
    expect(pick([detection(moved(LYING, 0.3), 0.5)])).toBeNull();
    const rucksack = { x1: 0.4, y1: 0.56, x2: 0.46, y2: 0.74 };
    expect(pick([detection(rucksack, 0.4)])).toBeNull();
  });

  it("prefers a weak one at the place to a sure one beside it", () => {
    const there = detection(LYING, 0.12);
    expect(pick([detection(moved(LYING, 0, 0.2), 0.5), there])).toBe(there);
  });

  it("is nobody who is much longer or shorter than the body", () => {
    expect(pick([detection({ x1: 0.2, y1: 0.1, x2: 0.9, y2: 1 }, 0.9)])).toBeNull();
    expect(pick([detection({ x1: 0.5, y1: 0.7, x2: 0.56, y2: 0.8 }, 0.9)])).toBeNull();
  });

  it("is nobody whom another track has", () => {
    expect(pick([detection(LYING, 0.6)], [moved(LYING, 0.01)])).toBeNull();
  });

  it("is the one who lies when somebody kneels beside, whose own detection it is not", () => {
    const carer: Box = { x1: 0.5, y1: 0.45, x2: 0.62, y2: 0.82 };
    const carerAgain = detection(moved(carer, 0.005), 0.8);
    const patient = detection(LYING, 0.15);
    expect(pick([carerAgain, patient], [carer])).toBe(patient);
    expect(pick([carerAgain], [carer])).toBeNull();
    // Seen more closely, the carer may look more like the one who lies than like before.
    const bent = detection({ x1: 0.47, y1: 0.62, x2: 0.66, y2: 0.82 }, 0.8);
    expect(pick([bent], [carer])).toBeNull();
    expect(pick([bent])).toBe(bent);
  });

  it("has to be sure where the detector itself sees somebody weakly", () => {
    const missed = fallen();
    const seen = { ...missed, track: { ...missed.track, detected: true, confidence: 0.15 } };
    expect(pick([detection(LYING, 0.19)], [], LOST_S, seen)).toBeNull();
    expect(pick([detection(LYING, 0.25)], [], LOST_S, seen)?.confidence).toBe(0.25);
    expect(pick([detection(moved(LYING, 0, 0.2), 0.5)], [], LOST_S, seen)).toBeNull();
  });
});
