// What a local day was like: seconds occupied, in bed and blind by area, visits behind doors, falls and alarms. It ends at
// local midnight, however long the day was, and goes on after a restart. Pure.
import type { Millis } from "../core/clock.ts";
import { lastAt, localDay, nextMidnight } from "../core/local-time.ts";
import type { AreaDay, DaySummary, DoorDay } from "../domain/care.ts";
import type { EventDraft } from "../domain/events.ts";
import type { AreaGlance, DoorFact, HouseGlance } from "./area-glance.ts";

/** After a longer gap between two glances Haven was not watching: it was off, or the machine slept. */
const LONGEST_STEP: Millis = 30_000;
/** Out and back faster than this was a track that broke in the doorway: nobody closes a door behind them in less. */
const SHORTEST_VISIT: Millis = 5_000;
/** Who is not back after a day came back another way. */
const LONGEST_VISIT: Millis = 24 * 3_600_000;

interface DoorEntry extends DoorDay {
  /** When those behind it went through, oldest first. */
  readonly open: readonly Millis[];
}

export interface DayLedger {
  readonly date: string;
  /** Up to when time has been entered. */
  readonly at: Millis;
  readonly areas: readonly AreaDay[];
  readonly doors: readonly DoorEntry[];
  readonly alarms: number;
  readonly falseAlarmIds: readonly string[];
}

export interface LedgerStep {
  readonly ledger: DayLedger;
  /** Days that ended since, oldest first. Days Haven did not run at all are not among them. */
  readonly ended: readonly DaySummary[];
}

/** Nothing known of a day yet. */
export function newDay(at: Millis, timeZone?: string): DayLedger {
  return { date: localDay(at, timeZone), at, areas: [], doors: [], alarms: 0, falseAlarmIds: [] };
}

/** Enters the time since the last glance, as this one shows it, and what happened at doors. */
export function enterGlance(ledger: DayLedger, glance: HouseGlance, timeZone?: string): LedgerStep {
  const { at } = glance;
  const watching = at - ledger.at <= LONGEST_STEP;
  const areas = watching ? glance.areas : glance.areas.map(unwatched);
  const ended: DaySummary[] = [];
  let now = ledger;
  for (;;) {
    const midnight = nextMidnight(now.at, timeZone);
    if (midnight > at) break;
    now = enterTime(now, areas, midnight);
    // The clock was set back over midnight: that day has begun already.
    if (localDay(midnight, timeZone) <= now.date) continue;
    ended.push(summaryOf(now));
    const begins = lastAt("00:00", at, timeZone);
    const doors = now.doors.map((door) => ({ ...door, visits: 0, seconds: 0 }));
    now = { ...newDay(Math.max(midnight, begins), timeZone), doors };
  }
  now = enterTime(now, areas, at);
  return { ledger: glance.doors.reduce(enterDoor, now), ended };
}

/** Enters a fact of the day; `area` is the one it is counted for. Facts of no account here change nothing. */
export function enterFact(ledger: DayLedger, fact: EventDraft, area: string | null): DayLedger {
  switch (fact.kind) {
    case "bed_exit":
      return inArea(ledger, area, (day) => ({ ...day, bedExits: day.bedExits + 1 }));
    case "fall_confirmed":
      return inArea(ledger, area, (day) => ({ ...day, falls: day.falls + 1 }));
    case "alarm_raised":
      return fact.evidence.test ? ledger : { ...ledger, alarms: ledger.alarms + 1 };
    case "alarm_answered": {
      const { alarmId, answer, test } = fact.evidence;
      // An answer may be changed: the last one counts.
      const others = ledger.falseAlarmIds.filter((id) => id !== alarmId);
      const wasFalse = answer === "false_alarm" && !test;
      return { ...ledger, falseAlarmIds: wasFalse ? [...others, alarmId] : others };
    }
    default:
      return ledger;
  }
}

export function summaryOf({ date, areas, doors, alarms, falseAlarmIds }: DayLedger): DaySummary {
  return {
    date,
    areas,
    doors: doors
      .filter(({ visits }) => visits > 0)
      .map(({ leadsTo, visits, seconds }) => ({ leadsTo, visits, seconds })),
    alarms,
    falseAlarms: falseAlarmIds.length,
  };
}

function enterTime(ledger: DayLedger, areas: readonly AreaGlance[], until: Millis): DayLedger {
  const seconds = Math.max(0, until - ledger.at) / 1000;
  const known = new Map(ledger.areas.map((day) => [day.area, day]));
  for (const glance of areas) {
    const day = known.get(glance.area) ?? newArea(glance.area);
    known.set(glance.area, {
      ...day,
      blindS: day.blindS + (glance.watched ? 0 : seconds),
      occupiedS: day.occupiedS + (glance.watched && glance.people > 0 ? seconds : 0),
      inBedS: glance.inBed === null ? day.inBedS : (day.inBedS ?? 0) + (glance.inBed > 0 ? seconds : 0),
    });
  }
  return { ...ledger, at: until, areas: [...known.values()] };
}

/** Visits count on the day of the return. */
function enterDoor(ledger: DayLedger, { kind, leadsTo, at }: DoorFact): DayLedger {
  const before = ledger.doors.find((door) => door.leadsTo === leadsTo) ?? newDoor(leadsTo);
  const open = before.open.filter((since) => at - since <= LONGEST_VISIT);
  return {
    ...ledger,
    doors: [
      ...ledger.doors.filter((door) => door.leadsTo !== leadsTo),
      kind === "went" ? { ...before, open: [...open, at] } : comeBack({ ...before, open }, at),
    ],
  };
}

/** Whoever went last comes back first: who went before and was not seen again may have come back another way. */
function comeBack(door: DoorEntry, at: Millis): DoorEntry {
  const since = door.open.at(-1);
  if (since === undefined) return door;
  const left = { ...door, open: door.open.slice(0, -1) };
  if (at - since < SHORTEST_VISIT) return left;
  return { ...left, visits: door.visits + 1, seconds: door.seconds + (at - since) / 1000 };
}

function inArea(ledger: DayLedger, area: string | null, change: (day: AreaDay) => AreaDay): DayLedger {
  if (area === null) return ledger;
  const known = ledger.areas.some((day) => day.area === area);
  const areas = known ? ledger.areas : [...ledger.areas, newArea(area)];
  return { ...ledger, areas: areas.map((day) => (day.area === area ? change(day) : day)) };
}

function unwatched(glance: AreaGlance): AreaGlance {
  return {
    ...glance,
    watched: false,
    people: 0,
    moving: 0,
    upright: 0,
    inBed: glance.inBed === null ? null : 0,
  };
}

function newArea(area: string): AreaDay {
  return { area, blindS: 0, occupiedS: 0, inBedS: null, bedExits: 0, falls: 0 };
}

function newDoor(leadsTo: string): DoorEntry {
  return { leadsTo, visits: 0, seconds: 0, open: [] };
}
