// Keeps the same thing from being said over and over. Pure. Alarms themselves are never held back: this decides only what
// is sent to automations and phones; everything is logged.
import type { Millis } from "../core/clock.ts";
import { type EventDraft, type EventKind, SEVERITY, type Severity } from "../domain/events.ts";

interface Sent {
  readonly sentAt: Millis;
  readonly severity: Severity;
  /** Without the subject: what all strangers of a camera share. */
  readonly place: string;
}

/** What was sent last, by kind, camera and subject. */
export type ThrottleState = ReadonlyMap<string, Sent>;

export const NOTHING_SENT: ThrottleState = new Map();

export interface ThrottleStep {
  readonly passes: boolean;
  readonly state: ThrottleState;
}

/** Steps of which each happens once, however soon after another: they say how things stand. */
const NEVER_HELD: ReadonlySet<EventKind> = new Set<EventKind>([
  "alarm_raised",
  "alarm_escalated",
  "alarm_acknowledged",
  "alarm_answered",
  "alarm_cleared",
  "mode_changed",
  "snooze_started",
  "snooze_ended",
  "drill_started",
  "drill_ended",
  "daily_summary",
]);

/**
 * Of so many strangers of one camera a notice is sent within the quiet time. More are one body whose track breaks at every
 * frame: no room has five people who get into trouble within seconds. What raises an alarm is not counted.
 */
const STRANGERS = 4;

/**
 * Whether `event` is sent, `quietMs` after which the same may be sent again. The pause is counted in the events' own time,
 * so that a file gives the same result on a slow machine as on a fast one, and it begins only with something that was
 * sent. A higher severity than the last always passes; so does what happens once.
 */
export function throttle(
  state: ThrottleState,
  event: EventDraft,
  options: { readonly quietMs: Millis; readonly severity?: Severity },
): ThrottleStep {
  if (NEVER_HELD.has(event.kind)) return { passes: true, state };
  const severity = options.severity ?? SEVERITY[event.kind];
  const place = `${event.kind}|${event.cameraId ?? `in ${event.area ?? ""}`}`;
  const key = `${place}|${subjectOf(event, severity)}`;
  // A clock that was set back counts as a pause: rather once too often than not at all.
  const isRecent = ({ sentAt }: Sent) =>
    event.capturedAt >= sentAt && event.capturedAt - sentAt < options.quietMs;
  const last = state.get(key);
  if (last !== undefined && isRecent(last) && severity <= last.severity) return { passes: false, state };
  const recent = [...state].filter(([, { sentAt }]) => event.capturedAt - sentAt < options.quietMs);
  const others = recent.filter(([, sent]) => sent.place === place && isRecent(sent));
  if (severity < 3 && event.personId === null && last === undefined && others.length >= STRANGERS)
    return { passes: false, state };
  return {
    passes: true,
    state: new Map([...recent, [key, { sentAt: event.capturedAt, severity, place }]]),
  };
}

/**
 * Whom an event is about. Somebody unknown is told apart by track where it is about a body in trouble or out of bed: two
 * strangers may fall within seconds, and neither fall may swallow the other. For comings and goings the whole camera is
 * one subject: a flickering track has a new id every time, and that is what floods phones.
 */
function subjectOf(event: EventDraft, severity: Severity): string {
  if (event.personId !== null) return event.personId;
  return severity >= 2 && event.trackId !== null ? `#${event.trackId}` : "";
}
