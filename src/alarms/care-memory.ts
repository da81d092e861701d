// What care has to remember over a restart, as JSON and back. Pure. What cannot be read is as if it had never been: the
// household begins with its configured mode and without snoozes, which is the side to err on.
import type { Millis } from "../core/clock.ts";
import {
  DRILL_STAGES,
  type Drill,
  type EffectiveMode,
  MODES,
  type Mode,
  type Snooze,
} from "../domain/care.ts";
import type { RunningDrill } from "./drill-machine.ts";

export interface CareMemory {
  readonly mode: Mode;
  readonly effectiveMode: EffectiveMode;
  readonly snoozes: readonly Snooze[];
  readonly drill: Omit<RunningDrill, "endsRunAt"> | null;
}

/** Its name in the database. */
export const CARE_KEY = "care";
const VERSION = 1;

export function encodeCare(memory: CareMemory): object {
  return { version: VERSION, ...memory };
}

/** null for what this version does not know. */
export function decodeCare(json: unknown): CareMemory | null {
  const { version, mode, effectiveMode, snoozes, drill } = fieldsOf(json);
  if (version !== VERSION || !isMode(mode) || !isMode(effectiveMode) || effectiveMode === "auto") return null;
  if (!Array.isArray(snoozes)) return null;
  return {
    mode,
    effectiveMode,
    snoozes: (snoozes as readonly unknown[]).flatMap((item) => snoozeOf(item) ?? []),
    drill: drillOf(drill),
  };
}

function isMode(value: unknown): value is Mode {
  return (MODES as readonly unknown[]).includes(value);
}

function fieldsOf(json: unknown): Readonly<Partial<Record<string, unknown>>> {
  return typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
}

function snoozeOf(json: unknown): Snooze | null {
  const { area, reason, by, since, until } = fieldsOf(json);
  if (!isTextOrNull(area) || (reason !== "hand" && reason !== "carer") || typeof by !== "string") return null;
  if (!isTime(since) || (until !== null && !isTime(until))) return null;
  return { area, reason, by, since, until };
}

function drillOf(json: unknown): CareMemory["drill"] {
  const { drill, groundAt, alarmId, isAlarmOver } = fieldsOf(json);
  const { id, cameraId, by, startedAt, until, stages } = fieldsOf(drill);
  if (typeof id !== "string" || !isTextOrNull(cameraId) || typeof by !== "string") return null;
  if (!isTime(startedAt) || !isTime(until) || !Array.isArray(stages)) return null;
  if (!isTextOrNull(alarmId) || (groundAt !== null && !isTime(groundAt))) return null;
  return {
    drill: {
      id,
      cameraId,
      by,
      startedAt,
      until,
      stages: (stages as readonly unknown[]).flatMap((item) => stageOf(item) ?? []),
    },
    groundAt,
    alarmId,
    isAlarmOver: isAlarmOver === true,
  };
}

function stageOf(json: unknown): Drill["stages"][number] | null {
  const { stage, at, delayS } = fieldsOf(json);
  const known = DRILL_STAGES.find((name) => name === stage);
  if (known === undefined || !isTime(at) || (delayS !== null && !isTime(delayS))) return null;
  return { stage: known, at, delayS };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isTime(value: unknown): value is Millis {
  return typeof value === "number" && Number.isFinite(value);
}
