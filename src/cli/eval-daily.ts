// `haven eval daily`: hours of daily living out of all clips without a fall, lived through by a house with several
// cameras: the activity of each, and one recorder with its throttle and alarms, are those of the daemon.
import { dirname, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Recording } from "../app-recording.ts";
import { activitySettings } from "../app-settings.ts";
import { randomNumbers } from "../bench/random-numbers.ts";
import { ManualClock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { createLogger } from "../core/logger.ts";
import type { HavenEvent } from "../domain/events.ts";
import { type DailySaying, formatDailyReport, scoreDaily } from "../evaluation/daily-report.ts";
import { type Airing, type DailyClip, dailyStream, interleaved } from "../evaluation/daily-stream.ts";
import { CameraActivity } from "../pipeline/camera-activity.ts";
import { IN_MEMORY, openStore } from "../store/store.ts";
import { loadFootage, samplingOffsets } from "./fall/fall-footage.ts";
import { readManifest } from "./fall/manifest-file.ts";
import { cameraForFile, readConfig } from "./offline-session.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface EvalDailyFlags {
  readonly manifest: string;
  readonly config?: string;
  readonly json: boolean;
  readonly hours: number;
  readonly cameras: number;
  readonly seed: number;
  /** Folder in which what vision saw is kept and found again. */
  readonly observations?: string;
  readonly samplingOffsets: number;
}

/** A morning in November: the time of day decides nothing about falls. */
const STARTED_AT = Date.UTC(2026, 10, 20, 9);
/** Frames between two looks at whether somebody wants to stop. */
const TURN = 2000;

export async function evalDaily(flags: EvalDailyFlags, signal: AbortSignal): Promise<number> {
  const manifest = await readManifest(flags.manifest);
  const config = await readConfig(flags.config);
  const quiet = manifest.clips.filter((clip) => !clip.ignore && clip.falls.length === 0);
  if (quiet.length === 0)
    throw new AppError("input.invalid", `the manifest ${flags.manifest} lists no clip without a fall`);
  const footage = await loadFootage({
    clips: quiet,
    folder: dirname(resolve(flags.manifest)),
    config,
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
    holdLastS: 0,
    offsetsS: samplingOffsets(flags.samplingOffsets, config.inference.fps),
    ...(flags.observations === undefined ? {} : { observations: flags.observations }),
    signal,
  });
  const failed = (footage[0]?.clips ?? []).flatMap(({ clip, failure }) =>
    failure === null ? [] : [`haven: ${clip.file} cannot be played: ${failure}\n`],
  );
  const clips = quiet.map(({ file, durationS }, index): DailyClip => {
    return { file, durationS, samplings: footage.map((one) => one.clips[index]?.observations ?? []) };
  });
  const lived = await liveThrough(clips, { ...flags, config, signal });
  const score = scoreDaily({
    hours: flags.hours,
    seed: flags.seed,
    footageS: quiet.reduce((sum, { durationS }) => sum + durationS, 0),
    clips: quiet.length - failed.length,
    ...lived,
  });
  process.stdout.write(flags.json ? `${JSON.stringify(score)}\n` : `${formatDailyReport(score)}\n`);
  process.stderr.write(failed.join(""));
  return failed.length > 0 ? 2 : 0;
}

type House = Pick<EvalDailyFlags, "hours" | "cameras" | "seed"> & {
  readonly config: Awaited<ReturnType<typeof readConfig>>;
  readonly signal: AbortSignal;
};

async function liveThrough(clips: readonly DailyClip[], house: House) {
  const { hours, seed, config, signal } = house;
  const clock = new ManualClock();
  clock.jumpTo(STARTED_AT);
  // An alarm of old footage is a line of the answer, not a warning.
  const log = createLogger({ level: "error", pretty: process.stderr.isTTY === true });
  const sayings: DailySaying[] = [];
  using store = openStore({ path: IN_MEMORY, clock, log });
  const recording = new Recording({
    store,
    clock,
    log,
    random: () => 0.5,
    alarms: config.alarms,
    announce: ({ event, delivery }) => sayings.push(sayingOf(event, delivery !== "logged")),
  });
  await recording.start();
  const random = randomNumbers(seed);
  const cameras = Array.from({ length: house.cameras }, (_, index) => cameraForFile("", index));
  const activities = new Map(
    cameras.map((camera) => [camera.id, new CameraActivity(camera, activitySettings(config))]),
  );
  const airings = new Map<string, Set<Airing>>(cameras.map(({ id }) => [id, new Set()]));
  const streams = cameras.map(({ id }) =>
    dailyStream({ clips, cameraId: id, hours, startedAt: STARTED_AT, random }),
  );
  using bar = createProgressBar("daily living");
  let frames = 0;
  for (const { observation, airing } of interleaved(streams)) {
    const { cameraId, capturedAt, mediaTimeS } = observation.stamp;
    clock.advance(Math.max(0, capturedAt - clock.now()));
    if (airing !== null) airings.get(cameraId)?.add(airing);
    for (const draft of activities.get(cameraId)?.observe(observation).drafts ?? []) recording.record(draft);
    frames += 1;
    if (frames % TURN > 0) continue;
    bar.update(mediaTimeS / (hours * 3600), `${(mediaTimeS / 3600).toFixed(1)} of ${hours} h`);
    await setImmediate();
    signal.throwIfAborted();
  }
  await recording.stop();
  return {
    sayings,
    cameras: [...airings].map(([cameraId, own]) => ({ cameraId, airings: [...own] })),
  };
}

function sayingOf({ kind, cameraId, mediaTimeS, evidence }: HavenEvent, sent: boolean): DailySaying {
  const groundAtS = "groundAtS" in evidence ? evidence.groundAtS : mediaTimeS;
  return { kind, cameraId, beganS: groundAtS ?? 0, sent };
}
