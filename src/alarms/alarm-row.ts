import { ALARM_ANSWERS, type Alarm, type AlarmAnswer, type AlarmCause } from "../domain/alarm.ts";
import type { AlarmRow } from "../store/alarm-repository.ts";
import type { AlarmLife } from "./alarm-life.ts";

export function rowOf({ alarm, round }: AlarmLife): AlarmRow {
  return { ...alarm, grownTo: alarm.grownTo ?? null, round };
}

export function alarmOf({ round: _, cause, grownTo, answer, ...row }: AlarmRow): Alarm {
  return {
    ...row,
    // Only this room writes alarms, and their causes are kinds of events.
    cause: cause as AlarmCause,
    ...(grownTo === null ? {} : { grownTo: grownTo as AlarmCause }),
    answer: isAnswer(answer) ? answer : null,
  };
}

function isAnswer(answer: string | null): answer is AlarmAnswer {
  return (ALARM_ANSWERS as readonly (string | null)[]).includes(answer);
}
