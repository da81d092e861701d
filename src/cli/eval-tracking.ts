// `haven eval tracking`: tracks against ground truth in MOTChallenge's format. The tracks come from the tracker on given
// detections (the public comparison), from the whole pipeline on a video, or from files of another tracker.
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { AppError, isAppError, messageOf } from "../core/errors.ts";
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import {
  type BoxesByFrame,
  type IdentifiedBox,
  parseDetections,
  parseGroundTruth,
  parseSequenceInfo,
  parseTracks,
  type ScoredBox,
  type SequenceInfo,
} from "../evaluation/mot-challenge.ts";
import { combineTracking, evaluateTracking, type TrackingScore } from "../evaluation/tracking-evaluation.ts";
import { formatTrackingReport } from "../evaluation/tracking-report.ts";
import { createTracker } from "../tracking/create-tracker.ts";
import type { TrackerSettings } from "../tracking/tracker.ts";
import { cameraForFile, OfflineSession, readConfig, unidentified } from "./offline-session.ts";

export interface EvalTrackingFlags {
  readonly gt: readonly string[];
  readonly det?: readonly string[];
  readonly video?: string;
  readonly tracks?: readonly string[];
  readonly config?: string;
  readonly json: boolean;
}

/**
 * Thresholds for the benchmarks' public detections, unless the configuration gives some. Their scores crowd near 1: `high`
 * .6 to .8 and `newTrack` .85 to .95 are alike; ByteTrack's .6 and .7 start a fifth more tracks that nobody is behind.
 */
const PUBLIC_DETECTIONS = { high: 0.7, low: 0.1, newTrack: 0.9 };
/** Frames/s of detections that come without a seqinfo.ini. */
const USUAL_FPS = 30;
/** More than any file has: no frame is skipped. */
const EVERY_FRAME = 1000;

interface Sequence {
  readonly name: string;
  readonly info: SequenceInfo | null;
  readonly truth: BoxesByFrame<IdentifiedBox>;
}

interface Followed {
  readonly tracks: BoxesByFrame<IdentifiedBox>;
  readonly frames: number;
  /** Seconds the tracker took by itself; null where that cannot be told. */
  readonly trackingS: number | null;
}

type SequenceScore = TrackingScore & { readonly name: string; readonly frames: number };

export async function evalTracking(flags: EvalTrackingFlags, signal: AbortSignal): Promise<number> {
  const runs = await follow(flags, signal);
  const sequences = runs.map(
    ({ sequence, followed }): SequenceScore => ({
      name: sequence.name,
      frames: followed.frames,
      ...evaluateTracking(sequence.truth, followed.tracks),
    }),
  );
  const combined = combineTracking(sequences);
  const framesPerS = speed(runs.map(({ followed }) => followed));
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ ...combined, frames_per_s: framesPerS, sequences })}\n`
      : formatTrackingReport(sequences, combined, framesPerS),
  );
  return 0;
}

interface Run {
  readonly sequence: Sequence;
  readonly followed: Followed;
}

async function follow(flags: EvalTrackingFlags, signal: AbortSignal): Promise<readonly Run[]> {
  const given = [flags.det, flags.video, flags.tracks].filter((flag) => flag !== undefined);
  if (given.length !== 1)
    throw invalid("say where the tracks come from: one of --det FILE..., --video FILE or --tracks FILE...");
  const files = flags.det ?? flags.tracks ?? [flags.video ?? ""];
  if (files.length !== flags.gt.length)
    throw invalid(
      `${flags.gt.length} files of ground truth and ${files.length} to compare with them: give as many of each, in the same order`,
    );
  if (flags.video !== undefined) {
    const sequence = await readSequence(flags.gt[0] ?? "");
    return [{ sequence, followed: await watch(sequence, flags.video, flags, signal) }];
  }
  if (flags.tracks !== undefined) {
    const pairs = await readPairs(flags.gt, files, parseTracks);
    return pairs.map(({ sequence, boxes }) => ({
      sequence,
      followed: { tracks: boxes, frames: lastFrame(boxes), trackingS: null },
    }));
  }
  const settings = trackerSettings(await readConfig(flags.config));
  const pairs = await readPairs(flags.gt, files, parseDetections);
  return pairs.map(({ sequence, boxes }) => {
    signal.throwIfAborted();
    return { sequence, followed: trackDetections(sequence, boxes, settings, systemClock) };
  });
}

function trackerSettings({ tracker }: Config): TrackerSettings {
  return {
    kind: tracker.kind,
    high: tracker.high ?? PUBLIC_DETECTIONS.high,
    low: tracker.low ?? PUBLIC_DETECTIONS.low,
    newTrack: tracker.newTrack ?? PUBLIC_DETECTIONS.newTrack,
    lostS: tracker.lostS,
  };
}

/** The tracker alone, frame by frame, on the sequence's own time. */
function trackDetections(
  { info, truth }: Sequence,
  found: BoxesByFrame<ScoredBox>,
  settings: TrackerSettings,
  clock: Clock,
): Followed {
  const frames = Math.max(info?.frames ?? 0, lastFrame(truth), lastFrame(found));
  const fps = info?.fps ?? USUAL_FPS;
  // Any size will do where none is known: the tracker measures in body lengths.
  const { width, height } = info ?? { width: 1920, height: 1080 };
  const detections = Array.from({ length: frames }, (_, index) =>
    (found.get(index + 1) ?? []).map((box) => toDetection(box, width, height)),
  );
  const run = () => {
    const tracker = createTracker(settings);
    return detections.map((frame, index) => tracker.update(frame, (index + 1) / fps, width / height));
  };
  const seen = run();
  // Timed the second time: a camera's tracker runs for weeks, so what the first frames take to warm up is not its pace.
  const before = clock.monotonic();
  run();
  const trackingS = (clock.monotonic() - before) / 1000;
  const tracks = new Map(
    seen.map((all, index) => [index + 1, all.flatMap((track) => reported(track, width, height))]),
  );
  return { tracks, frames, trackingS };
}

function toDetection(
  { left, top, width: w, height: h, confidence }: ScoredBox,
  width: number,
  height: number,
): Detection {
  const box = { x1: left / width, y1: top / height, x2: (left + w) / width, y2: (top + h) / height };
  return { box, confidence, pose: null };
}

/**
 * The whole pipeline on a video whose frame n is frame n of the ground truth; every frame is analysed.
 *
 * Boxes are scored as they come. Those of the default model go around the whole body, not just around its keypoints: on
 * PETS09-S2L1 they are 1.03 times as high and 1.15 times as wide as the ground truth's, and overlap it by .71 (medians).
 */
async function watch(
  { info }: Sequence,
  file: string,
  flags: EvalTrackingFlags,
  signal: AbortSignal,
): Promise<Followed> {
  await using session = await OfflineSession.open(flags, signal, (settings) => ({
    ...unidentified(settings),
    inference: { ...settings.inference, fps: EVERY_FRAME, motionGate: false },
  }));
  let seen: { readonly frame: number; readonly tracks: readonly Track[] }[] = [];
  const [outcome] = await session.play([cameraForFile(resolve(file), 0)], {
    title: "frames",
    holdLastS: 0,
    signal,
    begin: () => {
      seen = [];
      return {
        observe: ({ stamp, tracks }) => seen.push({ frame: stamp.sequence + 1, tracks }),
        end: () => {},
      };
    },
  });
  if (outcome === undefined || outcome.failure !== null)
    throw invalid(`${file} cannot be evaluated: ${outcome?.failure ?? "it was not played"}`);
  const size = info ?? outcome.stream;
  if (size === null) throw invalid(`${file} has no pictures`);
  if (info !== null && seen.length !== info.frames)
    process.stderr.write(
      `haven: ${file} has ${seen.length} frames, the ground truth ${info.frames}: frames may not belong together\n`,
    );
  return {
    tracks: new Map(
      seen.map(({ frame, tracks }) => [
        frame,
        tracks.flatMap((track) => reported(track, size.width, size.height)),
      ]),
    ),
    frames: seen.length,
    trackingS: null,
  };
}

/** What counts as an answer: people who are confirmed and were seen in this very frame. In pixels. */
function reported({ id, state, detected, box }: Track, width: number, height: number): IdentifiedBox[] {
  if (state !== "confirmed" || !detected) return [];
  return [
    {
      id,
      left: box.x1 * width,
      top: box.y1 * height,
      width: (box.x2 - box.x1) * width,
      height: (box.y2 - box.y1) * height,
    },
  ];
}

function speed(runs: readonly Followed[]): number | null {
  let frames = 0;
  let trackingS = 0;
  for (const run of runs) {
    if (run.trackingS === null) return null;
    frames += run.frames;
    trackingS += run.trackingS;
  }
  return trackingS === 0 ? null : Math.round(frames / trackingS);
}

function lastFrame(boxes: BoxesByFrame<IdentifiedBox | ScoredBox>): number {
  let last = 0;
  for (const frame of boxes.keys()) last = Math.max(last, frame);
  return last;
}

/** MOTChallenge keeps SEQUENCE/gt/gt.txt beside SEQUENCE/seqinfo.ini. */
async function readSequence(file: string): Promise<Sequence> {
  const truth = parseGroundTruth(await readText(file), file);
  const folder = dirname(resolve(file));
  const home = basename(folder) === "gt" ? dirname(folder) : folder;
  const ini = join(home, "seqinfo.ini");
  const text = await readFile(ini, "utf8").catch(() => null);
  const info = text === null ? null : parseSequenceInfo(text, ini);
  return { name: info?.name ?? basename(home), info, truth };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw invalid(`${file} cannot be read: ${messageOf(error)}`);
  }
}

/** Each file of ground truth with the file to compare it with. Every mistake is told at once. */
async function readPairs<B>(
  truths: readonly string[],
  files: readonly string[],
  parse: (text: string, source: string) => B,
): Promise<{ readonly sequence: Sequence; readonly boxes: B }[]> {
  const mistakes: string[] = [];
  const attempt = async <T>(reading: Promise<T>): Promise<T | null> => {
    try {
      return await reading;
    } catch (error) {
      if (!isAppError(error)) throw error;
      mistakes.push(error.message);
      return null;
    }
  };
  const pairs: { sequence: Sequence; boxes: B }[] = [];
  for (const [index, truth] of truths.entries()) {
    const file = files[index] ?? "";
    const sequence = await attempt(readSequence(truth));
    const boxes = await attempt(readText(file).then((text) => parse(text, file)));
    if (sequence !== null && boxes !== null) pairs.push({ sequence, boxes });
  }
  if (mistakes.length > 0) throw invalid(mistakes.join("\n"));
  return pairs;
}

function invalid(message: string): AppError {
  return new AppError("input.invalid", message);
}
