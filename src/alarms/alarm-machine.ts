// The life of an alarm: raised, told to others while nobody answers, acknowledged, cleared. Pure: what happened goes in,
// the new board and what follows from it come out. An alarm latches: it stays until somebody acknowledges it, unless
// recovery is set to clear it.
import type { Millis } from "../core/clock.ts";
import type { Alarm, AlarmCause } from "../domain/alarm.ts";
import { type EventDraft, type EventOf, type HavenEvent, SEVERITY } from "../domain/events.ts";
import { lifeEvent } from "./alarm-events.ts";
import { familyOf, gravest } from "./alarm-family.ts";
import { type AlarmLife, type AlarmSubject, moved, type OpenAlarm } from "./alarm-life.ts";
import {
  alarmsOf,
  type Candidate,
  isSameMoment,
  type Overlaps,
  subjectOf,
  withSubject,
} from "./alarm-subject.ts";

/** All alarms that are not cleared, oldest first. */
export type AlarmBoard = readonly OpenAlarm[];

export interface AlarmStep {
  readonly board: AlarmBoard;
  /** New and changed alarms, cleared ones included. */
  readonly changed: readonly AlarmLife[];
  /** Events that follow and belong into the same transaction. They are part of this step: they are not fed back. */
  readonly follow: readonly EventDraft[];
}

export interface AlarmContext {
  /** The id for an alarm, should one be raised. */
  readonly newAlarmId: string;
  /** Whether the event raises an alarm: it is armed and nobody's snooze holds it back. */
  readonly raises: boolean;
  /** Whether that alarm belongs to a drill. */
  readonly test: boolean;
  readonly overlaps: Overlaps;
  /** Monotonic time. */
  readonly runMs: Millis;
}

export const BY_RECOVERY = "recovered";

/**
 * Who was up for less than this has not been up: getting off the floor takes an older person ten seconds and more, and a
 * verdict that flickers must not ring again every time.
 */
export const UP_AGAIN_MS = 10_000;

type CauseEvent = Extract<HavenEvent, { readonly kind: AlarmCause }>;

export function stepAlarms(board: AlarmBoard, event: HavenEvent, context: AlarmContext): AlarmStep {
  switch (event.kind) {
    case "fall_confirmed":
    case "long_lie":
    case "on_floor":
    case "bed_edge":
    case "bed_exit":
    case "inactivity":
    case "wandering":
    case "unknown_person":
    case "area_blind":
      return onCause(board, event, context);
    case "fall_recovered":
      return onRecovery(board, event, { cause: "fall_confirmed", context });
    case "bed_entry":
      return onRecovery(board, event, { cause: "bed_exit", context });
    case "area_watched":
      return onRecovery(board, event, { cause: "area_blind", context });
    case "alarm_escalated":
      return onEscalated(board, event, context);
    case "alarm_acknowledged":
      return onAcknowledged(board, event, context);
    case "alarm_answered":
      return onAnswered(board, event, context);
    case "alarm_cleared":
      return onCleared(board, event);
    default:
      return { board, changed: [], follow: [] };
  }
}

function onCause(board: AlarmBoard, event: CauseEvent, context: AlarmContext): AlarmStep {
  const seen = subjectOf(event);
  const mayBeTakenOver = event.kind === "long_lie" || event.kind === "on_floor";
  const about = board.filter(({ alarm }) => alarm.test === context.test);
  const joined = alarmsOf(about, { cause: event.kind, seen, mayBeTakenOver }, context.overlaps).find(
    (candidate) => joins(candidate, event, seen),
  );
  if (joined !== undefined) return grown(board, joined.open, event, seen);
  if (!context.raises) return { board, changed: [], follow: [] };
  const raised: AlarmLife<"raised"> = {
    phase: "raised",
    alarm: newAlarm(event, context),
    subjects: [seen],
    round: 0,
    run: { raisedAt: context.runMs, escalatedAt: null, acknowledgedAt: null, recoveredAt: null },
  };
  return {
    board: [...board, raised],
    changed: [raised],
    follow: [lifeEvent("alarm_raised", raised, event, null)],
  };
}

function newAlarm(event: CauseEvent, { newAlarmId, test }: AlarmContext): Alarm {
  return {
    id: newAlarmId,
    state: "raised",
    cause: event.kind,
    causeEventId: event.eventId,
    cameraId: event.cameraId,
    area: event.area,
    personName: event.personName,
    raisedAt: event.capturedAt,
    acknowledgedAt: null,
    acknowledgedBy: null,
    recoveredAt: null,
    clearedAt: null,
    level: 0,
    escalatedAt: null,
    answer: null,
    answeredAt: null,
    answeredBy: null,
    test,
  };
}

/**
 * Whether a cause belongs to the same body's alarm. While nobody has answered, one alarm is enough for as long as the body
 * has not been up. Once somebody has, only what they know of belongs to it: the same time on the floor, nothing graver.
 */
function joins({ open, subject }: Candidate, event: CauseEvent, seen: AlarmSubject): boolean {
  const family = familyOf(event.kind);
  if (family.length === 1) return open.phase !== "acknowledged";
  const wasUp = subject.upAt !== null && event.capturedAt - subject.upAt >= UP_AGAIN_MS;
  const isBed = family.includes("bed_exit");
  // Back to bed and out again, with nobody having come: the alarm that waits says it already.
  if (open.phase !== "acknowledged") return isBed || !wasUp;
  if (subject.upAt !== null || SEVERITY[event.kind] > SEVERITY[gravest(open.alarm)]) return false;
  return event.kind !== "fall_confirmed" || isSameMoment(subject, seen);
}

function grown(board: AlarmBoard, open: OpenAlarm, event: CauseEvent, seen: AlarmSubject): AlarmStep {
  const family = familyOf(event.kind);
  const isGraver = family.indexOf(event.kind) > family.indexOf(gravest(open.alarm));
  const next: OpenAlarm = {
    ...open,
    subjects: withSubject(open.subjects, seen),
    alarm: { ...open.alarm, recoveredAt: null, ...(isGraver ? { grownTo: event.kind } : {}) },
    run: { ...open.run, recoveredAt: null },
  };
  // Nothing of it is shown or stored anew when it is only seen again.
  const isChanged = isGraver || open.alarm.recoveredAt !== null;
  return { board: replace(board, next), changed: isChanged ? [next] : [], follow: [] };
}

/** Somebody is up, or back in bed, or a room can be seen again. The alarm is over once every camera that told of it says so. */
function onRecovery(
  board: AlarmBoard,
  event: EventOf<"fall_recovered"> | EventOf<"bed_entry"> | EventOf<"area_watched">,
  { cause, context }: { readonly cause: AlarmCause; readonly context: AlarmContext },
): AlarmStep {
  const seen = { ...subjectOf(event), upAt: event.capturedAt };
  const mayBeTakenOver = event.kind === "fall_recovered";
  const about = alarmsOf(board, { cause, seen, mayBeTakenOver }, context.overlaps).map(({ open }) => open);
  const steps = about.map((open) => {
    const subjects = withSubject(open.subjects, seen);
    if (subjects.some(({ upAt }) => upAt === null)) return { next: { ...open, subjects }, isUp: false };
    const up = {
      ...open,
      subjects,
      alarm: { ...open.alarm, recoveredAt: event.capturedAt },
      run: { ...open.run, recoveredAt: context.runMs },
    };
    return { next: up.phase === "acknowledged" ? cleared(up, event.capturedAt) : up, isUp: true };
  });
  const changed = steps.filter(({ isUp }) => isUp).map(({ next }) => next);
  return {
    board: steps.map(({ next }) => next).reduce(replace, board),
    changed,
    follow: changed
      .filter(({ phase }) => phase === "cleared")
      .map((over) => lifeEvent("alarm_cleared", over, event, BY_RECOVERY)),
  };
}

function onEscalated(
  board: AlarmBoard,
  event: EventOf<"alarm_escalated">,
  { runMs }: AlarmContext,
): AlarmStep {
  const open = board.find(({ alarm }) => alarm.id === event.evidence.alarmId);
  const { level, round } = event.evidence;
  if (open === undefined || open.phase === "acknowledged" || level < open.alarm.level)
    return { board, changed: [], follow: [] };
  const next = moved(open, "escalated", {
    alarm: { level, escalatedAt: event.capturedAt },
    round,
    run: { escalatedAt: runMs },
  });
  return { board: replace(board, next), changed: [next], follow: [] };
}

function onAcknowledged(
  board: AlarmBoard,
  event: EventOf<"alarm_acknowledged">,
  { runMs }: AlarmContext,
): AlarmStep {
  const open = board.find(({ alarm }) => alarm.id === event.evidence.alarmId);
  // The first to answer stands.
  if (open === undefined || open.phase === "acknowledged") return { board, changed: [], follow: [] };
  return settled(board, acknowledged(open, event, runMs), event);
}

/** Answers are taken of cleared alarms too: the caller hands those in on a board of their own. */
function onAnswered(board: AlarmBoard, event: EventOf<"alarm_answered">, { runMs }: AlarmContext): AlarmStep {
  const open = board.find(({ alarm }) => alarm.id === event.evidence.alarmId);
  if (open === undefined) return { board, changed: [], follow: [] };
  const answered: OpenAlarm = { ...open, alarm: withAnswer(open.alarm, event) };
  if (answered.phase === "acknowledged")
    return { board: replace(board, answered), changed: [answered], follow: [] };
  const known = acknowledged(answered, event, runMs);
  const step = settled(board, known, event);
  return {
    ...step,
    follow: [lifeEvent("alarm_acknowledged", known, event, event.evidence.by), ...step.follow],
  };
}

/** The last answer stands; every one of them is an event. */
export function withAnswer(alarm: Alarm, { evidence, capturedAt }: EventOf<"alarm_answered">): Alarm {
  return {
    ...alarm,
    answer: evidence.answer,
    answeredAt: capturedAt,
    answeredBy: evidence.by ?? SOMEBODY,
  };
}

const SOMEBODY = "somebody";

function acknowledged(
  open: AlarmLife<"raised" | "escalated">,
  event: EventOf<"alarm_acknowledged"> | EventOf<"alarm_answered">,
  runMs: Millis,
): AlarmLife<"acknowledged"> {
  return moved(open, "acknowledged", {
    alarm: { acknowledgedAt: event.capturedAt, acknowledgedBy: event.evidence.by ?? SOMEBODY },
    run: { acknowledgedAt: runMs },
  });
}

/** Where the person was up before anybody answered, nothing is left to be done. */
function settled(board: AlarmBoard, known: AlarmLife<"acknowledged">, event: HavenEvent): AlarmStep {
  if (known.alarm.recoveredAt === null) return { board: replace(board, known), changed: [known], follow: [] };
  const over = cleared(known, event.capturedAt);
  return {
    board: replace(board, over),
    changed: [over],
    follow: [lifeEvent("alarm_cleared", over, event, BY_RECOVERY)],
  };
}

function onCleared(board: AlarmBoard, event: EventOf<"alarm_cleared">): AlarmStep {
  const open = board.find(({ alarm }) => alarm.id === event.evidence.alarmId);
  if (open === undefined) return { board, changed: [], follow: [] };
  const over = cleared(open, event.capturedAt);
  return { board: replace(board, over), changed: [over], follow: [] };
}

function cleared(open: OpenAlarm, at: Millis): AlarmLife<"cleared"> {
  return moved(open, "cleared", { alarm: { clearedAt: at } });
}

/** The board with an alarm's new state; a cleared one leaves it. */
function replace(board: AlarmBoard, next: OpenAlarm | AlarmLife<"cleared">): AlarmBoard {
  return board.flatMap((open) =>
    open.alarm.id !== next.alarm.id ? [open] : next.phase === "cleared" ? [] : [next],
  );
}
