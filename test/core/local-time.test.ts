import { describe, expect, it } from "vitest";
import { isNight, lastAt, localDay, nextAt, nextMidnight } from "../../src/core/local-time.ts";

const at = (iso: string): number => Date.parse(iso);
const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
const NIGHT = { from: "21:00", until: "07:00" };

describe("the night", () => {
  it("goes over midnight, from its first minute to before its last", () => {
    const night = (time: string) => isNight(at(`2026-01-15T${time}+01:00`), NIGHT, BERLIN);
    expect(["20:59:59", "07:00:00", "12:00:00"].map(night)).toEqual([false, false, false]);
    expect(["21:00:00", "23:59:59", "00:00:00", "06:59:59"].map(night)).toEqual([true, true, true, true]);
  });

  it("may lie within a day, or be none", () => {
    const noon = at("2026-01-15T12:00:00+01:00");
    expect(isNight(noon, { from: "08:00", until: "16:00" }, BERLIN)).toBe(true);
    expect(isNight(noon, { from: "13:00", until: "16:00" }, BERLIN)).toBe(false);
    expect(isNight(noon, { from: "12:00", until: "12:00" }, BERLIN)).toBe(false);
  });

  it("is told by the clock on the wall of each time zone", () => {
    const moment = at("2026-01-15T05:30:00Z");
    expect(isNight(moment, NIGHT, BERLIN)).toBe(true);
    expect(isNight(moment, NIGHT, NEW_YORK)).toBe(true);
    expect(isNight(moment, NIGHT, "Asia/Kolkata")).toBe(false);
  });

  it.each([
    [BERLIN, "2026-03-28T20:00:00Z", "2026-03-29T05:00:00Z", 9],
    [BERLIN, "2026-10-24T19:00:00Z", "2026-10-25T06:00:00Z", 11],
    [NEW_YORK, "2026-03-08T02:00:00Z", "2026-03-08T11:00:00Z", 9],
    [NEW_YORK, "2026-11-01T01:00:00Z", "2026-11-01T12:00:00Z", 11],
  ])("in %s from %s to %s is %i hours long, as the clocks are changed", (zone, from, until, hours) => {
    expect((at(until) - at(from)) / 3_600_000).toBe(hours);
    for (let now = at(from) - 7_200_000; now < at(until) + 7_200_000; now += 600_000) {
      expect(isNight(now, NIGHT, zone)).toBe(now >= at(from) && now < at(until));
    }
  });
});

describe("a day", () => {
  it("is the local one", () => {
    expect(localDay(at("2026-06-30T22:30:00Z"), BERLIN)).toBe("2026-07-01");
    expect(localDay(at("2026-06-30T22:30:00Z"), NEW_YORK)).toBe("2026-06-30");
  });

  it.each([
    [BERLIN, "2026-03-29T10:00:00Z", 23],
    [BERLIN, "2026-10-25T10:00:00Z", 25],
    [NEW_YORK, "2026-03-08T15:00:00Z", 23],
    [NEW_YORK, "2026-11-01T15:00:00Z", 25],
    [BERLIN, "2026-05-05T10:00:00Z", 24],
    // Clocks are changed at midnight there: the day begins at one o'clock.
    ["Africa/Cairo", "2026-04-24T10:00:00Z", 23],
  ])("in %s around %s has %i hours", (zone, noon, hours) => {
    const ends = nextMidnight(at(noon), zone);
    const begins = lastAt("00:00", at(noon), zone);
    expect((ends - begins) / 3_600_000).toBe(hours);
    expect(localDay(begins, zone)).toBe(localDay(at(noon), zone));
    expect(localDay(begins - 1, zone)).not.toBe(localDay(at(noon), zone));
    expect(localDay(ends - 1, zone)).toBe(localDay(at(noon), zone));
    expect(localDay(ends, zone)).not.toBe(localDay(at(noon), zone));
  });
});

describe("the next time the clock shows", () => {
  it("a time is later today or tomorrow, never now", () => {
    const now = at("2026-01-15T07:00:00Z");
    expect(nextAt("09:00", now, BERLIN)).toBe(at("2026-01-15T08:00:00Z"));
    expect(nextAt("08:00", now, BERLIN)).toBe(at("2026-01-16T07:00:00Z"));
    expect(lastAt("08:00", now, BERLIN)).toBe(now);
    expect(lastAt("08:01", now, BERLIN)).toBe(at("2026-01-14T07:01:00Z"));
  });

  it("a time the day lacks is an hour later", () => {
    expect(nextAt("02:30", at("2026-03-29T00:00:00Z"), BERLIN)).toBe(at("2026-03-29T01:30:00Z"));
    expect(nextAt("02:30", at("2026-03-08T06:00:00Z"), NEW_YORK)).toBe(at("2026-03-08T07:30:00Z"));
  });

  it("a time the day has twice is the first of the two, and comes once", () => {
    const first = at("2026-10-25T00:30:00Z");
    expect(nextAt("02:30", at("2026-10-24T22:00:00Z"), BERLIN)).toBe(first);
    expect(nextAt("02:30", first, BERLIN)).toBe(at("2026-10-26T01:30:00Z"));
    expect(nextAt("01:30", at("2026-11-01T04:00:00Z"), NEW_YORK)).toBe(at("2026-11-01T05:30:00Z"));
  });
});
