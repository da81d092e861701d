import { describe, expect, it } from "vitest";
import {
  SIGHT_MACHINE,
  type SightEffect,
  type SightState,
  stepSight,
  WATCHED,
} from "../../src/adl/sight-machine.ts";
import { allows } from "../../src/core/transitions.ts";
import { everyWay, type Taken, takenBy } from "../support/every-way.ts";
import { randomFrom } from "../support/seeded-random.ts";

type Part = readonly [sees: "sees" | "blind", seconds: number];
interface Script {
  readonly parts: readonly Part[];
  readonly blindAfter?: number;
}

function play({ parts, blindAfter = 60_000 }: Script) {
  let state: SightState = WATCHED;
  let at = 1_000_000;
  const begun = at;
  const taken: Taken[] = [];
  const told: (SightEffect & { readonly atS: number })[] = [];
  for (const [sees, seconds] of parts) {
    for (let n = 0; n < seconds; n += 1, at += 1000) {
      const blind = sees === "sees" ? null : "the camera is offline";
      const step = stepSight(state, { at, blind }, { blindAfter });
      taken.push(...takenBy(state, step));
      state = step.state;
      for (const effect of step.effects) told.push({ ...effect, atS: (at - begun) / 1000 });
    }
  }
  return { state, told, taken };
}

describe("every way through the sight machine", () => {
  everyWay<Script>(
    SIGHT_MACHINE,
    {
      "watched > failing": [{ parts: [["blind", 1]] }],
      "watched > blind": [{ parts: [["blind", 1]], blindAfter: 0 }],
      "failing > watched": [
        {
          parts: [
            ["blind", 30],
            ["sees", 1],
          ],
        },
      ],
      "failing > blind": [{ parts: [["blind", 61]] }],
      "blind > returning": [
        {
          parts: [
            ["blind", 61],
            ["sees", 5],
          ],
        },
      ],
      "returning > blind": [
        {
          parts: [
            ["blind", 61],
            ["sees", 5],
            ["blind", 1],
          ],
        },
      ],
      "returning > watched": [
        {
          parts: [
            ["blind", 61],
            ["sees", 11],
          ],
        },
      ],
    },
    (script) => play(script).taken,
  );
});

describe("an area", () => {
  it("is told to be blind after the set time, and watched again with how long it was not", () => {
    expect(
      play({
        parts: [
          ["sees", 10],
          ["blind", 300],
          ["sees", 60],
        ],
      }).told,
    ).toEqual([
      { kind: "area_blind", reason: "the camera is offline", atS: 70 },
      { kind: "area_watched", blindS: 300, atS: 320 },
    ]);
  });

  it("is told once while its camera comes and goes", () => {
    const flapping = Array.from({ length: 50 }, (): Part[] => [
      ["sees", 7],
      ["blind", 7],
    ]).flat();
    const { told } = play({ parts: [["blind", 61], ...flapping, ["sees", 20]] });
    expect(told.map(({ kind }) => kind)).toEqual(["area_blind", "area_watched"]);
    expect(play({ parts: flapping }).told).toEqual([]);
  });

  it("is told to be blind a minute after the clock was set back by an hour", () => {
    const noon = 1_795_000_000_000;
    const settings = { blindAfter: 60_000 };
    const seen = [0, -3600, -3570, -3540].map((seconds) => noon + seconds * 1000);
    let state: SightState = WATCHED;
    const told = seen.flatMap((at) => {
      const step = stepSight(state, { at, blind: "dark" }, settings);
      state = step.state;
      return step.effects;
    });
    expect(told).toEqual([{ kind: "area_blind", reason: "dark" }]);
  });

  it("is watched again after each time it was told to be blind, whatever its cameras do", () => {
    const random = randomFrom(3);
    let state: SightState = WATCHED;
    let at = 0;
    let blind: string | null = null;
    let told = 0;
    const broken: string[] = [];
    let last = "area_watched";
    for (let n = 0; n < 100_000; n += 1) {
      if (random() < 0.05) blind = random() < 0.5 ? null : "dark";
      at += random() < 0.001 ? -random() * 100_000 : random() * 5000;
      const before: SightState = state;
      const step = stepSight(before, { at, blind }, { blindAfter: 60_000 });
      state = step.state;
      if (!allows(SIGHT_MACHINE, before.kind, state.kind)) broken.push("the table");
      for (const effect of step.effects) {
        told += 1;
        if (effect.kind === last) broken.push("told in turn");
        if ((effect.kind === "area_blind") !== (blind !== null)) broken.push("told as it is");
        if (effect.kind === "area_watched" && effect.blindS < 0) broken.push("time runs forwards");
        last = effect.kind;
      }
    }
    expect(broken).toEqual([]);
    expect(told).toBeGreaterThan(100);
  });
});
