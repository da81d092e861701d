import { describe, expect, it } from "vitest";
import { AdlEngine } from "../../src/adl/adl-engine.ts";
import { type AdlSettings, DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import type { ActivityFact } from "../../src/domain/activity.ts";
import type { FrameObservation } from "../../src/domain/track.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { type Actor, drop, type FilmOptions, film, hold, move, turn, walk } from "../support/stick-figure.ts";

function watch(
  frames: readonly FrameObservation[],
  zones: readonly Zone[] = [],
  settings: Partial<AdlSettings> = {},
): ActivityFact[] {
  const engine = new AdlEngine({ zones, settings: { ...DEFAULT_ADL_SETTINGS, ...settings } });
  return frames.flatMap((frame) => engine.observe(frame).facts);
}

function kinds(facts: readonly ActivityFact[]): string[] {
  return facts.map((fact) => fact.kind);
}

/** Every film is shot from several places, with several noises and rates: a rule for one seat only is no rule. */
const SEATS: readonly FilmOptions[] = [
  {},
  { seed: 2, noise: 0.01 },
  { cameraHeight: 1.2, tilt: 5, seed: 3 },
  { cameraHeight: 2.6, tilt: 35, seed: 4, aspect: 16 / 9 },
  { fps: 15, seed: 5, startS: 100.03 },
  { fps: 7, seed: 6 },
];

function fromEverySeat(actors: readonly Actor[], judge: (facts: ActivityFact[]) => void): void {
  for (const seat of SEATS) judge(watch(film(actors, seat)));
}

/** The first track of one frame on its way to that of another, as when a track changes over. */
function blend(from: FrameObservation, to: FrameObservation, share: number): FrameObservation {
  const [a] = from.tracks;
  const [b] = to.tracks;
  if (a === undefined || b === undefined) throw new Error("both frames need a track");
  const mix = (u: number, v: number) => u + (v - u) * share;
  const box = {
    x1: mix(a.box.x1, b.box.x1),
    y1: mix(a.box.y1, b.box.y1),
    x2: mix(a.box.x2, b.box.x2),
    y2: mix(a.box.y2, b.box.y2),
  };
  const pose = (a.pose ?? []).map((point, n) => {
    const other = b.pose?.[n] ?? point;
    return { ...point, x: mix(point.x, other.x), y: mix(point.y, other.y) };
  });
  return { ...from, tracks: [{ ...a, box, pose }] };
}

const FALL = ["fall_suspected", "fall_confirmed"];
const here = { at: [0, 3.5] as const };

describe("a fall is confirmed", () => {
  it.each([
    ["forward, towards the camera", { ...here, script: [hold(2), drop("lieForward", 0.7), hold(5)] }],
    [
      "forward, across the picture",
      { ...here, facing: 90, script: [hold(2), drop("lieForward", 0.7), hold(5)] },
    ],
    [
      "forward, away from the camera",
      { ...here, facing: 180, script: [hold(2), drop("lieForward", 0.7), hold(5)] },
    ],
    ["backward", { ...here, facing: 45, script: [hold(2), drop("lieBackward", 0.8), hold(5)] }],
    ["sideways", { ...here, script: [hold(2), drop("lieSideways", 0.8), hold(5)] }],
    [
      "in the middle of a walk",
      { at: [-1, 4] as const, facing: 90, script: [walk([0.5, 3.5], 2), drop("lieForward", 0.6), hold(5)] },
    ],
    [
      "off a chair",
      { ...here, facing: 60, pose: "sit" as const, script: [hold(4), drop("lieForward", 0.6), hold(5)] },
    ],
  ])("%s", (_, actor) => fromEverySeat([actor], (facts) => expect(kinds(facts)).toEqual(FALL)));

  it("two seconds after the ground was reached, with what can be checked", () => {
    const facts = watch(film([{ ...here, facing: 90, script: [hold(2), drop("lieForward", 0.7), hold(5)] }]));
    const confirmed = facts.find((fact) => fact.kind === "fall_confirmed");
    expect(confirmed).toMatchObject({ trackId: 1, zone: null });
    const evidence = confirmed?.kind === "fall_confirmed" ? confirmed.evidence : undefined;
    expect(evidence?.descentAtS).toBeCloseTo(2, 0);
    expect(evidence?.groundAtS).toBeCloseTo(2.8, 0);
    expect(evidence?.onGroundS).toBeCloseTo(2, 5);
    expect(evidence?.drop).toBeGreaterThan(0.6);
    expect(evidence?.peakSpeed).toBeGreaterThan(1.2);
    expect(evidence?.posture).toBe("lying");
    expect(confirmed?.confidence).toBeGreaterThan(0.9);
    expect(confirmed?.confidence).toBeLessThanOrEqual(1);
    expect(confirmed?.mediaTimeS).toBeLessThan(2.7 + 3);
  });

  it("as late as the household wishes", () => {
    const frames = film([{ ...here, script: [hold(2), drop("lieForward", 0.7), hold(8)] }]);
    const at = (minGroundDurationS: number) =>
      watch(frames, [], { minGroundDurationS }).find((fact) => fact.kind === "fall_confirmed")?.mediaTimeS;
    expect((at(5) ?? 0) - (at(2) ?? 0)).toBeCloseTo(3, 1);
  });

  it("only by those who fall, with others about", () => {
    const walker: Actor = { at: [-2, 5], facing: 90, id: 2, script: [walk([1, 5], 5), hold(4)] };
    const faller: Actor = { ...here, script: [hold(2), drop("lieForward", 0.7), hold(6)] };
    const facts = watch(film([walker, faller]));
    expect(facts.map((fact) => [fact.kind, fact.trackId])).toEqual(FALL.map((kind) => [kind, 1]));
  });

  it("from boxes alone, where the detector has no poses", () => {
    const actor: Actor = { ...here, facing: 90, script: [hold(2), drop("lieForward", 0.7), hold(5)] };
    expect(kinds(watch(film([{ ...actor, withoutPose: true }])))).toEqual(FALL);
  });

  it("with legs that a table hides", () => {
    const occluded = () => [13, 14, 15, 16];
    const actor: Actor = { ...here, facing: 90, script: [hold(2), drop("lieForward", 0.7), hold(5)] };
    fromEverySeat([{ ...actor, occluded }], (facts) => expect(kinds(facts)).toEqual(FALL));
  });
});

describe("a fall is not lost with the track", () => {
  const script = [hold(2), drop("lieForward", 0.7), hold(8)];
  const faller: Actor = { ...here, facing: 90, script };

  it("when every third frame sees nobody", () => {
    const hidden = (timeS: number) => Math.round(timeS * 10) % 3 === 0;
    expect(kinds(watch(film([{ ...faller, hidden }])))).toEqual(FALL);
  });

  it("when the person is not seen again from the last third of the way down", () => {
    fromEverySeat([{ ...faller, hidden: (timeS) => timeS > 2.66 }], (facts) =>
      expect(kinds(facts)).toEqual(FALL),
    );
  });

  it("when the person is seen again only a while later, lying", () => {
    const hidden = (timeS: number) => timeS > 2.55 && timeS < 4.5;
    const facts = watch(film([{ ...faller, hidden, id: (timeS) => (timeS < 4 ? 1 : 2) }]));
    expect(kinds(facts)).toContain("fall_confirmed");
    expect(facts.at(-1)?.trackId).toBe(2);
  });

  it.each([2.3, 2.5, 2.7, 3, 4])("when the track changes its id %s s into the film", (at) => {
    const facts = watch(film([{ ...faller, id: (timeS) => (timeS < at ? 1 : 2) }]));
    expect(kinds(facts)).toEqual(FALL);
    expect(facts.at(-1)?.trackId).toBe(2);
  });

  it("nor told twice when the id changes after it was confirmed", () => {
    expect(kinds(watch(film([{ ...faller, id: (timeS) => (timeS < 7 ? 1 : 2) }])))).toEqual(FALL);
  });
});

describe("no fall is", () => {
  it.each([
    [
      "walking about",
      { at: [-2, 5] as const, script: [walk([0, 4], 3), walk([1, 2.5], 3), walk([-1, 5], 4)] },
    ],
    ["sitting down", { ...here, script: [hold(2), move("sit", 1.2), hold(6)] }],
    ["dropping onto a chair", { ...here, facing: 70, script: [hold(2), move("sit", 0.7), hold(6)] }],
    [
      "tying shoes",
      { ...here, facing: 70, script: [hold(2), move("bend", 1), hold(5), move("stand", 1), hold(2)] },
    ],
    [
      "picking something up",
      { ...here, script: [hold(2), move("bend", 0.8), hold(0.5), move("stand", 0.8), hold(3)] },
    ],
    ["kneeling", { ...here, facing: 45, script: [hold(2), move("kneel", 1.2), hold(6)] }],
    [
      "scrubbing the floor",
      { ...here, facing: 90, script: [hold(2), move("kneel", 1.2), move("allFours", 1), hold(6)] },
    ],
    [
      "lying down on the floor on purpose",
      {
        ...here,
        facing: 90,
        script: [hold(2), move("kneel", 1.5), move("allFours", 1.2), move("lieForward", 1.5), hold(6)],
      },
    ],
    ["turning round", { ...here, script: [turn(180, 2), turn(0, 2)] }],
  ])("%s", (_, actor) => fromEverySeat([actor], (facts) => expect(kinds(facts)).toEqual([])));

  it("vanishing upright behind a door", () => {
    fromEverySeat(
      [{ at: [-1, 4], script: [walk([1.5, 4], 3), hold(6)], hidden: (timeS) => timeS > 2.5 }],
      (facts) => expect(kinds(facts)).toEqual([]),
    );
  });

  it("walking out of the picture under the camera", () => {
    for (const seat of SEATS) {
      const frames = film(
        [{ at: [0.2, 4], script: [walk([0.2, 0.3], 3), hold(5)], hidden: (t) => t > 2.7 }],
        seat,
      );
      expect(kinds(watch(frames))).toEqual([]);
    }
  });

  it("a pose that jumps to a low chair", () => {
    const person = film([{ ...here, script: [hold(10)] }]);
    const chair = film([{ ...here, at: [0.3, 3.3], pose: "sitOnFloor", script: [hold(10)] }]);
    const frames = person.map((frame, n) => (n < 40 ? frame : (chair[n] ?? frame)));
    expect(kinds(watch(frames))).toEqual([]);
  });

  it("a track that changes over to somebody who walks nearer to the camera", () => {
    const high: FilmOptions = { cameraHeight: 3.5, tilt: 35 };
    const from = film([{ at: [-0.5, 5], facing: 90, script: [walk([0.3, 5], 4), hold(6)] }], high);
    const to = film([{ at: [0.2, 3], facing: 90, script: [walk([2, 3], 10)] }], high);
    const frames = from.map((frame, n) =>
      blend(frame, to[n] ?? frame, Math.min(1, Math.max(0, (n - 40) / 4))),
    );
    const speeds = frames.slice(40, 45).map((frame) => frame.tracks[0]?.box.y1 ?? 0);
    expect(Math.max(...speeds) - Math.min(...speeds)).toBeGreaterThan(0.15);
    expect(kinds(watch(frames))).toEqual([]);
  });

  it("the jitter of a pose under a blanket", () => {
    const lyingDown = [hold(2), move("sitOnFloor", 2), move("lieBackward", 2)];
    const calm = film([{ ...here, facing: 90, script: [...lyingDown, hold(25)] }]);
    const wild = film([{ ...here, facing: 90, script: [...lyingDown, hold(25)] }], { noise: 0.06 });
    expect(kinds(watch(calm.map((frame, n) => (n < 70 ? frame : (wild[n] ?? frame)))))).toEqual([]);
  });

  it("getting up at once", () => {
    fromEverySeat(
      [{ ...here, script: [hold(2), drop("kneel", 0.6), hold(0.3), move("stand", 0.8), hold(4)] }],
      (facts) => expect(kinds(facts)).not.toContain("fall_confirmed"),
    );
  });
});

describe("after a fall", () => {
  const fallen = [hold(2), drop("lieForward", 0.7), hold(6)];

  it("getting up is told once it lasts", () => {
    const facts = watch(film([{ ...here, facing: 90, script: [...fallen, move("stand", 2), hold(4)] }]));
    expect(kinds(facts)).toEqual([...FALL, "fall_recovered"]);
    const recovered = facts.at(-1);
    expect(recovered?.mediaTimeS).toBeGreaterThan(10);
    expect(recovered?.mediaTimeS).toBeLessThan(12.5);
  });

  it("sitting up against a wall is not getting up when it does not last", () => {
    const script = [...fallen, move("kneel", 0.4), move("lieForward", 0.4), hold(3)];
    expect(kinds(watch(film([{ ...here, facing: 90, script }])))).toEqual(FALL);
  });

  it("whoever is found standing where they lay has got up, whatever the track's id", () => {
    const script = [...fallen, move("stand", 2), hold(6)];
    const hidden = (timeS: number) => timeS > 7 && timeS < 12;
    const facts = watch(film([{ ...here, facing: 90, script, hidden, id: (timeS) => (timeS < 9 ? 1 : 2) }]));
    expect(kinds(facts)).toEqual([...FALL, "fall_recovered"]);
  });

  it("a helper who walks in does not end it, though the fallen person is lost from view", () => {
    const faller: Actor = {
      ...here,
      facing: 90,
      script: [...fallen, hold(10)],
      hidden: (timeS) => timeS > 6,
    };
    const helper: Actor = {
      at: [-2.5, 5.5],
      facing: 90,
      id: 2,
      hidden: (timeS) => timeS < 7,
      script: [hold(7), walk([0.3, 4], 4), hold(7)],
    };
    const engine = new AdlEngine();
    const frames = film([faller, helper]);
    const seen = frames.map((frame) => engine.observe(frame));
    expect(kinds(seen.flatMap(({ facts }) => facts))).toEqual(FALL);
    expect([...(seen.at(-1)?.held ?? [])]).toEqual([1]);
  });

  it("lying for a minute is an alarm of its own, seen or not", () => {
    for (const hidden of [() => false, (timeS: number) => timeS > 8]) {
      const facts = watch(film([{ ...here, script: [hold(2), drop("lieForward", 0.7), hold(65)], hidden }]));
      expect(kinds(facts)).toEqual([...FALL, "long_lie"]);
      const [ground, long] = [facts[1], facts[2]].map((fact) => fact?.mediaTimeS ?? 0);
      expect((long ?? 0) - (ground ?? 0)).toBeCloseTo(58, 0);
    }
  });

  it("getting up after that is told once", () => {
    const script = [hold(2), drop("lieForward", 0.7), hold(65), move("stand", 2), hold(4)];
    const facts = watch(film([{ ...here, facing: 90, script }]));
    expect(kinds(facts)).toEqual([...FALL, "long_lie", "fall_recovered"]);
  });
});

describe("somebody on the floor, whatever the way down,", () => {
  const lyingDown = [hold(2), move("kneel", 1.5), move("allFours", 1.2), move("lieForward", 1.5)];

  it("is a notice after half a minute, an alarm after a whole one, and told to have got up", () => {
    fromEverySeat(
      [{ ...here, facing: 60, script: [...lyingDown, hold(65), move("stand", 3), hold(3)] }],
      (facts) => {
        expect(kinds(facts)).toEqual(["on_floor", "long_lie", "fall_recovered"]);
        const [notice, alarm] = facts;
        const evidence = notice?.kind === "on_floor" ? notice.evidence : undefined;
        expect(evidence?.onGroundS).toBeCloseTo(30, 0);
        expect(evidence?.posture).toBe("lying");
        expect((alarm?.mediaTimeS ?? 0) - (notice?.mediaTimeS ?? 0)).toBeCloseTo(30, 0);
        expect(notice?.confidence).toBeGreaterThan(0.9);
      },
    );
  });

  it("is asked after anew when they were out of sight for long, and is in the room for a while", () => {
    const script = [...lyingDown, hold(70)];
    const hidden = (timeS: number) => timeS > 12 && timeS < 26;
    const frames = film([{ ...here, facing: 60, script, hidden }], { lostS: 60 });
    const engine = new AdlEngine();
    const seen = frames.map((frame) => engine.observe(frame));
    const [notice] = seen.flatMap(({ facts }) => facts);
    expect(notice?.kind).toBe("on_floor");
    expect(notice?.mediaTimeS).toBeGreaterThan(55);
    expect([seen[150]?.held.size, seen[240]?.held.size]).toEqual([1, 0]);
  });

  it("is not asked after when they left unseen", () => {
    const hidden = (timeS: number) => timeS > 10;
    const facts = watch(film([{ ...here, facing: 60, script: [...lyingDown, hold(60)], hidden }]));
    expect(facts).toEqual([]);
  });

  it.each(["sit", "kneel", "bend"] as const)("is not somebody who stays in the pose: %s", (pose) => {
    fromEverySeat([{ ...here, facing: 45, script: [hold(2), move(pose, 1.5), hold(40)] }], (facts) =>
      expect(facts).toEqual([]),
    );
  });
});

describe("zones", () => {
  const square = (kind: Zone["kind"], name: string, bottom = 1): Zone => ({
    id: name,
    name,
    kind,
    leadsTo: null,
    polygon: [
      { x: 0.05, y: 0.3 },
      { x: 0.95, y: 0.3 },
      { x: 0.95, y: bottom },
      { x: 0.05, y: bottom },
    ],
  });
  const frames = film([{ ...here, facing: 90, script: [hold(2), drop("lieForward", 0.7), hold(70)] }]);

  it("falling onto a bed or a sofa, and lying there, is nothing", () => {
    for (const kind of ["bed", "sofa"] as const) {
      const facts = kinds(watch(frames, [square(kind, "soft")]));
      expect(facts.filter((fact) => !fact.startsWith("bed_"))).toEqual([]);
    }
  });

  it("falling in front of the bed is a fall", () => {
    expect(kinds(watch(frames, [square("bed", "bed", 0.66)])).slice(0, 2)).toEqual(FALL);
  });

  it("names the zone it happened in", () => {
    expect(watch(frames, [square("floor", "carpet")]).map((fact) => fact.zone)).toEqual([
      "carpet",
      "carpet",
      "carpet",
    ]);
  });
});

describe("after a restart", () => {
  const fallen: Actor = { ...here, facing: 90, script: [hold(2), drop("lieForward", 0.7), hold(6)] };

  it("of vision, whose ids begin anew, the fallen person is not taken for whoever walks elsewhere", () => {
    const engine = new AdlEngine();
    const before = film([fallen]);
    const after = film([{ at: [-2, 5], facing: 90, script: [walk([-1, 5], 4), hold(4)] }], { startS: 12 });
    const facts = [...before, ...after].flatMap((frame) => engine.observe(frame).facts);
    expect(kinds(facts)).toEqual(FALL);
    const held = film([{ at: [-1, 5], script: [hold(0)] }], { startS: 21 }).map(
      (frame) => engine.observe(frame).held,
    );
    expect(held.map((ids) => ids.size)).toEqual([1]);
  });

  it("of the recording nothing is left of the one before", () => {
    const engine = new AdlEngine();
    for (const frame of film([fallen], { startS: 100 })) engine.observe(frame);
    const again = film([{ ...here, script: [hold(3)] }]).map((frame) => engine.observe(frame));
    expect(again.flatMap(({ facts }) => facts)).toEqual([]);
    expect(again.at(-1)?.held.size).toBe(0);
  });
});

it("two runs over the same film say the same, to the last bit", () => {
  const frames = film(
    [{ ...here, script: [hold(2), drop("lieSideways", 0.8), hold(40), move("stand", 2), hold(3)] }],
    { noise: 0.02 },
  );
  expect(JSON.stringify(watch(frames))).toBe(JSON.stringify(watch(frames)));
});
