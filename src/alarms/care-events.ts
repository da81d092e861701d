// The events in which a change of how the household is cared for is told.
import type { Millis } from "../core/clock.ts";
import type { Drill, EffectiveMode, Mode, Snooze } from "../domain/care.ts";
import type { EventDraft, EventKind } from "../domain/events.ts";

/** The kinds of all of them. */
export const CARE_KINDS: ReadonlySet<EventKind> = new Set<EventKind>([
  "mode_changed",
  "snooze_started",
  "snooze_ended",
  "drill_started",
  "drill_ended",
]);

export function modeEvent(
  evidence: { readonly mode: Mode; readonly effectiveMode: EffectiveMode; readonly by: string },
  at: Millis,
): EventDraft {
  return { ...baseOf({ cameraId: null, area: null, at }), kind: "mode_changed", evidence };
}

export function snoozeEvent(
  kind: "snooze_started" | "snooze_ended",
  { area, reason, by, until }: Snooze,
  at: Millis,
): EventDraft {
  return { ...baseOf({ cameraId: null, area, at }), kind, evidence: { reason, by, until } };
}

/** `area`: of the drill's camera. */
export function drillEvent(
  kind: "drill_started" | "drill_ended",
  { cameraId, by, startedAt, until, stages }: Drill,
  { area, at }: { readonly area: string | null; readonly at: Millis },
): EventDraft {
  return { ...baseOf({ cameraId, area, at }), kind, evidence: { by, startedAt, until, stages } };
}

function baseOf(where: {
  readonly cameraId: string | null;
  readonly area: string | null;
  readonly at: Millis;
}) {
  const { cameraId, area, at } = where;
  return {
    cameraId,
    area,
    zone: null,
    trackId: null,
    personId: null,
    personName: null,
    identityCue: null,
    capturedAt: at,
    mediaTimeS: null,
    confidence: null,
  };
}
