import { describe, expect, it } from "vitest";
import type { AreaGlance, DoorFact } from "../../src/adl/area-glance.ts";
import {
  SETTLED,
  stepWandering,
  WANDERING_MACHINE,
  type WanderingEffect,
  type WanderingInput,
  type WanderingState,
} from "../../src/adl/wandering-machine.ts";
import { allows } from "../../src/core/transitions.ts";
import { everyWay, type Taken, takenBy } from "../support/every-way.ts";
import { randomFrom } from "../support/seeded-random.ts";

const MINUTE = 60_000;
const STEP = 5000;
const SETTINGS = { wanderingAfter: 20 * MINUTE };

interface Part extends Partial<AreaGlance> {
  readonly for: number;
  readonly day?: boolean;
  readonly door?: "went" | "came";
  readonly others?: readonly AreaGlance[];
}

const EMPTY: AreaGlance = { area: "Hall", watched: true, people: 0, moving: 0, upright: 0, inBed: null };
const SLEEPER: AreaGlance = { ...EMPTY, area: "Bedroom", people: 1, inBed: 1 };

const up = (time: number, more: Partial<Part> = {}): Part => ({ for: time, people: 1, upright: 1, ...more });
const away = (time: number, more: Partial<Part> = {}): Part => ({ for: time, ...more });
const inBed = (time: number): Part => ({ for: time, area: "Bedroom", people: 1, inBed: 1 });

function play(script: readonly Part[], settings = SETTINGS) {
  let state: WanderingState = SETTLED;
  let at = 0;
  const told: (WanderingEffect & { readonly at: number })[] = [];
  const taken: Taken[] = [];
  for (const { for: time, day, door, others = [], ...seen } of script) {
    for (let n = 0; n < time / STEP; n += 1, at += STEP) {
      const doors: DoorFact[] =
        door !== undefined && n === 0 ? [{ kind: door, area: "Hall", leadsTo: "Bathroom", at }] : [];
      const areas = [{ ...EMPTY, ...seen }, ...others];
      const step = stepWandering(state, { at, areas, doors, night: day !== true }, settings);
      taken.push(...takenBy(state, step));
      state = step.state;
      for (const effect of step.effects) told.push({ ...effect, at });
    }
  }
  return { state, told, taken };
}

describe("every way through the wandering machine", () => {
  const ends = (begun: readonly Part[]): readonly (readonly Part[])[] => [
    [...begun, inBed(STEP)],
    [...begun, away(6 * MINUTE)],
    [...begun, away(17 * MINUTE, { door: "went" })],
    [...begun, up(STEP, { day: true })],
  ];
  everyWay(
    WANDERING_MACHINE,
    {
      "settled > up": [[up(STEP)]],
      "up > settled": ends([up(10 * MINUTE)]),
      "up > told": [[up(21 * MINUTE)]],
      "told > settled": ends([up(21 * MINUTE)]),
    },
    (script) => play(script).taken,
  );
});

describe("wandering at night", () => {
  it("is told once a spell, with since when and where", () => {
    const { told } = play([up(10 * MINUTE), up(80 * MINUTE, { area: "Kitchen" })]);
    expect(told).toEqual([
      { kind: "wandering", at: 20 * MINUTE, upSince: 0, upS: 1200, areas: ["Hall", "Kitchen"] },
    ]);
    const again = [up(21 * MINUTE), away(10 * MINUTE), up(21 * MINUTE)];
    expect(play(again).told).toHaveLength(2);
  });

  it("goes on over short rests, and over rooms that no camera sees", () => {
    const pacing = Array.from({ length: 5 }, () => [up(3 * MINUTE), away(2 * MINUTE)]).flat();
    expect(play([...pacing, up(MINUTE)]).told).toHaveLength(1);
    const rests = Array.from({ length: 5 }, () => [up(3 * MINUTE), away(6 * MINUTE)]).flat();
    expect(play([...rests, up(MINUTE)]).told).toEqual([]);
  });

  it("is no visit to the bathroom, nor several", () => {
    const visit = [
      up(2 * MINUTE),
      away(14 * MINUTE, { door: "went" }),
      up(2 * MINUTE, { door: "came" }),
      inBed(60 * MINUTE),
    ];
    expect(play([...visit, ...visit, ...visit]).told).toEqual([]);
    // Without going back to bed, the time behind the door is not counted, the time before it is.
    const about = [up(11 * MINUTE), away(14 * MINUTE, { door: "went" }), up(11 * MINUTE, { door: "came" })];
    expect(play(about).told).toMatchObject([{ upS: 1200, at: (11 + 14 + 9) * MINUTE }]);
  });

  it("is told of one while the other sleeps, and the sleeper ends nothing", () => {
    const others = [SLEEPER];
    const pacing = Array.from({ length: 5 }, () => [
      up(3 * MINUTE, { others }),
      away(2 * MINUTE, { others }),
    ]).flat();
    expect(play([...pacing, up(MINUTE, { others })]).told).toHaveLength(1);
  });

  it("ends when whoever was up lies down, beside the other as well", () => {
    const others = [SLEEPER];
    const both = [{ ...SLEEPER, people: 2, inBed: 2 }];
    expect(play([up(10 * MINUTE, { others }), away(MINUTE, { others: both })]).state).toEqual(SETTLED);
  });

  it("is not told by day, nor where no notice is wanted", () => {
    expect(play([up(90 * MINUTE, { day: true })]).told).toEqual([]);
    expect(play([up(90 * MINUTE)], { wanderingAfter: 0 }).told).toEqual([]);
  });
});

describe("any sequence of glances", () => {
  it("is told at most once a spell, at night, of somebody who is up, and not before its time", () => {
    const random = randomFrom(11);
    const broken: string[] = [];
    const hold = (what: string, holds: boolean) => {
      if (!holds) broken.push(what);
    };
    let state: WanderingState = SETTLED;
    let at = 0;
    let told = 0;
    let seen = EMPTY;
    let night = true;
    for (let n = 0; n < 100_000; n += 1) {
      if (random() < 0.02) {
        const people = Math.floor(random() * 3);
        seen = { ...EMPTY, people, upright: random() < 0.7 ? people : 0, inBed: Math.floor(random() * 1.3) };
      }
      if (random() < 0.002) night = random() < 0.8;
      at += random() < 0.0005 ? -random() * 60 * MINUTE : random() * 10_000;
      const kind = (["went", "came"] as const)[Math.floor(random() * 500)];
      const doors = kind === undefined ? [] : [{ kind, area: "Hall", leadsTo: "Bathroom", at }];
      const input: WanderingInput = { at, areas: [seen], doors, night };
      const before: WanderingState = state;
      const step = stepWandering(before, input, SETTINGS);
      state = step.state;
      hold("the table", allows(WANDERING_MACHINE, before.kind, state.kind));
      for (const { upS, areas } of step.effects) {
        told += 1;
        hold("once a spell", before.kind === "up");
        hold("at night, of somebody up", night && seen.upright > 0);
        hold("not before its time", upS >= 1200);
        hold("somewhere", areas.length > 0);
      }
      if (state.kind !== "settled") hold("only at night", night);
    }
    expect(broken).toEqual([]);
    expect(told).toBeGreaterThan(20);
  });
});
