// `haven eval reid`: how well bodies are told apart by their clothes, between cameras and within the hour.
import { readFile } from "node:fs/promises";
import { modelEntry } from "../../models/manifest.ts";
import { randomNumbers } from "../bench/random-numbers.ts";
import type { Config } from "../config/config.ts";
import { AppError, messageOf } from "../core/errors.ts";
import { createLogger } from "../core/logger.ts";
import { standardised } from "../domain/appearance.ts";
import { APPEARANCE_STATISTICS } from "../domain/appearance-statistics.ts";
import { parseGroundTruth } from "../evaluation/mot-challenge.ts";
import {
  type BodyCrop,
  countCrops,
  evaluateReid,
  type Recipe,
  STATISTICS_OF_OTHERS,
} from "../evaluation/reid-evaluation.ts";
import { formatReEntries, formatReidReport, type ReidReport } from "../evaluation/reid-report.ts";
import { type CameraAppearance, cameraStatistics, withTracklet } from "../reid/appearance-space.ts";
import { APPEARANCE_MODEL } from "../vision/appearance-embedder.ts";
import { readConfig } from "./offline-session.ts";
import { createProgressBar } from "./progress-bar.ts";
import { BodyViewer, describeCrops, findCrops } from "./reid/body-crops.ts";
import { householdTrials, type TrialRules } from "./reid/household-trials.ts";
import { lookAtVisits, reEntries } from "./reid/re-entries.ts";

export interface EvalReidFlags {
  readonly crops?: string;
  /** Instead: a video with its ground truth, and who of it is who: lines of "ID PERSON". */
  readonly video?: string;
  readonly gt?: string;
  readonly people?: string;
  readonly config?: string;
  readonly seed: number;
  readonly json: boolean;
}

const GALLERY = 12;
const MEAN_OF = 4;
const ROUNDS = 10;
const TRIALS = 400;
/** Of each resident before each camera: none, and a day's. */
const VISITS_BEFORE = [0, 8] as const;

/** Throws AppError `input.invalid` for a folder without crops, `model.*`. */
export async function evalReid(flags: EvalReidFlags, signal: AbortSignal): Promise<number> {
  if (
    (flags.crops === undefined) === (flags.video === undefined) ||
    (flags.video === undefined) !== (flags.gt === undefined)
  )
    throw invalid("say what to measure: either --crops DIR, or --video FILE with --gt FILE");
  const config = await readConfig(flags.config);
  if (flags.crops === undefined) return await onVideo(flags, config, signal);
  const crops = await look(flags.crops, signal);
  const protocol = () => ({
    gallery: GALLERY,
    mean: MEAN_OF,
    rounds: ROUNDS,
    random: randomNumbers(flags.seed),
  });
  const trialRules = rulesOf(config, randomNumbers(flags.seed));
  const report: ReidReport = {
    ...countCrops(crops),
    model: APPEARANCE_MODEL,
    gallery: GALLERY,
    mean_of: MEAN_OF,
    statistics: {
      others: evaluateReid(crops, STATISTICS_OF_OTHERS, protocol()),
      lived: evaluateReid(crops, AS_LIVED, protocol()),
      shipped: evaluateReid(crops, AS_SHIPPED, protocol()),
    },
    households: VISITS_BEFORE.flatMap((visits) => householdTrials(crops, visits, trialRules) ?? []),
  };
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : formatReidReport(report));
  return 0;
}

async function onVideo(flags: EvalReidFlags, config: Config, signal: AbortSignal): Promise<number> {
  const { video = "", gt = "", people } = flags;
  const truth = parseGroundTruth(await textOf(gt), gt);
  const who = people === undefined ? null : peopleIn(await textOf(people), people);
  await using viewer = await BodyViewer.open(quietLogger(), signal);
  const visits = await lookAtVisits(viewer, video, truth, signal);
  const report = reEntries(visits, who, rulesOf(config, randomNumbers(flags.seed)));
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : formatReEntries(report));
  return 0;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw invalid(`${file} cannot be read (${messageOf(error)})`);
  }
}

/** Lines of an id of the ground truth and a name for who it is; the same name for the same person. */
function peopleIn(text: string, file: string): ReadonlyMap<number, string> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return new Map(
    lines.map((line, index) => {
      const [, id, name] = /^\s*(\d+)\s+(\S+)\s*$/.exec(line) ?? [];
      if (id === undefined || name === undefined)
        throw invalid(`${file}:${index + 1}: an id of the ground truth and who it is, such as "7 anna"`);
      return [Number(id), name];
    }),
  );
}

function quietLogger() {
  return createLogger({ level: "warn", pretty: process.stderr.isTTY === true });
}

function invalid(message: string): AppError {
  return new AppError("input.invalid", message);
}

async function look(folder: string, signal: AbortSignal): Promise<readonly BodyCrop[]> {
  const files = await findCrops(folder);
  await using viewer = await BodyViewer.open(quietLogger(), signal);
  using bar = createProgressBar("eval reid");
  const progress = (done: number) => bar.update(done / files.length, `${done}/${files.length} crops`);
  return await describeCrops(viewer, files, progress, signal);
}

function rulesOf({ reid }: Config, random: () => number): TrialRules {
  return {
    rules: reid,
    appearance: modelEntry(APPEARANCE_MODEL).thresholds,
    memory: {
      limit: reid.prototypes,
      blend: reid.prototypeBlend,
      acceptFace: reid.faceThreshold ?? 1,
      appearanceTtl: reid.appearanceTtlS * 1000,
    },
    trials: TRIALS,
    random,
  };
}

/** What a camera of a household knows: what is shipped, and what it has seen of some people. */
const AS_LIVED: Recipe = (others) => {
  const byCamera = new Map<string, Map<string, BodyCrop[]>>();
  for (const crop of others) {
    const people = byCamera.get(crop.cameraId) ?? new Map<string, BodyCrop[]>();
    byCamera.set(crop.cameraId, people.set(crop.personId, [...(people.get(crop.personId) ?? []), crop]));
  }
  const statistics = new Map(
    [...byCamera].map(([cameraId, people]) => {
      const tracklets = [...people.values()].map((crops) =>
        crops.map(({ descriptor }) => ({ modelId: APPEARANCE_MODEL, descriptor })),
      );
      const own = tracklets.reduce<CameraAppearance | null>(withTracklet, null);
      return [cameraId, cameraStatistics(APPEARANCE_STATISTICS, own)];
    }),
  );
  return ({ cameraId, descriptor }) =>
    standardised(descriptor, statistics.get(cameraId) ?? APPEARANCE_STATISTICS);
};

const AS_SHIPPED: Recipe =
  () =>
  ({ descriptor }) =>
    standardised(descriptor, APPEARANCE_STATISTICS);
