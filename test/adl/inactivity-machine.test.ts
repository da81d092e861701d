import { describe, expect, it } from "vitest";
import type { AreaGlance, DoorFact } from "../../src/adl/area-glance.ts";
import {
  INACTIVITY_MACHINE,
  type InactivityEffect,
  type InactivityInput,
  type InactivityState,
  NOBODY_HOME,
  stepInactivity,
} from "../../src/adl/inactivity-machine.ts";
import { allows } from "../../src/core/transitions.ts";
import { everyWay, type Taken, takenBy } from "../support/every-way.ts";
import { randomFrom } from "../support/seeded-random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEP = 5000;
const SETTINGS = { inactivityAfter: 30 * MINUTE };

interface Part extends Partial<AreaGlance> {
  readonly for: number;
  readonly night?: boolean;
  readonly door?: "went" | "came";
  readonly outsideDrawn?: boolean;
  /** One glance every five seconds by default. */
  readonly every?: number;
  readonly others?: readonly AreaGlance[];
}

const EMPTY: AreaGlance = { area: "Kitchen", watched: true, people: 0, moving: 0, upright: 0, inBed: null };

const about = (time: number, more: Partial<Part> = {}): Part => ({
  for: time,
  people: 1,
  moving: 1,
  ...more,
});
const still = (time: number, more: Partial<Part> = {}): Part => ({ for: time, people: 1, ...more });
const unseen = (time: number, more: Partial<Part> = {}): Part => ({ for: time, ...more });

function play(script: readonly Part[], settings = SETTINGS) {
  let state: InactivityState = NOBODY_HOME;
  let at = 0;
  const told: (InactivityEffect & { readonly at: number })[] = [];
  const taken: Taken[] = [];
  for (const { for: time, night, door, outsideDrawn, every = STEP, others = [], ...seen } of script) {
    for (let n = 0; n < time / every; n += 1, at += every) {
      const doors: DoorFact[] =
        door !== undefined && n === 0 ? [{ kind: door, area: "Kitchen", leadsTo: "outside", at }] : [];
      const step = stepInactivity(
        state,
        {
          at,
          areas: [{ ...EMPTY, ...seen }, ...others],
          doors,
          night: night ?? false,
          outsideDrawn: outsideDrawn ?? true,
        },
        settings,
      );
      taken.push(...takenBy(state, step));
      state = step.state;
      for (const effect of step.effects) told.push({ ...effect, at });
    }
  }
  return { state, told, taken };
}

const MORNING = about(10 * MINUTE);

describe("every way through the inactivity machine", () => {
  everyWay(
    INACTIVITY_MACHINE,
    {
      "nobody > moving": [[about(1000)], [still(1000)]],
      "moving > quiet": [
        [MORNING, still(2 * MINUTE)],
        [MORNING, unseen(2 * MINUTE)],
      ],
      "moving > nobody": [[MORNING, unseen(1000, { door: "went" })]],
      "quiet > moving": [[MORNING, still(5 * MINUTE), about(1000)]],
      "quiet > told": [
        [MORNING, still(31 * MINUTE)],
        [MORNING, unseen(31 * MINUTE)],
      ],
      "quiet > nobody": [
        [MORNING, still(5 * MINUTE), unseen(1000, { door: "went" })],
        [MORNING, unseen(25 * HOUR, { outsideDrawn: false, every: 5 * MINUTE, watched: false })].flatMap(
          (part) => (part.for === 25 * HOUR ? [still(5 * MINUTE, { outsideDrawn: false }), part] : [part]),
        ),
      ],
      "told > moving": [[MORNING, still(HOUR), about(1000)]],
      "told > nobody": [
        [MORNING, still(HOUR), unseen(1000, { door: "went" })],
        [MORNING, unseen(25 * HOUR, { outsideDrawn: false, every: 20_000 })],
      ],
    },
    (script) => play(script).taken,
  );
});

describe("inactivity", () => {
  it("is told once per quiet spell, with when somebody last moved", () => {
    const { told } = play([MORNING, still(3 * HOUR), about(MINUTE), still(HOUR)]);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({ lastMovedAt: 10 * MINUTE - STEP, quietS: 1800, area: "Kitchen" });
  });

  it("is told of somebody who went to where no camera looks and does not come back", () => {
    expect(play([MORNING, unseen(HOUR)]).told).toHaveLength(1);
  });

  it("is not told of an empty home, nor while others are out and one who stays moves", () => {
    expect(play([unseen(5 * HOUR)]).told).toEqual([]);
    expect(play([MORNING, unseen(5 * HOUR, { door: "went" })]).told).toEqual([]);
    const partner = { ...EMPTY, area: "Bedroom", people: 1, moving: 1 };
    expect(play([MORNING, unseen(5 * HOUR, { door: "went", others: [partner] })]).told).toEqual([]);
  });

  it("is told of the one who stayed when another went out", () => {
    const asleep = { ...EMPTY, area: "Bedroom", people: 1 };
    expect(play([MORNING, unseen(HOUR, { door: "went", others: [asleep] })]).told).toHaveLength(1);
  });

  it("is told again when whoever went out has come back", () => {
    expect(
      play([MORNING, unseen(HOUR, { door: "went" }), about(MINUTE, { door: "came" }), still(HOUR)]).told,
    ).toHaveLength(1);
  });

  it("waits through the night for who lies in bed, and not by day", () => {
    const inBed = { people: 1, inBed: 1 };
    expect(play([MORNING, unseen(8 * HOUR, { ...inBed, night: true })]).told).toEqual([]);
    expect(play([MORNING, unseen(8 * HOUR, inBed)]).told).toHaveLength(1);
    const { told } = play([MORNING, unseen(8 * HOUR, { ...inBed, night: true }), unseen(HOUR, inBed)]);
    expect(told).toMatchObject([{ at: 10 * MINUTE + 8 * HOUR + 30 * MINUTE - STEP }]);
  });

  it("does not wait for a sleeper while somebody else sits up without moving", () => {
    const sleeper = { ...EMPTY, area: "Bedroom", people: 1, inBed: 1 };
    expect(play([MORNING, still(HOUR, { night: true, others: [sleeper] })]).told).toHaveLength(1);
  });

  it("stands while the place of the last movement cannot be watched, and says only what was watched", () => {
    const { told } = play([
      MORNING,
      still(20 * MINUTE),
      unseen(2 * HOUR, { watched: false }),
      still(20 * MINUTE),
    ]);
    expect(told).toMatchObject([
      { quietS: 1800, at: 2 * HOUR + 40 * MINUTE - STEP, lastMovedAt: 10 * MINUTE - STEP },
    ]);
  });

  it("goes on while another place cannot be watched", () => {
    const attic = { ...EMPTY, area: "Attic", watched: false };
    expect(play([MORNING, still(HOUR, { others: [attic] })]).told).toHaveLength(1);
  });

  it("does not count the time the machine slept", () => {
    expect(play([MORNING, still(5 * HOUR, { every: HOUR })]).told).toEqual([]);
  });

  it("is never told where no notice is wanted", () => {
    expect(play([MORNING, still(9 * HOUR)], { inactivityAfter: 0 }).told).toEqual([]);
  });
});

describe("any sequence of glances", () => {
  it("is told at most once between two movements, only of who is at home, and not before its time", () => {
    const random = randomFrom(7);
    const broken: string[] = [];
    const hold = (what: string, holds: boolean) => {
      if (!holds) broken.push(what);
    };
    let state: InactivityState = NOBODY_HOME;
    let at = 0;
    let told = 0;
    let since = 0;
    let seen = { ...EMPTY, people: 1, moving: 1 };
    let night = false;
    for (let n = 0; n < 100_000; n += 1) {
      if (random() < 0.01) {
        const people = Math.floor(random() * 3);
        seen = {
          ...EMPTY,
          watched: random() < 0.8,
          people,
          moving: people > 0 && random() < 0.4 ? 1 : 0,
          inBed: random() < 0.5 ? null : Math.floor(random() * (people + 1)),
        };
        night = random() < 0.4;
      }
      at += random() < 0.001 ? -random() * HOUR : random() * 20_000;
      const kinds = ["went", "came"] as const;
      const kind = kinds[Math.floor(random() * 400)];
      const doors = kind === undefined ? [] : [{ kind, area: "Kitchen", leadsTo: "outside", at }];
      const input: InactivityInput = { at, areas: [seen], doors, night, outsideDrawn: random() < 0.9 };
      const before: InactivityState = state;
      const step = stepInactivity(before, input, SETTINGS);
      state = step.state;
      hold("the table", allows(INACTIVITY_MACHINE, before.kind, state.kind));
      if (seen.moving > 0) since = 0;
      for (const { quietS } of step.effects) {
        told += 1;
        since += 1;
        hold("told once", since === 1);
        hold("was quiet", before.kind === "quiet");
        hold("watched", seen.watched);
        hold("not before its time", quietS >= 1800);
      }
      if (state.kind === "nobody") since = 0;
      else hold("time passes", state.quiet >= 0);
    }
    expect(broken).toEqual([]);
    expect(told).toBeGreaterThan(20);
  });
});
