// What of the house's facts outlives a restart, as JSON: the day so far, the quiet spell, which areas were told to be
// blind. Read with care: what does not look as it should is begun anew.
import type { AreaDay } from "../domain/care.ts";
import type { DayLedger } from "./day-ledger.ts";
import { type InactivityState, NOBODY_HOME } from "./inactivity-machine.ts";
import type { SightState } from "./sight-machine.ts";

/** Rises when the shape changes; older ones are then begun anew. */
const VERSION = 1;

export interface HouseSnapshot {
  readonly version: typeof VERSION;
  readonly day: DayLedger;
  readonly inactivity: InactivityState;
  readonly sights: readonly { readonly area: string; readonly state: SightState }[];
}

export function toSnapshot(parts: Omit<HouseSnapshot, "version">): HouseSnapshot {
  return { version: VERSION, ...parts };
}

/** Null for what is no snapshot of this version. */
export function parseSnapshot(value: unknown): HouseSnapshot | null {
  if (!isRecord(value) || value.version !== VERSION || !isRecord(value.day)) return null;
  const day = parseDay(value.day);
  if (day === null) return null;
  return {
    version: VERSION,
    day,
    inactivity: parseInactivity(value.inactivity) ?? NOBODY_HOME,
    sights: listOf(value.sights, parseSight) ?? [],
  };
}

function parseDay(value: Readonly<Record<string, unknown>>): DayLedger | null {
  const { date, at, alarms } = value;
  const areas = listOf(value.areas, parseArea);
  const doors = listOf(value.doors, parseDoor);
  const falseAlarmIds = listOf(value.falseAlarmIds, text);
  if (typeof date !== "string" || !/^\d{4}-\d\d-\d\d$/.test(date) || !isTime(at) || !isTime(alarms))
    return null;
  if (areas === null || doors === null || falseAlarmIds === null) return null;
  return { date, at, areas, doors, alarms, falseAlarmIds };
}

function parseArea(value: unknown): AreaDay | null {
  if (!isRecord(value)) return null;
  const { area, blindS, occupiedS, inBedS, bedExits, falls } = value;
  if (typeof area !== "string" || !isTime(blindS) || !isTime(occupiedS)) return null;
  if (!isTime(bedExits) || !isTime(falls) || !(inBedS === null || isTime(inBedS))) return null;
  return { area, blindS, occupiedS, inBedS, bedExits, falls };
}

function parseDoor(value: unknown): DayLedger["doors"][number] | null {
  if (!isRecord(value)) return null;
  const { leadsTo, visits, seconds } = value;
  const open = listOf(value.open, (since) => (isTime(since) ? since : null));
  if (typeof leadsTo !== "string" || !isTime(visits) || !isTime(seconds) || open === null) return null;
  return { leadsTo, visits, seconds, open };
}

function parseInactivity(value: unknown): InactivityState | null {
  if (!isRecord(value)) return null;
  const { kind, at, lastMovedAt, lastSeenAt, area, quiet, wentOutAt } = value;
  if (kind !== "moving" && kind !== "quiet" && kind !== "told") return null;
  if (!isTime(at) || !isTime(lastMovedAt) || !isTime(lastSeenAt) || !isTime(quiet)) return null;
  if (!(area === null || typeof area === "string") || !(wentOutAt === null || isTime(wentOutAt))) return null;
  return { kind, at, lastMovedAt, lastSeenAt, area, quiet, wentOutAt };
}

function parseSight(value: unknown): HouseSnapshot["sights"][number] | null {
  if (!isRecord(value) || typeof value.area !== "string" || !isRecord(value.state)) return null;
  const { area } = value;
  const { kind, since, backSince } = value.state;
  if (kind === "watched") return { area, state: { kind } };
  if (!isTime(since)) return null;
  if (kind === "failing" || kind === "blind") return { area, state: { kind, since } };
  return kind === "returning" && isTime(backSince) ? { area, state: { kind, since, backSince } } : null;
}

/** All of them, or null if one is none. */
function listOf<T>(value: unknown, parse: (item: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null;
  const parsed = value.map(parse);
  return parsed.every((item) => item !== null) ? parsed : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Times, durations and counts: finite and not negative. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
