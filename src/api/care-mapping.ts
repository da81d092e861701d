// The one place where alarms, care, days and settings become the JSON of care-contract.ts.
import type { CareState, DaySummary, Drill, Snooze } from "../domain/care.ts";
import type {
  AlarmClipJson,
  CareJson,
  DayJson,
  DrillJson,
  SensitivityJson,
  SettingsJson,
  SnoozeJson,
} from "./care-contract.ts";
import type { AlarmClip, ApiDeps, HouseholdSettings } from "./deps.ts";
import { tracksToWire } from "./live-frame-codec.ts";
import { isoTime, zoneToWire } from "./wire-mapping.ts";

export function careToWire(care: CareState, { alarms }: HouseholdSettings): CareJson {
  return {
    mode: care.mode,
    effective_mode: care.effectiveMode,
    armed: care.armed,
    snoozes: care.snoozes.map(snoozeToWire),
    drill: care.drill === null ? null : drillToWire(care.drill),
    snooze_max_minutes: alarms.snoozeMaxMinutes,
    levels: alarms.escalation.map(({ name, afterS }) => ({ name, after_seconds: afterS })),
  };
}

function snoozeToWire({ area, reason, by, since, until }: Snooze): SnoozeJson {
  return { area, reason, by, since: isoTime(since), until: until === null ? null : isoTime(until) };
}

function drillToWire(drill: Drill): DrillJson {
  return {
    id: drill.id,
    camera_id: drill.cameraId,
    by: drill.by,
    started_at: isoTime(drill.startedAt),
    until: isoTime(drill.until),
    stages: drill.stages.map(({ stage, at, delayS }) => ({
      stage,
      at: isoTime(at),
      delay_s: delayS === null ? null : round(delayS),
    })),
  };
}

export function dayToWire(day: DaySummary): DayJson {
  return {
    date: day.date,
    areas: day.areas.map((area) => ({
      area: area.area,
      blind_s: round(area.blindS),
      occupied_s: round(area.occupiedS),
      in_bed_s: area.inBedS === null ? null : round(area.inBedS),
      bed_exits: area.bedExits,
      falls: area.falls,
    })),
    doors: day.doors.map(({ leadsTo, visits, seconds }) => ({
      leads_to: leadsTo,
      visits,
      seconds: round(seconds),
    })),
    alarms: day.alarms,
    false_alarms: day.falseAlarms,
  };
}

export function clipToWire(alarmId: string, { cameraId, raisedAt, frames, zones }: AlarmClip): AlarmClipJson {
  return {
    alarm_id: alarmId,
    camera_id: cameraId,
    aspect: frames[0]?.aspect ?? 16 / 9,
    zones: zones.map(zoneToWire),
    frames: frames.map((frame) => ({
      at_s: round((frame.stamp.capturedAt - raisedAt) / 1000),
      tracks: tracksToWire(frame, new Map(), new Map()),
    })),
  };
}

export function settingsToWire({ adl, alarms }: HouseholdSettings): SettingsJson {
  return {
    adl: {
      fall_speed: adl.fallSpeed,
      bed_edge_after_seconds: adl.bedEdgeAfterS,
      night_from: adl.nightFrom,
      night_until: adl.nightUntil,
      inactivity_after_minutes: adl.inactivityAfterMinutes,
      wandering_after_minutes: adl.wanderingAfterMinutes,
    },
    alarms: { armed: { home: alarms.armed.home, night: alarms.armed.night, away: alarms.armed.away } },
  };
}

export function sensitivityToWire({
  settings,
  sensitivity,
}: Pick<ApiDeps, "settings" | "sensitivity">): SensitivityJson {
  const { falls, clipsWithout, rows } = sensitivity.tradeOff();
  return {
    fall_speed: settings.current().adl.fallSpeed,
    ...settings.fallSpeed,
    falls,
    clips_without: clipsWithout,
    rows: rows.map((row) => ({
      fall_speed: row.fallSpeed,
      detected_share: round(row.detectedShare),
      noticed_share: round(row.noticedShare),
      false_alarms: round(row.falseAlarms),
    })),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
