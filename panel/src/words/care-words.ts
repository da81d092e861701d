// Alarms, modes and snoozes in plain words.

import type { LevelJson, SnoozeJson } from "../../../src/api/care-contract.ts";
import type { AlarmJson } from "../../../src/api/contract.ts";
import type { AlarmAnswer } from "../../../src/domain/alarm.ts";
import type { Mode } from "../../../src/domain/care.ts";

export const ANSWER_WORDS: Readonly<Record<AlarmAnswer, string>> = {
  real: "Real",
  false_alarm: "False alarm",
  test: "Test",
};

export const MODE_WORDS: Readonly<Record<Mode, string>> = {
  auto: "Automatic",
  home: "At home",
  night: "Night",
  away: "Away",
};

export const MODE_HELP: Readonly<Record<Mode, string>> = {
  auto: "At home by day, night within the night hours.",
  home: "Somebody is at home and up.",
  night: "Everybody is in bed.",
  away: "Nobody is at home.",
};

/** "It was real, says Rosa."; empty before anybody said. */
export function answerSentence({ answer, answered_by: by }: AlarmJson): string {
  if (answer === null) return "";
  const what = { real: "It was real", false_alarm: "It was a false alarm", test: "It was a test" }[answer];
  return `${what}, says ${by ?? "somebody"}.`;
}

/** How far the alarm has gone: "Level 2: Others"; empty while nobody was told but those who always are. */
export function levelSentence({ level }: AlarmJson, levels: readonly LevelJson[]): string {
  if (level === 0) return "";
  const name = levels[level - 1]?.name;
  return name === undefined ? `Level ${level}` : `Level ${level}: ${name}`;
}

/** Who is told next, and when that is due, wall time; null when nobody is left. */
export function nextLevel(
  alarm: AlarmJson,
  levels: readonly LevelJson[],
): { readonly name: string; readonly at: number } | null {
  const next = alarm.state === "raised" ? levels[alarm.level] : undefined;
  return next === undefined
    ? null
    : { name: next.name, at: Date.parse(alarm.raised_at) + next.after_seconds * 1000 };
}

/** "Bedroom: alarms snoozed by Rosa", "All rooms: alarms snoozed while Tom is there". */
export function snoozeSentence({ area, reason, by }: SnoozeJson): string {
  const how = reason === "carer" ? `while ${by} is there` : `by ${by}`;
  return `${area ?? "All rooms"}: alarms snoozed ${how}`;
}
