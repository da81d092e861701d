// What an event is to the alarms, by the mode, the snoozes and the drill. Pure.
import type { AlarmCause } from "../domain/alarm.ts";
import type { EventKind, HavenEvent } from "../domain/events.ts";

/** What care makes of an event. */
export interface Verdict {
  /** It raises an alarm where none is open for the same body. */
  readonly raises: boolean;
  /** A snooze holds it back: it is recorded and not sent. */
  readonly held: boolean;
  /** It belongs to a drill. */
  readonly test: boolean;
}

/** Whatever else is armed, and whoever has snoozed: somebody on the floor for long is told. */
export const ALWAYS: AlarmCause = "long_lie";

/** What a snooze holds back: people, not the equipment; and never a long lie. */
const SNOOZED: ReadonlySet<EventKind> = new Set<EventKind>([
  "fall_suspected",
  "fall_confirmed",
  "fall_recovered",
  "on_floor",
  "bed_edge",
  "bed_exit",
  "inactivity",
  "wandering",
  "unknown_person",
]);

/** What somebody who walks through a drill may set off; a room gone blind meanwhile, or a stranger in it, is real. */
const DRILLED: ReadonlySet<EventKind> = new Set<EventKind>([
  "fall_suspected",
  "fall_confirmed",
  "fall_recovered",
  "on_floor",
  "long_lie",
  "bed_edge",
  "bed_exit",
]);

/** What holds for an event's time, area and camera. */
interface Circumstances {
  readonly armed: readonly AlarmCause[];
  readonly isSnoozed: boolean;
  readonly isDrilled: boolean;
}

export function verdictOn({ kind }: HavenEvent, { armed, isSnoozed, isDrilled }: Circumstances): Verdict {
  const test = isDrilled && DRILLED.has(kind);
  // A drill is to show the whole chain, also to the carer who walks through it.
  const held = isSnoozed && SNOOZED.has(kind) && !test;
  const isArmed = (armed as readonly EventKind[]).includes(kind);
  return { raises: kind === ALWAYS || (isArmed && !held), held, test };
}
