// The JSON of what carers and residents do with alarms: care, days, settings, the moments around an alarm. Types only, as
// in contract.ts, and by its rules: snake_case, ISO 8601 in UTC, shares 0..1.
import type { AlarmAnswer, AlarmCause } from "../domain/alarm.ts";
import type { DrillStage, EffectiveMode, Mode } from "../domain/care.ts";
import type { LiveTrackJson, ZoneJson } from "./contract.ts";

/** POST api/alarms/:id/answer. Answering a raised alarm acknowledges it; a later answer replaces the earlier. */
export interface AnswerJson {
  readonly answer: AlarmAnswer;
  readonly by?: string;
}

/** GET api/alarms/:id/clip: the poses around an alarm. There are no pictures in it. */
export interface AlarmClipJson {
  readonly alarm_id: string;
  readonly camera_id: string;
  /** Width over height of the picture. */
  readonly aspect: number;
  /** The zones as they were drawn then. */
  readonly zones: readonly ZoneJson[];
  readonly frames: readonly ClipFrameJson[];
}

export interface ClipFrameJson {
  /** Seconds after the alarm was raised; negative before. */
  readonly at_s: number;
  /** Without posture, fall and person: those are judged over time. */
  readonly tracks: readonly LiveTrackJson[];
}

export interface SnoozeJson {
  /** null: the whole house. */
  readonly area: string | null;
  readonly reason: "hand" | "carer";
  readonly by: string;
  readonly since: string;
  /** null: until the carer has left the room. */
  readonly until: string | null;
}

export interface DrillJson {
  readonly id: string;
  readonly camera_id: string | null;
  readonly by: string;
  readonly started_at: string;
  readonly until: string;
  readonly stages: readonly DrillStageJson[];
}

export interface DrillStageJson {
  readonly stage: DrillStage;
  readonly at: string;
  /** Seconds after the body reached the ground; null before it did. */
  readonly delay_s: number | null;
}

/** GET api/care, and the answer to everything that changes it. */
export interface CareJson {
  readonly mode: Mode;
  readonly effective_mode: EffectiveMode;
  readonly armed: readonly AlarmCause[];
  readonly snoozes: readonly SnoozeJson[];
  readonly drill: DrillJson | null;
  /** Minutes a snooze by hand may last. */
  readonly snooze_max_minutes: number;
  /** Whom an alarm is told while nobody acknowledges; an alarm's `level` counts them from 1. */
  readonly levels: readonly LevelJson[];
}

export interface LevelJson {
  readonly name: string;
  /** After the alarm was raised. */
  readonly after_seconds: number;
}

/** POST api/care/mode */
export interface ModeJson {
  readonly mode: Mode;
  readonly by?: string;
}

/** POST api/care/snooze. Without an area: the whole house. DELETE api/care/snooze?area= ends it. */
export interface SnoozeDraftJson {
  readonly minutes: number;
  readonly area?: string | null;
  readonly by?: string;
}

/** POST api/drill. Without a camera: any. DELETE api/drill ends it. */
export interface DrillDraftJson {
  readonly camera_id?: string | null;
  readonly by?: string;
}

export interface AreaDayJson {
  readonly area: string;
  /** Nobody could have been seen. */
  readonly blind_s: number;
  readonly occupied_s: number;
  /** null: no bed is drawn there. */
  readonly in_bed_s: number | null;
  readonly bed_exits: number;
  readonly falls: number;
}

export interface DoorDayJson {
  readonly leads_to: string;
  readonly visits: number;
  readonly seconds: number;
}

export interface DayJson {
  /** Local day, such as 2026-11-20. */
  readonly date: string;
  readonly areas: readonly AreaDayJson[];
  readonly doors: readonly DoorDayJson[];
  readonly alarms: number;
  readonly false_alarms: number;
}

/** GET api/days?from=&to=: oldest first, today as far as it has come. Without `from` the last seven days. */
export interface DaysJson {
  readonly days: readonly DayJson[];
}

/** What one falling speed found and what it invented, measured on recordings. */
export interface TradeOffRowJson {
  /** Body lengths a second. */
  readonly fall_speed: number;
  /** Share of the falls that were confirmed. */
  readonly detected_share: number;
  /** Share of the falls that were confirmed, or led to a notice of somebody on the floor. */
  readonly noticed_share: number;
  /** In all `clips_without` together. */
  readonly false_alarms: number;
}

/** GET api/sensitivity */
export interface SensitivityJson {
  readonly fall_speed: number;
  /** What the setting may be. */
  readonly least: number;
  readonly most: number;
  readonly default: number;
  /** Recorded falls, and recordings without one, that it was measured on. */
  readonly falls: number;
  readonly clips_without: number;
  /** Slowest first; empty while nothing has been measured. */
  readonly rows: readonly TradeOffRowJson[];
}

/** GET api/settings: what can be changed from the panel, by sections of haven.yaml. */
export interface SettingsJson {
  readonly adl: AdlSettingsJson;
  readonly alarms: AlarmSettingsJson;
}

export interface AdlSettingsJson {
  readonly fall_speed: number;
  readonly bed_edge_after_seconds: number;
  /** Local time, such as 22:30. */
  readonly night_from: string;
  readonly night_until: string;
  readonly inactivity_after_minutes: number;
  readonly wandering_after_minutes: number;
}

export interface AlarmSettingsJson {
  readonly armed: Readonly<Record<EffectiveMode, readonly AlarmCause[]>>;
}

/** PATCH api/settings/adl and api/settings/alarms: what is left out stays, also each mode of `armed`. */
export type AdlPatchJson = Partial<AdlSettingsJson>;
export interface AlarmsPatchJson {
  readonly armed?: Partial<AlarmSettingsJson["armed"]>;
}
