import { describe, expect, it } from "vitest";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import { FALL_MACHINE } from "../../src/adl/fall-machine.ts";
import { FLOOR_MACHINE } from "../../src/adl/floor-machine.ts";
import { stepGround } from "../../src/adl/ground-step.ts";
import { POSTURE_MACHINE, stepPosture } from "../../src/adl/posture.ts";
import { newSubject, type Subject } from "../../src/adl/subject.ts";
import { allows, type Machine } from "../../src/core/transitions.ts";
import type { ActivityFact } from "../../src/domain/activity.ts";
import { fuzzedLife } from "./fuzzed-life.ts";

const LIVES = 200;
const MOMENTS = 500;

interface Told {
  readonly seed: number;
  readonly fact: ActivityFact;
  /** The states in which the moment began and ended. */
  readonly before: Subject;
  readonly after: Subject;
}

/** All lives, once: what was told in them, and which transitions were made. */
const lived = (() => {
  const told: Told[] = [];
  const made = { fall: new Set<string>(), floor: new Set<string>(), posture: new Set<string>() };
  const tells = new Set<string>();
  let inputs = 0;
  for (let seed = 1; seed <= LIVES; seed += 1) {
    const box = { x1: 0.4, y1: 0.2, x2: 0.6, y2: 0.8 };
    let subject: Subject = newSubject(
      {
        id: seed,
        state: "confirmed",
        box,
        confidence: 1,
        pose: null,
        detected: true,
        firstSeenS: 0,
        lastSeenS: 0,
      },
      0,
    );
    for (const sight of fuzzedLife(seed, MOMENTS)) {
      const before = subject;
      const posture = stepPosture(subject.posture, sight.body, sight.timeS);
      const seen = sight.body === null ? {} : { lastSeenS: sight.timeS, bodyLength: sight.body.bodyLength };
      const step = stepGround({ ...subject, ...seen, posture }, sight, DEFAULT_ADL_SETTINGS);
      subject = step.subject;
      inputs += 1;
      made.fall.add(`${before.fall.kind} > ${subject.fall.kind}`);
      made.floor.add(`${before.floor.kind} > ${subject.floor.kind}`);
      made.posture.add(`${before.posture.posture} > ${posture.posture}`);
      for (const fact of step.facts) {
        told.push({ seed, fact, before, after: subject });
        tells.add(fact.kind);
      }
    }
  }
  return { told, made, tells, inputs };
})();

/** What was told in each life, in its order. */
const byLife = grouped(lived.told);

function grouped(told: readonly Told[]): Map<number, Told[]> {
  const lives = new Map<number, Told[]>();
  for (const one of told) lives.set(one.seed, [...(lives.get(one.seed) ?? []), one]);
  return lives;
}

function evidenceOf({ fact }: Told) {
  if (!("groundAtS" in fact.evidence)) throw new Error("told of a bed");
  return fact.evidence;
}

describe(`over ${LIVES * MOMENTS} fuzzed moments`, () => {
  it("everything that can be told is told", () => {
    expect(lived.inputs).toBe(100_000);
    expect([...lived.tells].sort()).toEqual([
      "fall_confirmed",
      "fall_recovered",
      "fall_suspected",
      "long_lie",
      "on_floor",
    ]);
  });

  it("no fall is confirmed that was not suspected, and none twice", () => {
    for (const life of byLife.values()) {
      let suspected = false;
      for (const { fact, before } of life) {
        if (fact.kind === "fall_suspected") suspected = true;
        if (fact.kind !== "fall_confirmed") continue;
        expect(suspected).toBe(true);
        expect(before.fall.kind).not.toBe("confirmed");
        suspected = false;
      }
    }
  });

  it("nobody has got up who was not told to be down", () => {
    for (const life of byLife.values()) {
      let down = false;
      for (const { fact } of life) {
        if (fact.kind === "fall_recovered") expect(down).toBe(true);
        down = fact.kind !== "fall_recovered";
      }
    }
  });

  it("every long lie comes after that long on the ground, and is not told again while it lasts", () => {
    for (const one of lived.told.filter(({ fact }) => fact.kind === "long_lie")) {
      expect(evidenceOf(one).onGroundS).toBeGreaterThanOrEqual(DEFAULT_ADL_SETTINGS.longLieAfterS - 1e-6);
      expect(["down", "noticed"]).toContain(one.before.floor.kind);
      expect(one.after.floor.kind).toBe("long");
    }
  });

  it("time in the evidence never runs backwards", () => {
    for (const one of lived.told) {
      const { descentAtS, groundAtS, onGroundS } = evidenceOf(one);
      expect(descentAtS).toBeLessThanOrEqual(groundAtS + 1e-9);
      expect(groundAtS).toBeLessThanOrEqual(one.fact.mediaTimeS + 1e-9);
      expect(onGroundS).toBeGreaterThanOrEqual(0);
    }
    for (const life of byLife.values()) {
      const times = life.map(({ fact }) => fact.mediaTimeS);
      expect([...times].sort((a, b) => a - b)).toEqual(times);
    }
  });

  it("every number told is one", () => {
    for (const one of lived.told) {
      const { peakSpeed, drop } = evidenceOf(one);
      expect(Number.isFinite(peakSpeed) && Number.isFinite(drop)).toBe(true);
      expect(one.fact.confidence).toBeGreaterThanOrEqual(0);
      expect(one.fact.confidence).toBeLessThanOrEqual(1);
    }
  });

  it.each<[string, Machine, ReadonlySet<string>]>([
    ["fall", FALL_MACHINE, lived.made.fall],
    ["floor", FLOOR_MACHINE, lived.made.floor],
    ["posture", POSTURE_MACHINE, lived.made.posture],
  ])("the %s machine makes the transitions it declares, each of them and no other", (_, machine, made) => {
    const undeclared = [...made].filter((change) => {
      const [from = "", to = ""] = change.split(" > ");
      return !allows(machine, from, to);
    });
    expect(undeclared).toEqual([]);
    const never = machine.transitions.filter(({ from, to }) => !made.has(`${from} > ${to}`));
    expect(never.map(({ from, to }) => `${from} > ${to}`)).toEqual([]);
  });
});
