// The outward facts: one union, one place. The same snake_case JSON goes over MQTT, HTTP, WebSocket and `analyze --json`.
import type { Millis } from "../core/clock.ts";
import type { BedEvidence, FallEvidence } from "./activity.ts";
import type { AlarmAnswer } from "./alarm.ts";
import type { DaySummary, Drill, EffectiveMode, Mode } from "./care.ts";
import type { Box } from "./geometry.ts";
import type { DecisionReason } from "./identity.ts";
import type { Cue } from "./tracklet.ts";

export interface EventEvidence {
  readonly person_in: { readonly box: Box };
  readonly person_out: { readonly durationS: number; readonly lastBox: Box };
  readonly face_matched: { readonly similarity: number };
  readonly unknown_person: { readonly similarity: number | null };
  readonly fall_suspected: FallEvidence;
  readonly fall_confirmed: FallEvidence;
  readonly fall_recovered: FallEvidence;
  readonly on_floor: FallEvidence;
  readonly long_lie: FallEvidence;
  readonly bed_entry: BedEvidence;
  /** Sits on the edge of the bed for the set time: the warning before bed_exit. */
  readonly bed_edge: BedEvidence;
  readonly bed_exit: BedEvidence;
  /** Somebody is known to be at home, and nobody has moved for the set time. */
  readonly inactivity: { readonly lastMovedAt: Millis; readonly quietS: number };
  /** Up and about at night for the set time. */
  readonly wandering: { readonly upSince: Millis; readonly upS: number; readonly areas: readonly string[] };
  readonly identity_changed: {
    readonly previousPersonId: string | null;
    readonly reasons: readonly DecisionReason[];
  };
  readonly camera_online: { readonly offlineS: number | null };
  readonly camera_offline: { readonly reason: string };
  readonly camera_blind: { readonly reason: string };
  /** No camera of an armed area can see anybody, and again can. */
  readonly area_blind: { readonly reason: string };
  readonly area_watched: { readonly blindS: number };
  readonly mode_changed: { readonly mode: Mode; readonly effectiveMode: EffectiveMode; readonly by: string };
  readonly snooze_started: SnoozeEvidence;
  readonly snooze_ended: SnoozeEvidence;
  readonly drill_started: DrillEvidence;
  readonly drill_ended: DrillEvidence;
  readonly daily_summary: DaySummary;
  readonly alarm_raised: AlarmEvidence;
  readonly alarm_acknowledged: AlarmEvidence;
  /** `name` as the household calls the level; `round` counts its repetitions from 1. */
  readonly alarm_escalated: AlarmEvidence & { readonly name: string; readonly round: number };
  readonly alarm_answered: AlarmEvidence & { readonly answer: AlarmAnswer };
  readonly alarm_cleared: AlarmEvidence;
}

export interface SnoozeEvidence {
  readonly reason: "hand" | "carer";
  readonly by: string;
  readonly until: Millis | null;
}

export type DrillEvidence = Pick<Drill, "by" | "startedAt" | "until" | "stages">;

export interface AlarmEvidence {
  readonly alarmId: string;
  /** The kind of event that raised the alarm, and its id. */
  readonly cause: EventKind;
  readonly causeEventId: string;
  /** What became of it since, where that is graver than the cause. */
  readonly grownTo?: EventKind;
  readonly raisedAt: Millis;
  /** Who acknowledged or cleared it: a panel user, an MQTT client, "recovered"; null when raised. */
  readonly by: string | null;
  /** 0 at first; the level it was escalated to. */
  readonly level: number;
  /** Raised in a drill. */
  readonly test: boolean;
}

export type EventKind = keyof EventEvidence;

export const EVENT_KINDS = [
  "person_in",
  "person_out",
  "face_matched",
  "unknown_person",
  "fall_suspected",
  "fall_confirmed",
  "fall_recovered",
  "on_floor",
  "long_lie",
  "bed_entry",
  "bed_edge",
  "bed_exit",
  "inactivity",
  "wandering",
  "identity_changed",
  "camera_online",
  "camera_offline",
  "camera_blind",
  "area_blind",
  "area_watched",
  "mode_changed",
  "snooze_started",
  "snooze_ended",
  "drill_started",
  "drill_ended",
  "daily_summary",
  "alarm_raised",
  "alarm_acknowledged",
  "alarm_escalated",
  "alarm_answered",
  "alarm_cleared",
] as const satisfies readonly EventKind[];

interface EventBase {
  readonly eventId: string;
  readonly cameraId: string | null;
  readonly area: string | null;
  /** Name of the zone it happened in; null when in none. */
  readonly zone: string | null;
  readonly trackId: number | null;
  /** Null when unknown: never a guess. */
  readonly personId: string | null;
  readonly personName: string | null;
  readonly identityCue: Cue | null;
  readonly capturedAt: Millis;
  readonly mediaTimeS: number | null;
  readonly confidence: number | null;
}

export type EventOf<K extends EventKind> = EventBase & {
  readonly kind: K;
  readonly evidence: EventEvidence[K];
};

/** Something that happened. Immutable. */
export type HavenEvent = { [K in EventKind]: EventOf<K> }[EventKind];

/** An event that has not been recorded yet: recording gives it its id. */
export type EventDraft = { [K in EventKind]: Omit<EventOf<K>, "eventId"> }[EventKind];

export type Severity = 0 | 1 | 2 | 3;

/** 0 for the log, 1 worth knowing, 2 a notice, 3 an alarm that somebody must acknowledge. */
export const SEVERITY: Readonly<Record<EventKind, Severity>> = {
  person_in: 0,
  person_out: 0,
  face_matched: 0,
  unknown_person: 1,
  fall_suspected: 2,
  fall_confirmed: 3,
  fall_recovered: 1,
  on_floor: 2,
  long_lie: 3,
  bed_entry: 0,
  bed_edge: 2,
  bed_exit: 2,
  inactivity: 2,
  wandering: 2,
  identity_changed: 0,
  camera_online: 1,
  camera_offline: 1,
  camera_blind: 1,
  area_blind: 2,
  area_watched: 1,
  mode_changed: 1,
  snooze_started: 1,
  snooze_ended: 1,
  drill_started: 1,
  drill_ended: 1,
  daily_summary: 1,
  alarm_raised: 3,
  alarm_acknowledged: 3,
  alarm_escalated: 3,
  alarm_answered: 3,
  alarm_cleared: 3,
};

/** The JSON of an event on every wire. Numbers are rounded to what was measured: 3 decimals. */
export interface WireEvent {
  readonly kind: EventKind;
  readonly event_id: string;
  readonly camera_id: string | null;
  readonly area: string | null;
  readonly zone: string | null;
  readonly track_id: number | null;
  readonly person_id: string | null;
  readonly person_name: string | null;
  readonly identity_cue: Cue | null;
  readonly captured_at: string;
  readonly media_time_s: number | null;
  readonly confidence: number | null;
  readonly evidence: Readonly<Record<string, unknown>>;
}

export function toWire(event: HavenEvent): WireEvent {
  return {
    kind: event.kind,
    event_id: event.eventId,
    camera_id: event.cameraId,
    area: event.area,
    zone: event.zone,
    track_id: event.trackId,
    person_id: event.personId,
    person_name: event.personName,
    identity_cue: event.identityCue,
    captured_at: new Date(event.capturedAt).toISOString(),
    media_time_s: event.mediaTimeS === null ? null : round(event.mediaTimeS),
    confidence: event.confidence === null ? null : round(event.confidence),
    evidence: snakeKeys(event.evidence) as Record<string, unknown>,
  };
}

/** Keys of evidence that hold wall time. */
const TIMES: ReadonlySet<string> = new Set([
  "raisedAt",
  "lastMovedAt",
  "upSince",
  "startedAt",
  "until",
  "at",
]);

function snakeKeys(value: unknown): unknown {
  if (typeof value === "number") return round(value);
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      TIMES.has(key) && typeof inner === "number" ? new Date(inner).toISOString() : snakeKeys(inner),
    ]),
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
