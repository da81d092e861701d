// The life of an alarm: raised, acknowledged, cleared. Pure: what happened goes in, the new board and what follows from
// it come out. An alarm latches: it stays until somebody acknowledges it, unless recovery is set to clear it.
import type { Millis } from "../core/clock.ts";
import type { Alarm } from "../domain/alarm.ts";
import type { EventDraft, EventOf, HavenEvent } from "../domain/events.ts";

/** Whose fall it is. Track ids and media time hold within one run of the daemon only. */
interface Subject {
  readonly cameraId: string | null;
  readonly trackId: number | null;
  readonly personId: string | null;
  readonly groundAtS: number;
}

export interface OpenAlarm {
  readonly alarm: Alarm;
  /** null for an alarm of an earlier run: nothing seen now can be known to be about it. */
  readonly subject: Subject | null;
}

/** All alarms that are not cleared, oldest first. */
export type AlarmBoard = readonly OpenAlarm[];

export interface AlarmStep {
  readonly board: AlarmBoard;
  /** New and changed alarms, cleared ones included. */
  readonly changed: readonly OpenAlarm[];
  /** Events that follow and belong into the same transaction. They are part of this step: they are not fed back. */
  readonly follow: readonly EventDraft[];
}

export interface AlarmRules {
  /** The id for an alarm, should one be raised. */
  readonly newAlarmId: string;
  readonly clearOnRecovery: boolean;
}

export const BY_RECOVERY = "recovered";
export const BY_EXPIRY = "expired";

export function stepAlarms(board: AlarmBoard, event: HavenEvent, rules: AlarmRules): AlarmStep {
  switch (event.kind) {
    case "fall_confirmed":
    case "long_lie":
      return onFall(board, event, rules);
    case "fall_recovered":
      return onRecovery(board, event, rules);
    case "alarm_acknowledged":
      return onAcknowledged(board, event);
    case "alarm_cleared":
      return onCleared(board, event);
    default:
      return { board, changed: [], follow: [] };
  }
}

function onFall(
  board: AlarmBoard,
  event: EventOf<"fall_confirmed"> | EventOf<"long_lie">,
  rules: AlarmRules,
): AlarmStep {
  const subject = subjectOf(event);
  const joined = alarmsOf(board, subject, event.kind).find((open) => joins(open, event.kind));
  if (joined !== undefined) {
    const next = { ...withRecovery(joined, null), subject };
    // Nothing of it is shown or stored anew unless the person had been up in between.
    const changed = joined.alarm.recoveredAt === null ? [] : [next];
    return { board: replace(board, next), changed, follow: [] };
  }
  const raised: OpenAlarm = {
    alarm: {
      id: rules.newAlarmId,
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
    },
    subject,
  };
  return {
    board: [...board, raised],
    changed: [raised],
    follow: [lifeEvent("alarm_raised", raised, event, null)],
  };
}

/**
 * Whether a fall belongs to the same body's alarm. While nobody has answered, one alarm a person is enough. Once somebody
 * has, only the same person *still* lying there belongs to it: another fall is another alarm.
 */
function joins(open: OpenAlarm, kind: FallEvent["kind"]): boolean {
  return open.alarm.state === "raised" || (kind === "long_lie" && open.alarm.recoveredAt === null);
}

type FallEvent = EventOf<"fall_confirmed"> | EventOf<"long_lie"> | EventOf<"fall_recovered">;

function subjectOf(event: FallEvent): Subject {
  const { cameraId, trackId, personId } = event;
  return { cameraId, trackId, personId, groundAtS: event.evidence.groundAtS };
}

/** Lying begins to be seen up to this long before or after the moment that counts as reaching the ground. */
const SAME_GROUND_S = 3;

/**
 * The alarms about the body an event is about: by its track or name. A body on the floor may have been taken over by a new
 * track; what it does next is told by when it went down. A new fall is not: two people may fall in the same second.
 */
function alarmsOf(board: AlarmBoard, seen: Subject, kind: FallEvent["kind"]): readonly OpenAlarm[] {
  const here = board.flatMap((open) =>
    open.subject !== null && open.subject.cameraId === seen.cameraId ? [{ open, known: open.subject }] : [],
  );
  const same = here.filter(
    ({ known }) =>
      (known.trackId !== null && known.trackId === seen.trackId) ||
      (known.personId !== null && known.personId === seen.personId),
  );
  if (same.length > 0 || kind === "fall_confirmed") return same.map(({ open }) => open);
  return here
    .map(({ open, known }) => ({ open, apart: Math.abs(known.groundAtS - seen.groundAtS) }))
    .filter(({ apart }) => apart <= SAME_GROUND_S)
    .sort((a, b) => a.apart - b.apart)
    .slice(0, 1)
    .map(({ open }) => open);
}

function onRecovery(board: AlarmBoard, event: EventOf<"fall_recovered">, rules: AlarmRules): AlarmStep {
  const recovered = alarmsOf(board, subjectOf(event), event.kind).map((open) => {
    const up = withRecovery(open, event.capturedAt);
    return open.alarm.state === "acknowledged" || rules.clearOnRecovery ? cleared(up, event.capturedAt) : up;
  });
  return {
    board: recovered.reduce(replace, board),
    changed: recovered,
    follow: recovered
      .filter(({ alarm }) => alarm.state === "cleared")
      .map((open) => lifeEvent("alarm_cleared", open, event, BY_RECOVERY)),
  };
}

function withRecovery(open: OpenAlarm, recoveredAt: Millis | null): OpenAlarm {
  return { ...open, alarm: { ...open.alarm, recoveredAt } };
}

function onAcknowledged(board: AlarmBoard, event: EventOf<"alarm_acknowledged">): AlarmStep {
  const open = board.find(({ alarm }) => alarm.id === event.evidence.alarmId);
  // The first to answer stands.
  if (open?.alarm.state !== "raised") return { board, changed: [], follow: [] };
  const acknowledged: OpenAlarm = {
    ...open,
    alarm: {
      ...open.alarm,
      state: "acknowledged",
      acknowledgedAt: event.capturedAt,
      acknowledgedBy: event.evidence.by ?? "somebody",
    },
  };
  if (open.alarm.recoveredAt === null) {
    return { board: replace(board, acknowledged), changed: [acknowledged], follow: [] };
  }
  // The person was up before anybody answered: nothing is left to be done.
  const over = cleared(acknowledged, event.capturedAt);
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

function cleared(open: OpenAlarm, at: Millis): OpenAlarm {
  return { ...open, alarm: { ...open.alarm, state: "cleared", clearedAt: at } };
}

/** The board with an alarm's new state; a cleared one leaves it. */
function replace(board: AlarmBoard, next: OpenAlarm): AlarmBoard {
  return board.flatMap((open) =>
    open.alarm.id !== next.alarm.id ? [open] : next.alarm.state === "cleared" ? [] : [next],
  );
}

type Occasion = Pick<
  HavenEvent,
  "capturedAt" | "mediaTimeS" | "zone" | "trackId" | "personId" | "identityCue" | "confidence"
>;

/** The event of a step in an alarm's life; `occasion` says when and about which body, as far as that is known. */
export function lifeEvent(
  kind: "alarm_raised" | "alarm_acknowledged" | "alarm_cleared",
  { alarm }: Pick<OpenAlarm, "alarm">,
  occasion: Pick<Occasion, "capturedAt"> & Partial<Occasion>,
  by: string | null,
): EventDraft {
  return {
    kind,
    cameraId: alarm.cameraId,
    area: alarm.area,
    personName: alarm.personName,
    zone: occasion.zone ?? null,
    trackId: occasion.trackId ?? null,
    personId: occasion.personId ?? null,
    identityCue: occasion.identityCue ?? null,
    capturedAt: occasion.capturedAt,
    mediaTimeS: occasion.mediaTimeS ?? null,
    confidence: occasion.confidence ?? null,
    evidence: {
      alarmId: alarm.id,
      cause: alarm.cause,
      causeEventId: alarm.causeEventId,
      raisedAt: alarm.raisedAt,
      by,
    },
  };
}
