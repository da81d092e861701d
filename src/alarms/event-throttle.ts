// Keeps the same thing from being said over and over. Pure. Alarms themselves are never held back: this decides only what
// is sent to automations and phones; everything is logged.
import type { Millis } from "../core/clock.ts";
import { type EventDraft, SEVERITY, type Severity } from "../domain/events.ts";

/** What was sent last, by kind, camera and subject. */
export type ThrottleState = ReadonlyMap<string, { readonly sentAt: Millis; readonly severity: Severity }>;

export const NOTHING_SENT: ThrottleState = new Map();

export interface ThrottleStep {
  readonly passes: boolean;
  readonly state: ThrottleState;
}

/**
 * Whether `event` is sent, `quietMs` after which the same may be sent again. The pause is counted in the events' own time,
 * so that a file gives the same result on a slow machine as on a fast one, and it begins only with something that was
 * sent. A higher severity than the last always passes; so does an alarm's own life, each step of which happens once.
 */
export function throttle(
  state: ThrottleState,
  event: EventDraft,
  options: { readonly quietMs: Millis; readonly severity?: Severity },
): ThrottleStep {
  if (event.kind.startsWith("alarm_")) return { passes: true, state };
  const severity = options.severity ?? SEVERITY[event.kind];
  const key = `${event.kind}|${event.cameraId ?? ""}|${subjectOf(event, severity)}`;
  const last = state.get(key);
  // A clock that was set back counts as a pause: rather once too often than not at all.
  const elapsed = last === undefined ? Number.POSITIVE_INFINITY : event.capturedAt - last.sentAt;
  if (last !== undefined && elapsed >= 0 && elapsed < options.quietMs && severity <= last.severity) {
    return { passes: false, state };
  }
  const recent = [...state].filter(([, { sentAt }]) => event.capturedAt - sentAt < options.quietMs);
  return { passes: true, state: new Map([...recent, [key, { sentAt: event.capturedAt, severity }]]) };
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
