// `haven eval fall --data`: replays the poses around the alarms a household has answered, with the settings of now in the
// zones of then.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { activitySettings } from "../../app-settings.ts";
import { systemClock } from "../../core/clock.ts";
import { AppError, isAppError } from "../../core/errors.ts";
import { createLogger } from "../../core/logger.ts";
import { ALARM_ANSWERS } from "../../domain/alarm.ts";
import type { ObservationRecording } from "../../domain/observation-recording.ts";
import type { Zone } from "../../domain/zone.ts";
import { type AnsweredClip, formatAnsweredReport, scoreAnswered } from "../../evaluation/answered-clips.ts";
import { type ActivitySettings, CameraActivity } from "../../pipeline/camera-activity.ts";
import type { AlarmClipRow } from "../../store/alarm-clip-repository.ts";
import { openStore } from "../../store/store.ts";
import { cameraForFile, readConfig } from "../offline-session.ts";
import { databasePath } from "../places.ts";
import { unpackRecording } from "./observation-files.ts";

export interface EvalAnsweredFlags {
  readonly data: string;
  readonly config?: string;
  readonly json: boolean;
}

/** 0, or 2 where a clip is damaged; the others are replayed all the same. Throws AppError where there is no database. */
export async function evalAnswered(flags: EvalAnsweredFlags, signal: AbortSignal): Promise<number> {
  const config = await readConfig(flags.config);
  const settings = activitySettings(config);
  const path = databasePath(config, resolve(flags.data));
  if (!existsSync(path))
    throw new AppError("input.invalid", `there is no database ${path}; give the folder the daemon runs with`);
  const log = createLogger({ level: "warn", pretty: process.stderr.isTTY === true });
  using store = openStore({ path, clock: systemClock, log });
  const clips: AnsweredClip[] = [];
  const failed: string[] = [];
  for (const row of store.alarmClips.answered()) {
    await setImmediate();
    signal.throwIfAborted();
    try {
      const recording = await unpackRecording(row.recording, `the clip of alarm ${row.alarmId}`);
      clips.push(...judged(row, recording, settings));
    } catch (error) {
      if (!isAppError(error, "input.invalid")) throw error;
      failed.push(error.message);
    }
  }
  const score = scoreAnswered(clips, failed);
  process.stdout.write(flags.json ? `${JSON.stringify(score)}\n` : `${formatAnsweredReport(score)}\n`);
  return failed.length > 0 ? 2 : 0;
}

function judged(
  { alarmId, cameraId, raisedAt, answer, zones }: AlarmClipRow,
  { about, observations }: ObservationRecording,
  settings: ActivitySettings,
): readonly AnsweredClip[] {
  const known = ALARM_ANSWERS.find((one) => one === answer);
  if (known === undefined) return [];
  // Only the daemon writes clips, and their zones are those of its configuration.
  const camera = { ...cameraForFile("", 0), id: cameraId, zones: zones as readonly Zone[] };
  const activity = new CameraActivity(camera, settings);
  const kinds = new Set(
    observations.flatMap((one) => activity.observe(one).drafts.map((draft) => draft.kind)),
  );
  const confirmed = kinds.has("fall_confirmed");
  const noticed = confirmed || kinds.has("on_floor") || kinds.has("long_lie");
  return [{ alarmId, cameraId, raisedAt, answer: known, cause: about.cause ?? null, confirmed, noticed }];
}
