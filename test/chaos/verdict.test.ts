// The judge of the trials has to see what goes wrong: each promise, broken once.
import { describe, expect, it } from "vitest";
import { planRounds, type RoundPlan } from "./plan.ts";
import type { HeardEvent } from "./recorder.ts";
import { judge, type RoundFacts } from "./verdict.ts";

const [plan] = planRounds(1, { rounds: 1, faults: ["vision killed"] });
if (plan === undefined) throw new Error("no plan");

const fall: HeardEvent = {
  at: 10_020,
  id: "fall",
  kind: "fall_confirmed",
  late: false,
  ageS: null,
  mediaTimeS: 10,
  alarmId: null,
  causeEventId: null,
};
const alarm: HeardEvent = {
  ...fall,
  at: 10_030,
  id: "raised",
  kind: "alarm_raised",
  alarmId: "a",
  causeEventId: "fall",
};
const stored = [fall, alarm].map(({ id, kind }) => ({ id, kind, deliveredAt: 1 }));

function complaintsOf(facts: Partial<RoundFacts>): readonly string[] {
  const good = {
    plan: plan as RoundPlan,
    events: [fall, alarm],
    stored,
    restartedAt: 20_000,
    complaints: [],
  };
  return judge({ ...good, ...facts }).complaints.map(({ kind }) => kind);
}

describe("the judge of the trials", () => {
  it("has nothing to say of an alarm that came once, at once", () => {
    expect(complaintsOf({})).toEqual([]);
  });

  it("sees that no alarm came, and that one came without its event", () => {
    expect(complaintsOf({ events: [], stored: [] })).toEqual(["lost"]);
    expect(complaintsOf({ events: [alarm], stored: [] })).toEqual(["lost"]);
  });

  it("sees that a stored message was never heard, or still waits", () => {
    expect(
      complaintsOf({ stored: [...stored, { id: "other", kind: "camera_online", deliveredAt: 1 }] }),
    ).toEqual(["lost"]);
    expect(complaintsOf({ stored: [{ id: "fall", kind: "fall_confirmed", deliveredAt: null }] })).toEqual([
      "state",
    ]);
  });

  it("sees what is told twice as news, and two alarms for one body", () => {
    expect(complaintsOf({ events: [fall, alarm, fall] })).toContain("doubled");
    expect(complaintsOf({ events: [fall, alarm, { ...alarm, id: "again", alarmId: "b" }] })).toEqual([
      "doubled",
    ]);
  });

  it("takes a late copy where something was in doubt, and nowhere else", () => {
    const late = { ...fall, at: 14_000, late: true, ageS: 4 };
    expect(complaintsOf({ events: [fall, alarm, late] })).toEqual(["late"]);
    expect(
      complaintsOf({ events: [fall, alarm, late], plan: { ...(plan as RoundPlan), fault: "broker killed" } }),
    ).toEqual([]);
    expect(complaintsOf({ events: [fall, alarm, late], restartedAt: 12_000 })).toEqual([]);
  });

  it("sees news that come after a late copy, and a wrong age", () => {
    const doubt = { ...(plan as RoundPlan), fault: "broker killed" as const };
    const late = { ...fall, at: 14_000, late: true, ageS: 4 };
    expect(complaintsOf({ plan: doubt, events: [late, { ...fall, at: 15_000 }, alarm] })).toContain("late");
    expect(complaintsOf({ plan: doubt, events: [{ ...late, ageS: 86_400 }, alarm] })).toEqual(["late"]);
  });

  it("sees messages that come in another order than they were recorded in", () => {
    expect(complaintsOf({ events: [alarm, fall] })).toEqual(["order"]);
  });
});

describe("the plan of the trials", () => {
  it("is the same for the same seed, and lets every step be the last", () => {
    const faults = ["daemon killed between steps"] as const;
    expect(planRounds(7, { rounds: 20, faults })).toEqual(planRounds(7, { rounds: 20, faults }));
    expect(planRounds(7, { rounds: 20, faults })).not.toEqual(planRounds(8, { rounds: 20, faults }));
    expect(new Set(planRounds(7, { rounds: 11, faults }).map(({ step }) => step)).size).toBe(11);
  });
});
