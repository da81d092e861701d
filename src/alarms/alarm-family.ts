import type { Alarm, AlarmCause } from "../domain/alarm.ts";

/** Causes that grow out of one another in one body, each row from the lightest to the gravest. */
const FAMILIES: readonly (readonly AlarmCause[])[] = [
  ["on_floor", "fall_confirmed", "long_lie"],
  ["bed_edge", "bed_exit"],
];

/** The causes that may belong to one alarm with this one, from the lightest to the gravest. */
export function familyOf(cause: AlarmCause): readonly AlarmCause[] {
  return FAMILIES.find((family) => family.includes(cause)) ?? [cause];
}

/** The gravest thing an alarm is about so far. */
export function gravest({ cause, grownTo }: Alarm): AlarmCause {
  return grownTo ?? cause;
}
