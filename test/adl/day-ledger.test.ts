import { describe, expect, it } from "vitest";
import type { AreaGlance, DoorFact, HouseGlance } from "../../src/adl/area-glance.ts";
import { type DayLedger, enterFact, enterGlance, newDay, summaryOf } from "../../src/adl/day-ledger.ts";
import type { DaySummary } from "../../src/domain/care.ts";
import type { EventDraft, EventEvidence } from "../../src/domain/events.ts";
import { randomFrom } from "../support/seeded-random.ts";

const BERLIN = "Europe/Berlin";
const SECOND = 1000;
const HOUR = 3_600_000;
const at = (iso: string): number => Date.parse(iso);
const BEDROOM: AreaGlance = { area: "Bedroom", watched: true, people: 0, moving: 0, upright: 0, inBed: 0 };

function watch(
  ledger: DayLedger,
  from: number,
  until: number,
  glance: Partial<AreaGlance>,
  every = 20 * SECOND,
): { ledger: DayLedger; ended: DaySummary[] } {
  let now = ledger;
  const ended: DaySummary[] = [];
  for (let time = from; time <= until; time += every) {
    const step = enterGlance(now, { at: time, areas: [{ ...BEDROOM, ...glance }], doors: [] }, BERLIN);
    now = step.ledger;
    ended.push(...step.ended);
  }
  return { ledger: now, ended };
}

function door(kind: DoorFact["kind"], time: number, leadsTo = "Bathroom"): HouseGlance {
  return { at: time, areas: [], doors: [{ kind, area: "Bedroom", leadsTo, at: time }] };
}

function draft<K extends "bed_exit" | "fall_confirmed" | "alarm_raised" | "alarm_answered">(
  kind: K,
  evidence: Partial<EventEvidence[K]>,
): EventDraft {
  const base = { cameraId: "cam", area: "Bedroom", zone: null, trackId: null, personId: null };
  const rest = { personName: null, identityCue: null, capturedAt: 0, mediaTimeS: null, confidence: null };
  return { ...base, ...rest, kind, evidence } as unknown as EventDraft;
}

describe("the account of a day", () => {
  it("is of the seconds an area was occupied, slept in, or could not be watched", () => {
    const begins = at("2026-11-20T10:00:00Z");
    let { ledger } = watch(newDay(begins, BERLIN), begins, begins + HOUR, { people: 1 });
    ({ ledger } = watch(ledger, begins + HOUR, begins + 2 * HOUR, { people: 1, inBed: 1 }));
    ({ ledger } = watch(ledger, begins + 2 * HOUR, begins + 3 * HOUR, {
      watched: false,
      people: 1,
      inBed: 1,
    }));
    expect(summaryOf(ledger)).toEqual({
      date: "2026-11-20",
      areas: [{ area: "Bedroom", blindS: 3600, occupiedS: 7200, inBedS: 7200, bedExits: 0, falls: 0 }],
      doors: [],
      alarms: 0,
      falseAlarms: 0,
    });
  });

  it("says of an area without a bed nothing about beds", () => {
    const begins = at("2026-11-20T10:00:00Z");
    const { ledger } = watch(newDay(begins, BERLIN), begins, begins + HOUR, { inBed: null });
    expect(summaryOf(ledger).areas).toMatchObject([{ inBedS: null }]);
  });

  it.each([
    ["2026-03-29", 23],
    ["2026-10-25", 25],
    ["2026-11-20", 24],
  ])("ends at local midnight: %s has %i hours", (date, hours) => {
    const begins = at(`${date}T00:00:00${hours === 25 ? "+02:00" : "+01:00"}`);
    const { ledger, ended } = watch(
      newDay(begins, BERLIN),
      begins,
      begins + 30 * HOUR,
      { people: 1 },
      10 * SECOND,
    );
    expect(ended).toMatchObject([{ date, areas: [{ occupiedS: hours * 3600 }] }]);
    expect(summaryOf(ledger).areas).toMatchObject([{ occupiedS: (30 - hours) * 3600 }]);
  });

  it("counts the time Haven did not run as blind, on both sides of midnight", () => {
    const stops = at("2026-11-20T22:00:00+01:00");
    const before = watch(newDay(stops - HOUR, BERLIN), stops - HOUR, stops, { people: 1 }).ledger;
    const { ledger, ended } = watch(before, stops + 4 * HOUR, stops + 5 * HOUR, { people: 1 });
    expect(ended).toMatchObject([{ date: "2026-11-20", areas: [{ blindS: 7200, occupiedS: 3600 }] }]);
    expect(summaryOf(ledger)).toMatchObject({
      date: "2026-11-21",
      areas: [{ blindS: 7200, occupiedS: 3600 }],
    });
  });

  it("ends once after weeks without Haven, or a clock that was set from the past", () => {
    const begins = at("1970-01-02T10:00:00Z");
    const now = at("2026-11-20T12:00:00+01:00");
    const { ledger, ended } = watch(newDay(begins, BERLIN), now, now, {});
    expect(ended.map(({ date }) => date)).toEqual(["1970-01-02"]);
    expect(summaryOf(ledger)).toMatchObject({ date: "2026-11-20", areas: [{ blindS: 12 * 3600 }] });
  });

  it("does not begin a day twice when the clock is set back over midnight", () => {
    const midnight = at("2026-11-21T00:00:00+01:00");
    const begun = watch(newDay(midnight - HOUR, BERLIN), midnight - HOUR, midnight + HOUR, {});
    const again = watch(begun.ledger, midnight - 600 * SECOND, midnight + HOUR, { people: 1 });
    expect(begun.ended.map(({ date }) => date)).toEqual(["2026-11-20"]);
    expect(again.ended).toEqual([]);
    expect(summaryOf(again.ledger)).toMatchObject({ date: "2026-11-21" });
  });

  it("counts visits behind a door with their time, on the day of the return", () => {
    const night = at("2026-11-20T23:50:00+01:00");
    let step = enterGlance(newDay(night, BERLIN), door("went", night), BERLIN);
    step = enterGlance(step.ledger, door("came", night + 15 * 60 * SECOND), BERLIN);
    expect(step.ended).toMatchObject([{ date: "2026-11-20", doors: [] }]);
    expect(summaryOf(step.ledger).doors).toEqual([{ leadsTo: "Bathroom", visits: 1, seconds: 900 }]);
  });

  it("takes who comes back for who went last, and neither a flicker nor a stranger for a visit", () => {
    const noon = at("2026-11-20T11:00:00Z");
    const passages = [
      door("came", noon),
      // Went, and came back another way.
      door("went", noon + HOUR),
      door("went", noon + 2 * HOUR),
      door("came", noon + 2 * HOUR + 600 * SECOND),
      door("went", noon + 3 * HOUR),
      door("came", noon + 3 * HOUR + 2 * SECOND),
    ];
    const ledger = passages.reduce(
      (now, glance) => enterGlance(now, glance, BERLIN).ledger,
      newDay(noon, BERLIN),
    );
    expect(summaryOf(ledger).doors).toEqual([{ leadsTo: "Bathroom", visits: 1, seconds: 600 }]);
  });

  it("counts exits, falls and alarms, but no tests; the last answer to an alarm counts", () => {
    const answered = (alarmId: string, answer: "real" | "false_alarm") =>
      draft("alarm_answered", { alarmId, answer, test: false });
    const facts = [
      draft("bed_exit", {}),
      draft("fall_confirmed", {}),
      draft("alarm_raised", { test: false }),
      draft("alarm_raised", { test: false }),
      draft("alarm_raised", { test: true }),
      answered("a", "false_alarm"),
      answered("b", "false_alarm"),
      answered("b", "false_alarm"),
      answered("a", "real"),
    ];
    const ledger = facts.reduce((now, fact) => enterFact(now, fact, "Bedroom"), newDay(0, BERLIN));
    expect(summaryOf(ledger)).toMatchObject({
      areas: [{ area: "Bedroom", bedExits: 1, falls: 1 }],
      alarms: 2,
      falseAlarms: 1,
    });
  });

  it("never has more seconds than the day, whatever the clock does", () => {
    const random = randomFrom(5);
    let ledger = newDay(at("2026-10-01T00:00:00Z"), BERLIN);
    let time = ledger.at;
    const broken: string[] = [];
    let dates: string[] = [];
    for (let n = 0; n < 20_000; n += 1) {
      time += random() < 0.01 ? random() * 40 * HOUR : random() * 60 * SECOND;
      const areas = [{ ...BEDROOM, watched: random() < 0.5, people: 1, inBed: 1 }];
      const step = enterGlance(ledger, { at: time, areas, doors: [] }, BERLIN);
      ledger = step.ledger;
      for (const day of [...step.ended, summaryOf(ledger)]) {
        const [area] = day.areas;
        const entered = (area?.blindS ?? 0) + (area?.occupiedS ?? 0);
        if (entered > 25 * 3600 || (area?.inBedS ?? 0) > 25 * 3600) broken.push(day.date);
      }
      dates = [...dates, ...step.ended.map(({ date }) => date)];
    }
    expect(broken).toEqual([]);
    expect(dates.length).toBeGreaterThan(100);
    expect(dates).toEqual([...new Set(dates)].sort());
  });
});
