import { describe, expect, it } from "vitest";
import { AdlEngine } from "../../src/adl/adl-engine.ts";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import type { BedState } from "../../src/adl/bed-machine.ts";
import { heirsOf, stepBeds } from "../../src/adl/beds.ts";
import { newSubject } from "../../src/adl/subject.ts";
import type { ActivityFact } from "../../src/domain/activity.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { type Actor, drop, film, hold, move, turn, walk } from "../support/stick-figure.ts";

/** A bed's surface across the picture, 3 to 4.2 m from the camera and half a metre high. */
const BED: Zone = {
  id: "z1",
  name: "Rosa's bed",
  kind: "bed",
  leadsTo: null,
  polygon: [
    { x: 0.18, y: 0.5 },
    { x: 0.75, y: 0.5 },
    { x: 0.8, y: 0.68 },
    { x: 0.13, y: 0.68 },
  ],
};

function bedFacts(actors: readonly Actor[], zones: readonly Zone[] = [BED]) {
  const engine = new AdlEngine({ zones, settings: DEFAULT_ADL_SETTINGS });
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

  describe("on its edge", () => {
    /** Sits up, turns to the room, and puts the feet down in front of the bed. */
    const toEdge = [move("sit", 2), turn(0, 1), walk([0.2, 3.15], 2)];
    const upAndOff = [move("stand", 2), walk([0.2, 2.3], 1.5), walk([2.2, 2.3], 3), hold(3)];

    it("who was in bed is warned of once, and their getting up is an exit", () => {
      const script = [...toBed, hold(20), ...toEdge, hold(30), ...upAndOff];
      const { facts, told } = bedFacts([{ ...sleeper, script }]);
      expect(told).toEqual(["bed_entry", "bed_edge", "bed_exit"]);
      const [, edge, exit] = facts;
      expect((exit?.mediaTimeS ?? 0) - (edge?.mediaTimeS ?? 0)).toBeGreaterThan(15);
    });

    it("who sits there for a moment gets up without a warning", () => {
      const script = [...toBed, hold(20), ...toEdge, hold(3), ...upAndOff];
      expect(bedFacts([{ ...sleeper, script }]).told).toEqual(["bed_entry", "bed_exit"]);
    });

    it("who walks out of sight within a second of getting up has left the bed", () => {
      const script = [...toBed, hold(20), ...toEdge, hold(3), ...upAndOff, hold(20)];
      // On their feet from 38.5 s on.
      const { told, seen } = bedFacts([{ ...sleeper, script, hidden: (timeS) => timeS > 38 }]);
      expect(told).toEqual(["bed_entry", "bed_exit"]);
      expect(seen.at(-1)?.bedOccupied).toBe(false);
    });

    it("who is lost there and found again on their feet some steps away has left the bed", () => {
      const script = [...toBed, hold(20), ...toEdge, hold(3), ...upAndOff, hold(5)];
      const { facts, told } = bedFacts([
        {
          ...sleeper,
          script,
          hidden: (timeS) => timeS > 34.5 && timeS < 40,
          id: (timeS) => (timeS < 37 ? 1 : 2),
        },
      ]);
      expect(told).toEqual(["bed_entry", "bed_exit"]);
      expect(facts[1]?.trackId).toBe(2);
    });

    it("who sits down by day and gets up again was never in bed", () => {
      const visitor: Actor = { at: [0.2, 2.3], facing: 0, script: [] };
      const sitDown = [hold(2), walk([0.2, 3.15], 2), move("sit", 2), hold(60)];
      expect(bedFacts([{ ...visitor, script: [...sitDown, ...upAndOff] }]).told).toEqual([]);
    });
  });

  describe("with a carer", () => {
    const asleep: Actor = { ...sleeper, script: [...toBed, hold(60)] };
    /** Comes in from the right of the picture, bends over the bed, and goes. */
    const carer: Actor = {
      at: [3.4, 2.8],
      facing: 180,
      id: 2,
      hidden: (timeS) => timeS < 20 || timeS > 45,
      script: [
        hold(20),
        walk([0.3, 2.8], 5),
        move("bend", 1),
        hold(8),
        move("stand", 1),
        walk([3.4, 2.8], 5),
        hold(27),
      ],
    };

    it("who leans over it nobody has got in or out", () => {
      const { told, seen } = bedFacts([asleep, carer]);
      expect(told).toEqual(["bed_entry"]);
      expect([...(seen.at(-1)?.inBed ?? [])]).toEqual([1]);
    });

    it("neither while the blanket hides who is in it", () => {
      const { told, seen } = bedFacts([{ ...asleep, hidden: (timeS) => timeS > 12 }, carer]);
      expect(told).toEqual(["bed_entry"]);
      expect(seen.at(-1)?.bedOccupied).toBe(true);
    });
  });

  it("who comes in by a door beside the bed is not who lies in it unseen", () => {
    const corners = [
      { x: 0.68, y: 0.1 },
      { x: 0.95, y: 0.1 },
      { x: 0.95, y: 0.98 },
      { x: 0.68, y: 0.98 },
    ];
    const door: Zone = { id: "d", name: "Door", kind: "door", leadsTo: null, polygon: corners };
    const asleep: Actor = { ...sleeper, script: [...toBed, hold(50)], hidden: (timeS) => timeS > 12 };
    const carer: Actor = {
      at: [1.3, 2.9],
      facing: 90,
      id: 2,
      hidden: (timeS) => timeS < 20 || timeS > 40,
      script: [hold(57)],
    };
    const { told, seen } = bedFacts([asleep, carer], [BED, door]);
    expect(told).toEqual(["bed_entry"]);
    expect(seen.at(-1)?.bedOccupied).toBe(true);
  });

  it("a partner who was hidden is found again, not new, and stays when the other gets up", () => {
    const first: Actor = {
      ...sleeper,
      script: [...toBed, hold(70)],
      hidden: (timeS) => timeS > 15 && timeS < 55,
      // Found again as another track.
      id: (timeS) => (timeS < 20 ? 1 : 3),
    };
    const second: Actor = {
      at: [3.4, 3.7],
      facing: 90,
      id: 2,
      hidden: (timeS) => timeS < 20,
      script: [
        hold(20),
        walk([0.9, 3.7], 5),
        ...toBed,
        hold(25),
        move("stand", 3),
        walk([2.2, 3.7], 3),
        hold(10),
      ],
    };
    const { facts, told, seen } = bedFacts([first, second]);
    expect(told).toEqual(["bed_entry", "bed_entry", "bed_exit"]);
    expect(facts.map(({ trackId }) => trackId)).toEqual([1, 2, 2]);
    expect([...(seen.at(-1)?.inBed ?? [])]).toEqual([3]);
  });

  it("a heap of blankets that is taken for somebody now and then is nobody", () => {
    const heap = { ...sleeper, pose: "lieBackward", script: [hold(60)] } as const;
    expect(bedFacts([{ ...heap, hidden: (timeS) => timeS % 4 > 1 }]).told).toEqual([]);
    expect(bedFacts([{ ...heap, withoutPose: true, hidden: (timeS) => timeS % 4 > 1 }]).told).toEqual([]);
  });
});

describe("people hidden in a bed", () => {
  const [frame] = film([{ at: [0, 4], script: [hold(1)] }]);
  const [track] = frame?.tracks ?? [];
  if (track === undefined) throw new Error("nobody was filmed");
  const lying = (kind: "in" | "doubted") => ({
    ...newSubject(track, 0),
    beds: new Map<string, BedState>([[BED.id, kind === "in" ? { kind, sinceS: 0 } : { kind, inSinceS: 0 }]]),
  });
  const entry = (previousS: number | null): ActivityFact => ({
    kind: "bed_entry",
    trackId: 9,
    mediaTimeS: 60,
    confidence: 0.5,
    zone: BED.name,
    evidence: { box: track.box, previousS },
  });

  it("are doubted when somebody walks up and gets in, not when somebody is found there", () => {
    const kindAfter = (previousS: number | null) => {
      const sight = { timeS: 60, aspect: 4 / 3, zones: [BED], track: null, facts: [entry(previousS)] };
      return stepBeds(lying("in"), sight, DEFAULT_ADL_SETTINGS).beds.get(BED.id)?.kind;
    };
    expect(kindAfter(20)).toBe("doubted");
    expect(kindAfter(null)).toBe("in");
  });

  it("are found again before those who are doubted to be there", () => {
    const [sure, doubted] = [lying("in"), lying("doubted")];
    expect(heirsOf([doubted, sure], track, { timeS: 60, zones: [BED] })).toEqual([[sure], [doubted]]);
  });
});
