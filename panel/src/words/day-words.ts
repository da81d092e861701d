// A day in numbers, put into words and shares.
import type { DayJson } from "../../../src/api/care-contract.ts";
import { duration } from "./time-words.ts";

const DAY_S = 86_400;

export interface DayBar {
  readonly label: string;
  readonly words: string;
  /** Of 24 hours, 0..1. */
  readonly share: number;
  readonly tone: "seen" | "bed" | "blind";
}

/** What one area's day was like, in the order in which it matters to a carer. */
export function areaBars(area: DayJson["areas"][number]): readonly DayBar[] {
  const bar = (label: string, seconds: number, tone: DayBar["tone"]): DayBar => ({
    label,
    words: seconds < 60 ? "none" : duration(seconds),
    share: Math.min(1, seconds / DAY_S),
    tone,
  });
  return [
    ...(area.in_bed_s === null ? [] : [bar("In bed", area.in_bed_s, "bed")]),
    bar("In the room", area.occupied_s, "seen"),
    bar("Not watched", area.blind_s, "blind"),
  ];
}

/** "Left the bed 2 times, 1 fall"; empty when nothing of the kind happened. */
export function areaSentence({ bed_exits: exits, falls }: DayJson["areas"][number]): string {
  const parts = [
    exits === 0 ? "" : `left the bed ${times(exits)}`,
    falls === 0 ? "" : falls === 1 ? "1 fall" : `${falls} falls`,
  ].filter((part) => part !== "");
  const text = parts.join(", ");
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** "5 visits, 25 min in all" */
export function doorSentence({ visits, seconds }: DayJson["doors"][number]): string {
  if (visits === 0) return "no visits";
  return `${visits === 1 ? "1 visit" : `${visits} visits`}, ${duration(seconds)} in all`;
}

export function alarmsSentence({ alarms, false_alarms: wrong }: DayJson): string {
  if (alarms === 0) return "No alarms.";
  const all = alarms === 1 ? "1 alarm" : `${alarms} alarms`;
  return wrong === 0 ? `${all}.` : `${all}, ${wrong} of them false.`;
}

/** One row of columns over the days: what it shows, and each day's value. */
export interface WeekRow {
  readonly label: string;
  readonly values: readonly { readonly date: string; readonly value: number; readonly words: string }[];
}

/** In bed, not watched, and visits by door; rows in which nothing ever happened are left out. */
export function weekRows(days: readonly DayJson[]): readonly WeekRow[] {
  const seconds = (label: string, of: (area: DayJson["areas"][number]) => number): WeekRow => ({
    label,
    values: days.map(({ date, areas }) => {
      const value = areas.reduce((sum, area) => sum + of(area), 0);
      return { date, value, words: value < 60 ? "none" : duration(value) };
    }),
  });
  const behind = [...new Set(days.flatMap(({ doors }) => doors.map((door) => door.leads_to)))];
  const visits = behind.map(
    (leadsTo): WeekRow => ({
      label: `${leadsTo}, visits`,
      values: days.map(({ date, doors }) => {
        const value = doors.find((door) => door.leads_to === leadsTo)?.visits ?? 0;
        return { date, value, words: String(value) };
      }),
    }),
  );
  return [
    seconds("In bed", (area) => area.in_bed_s ?? 0),
    ...visits,
    seconds("Not watched", (area) => area.blind_s),
  ].filter(({ values }) => values.some(({ value }) => value > 0));
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
