// What carers and residents do, as functions on the daemon's HTTP side. All throw Refusal with the daemon's sentence.
import type {
  AdlPatchJson,
  AlarmClipJson,
  AlarmsPatchJson,
  CareJson,
  DayJson,
  DaysJson,
  SensitivityJson,
  SettingsJson,
} from "../../../src/api/care-contract.ts";
import type { AlarmJson, AlarmsJson } from "../../../src/api/contract.ts";
import type { AlarmAnswer } from "../../../src/domain/alarm.ts";
import type { Mode } from "../../../src/domain/care.ts";
import { byOwnName, send } from "./api.ts";

export function acknowledgeAlarm(id: string): Promise<AlarmJson> {
  return send<AlarmJson>("POST", `alarms/${encodeURIComponent(id)}/acknowledge`, byOwnName());
}

export function answerAlarm(id: string, answer: AlarmAnswer): Promise<AlarmJson> {
  return send<AlarmJson>("POST", `alarms/${encodeURIComponent(id)}/answer`, { answer, ...byOwnName() });
}

/** Newest first, cleared ones included. */
export async function recentAlarms(): Promise<readonly AlarmJson[]> {
  return (await send<AlarmsJson>("GET", "alarms?all=true")).alarms;
}

export function readClip(alarmId: string): Promise<AlarmClipJson> {
  return send<AlarmClipJson>("GET", `alarms/${encodeURIComponent(alarmId)}/clip`);
}

export function setMode(mode: Mode): Promise<CareJson> {
  return send<CareJson>("POST", "care/mode", { mode, ...byOwnName() });
}

/** `area` null: the whole house. */
export function snooze(minutes: number, area: string | null): Promise<CareJson> {
  return send<CareJson>("POST", "care/snooze", { minutes, area, ...byOwnName() });
}

export function endSnooze(area: string | null): Promise<CareJson> {
  const query = area === null ? "" : `?${new URLSearchParams({ area })}`;
  return send<CareJson>("DELETE", `care/snooze${query}`, byOwnName());
}

/** `cameraId` null: any. */
export function startDrill(cameraId: string | null): Promise<CareJson> {
  return send<CareJson>("POST", "drill", { camera_id: cameraId, ...byOwnName() });
}

export function endDrill(): Promise<CareJson> {
  return send<CareJson>("DELETE", "drill", byOwnName());
}

/** The last seven days, oldest first, today included. */
export async function readDays(): Promise<readonly DayJson[]> {
  return (await send<DaysJson>("GET", "days")).days;
}

export function readSensitivity(): Promise<SensitivityJson> {
  return send<SensitivityJson>("GET", "sensitivity");
}

export function readSettings(): Promise<SettingsJson> {
  return send<SettingsJson>("GET", "settings");
}

export function changeAdl(patch: AdlPatchJson): Promise<SettingsJson> {
  return send<SettingsJson>("PATCH", "settings/adl", patch);
}

export function changeAlarms(patch: AlarmsPatchJson): Promise<SettingsJson> {
  return send<SettingsJson>("PATCH", "settings/alarms", patch);
}
