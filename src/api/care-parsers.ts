// Parses what carers and residents send about alarms, care and settings: our own types, or AppError input.invalid.
import { ALARM_ANSWERS, ALARM_CAUSES, type AlarmAnswer, type AlarmCause } from "../domain/alarm.ts";
import { type EffectiveMode, MODES, type Mode } from "../domain/care.ts";
import type { AdlPatch, AlarmsPatch } from "./deps.ts";
import {
  type Fields,
  invalid,
  isFields,
  knownFields,
  numberIn,
  oneOf,
  single,
  slug,
  text,
} from "./field-parsers.ts";

/** A minute at least, and no more than a day: how long it may really be is for the configuration to say. */
const MAX_SNOOZE = 1440;

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** Days asked for at once; a year has at most so many. */
const MAX_DAYS = 366;

/** null when the caller leaves it to us. */
export function parseBy(body: unknown, what: string): string | null {
  return byOf(fieldsOrNone(body, ["by"], what));
}

export function parseAnswer(body: unknown): { readonly answer: AlarmAnswer; readonly by: string | null } {
  const fields = knownFields(body, ["answer", "by"], "an answer");
  return { answer: oneOf(fields.answer, "answer", ALARM_ANSWERS), by: byOf(fields) };
}

export function parseMode(body: unknown): { readonly mode: Mode; readonly by: string | null } {
  const fields = knownFields(body, ["mode", "by"], "a mode");
  return { mode: oneOf(fields.mode, "mode", MODES), by: byOf(fields) };
}

export function parseSnooze(body: unknown): {
  readonly minutes: number;
  readonly area: string | null;
  readonly by: string | null;
} {
  const fields = knownFields(body, ["minutes", "area", "by"], "a snooze");
  return {
    minutes: numberIn(fields.minutes, "minutes", 1, MAX_SNOOZE),
    area: areaOf(fields.area),
    by: byOf(fields),
  };
}

/** The area of DELETE api/care/snooze; null for the whole house. */
export function parseArea(query: Fields): string | null {
  return areaOf(single(query, "area"));
}

export function parseDrill(body: unknown): { readonly cameraId: string | null; readonly by: string | null } {
  const fields = fieldsOrNone(body, ["camera_id", "by"], "a drill");
  const { camera_id: id } = fields;
  return { cameraId: id === undefined || id === null ? null : slug(id, "camera_id"), by: byOf(fields) };
}

/** `?all=true` of GET api/alarms. */
export function parseAll(query: Fields): boolean {
  const all = single(query, "all");
  return all !== null && oneOf(all, "all", ["true", "false"]) === "true";
}

export function parseDays(query: Fields): { readonly from: string | null; readonly to: string | null } {
  const [from, to] = [dayOf(query, "from"), dayOf(query, "to")];
  if (from === null || to === null) return { from, to };
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  if (days < 0) throw invalid("from is a day before to, or the same.");
  if (days >= MAX_DAYS) throw invalid(`At most ${MAX_DAYS} days can be asked for at once.`);
  return { from, to };
}

/** What a value may be is for the configuration's own schema to say; here it has the right type. */
export function parseAdlPatch(body: unknown): AdlPatch {
  const fields = knownFields(
    body,
    [
      "fall_speed",
      "bed_edge_after_seconds",
      "night_from",
      "night_until",
      "inactivity_after_minutes",
      "wandering_after_minutes",
    ],
    "these settings",
  );
  return {
    ...(fields.fall_speed === undefined ? {} : { fallSpeed: amount(fields.fall_speed, "fall_speed") }),
    ...(fields.bed_edge_after_seconds === undefined
      ? {}
      : { bedEdgeAfterS: amount(fields.bed_edge_after_seconds, "bed_edge_after_seconds") }),
    ...(fields.night_from === undefined ? {} : { nightFrom: text(fields.night_from, "night_from", 5) }),
    ...(fields.night_until === undefined ? {} : { nightUntil: text(fields.night_until, "night_until", 5) }),
    ...(fields.inactivity_after_minutes === undefined
      ? {}
      : { inactivityAfterMinutes: amount(fields.inactivity_after_minutes, "inactivity_after_minutes") }),
    ...(fields.wandering_after_minutes === undefined
      ? {}
      : { wanderingAfterMinutes: amount(fields.wandering_after_minutes, "wandering_after_minutes") }),
  };
}

/** `armed`: the modes that are named are replaced, the others stay as they are in `current`. */
export function parseAlarmsPatch(
  body: unknown,
  current: Readonly<Record<EffectiveMode, readonly AlarmCause[]>>,
): AlarmsPatch {
  const { armed } = knownFields(body, ["armed"], "these settings");
  if (armed === undefined) return {};
  if (!isFields(armed)) throw invalid("armed is an object of lists, by mode.");
  const modes = knownFields(armed, ["home", "night", "away"], "armed");
  return {
    armed: {
      home: modes.home === undefined ? current.home : causes(modes.home, "armed.home"),
      night: modes.night === undefined ? current.night : causes(modes.night, "armed.night"),
      away: modes.away === undefined ? current.away : causes(modes.away, "armed.away"),
    },
  };
}

function causes(value: unknown, at: string): readonly AlarmCause[] {
  if (!Array.isArray(value) || value.length > ALARM_CAUSES.length)
    throw invalid(`${at} is a list of causes.`);
  return [...new Set(value.map((cause: unknown, index) => oneOf(cause, `${at}[${index}]`, ALARM_CAUSES)))];
}

/** A request without a body says nothing of what it could say. */
function fieldsOrNone<K extends string>(
  body: unknown,
  known: readonly K[],
  what: string,
): Partial<Record<K, unknown>> {
  return body === undefined || body === null ? {} : knownFields(body, known, what);
}

function byOf(fields: { readonly by?: unknown }): string | null {
  return fields.by === undefined ? null : text(fields.by, "by", 80);
}

function areaOf(value: unknown): string | null {
  return value === undefined || value === null ? null : text(value, "area", 80);
}

function dayOf(query: Fields, name: string): string | null {
  const day = single(query, name);
  // 2026-02-30 looks like a day, and is none.
  const isDay = day === null || (DAY.test(day) && new Date(day).toISOString().startsWith(day));
  if (!isDay) throw invalid(`${name} is a day such as 2026-11-20.`);
  return day;
}

function amount(value: unknown, at: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw invalid(`${at} is a number.`);
  return value;
}
