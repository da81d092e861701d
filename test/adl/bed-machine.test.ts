import { describe, expect, it } from "vitest";
import {
  BED_MACHINE,
  BED_RELATIONS,
  type BedInput,
  type BedRelation,
  type BedState,
  isInBed,
  OUT_OF_BED,
  stepBed,
} from "../../src/adl/bed-machine.ts";
import { allows } from "../../src/core/transitions.ts";
import { everyWay, type Taken, takenBy } from "../support/every-way.ts";
import { randomFrom } from "../support/seeded-random.ts";

const SETTINGS = { bedDwellS: 2, bedEdgeAfterS: 10 };
const HOUR = 3600;

interface Part {
  readonly sees: BedRelation | null;
  readonly forS: number;
  readonly atDoor?: boolean;
  readonly othersEnter?: boolean;
  /** Looked at so often; 10 times a second by default. */
  readonly everyS?: number;
}

const see = (sees: BedRelation, forS: number): Part => ({ sees, forS });
const unseen = (forS: number, more: Partial<Part> = {}): Part => ({ sees: null, forS, ...more });

interface Told {
  readonly kind: string;
  readonly previousS: number | null;
  readonly atS: number;
}

function play(script: readonly Part[], settings = SETTINGS) {
  let state: BedState = OUT_OF_BED;
  let timeS = 0;
  let lastSeenS = 0;
  const told: Told[] = [];
  const taken: Taken[] = [];
  for (const part of script) {
    const everyS = part.everyS ?? 0.1;
    for (let n = 0; n < Math.round(part.forS / everyS); n += 1, timeS += everyS) {
      if (part.sees !== null) lastSeenS = timeS;
      const step = stepBed(
        state,
        {
          timeS,
          relation: part.sees,
          unseenS: timeS - lastSeenS,
          atDoor: part.atDoor ?? false,
          othersEntered: (part.othersEnter ?? false) && n === 0,
        },
        settings,
      );
      taken.push(...takenBy(state, step));
      state = step.state;
      for (const { kind, previousS } of step.effects) {
        const whole = previousS === null ? null : Math.round(previousS);
        told.push({ kind, previousS: whole, atS: Math.round(timeS) });
      }
    }
  }
  return { state, told, taken, kinds: told.map(({ kind }) => kind) };
}

const TO_BED = [see("away", 5), see("in", 10)];
const TO_EDGE = [...TO_BED, see("edge", 4)];

/** For every transition in the table, how people take it. */
const WAYS: Readonly<Record<string, readonly (readonly Part[])[]>> = {
  "out > entering": [[see("in", 0.1)], [see("away", 5), see("edge", 3), see("in", 1)]],
  "entering > out": [
    [see("away", 5), see("in", 1.5), see("away", 1)],
    [see("away", 5), see("in", 1.5), see("edge", 1)],
    [see("in", 2), unseen(6)],
  ],
  "entering > in": [TO_BED, [see("in", 6)], [see("away", 5), see("in", 1), unseen(2)]],
  "in > edge": [TO_EDGE],
  "in > leaving": [[...TO_BED, see("away", 1)]],
  "in > doubted": [[...TO_BED, unseen(60), unseen(1, { othersEnter: true })]],
  "in > out": [[...TO_BED, unseen(15 * HOUR, { everyS: 60 })]],
  "edge > edge": [[...TO_BED, see("edge", 11)]],
  "edge > in": [
    [...TO_EDGE, see("in", 3)],
    [...TO_EDGE, see("upon", 3)],
    [...TO_EDGE, unseen(31)],
  ],
  "edge > leaving": [[...TO_EDGE, see("away", 1)]],
  "edge > out": [[...TO_EDGE, unseen(6, { atDoor: true })]],
  "leaving > in": [
    [...TO_BED, see("away", 1.5), see("in", 1)],
    [...TO_BED, see("away", 1.5), see("upon", 1)],
    [...TO_BED, see("away", 0.3), unseen(3)],
    [...TO_BED, see("away", 1), see("between", 3)],
  ],
  "leaving > edge": [
    [...TO_EDGE, see("away", 1.5), see("edge", 1)],
    [...TO_EDGE, see("away", 0.3), unseen(3)],
  ],
  "leaving > out": [
    [...TO_BED, see("away", 3)],
    [...TO_EDGE, see("away", 3)],
    [...TO_BED, see("away", 1), unseen(2)],
    [...TO_BED, see("away", 1), see("between", 1.5), see("away", 0.2)],
  ],
  "doubted > in": [[...TO_BED, unseen(60), unseen(9, { othersEnter: true }), see("in", 1)]],
  "doubted > edge": [[...TO_BED, unseen(60), unseen(9, { othersEnter: true }), see("edge", 1)]],
  "doubted > leaving": [[...TO_BED, unseen(60), unseen(9, { othersEnter: true }), see("away", 1)]],
  "doubted > out": [[...TO_BED, unseen(6, { othersEnter: true }), unseen(15 * HOUR, { everyS: 60 })]],
};

describe("every way through the bed machine", () => {
  everyWay(BED_MACHINE, WAYS, (script) => play(script).taken);
});

describe("in and out of bed", () => {
  it("is told once each, with how long the state before had lasted", () => {
    expect(play([...TO_BED, see("away", 5)]).told).toEqual([
      { kind: "bed_entry", previousS: 5, atS: 7 },
      { kind: "bed_exit", previousS: 10, atS: 17 },
    ]);
  });

  it("is told straight over the edge as well", () => {
    const { told } = play([...TO_BED, see("edge", 3), see("away", 5)]);
    expect(told).toEqual([
      { kind: "bed_entry", previousS: 5, atS: 7 },
      { kind: "bed_exit", previousS: 13, atS: 20 },
    ]);
  });

  it("has nobody seen beginning for whoever lies there at first, and looks at them for longer", () => {
    expect(play([see("in", 4)]).told).toEqual([]);
    expect(play([see("in", 60), see("away", 3)]).told).toEqual([
      { kind: "bed_entry", previousS: null, atS: 5 },
      { kind: "bed_exit", previousS: null, atS: 62 },
    ]);
  });

  it("is not told of who turns over, sits up, hangs out an arm, or is hidden for the night", () => {
    const night = [see("between", 60), see("upon", 300), see("in", 5), unseen(8 * HOUR, { everyS: 1 })];
    expect(play([...TO_BED, ...night, see("upon", 5)]).kinds).toEqual(["bed_entry"]);
  });

  it("is told of who sits in it with the legs up for long, against a raised backrest or to read", () => {
    expect(play([see("away", 5), see("reclining", 25), see("away", 5)]).told).toEqual([]);
    const { told } = play([see("away", 5), see("reclining", 60), see("edge", 3), see("away", 5)]);
    expect(told).toEqual([
      { kind: "bed_entry", previousS: 5, atS: 35 },
      { kind: "bed_exit", previousS: 63, atS: 70 },
    ]);
  });

  it("is not told of who sits on the bed by day, leans over it, or passes in front of it", () => {
    const day = [see("away", 5), see("edge", 600), see("upon", 60), see("between", 20), see("away", 60)];
    expect(play(day).told).toEqual([]);
  });

  it("flickers with no pose that flickers", () => {
    const flicker = Array.from({ length: 60 }, (_, n) => see(n % 2 === 0 ? "in" : "away", 0.5));
    expect(play(flicker).told).toEqual([]);
    const asleep = Array.from({ length: 60 }, (_, n) => see(n % 2 === 0 ? "away" : "between", 0.3));
    expect(play([...TO_BED, see("in", 1), ...asleep.slice(0, 4), see("in", 5)]).kinds).toEqual(["bed_entry"]);
  });

  it("takes a heap of blankets that looks like somebody now and then for nobody", () => {
    const now = Array.from({ length: 40 }, () => [see("in", 0.3), see("between", 0.7), unseen(2)]).flat();
    expect(play(now).told).toEqual([]);
    expect(play([see("in", 4), unseen(60)]).told).toEqual([]);
  });
});

describe("the edge of the bed", () => {
  it("warns once per sitting, after the set time", () => {
    expect(play([...TO_BED, see("edge", 60)]).told).toEqual([
      { kind: "bed_entry", previousS: 5, atS: 7 },
      { kind: "bed_edge", previousS: 10, atS: 25 },
    ]);
  });

  it("warns again of another sitting", () => {
    const { kinds } = play([...TO_BED, see("edge", 15), see("in", 30), see("edge", 15)]);
    expect(kinds).toEqual(["bed_entry", "bed_edge", "bed_edge"]);
  });

  it("takes getting half up, leaning back for a moment or a lost pose for the same sitting", () => {
    const { told } = play([
      ...TO_BED,
      see("edge", 4),
      see("upon", 1),
      see("edge", 2),
      unseen(2),
      see("away", 1),
      see("edge", 60),
    ]);
    expect(told.filter(({ kind }) => kind === "bed_edge")).toMatchObject([{ atS: 25 }]);
  });

  it("does not warn in the evening, before anybody lay down, nor where no warning is wanted", () => {
    expect(play([see("away", 3), see("edge", 600), see("in", 5)]).kinds).toEqual(["bed_entry"]);
    const never = { ...SETTINGS, bedEdgeAfterS: 0 };
    expect(play([...TO_BED, see("edge", 600)], never).kinds).toEqual(["bed_entry"]);
  });

  it("does not warn of somebody who may lie under the blanket again", () => {
    expect(play([...TO_EDGE, unseen(600)]).kinds).toEqual(["bed_entry"]);
  });
});

describe("two in one bed", () => {
  it("are two: who was hidden when the other got in is neither gone nor new", () => {
    const { state, kinds } = play([...TO_BED, unseen(60), unseen(60, { othersEnter: true }), see("in", 5)]);
    expect(kinds).toEqual(["bed_entry"]);
    expect(isInBed(state)).toBe(true);
  });

  it("leave one by one: getting up is told of who was doubted, too", () => {
    const { told } = play([...TO_BED, unseen(60), unseen(60, { othersEnter: true }), see("away", 5)]);
    expect(told.at(-1)).toEqual({ kind: "bed_exit", previousS: 130, atS: 137 });
  });
});

describe("any sequence of inputs", () => {
  it("keeps exits after entries, warnings between them, times forwards, and to the table", () => {
    const random = randomFrom(4);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const seeing: readonly (BedRelation | null)[] = [...BED_RELATIONS, null, null];
    const broken: string[] = [];
    const hold = (what: string, holds: boolean) => {
      if (!holds) broken.push(what);
    };
    let state: BedState = OUT_OF_BED;
    let timeS = 0;
    let lastSeenS = 0;
    let relation: BedRelation | null = "away";
    const counts = new Map<string, number>();
    const taken = new Set<string>();
    for (let n = 0; n < 100_000; n += 1) {
      // What is seen lasts: mostly seconds, now and then hours.
      if (random() < 0.08) relation = pick(seeing);
      timeS += relation === null && random() < 0.01 ? random() * 20 * HOUR : random() * 0.5;
      if (relation !== null) lastSeenS = timeS;
      const input: BedInput = {
        timeS,
        relation,
        unseenS: timeS - lastSeenS,
        atDoor: random() < 0.3,
        othersEntered: random() < 0.02,
      };
      const before: BedState = state;
      const step = stepBed(before, input, SETTINGS);
      state = step.state;
      hold("the table", allows(BED_MACHINE, before.kind, state.kind));
      taken.add(`${before.kind} > ${state.kind}`);
      for (const { kind, previousS } of step.effects) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        hold("time runs forwards", previousS === null || previousS >= 0);
        const row = BED_MACHINE.transitions.find(({ from, to }) => from === before.kind && to === state.kind);
        hold(
          "told by the table",
          row !== undefined && "tells" in row && row.tells.some((told) => told === kind),
        );
        hold("an entry from out of bed, the rest from in it", isInBed(before) === (kind !== "bed_entry"));
        hold("in bed but after an exit", isInBed(state) === (kind !== "bed_exit"));
      }
      // In bed without an entry is nobody, and nobody gets out of it untold but by being unseen for a night or doubted.
      if (isInBed(state) && !isInBed(before) && before.kind !== "doubted") {
        hold("in bed by an entry", step.effects.length === 1 && step.effects[0]?.kind === "bed_entry");
      }
      if (isInBed(before) && state.kind === "out" && step.effects.length === 0) {
        hold("out of bed by an exit", input.unseenS > 14 * HOUR);
      }
      for (const key of ["sinceS", "awayAtS", "backSinceS"] as const) {
        const value = (state as Partial<Record<typeof key, number | null>>)[key];
        hold("no time to come", typeof value !== "number" || value <= timeS);
      }
    }
    expect(broken).toEqual([]);
    const rows = BED_MACHINE.transitions.map(({ from, to }) => `${from} > ${to}`);
    expect(rows.filter((row) => !taken.has(row))).toEqual([]);
    expect(counts.get("bed_exit")).toBeLessThanOrEqual(counts.get("bed_entry") ?? 0);
    expect(counts.get("bed_edge")).toBeGreaterThan(20);
  });
});
