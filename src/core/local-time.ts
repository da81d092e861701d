// The household's clock on the wall: its day, its night hours, and when it shows a time next. Everything is asked of the
// time zone's own rules (Intl), so that days of 23 and 25 hours are as long as they are.
import type { Millis } from "./clock.ts";

/** Times as in the configuration, such as "21:00". The night may go over midnight; from = until is none. */
export interface NightHours {
  readonly from: string;
  readonly until: string;
}

interface LocalParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAY: Millis = 86_400_000;
const MINUTE: Millis = 60_000;

/** Making a format takes a hundred times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether it is night at that moment. `timeZone` is an IANA name; left out, the machine's. */
export function isNight(at: Millis, { from, until }: NightHours, timeZone?: string): boolean {
  const { hour, minute } = localParts(at, timeZone);
  const now = hour * 60 + minute;
  const begins = minutesOf(from);
  const ends = minutesOf(until);
  return begins <= ends ? now >= begins && now < ends : now >= begins || now < ends;
}

/** The local day, such as "2026-11-20". */
export function localDay(at: Millis, timeZone?: string): string {
  const { year, month, day } = localParts(at, timeZone);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/**
 * The first moment after `now` at which the clock on the wall shows `time`. On the day that lacks it, an hour later; on the
 * day that has it twice, the first of the two.
 */
export function nextAt(time: string, now: Millis, timeZone?: string): Millis {
  const today = localParts(now, timeZone);
  for (let days = 0; ; days += 1) {
    const at = momentOf(today, days, time, timeZone);
    if (at > now) return at;
  }
}

/** The last moment up to `now` at which it showed `time`. */
export function lastAt(time: string, now: Millis, timeZone?: string): Millis {
  const today = localParts(now, timeZone);
  for (let days = 0; ; days -= 1) {
    const at = momentOf(today, days, time, timeZone);
    if (at <= now) return at;
  }
}

/** When the local day after the one of `now` begins. */
export function nextMidnight(now: Millis, timeZone?: string): Millis {
  return nextAt("00:00", now, timeZone);
}

function momentOf(today: LocalParts, days: number, time: string, timeZone: string | undefined): Millis {
  const asUtc = Date.UTC(today.year, today.month - 1, today.day + days) + minutesOf(time) * MINUTE;
  // Clocks are changed at most once in two days, by what the offsets before and after tell.
  const before = offsetAt(asUtc - DAY, timeZone);
  const after = offsetAt(asUtc + DAY, timeZone);
  const earlier = asUtc - Math.max(before, after);
  if (earlier + offsetAt(earlier, timeZone) === asUtc) return earlier;
  const later = asUtc - Math.min(before, after);
  if (later + offsetAt(later, timeZone) === asUtc) return later;
  return asUtc - before;
}

/** How far the clock on the wall is ahead of UTC, milliseconds. */
function offsetAt(at: Millis, timeZone: string | undefined): Millis {
  const { year, month, day, hour, minute, second } = localParts(at, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

function localParts(at: Millis, timeZone: string | undefined): LocalParts {
  const parts = formatOf(timeZone).formatToParts(at);
  const value = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value ?? Number.NaN);
  return {
    year: value("year"),
    month: value("month"),
    day: value("day"),
    hour: value("hour"),
    minute: value("minute"),
    second: value("second"),
  };
}

function formatOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const key = timeZone ?? "";
  const known = formats.get(key);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    ...(timeZone === undefined ? {} : { timeZone }),
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(key, format);
  return format;
}

/** Minutes since midnight. */
function minutesOf(time: string): number {
  const [hours, minutes] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}
