import { describe, expect, it } from "vitest";
import { AdlEngine } from "../../src/adl/adl-engine.ts";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import { type BedRelation, type BedState, OUT_OF_BED, stepBed } from "../../src/adl/bed-machine.ts";
import type { ActivityFact } from "../../src/domain/activity.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { type Actor, drop, film, hold, move, walk } from "../support/stick-figure.ts";

/** A bed's surface across the picture, 3 to 4.2 m from the camera and half a metre high. */
const BED: Zone = {
  id: "z1",
  name: "Rosa's bed",
  kind: "bed",
  polygon: [
    { x: 0.18, y: 0.5 },
    { x: 0.75, y: 0.5 },
    { x: 0.8, y: 0.68 },
    { x: 0.13, y: 0.68 },
  ],
};

function bedFacts(actors: readonly Actor[]) {
  const engine = new AdlEngine({ zones: [BED], settings: DEFAULT_ADL_SETTINGS });
  const seen = film(actors).map((frame) => engine.observe(frame));
  const facts = seen.flatMap((observation) => observation.facts);
  return { facts, seen, told: facts.map((fact: ActivityFact) => fact.kind) };
}

describe("in a drawn bed", () => {
  // Up on the bed the whole body is half a metre higher: in the picture it lies further up.
  const toBed = [hold(3), move("sitOnFloor", 2), move("lieBackward", 2)];
  const sleeper: Actor = { at: [0.9, 4.4], facing: 90, script: [...toBed, hold(20)] };

  it("lying down is an entry, getting up and walking off an exit", () => {
    const { facts, told } = bedFacts([
      { ...sleeper, script: [...toBed, hold(20), move("stand", 3), walk([2.2, 4.4], 3), hold(4)] },
    ]);
    expect(told).toEqual(["bed_entry", "bed_exit"]);
    const [entry, exit] = facts;
    expect(entry).toMatchObject({ trackId: 1, zone: "Rosa's bed" });
    const evidence = exit?.kind === "bed_exit" ? exit.evidence : undefined;
    expect(evidence?.previousS).toBeGreaterThan(20);
    expect(evidence?.previousS).toBeLessThan(27);
  });

  it("somebody the blanket hides is still there, for as long as it takes", () => {
    const { told, seen } = bedFacts([
      { ...sleeper, script: [...toBed, hold(300)], hidden: (timeS) => timeS > 20 },
    ]);
    expect(told).toEqual(["bed_entry"]);
    expect(seen.at(-1)?.bedOccupied).toBe(true);
    expect([...(seen.at(-1)?.held ?? [])]).toEqual([1]);
  });

  it("who rises from under the blanket as another track has left the bed", () => {
    const { facts, told } = bedFacts([
      {
        ...sleeper,
        script: [...toBed, hold(30), move("stand", 3), walk([2.2, 4.4], 3), hold(4)],
        hidden: (timeS) => timeS > 15 && timeS < 37.5,
        id: (timeS) => (timeS < 20 ? 1 : 2),
      },
    ]);
    expect(told).toEqual(["bed_entry", "bed_exit"]);
    expect(facts[1]?.trackId).toBe(2);
  });

  it("whoever gets in takes the place of somebody nobody has seen there since", () => {
    const { told, seen } = bedFacts([
      { ...sleeper, script: [...toBed, hold(60)], hidden: (timeS) => timeS > 15 },
      {
        at: [2.2, 4.4],
        facing: 90,
        id: 2,
        hidden: (timeS) => timeS < 25,
        script: [
          hold(25),
          walk([0.9, 4.4], 3),
          ...toBed,
          hold(5),
          move("stand", 3),
          walk([2.2, 4.4], 3),
          hold(4),
        ],
      },
    ]);
    expect(told).toEqual(["bed_entry", "bed_entry", "bed_exit"]);
    expect(seen.at(-1)?.bedOccupied).toBe(false);
  });

  it("two who are seen there are two", () => {
    const { told, seen } = bedFacts([
      sleeper,
      {
        at: [0.9, 4.1],
        facing: 90,
        id: 2,
        script: [hold(8), ...toBed, hold(5), move("stand", 3), walk([2.2, 4.1], 3), hold(3)],
      },
    ]);
    expect(told).toEqual(["bed_entry", "bed_entry", "bed_exit"]);
    expect(seen.at(-1)?.bedOccupied).toBe(true);
  });

  it("who is there from the first frame on has entered nobody knows when", () => {
    const { facts } = bedFacts([{ ...sleeper, pose: "lieBackward", script: [hold(8)] }]);
    expect(facts).toMatchObject([{ kind: "bed_entry", evidence: { previousS: null } }]);
  });

  it("standing in front of it is nothing", () => {
    const { told } = bedFacts([{ at: [-1.5, 2.9], facing: 90, script: [walk([1, 2.9], 6), hold(5)] }]);
    expect(told).toEqual([]);
  });

  it("a fall on the way to it is a fall", () => {
    const { told } = bedFacts([
      { at: [-1.2, 2.6], facing: 90, script: [hold(2), drop("lieForward", 0.7), hold(6)] },
    ]);
    expect(told).toEqual(["fall_suspected", "fall_confirmed"]);
  });

  it("rolling out of it and lying beside it is a fall, however slow", () => {
    const { told } = bedFacts([{ ...sleeper, script: [...toBed, hold(10), walk([0.9, 2.5], 3), hold(8)] }]);
    expect(told).toEqual(expect.arrayContaining(["bed_entry", "bed_exit", "fall_confirmed"]));
    expect(told.indexOf("bed_exit")).toBeLessThan(told.indexOf("fall_confirmed"));
  });
});

describe("the bed machine", () => {
  function play(script: readonly (readonly [BedRelation | null, seconds: number])[]) {
    let state: BedState = OUT_OF_BED;
    let timeS = 0;
    const told: [string, number | null, number][] = [];
    for (const [relation, seconds] of script) {
      for (let n = 0; n < seconds * 10; n += 1, timeS += 0.1) {
        const step = stepBed(state, relation, timeS, { bedDwellS: 2 });
        state = step.state;
        for (const { kind, previousS } of step.effects) {
          told.push([kind, previousS === null ? null : Math.round(previousS), Math.round(timeS)]);
        }
      }
    }
    return { state, told };
  }

  it("waits for the dwell before either change", () => {
    expect(
      play([
        ["away", 5],
        ["in", 1.5],
        ["away", 5],
      ]).told,
    ).toEqual([]);
    expect(
      play([
        ["away", 5],
        ["in", 10],
        ["away", 1.5],
        ["in", 5],
      ]).told,
    ).toEqual([["bed_entry", 5, 7]]);
    expect(
      play([
        ["away", 5],
        ["in", 10],
        ["away", 5],
      ]).told,
    ).toEqual([
      ["bed_entry", 5, 7],
      ["bed_exit", 10, 17],
    ]);
  });

  it("is not moved by turning over, half out, or by being unseen", () => {
    expect(
      play([
        ["in", 10],
        ["between", 60],
        ["in", 5],
        [null, 600],
        ["between", 5],
      ]).told,
    ).toEqual([["bed_entry", null, 2]]);
  });

  it("takes sitting on the edge for still in bed, but never for an entry", () => {
    expect(
      play([
        ["away", 3],
        ["edge", 60],
      ]).told,
    ).toEqual([]);
    const night = play([
      ["in", 60],
      ["edge", 120],
    ]);
    expect(night.state).toMatchObject({ kind: "in", onEdge: true });
    expect(
      play([
        ["in", 60],
        ["edge", 10],
        ["away", 3],
      ]).told,
    ).toEqual([
      ["bed_entry", null, 2],
      ["bed_exit", null, 72],
    ]);
  });

  it("flickers with nobody who flickers", () => {
    const flicker: [BedRelation, number][] = Array.from({ length: 60 }, (_, n) => [
      n % 2 === 0 ? "in" : "away",
      0.5,
    ]);
    expect(play(flicker).told).toEqual([]);
  });
});
