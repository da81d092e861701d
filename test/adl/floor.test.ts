import { describe, expect, it } from "vitest";
import { type AdlConfiguration, AdlEngine } from "../../src/adl/adl-engine.ts";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import type { ActivityFact } from "../../src/domain/activity.ts";
import type { Box } from "../../src/domain/geometry.ts";
import type { FrameObservation } from "../../src/domain/track.ts";
import { type Actor, drop, film, hold, move, type Step, walk } from "../support/stick-figure.ts";

function watch(
  frames: readonly FrameObservation[],
  configuration: Partial<AdlConfiguration> = {},
): ActivityFact[] {
  const engine = new AdlEngine({ zones: [], settings: DEFAULT_ADL_SETTINGS, ...configuration });
  return frames.flatMap((frame) => engine.observe(frame).facts);
}

const kinds = (facts: readonly ActivityFact[]) => facts.map((fact) => fact.kind);

function signsOf(fact: ActivityFact | undefined): readonly string[] {
  return fact !== undefined && "signs" in fact.evidence ? fact.evidence.signs : [];
}

function onGroundS(fact: ActivityFact | undefined): number {
  return fact !== undefined && "onGroundS" in fact.evidence ? fact.evidence.onGroundS : Number.NaN;
}

const at = [0, 3.5] as const;
const acted = (...script: Step[]): Actor => ({ at, facing: 90, script });
/** Down to the floor in one go, but held back by muscles: too slow for a fall, too fast for lying down with care. */
const doubtful = [hold(3), move("sitOnFloor", 1.6), move("lieBackward", 1.8)];

describe("a doubtful way down", () => {
  it("is asked after within seconds, grows into an alarm, and is told to be over", () => {
    const facts = watch(film([acted(...doubtful, hold(60), move("stand", 3), hold(3))]));
    expect(kinds(facts)).toEqual(["on_floor", "long_lie", "fall_recovered"]);
    expect(onGroundS(facts[0])).toBeCloseTo(5, 0);
    expect(onGroundS(facts[1])).toBeCloseTo(60, 0);
    expect(signsOf(facts[0])).toContain("looks_fallen");
  });

  it("counts as calm where nobody walks: there stands a sofa that nobody drew", () => {
    const facts = watch(film([acted(...doubtful, hold(40))]), { floor: { isFloor: () => false } });
    expect(kinds(facts)).toEqual(["on_floor"]);
    expect(onGroundS(facts[0])).toBeCloseTo(30, 0);
  });

  it("is told to have ended where people walk, when that is known", () => {
    const facts = watch(film([acted(...doubtful, hold(8))]), { floor: { isFloor: () => true } });
    expect(signsOf(facts[0])).toContain("on_known_floor");
  });

  it("is not doubtful any more when somebody pauses on a chair in between", () => {
    const facts = watch(
      film([acted(hold(3), drop("sit", 0.7), hold(4), move("lieBackward", 2.5), hold(20))]),
    );
    expect(kinds(facts)).toEqual([]);
  });
});

describe("somebody who sits on the floor", () => {
  it("and slid there is asked after, and it becomes an alarm when they do not get up", () => {
    const facts = watch(film([acted(hold(3), move("sitOnFloor", 1.4), hold(70))]));
    expect(kinds(facts)).toEqual(["on_floor", "long_lie"]);
    expect(onGroundS(facts[0])).toBeCloseTo(15, 0);
    expect(signsOf(facts[0])).toContain("seated");
  });

  it("and sat down with care is asked after once, late, and never raises an alarm", () => {
    const facts = watch(film([acted(hold(3), move("kneel", 2), move("sitOnFloor", 2.5), hold(150))]));
    expect(kinds(facts)).toEqual(["on_floor"]);
    expect(onGroundS(facts[0])).toBeGreaterThan(55);
  });
});

describe("somebody who sits down fast behind a table", () => {
  it("is not on the floor, though nothing is seen of them below the hips", () => {
    const occluded = (timeS: number) => (timeS > 3 ? [13, 14, 15, 16] : []);
    const facts = watch(film([{ ...acted(hold(3), drop("sit", 0.8), hold(90)), occluded }]));
    expect(kinds(facts)).toEqual([]);
  });
});

describe("somebody who vanishes on the way down", () => {
  const slow = [hold(3), move("sitOnFloor", 1.5), hold(60)];
  const lost = (timeS: number) => timeS > 4;

  it("in the middle of the picture is asked after", () => {
    const facts = watch(film([{ ...acted(...slow), hidden: lost }], { lostS: 60 }));
    expect(kinds(facts)).toEqual(["on_floor"]);
    expect(signsOf(facts[0])).toContain("vanished");
    expect(onGroundS(facts[0])).toBeGreaterThan(9);
    expect(onGroundS(facts[0])).toBeLessThan(12);
  });

  it("and comes up again a few seconds later was only looking for something", () => {
    const script = [hold(3), move("sitOnFloor", 1.5), hold(2), move("stand", 2), hold(20)];
    const hidden = (timeS: number) => timeS > 4 && timeS < 9;
    expect(kinds(watch(film([{ ...acted(...script), hidden }])))).toEqual([]);
  });

  it("and left the picture upright is not asked after", () => {
    const leaves: Actor = {
      at: [-1, 4],
      script: [walk([1.5, 4], 3), hold(30)],
      hidden: (timeS) => timeS > 2.5,
    };
    expect(watch(film([leaves]))).toEqual([]);
  });
});

/** The frames, with the background covered where somebody was last seen from some time on. */
function covered(frames: readonly FrameObservation[], fromS: number): FrameObservation[] {
  let box: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };
  return frames.map((frame) => {
    box = frame.tracks.find((track) => track.detected)?.box ?? box;
    const { mediaTimeS } = frame.stamp;
    if (mediaTimeS < fromS) return frame;
    return { ...frame, foreground: [{ box, sinceS: fromS, share: 0.05 }] };
  });
}

describe("the background that stays covered where somebody went down", () => {
  const fallen = acted(hold(2), drop("lieForward", 0.7), hold(80));

  it("confirms a fast fall of which nothing was seen after the first half", () => {
    const frames = film([{ ...fallen, hidden: (timeS) => timeS > 2.55 }], { lostS: 5 });
    expect(kinds(watch(frames))).not.toContain("fall_confirmed");
    const facts = watch(covered(frames, 2.6));
    expect(kinds(facts).slice(0, 2)).toEqual(["fall_suspected", "fall_confirmed"]);
    expect(signsOf(facts[1])).toEqual(expect.arrayContaining(["fast", "vanished", "still_there"]));
  });

  it("keeps somebody on the floor there who is not seen any more, up to the alarm", () => {
    const script = [...doubtful, hold(80)];
    const frames = film([{ ...acted(...script), hidden: (timeS) => timeS > 8 }], { lostS: 5 });
    expect(kinds(watch(frames))).toEqual(["on_floor"]);
    expect(kinds(watch(covered(frames, 8)))).toEqual(["on_floor", "long_lie"]);
  });
});

describe("while the camera is away", () => {
  function until(frames: readonly FrameObservation[], ticks: readonly number[]) {
    const engine = new AdlEngine();
    const facts = frames.flatMap((frame) => engine.observe(frame).facts);
    return { engine, facts: [...facts, ...ticks.flatMap((timeS) => engine.tick(timeS).facts)] };
  }
  const seconds = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

  it("a fall that was convincing is confirmed, and a long lie still comes", () => {
    const { facts, engine } = until(
      film([acted(hold(2), drop("lieForward", 0.7), hold(1.2))]),
      seconds(4, 70),
    );
    expect(kinds(facts)).toEqual(["fall_suspected", "fall_confirmed", "long_lie"]);
    expect(engine.tick(71).held).toEqual(new Set([1]));
  });

  it("nobody falls who stood", () => {
    expect(until(film([acted(hold(3))]), seconds(4, 200)).facts).toEqual([]);
  });

  it("getting up is seen when the camera is back, though its clock lags a little", () => {
    const { engine, facts } = until(
      film([acted(hold(2), drop("lieForward", 0.7), hold(2.5))]),
      seconds(6, 20),
    );
    expect(kinds(facts)).toEqual(["fall_suspected", "fall_confirmed"]);
    const back = film([{ at: [0.5, 3.5], facing: 90, id: 2, script: [hold(5)] }], { startS: 18.5 });
    expect(kinds(back.flatMap((frame) => engine.observe(frame).facts))).toEqual(["fall_recovered"]);
  });
});

it("tells where every machine stands", () => {
  const engine = new AdlEngine();
  for (const frame of film([acted(hold(2), drop("lieForward", 0.7), hold(4))])) engine.observe(frame);
  expect(engine.states()).toMatchObject([{ trackId: 1, posture: "lying", fall: "confirmed", floor: "down" }]);
});
