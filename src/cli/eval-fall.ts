// `haven eval fall`: the pipeline over labelled clips, scored.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { activitySettings } from "../app-settings.ts";
import { AppError, messageOf } from "../core/errors.ts";
import { type ClipOutcome, evaluateFalls, type TimedEvent } from "../evaluation/fall-evaluation.ts";
import { type FallManifest, parseFallManifest } from "../evaluation/fall-manifest.ts";
import { formatFallReport } from "../evaluation/fall-report.ts";
import { LyingWatch } from "../evaluation/lying-watch.ts";
import { CameraActivity } from "../pipeline/camera-activity.ts";
import { cameraForFile, OfflineSession } from "./offline-session.ts";

export interface EvalFallFlags {
  readonly manifest: string;
  readonly config?: string;
  readonly json: boolean;
  /** Seconds. */
  readonly holdLast: number;
}

export async function evalFall(flags: EvalFallFlags, signal: AbortSignal): Promise<number> {
  const manifest = await readManifest(flags.manifest);
  const folder = dirname(resolve(flags.manifest));
  await using session = await OfflineSession.open(flags, signal);
  const cameras = manifest.clips.map((clip, index) => cameraForFile(resolve(folder, clip.file), index));
  const clipOf = new Map(cameras.map((camera, index) => [camera.id, manifest.clips[index]]));
  const events = new Map<string, TimedEvent[]>();
  const lying = new Map<string, LyingWatch>();
  const outcomes = await session.play(cameras, {
    title: "clips",
    holdLastS: flags.holdLast,
    durationsS: manifest.clips.map((clip) => clip.durationS),
    signal,
    begin: (camera) => {
      const found: TimedEvent[] = [];
      events.set(camera.id, found);
      const watch = new LyingWatch(clipOf.get(camera.id) ?? { falls: [], durationS: 0 });
      lying.set(camera.id, watch);
      const activity = new CameraActivity(camera, activitySettings(session.config));
      return {
        observe: (observation) => {
          watch.observe(observation);
          for (const { kind, mediaTimeS } of activity.observe(observation).drafts)
            if (mediaTimeS !== null) found.push({ kind, mediaTimeS });
        },
        end: () => {},
      };
    },
  });
  const clips = outcomes.map(({ camera, failure }, index): ClipOutcome => {
    const file = manifest.clips[index]?.file ?? camera.source;
    const seen = lying.get(camera.id);
    return {
      file,
      events: events.get(camera.id) ?? [],
      ...(seen === undefined ? {} : { lying: seen.time }),
      ...(failure === null ? {} : { error: failure }),
    };
  });
  const evaluation = evaluateFalls(manifest, clips);
  process.stdout.write(flags.json ? `${JSON.stringify(evaluation)}\n` : formatFallReport(evaluation));
  return evaluation.failed.length > 0 ? 2 : 0;
}

async function readManifest(file: string): Promise<FallManifest> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new AppError("input.invalid", `the manifest ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new AppError("input.invalid", `the manifest ${file} is not JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseFallManifest(json, file);
}
