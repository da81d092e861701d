// `haven eval face`: how well faces are told apart. Pairs as public sets give them, and a household that meets strangers:
// half of a folder's people enrolled with a few pictures each, by the rule that decides live.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { randomNumbers } from "../bench/random-numbers.ts";
import type { Config } from "../config/config.ts";
import { AppError, messageOf } from "../core/errors.ts";
import { createLogger } from "../core/logger.ts";
import type { FaceSample } from "../domain/tracklet.ts";
import {
  evaluateOpenSet,
  evaluatePairs,
  type FacePair,
  type KnownBy,
  type OpenSetAnswer,
  splitOpenSet,
} from "../evaluation/face-evaluation.ts";
import { type FaceReport, formatFaceReport, type NamedFace } from "../evaluation/face-report.ts";
import { decide } from "../reid/decision.ts";
import { type DecisionSettings, decisionSettings, type ModelThresholds } from "../reid/decision-settings.ts";
import type { TrackEvidence } from "../reid/evidence.ts";
import { cosineToPerson, queriesOf } from "../reid/scoring.ts";
import { NO_EVIDENCE } from "../reid/track-evidence.ts";
import { FaceViewer, findFacePictures } from "./identity/face-pictures.ts";
import { readConfig } from "./offline-session.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface EvalFaceFlags {
  readonly pairs?: string;
  readonly gallery?: string;
  readonly config?: string;
  readonly json: boolean;
  /** Pictures each enrolled person is enrolled with. */
  readonly pictures: number;
  readonly seed: number;
  /** Divisions into known people and strangers. */
  readonly splits: number;
}

interface Shot {
  readonly personId: string;
  readonly file: string;
  readonly face: FaceSample;
}

/** Throws AppError `input.invalid` for files and folders that are not as they should be, `model.*`. */
export async function evalFace(flags: EvalFaceFlags, signal: AbortSignal): Promise<number> {
  if ((flags.pairs === undefined) === (flags.gallery === undefined))
    throw invalid("say what to measure: either --pairs CSV or --gallery DIR");
  const config = await readConfig(flags.config);
  const log = createLogger({ level: "warn", pretty: process.stderr.isTTY === true });
  const { faceDetector, faceModel, minFacePx, minReferenceFacePx } = config.reid;
  await using viewer = await FaceViewer.open(
    { detector: faceDetector, model: faceModel, limits: { minFacePx, minReferenceFacePx } },
    log,
    signal,
  );
  const report =
    flags.pairs === undefined
      ? await onGallery(flags.gallery ?? "", flags, { viewer, config, signal })
      : await onPairs(flags.pairs, { viewer, config, signal });
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : formatFaceReport(report));
  return 0;
}

interface Means {
  readonly viewer: FaceViewer;
  readonly config: Config;
  readonly signal: AbortSignal;
}

async function onPairs(file: string, means: Means): Promise<FaceReport> {
  const listed = await readPairs(file);
  const files = [...new Set(listed.flatMap(({ a, b }) => [a, b]))];
  const faces = await facesIn(files, means);
  const pairs = listed.flatMap(({ a, b, same }): FacePair[] => {
    const [first, second] = [faces.get(a), faces.get(b)];
    return first === undefined || second === undefined ? [] : [{ score: cosine(first, second), same }];
  });
  return {
    model: means.config.reid.faceModel,
    pictures: files.length,
    without_face: files.filter((one) => !faces.has(one)),
    ...evaluatePairs(pairs),
    open_set: null,
    strangers_named: null,
    enrolled_named: null,
  };
}

async function onGallery(folder: string, flags: EvalFaceFlags, means: Means): Promise<FaceReport> {
  const pictures = await findFacePictures(folder);
  const faces = await facesIn(
    pictures.map(({ file }) => file),
    means,
  );
  const shots = pictures.flatMap(({ personId, file }): Shot[] => {
    const face = faces.get(file);
    return face === undefined ? [] : [{ personId, file, face }];
  });
  const people = groupByPerson(shots);
  if (people.filter(({ pictures: own }) => own.length > flags.pictures).length < 2)
    throw invalid(
      `${folder} has no two people with more than ${flags.pictures} pictures of their faces: add some, or enrol with fewer (--pictures)`,
    );
  const settings = settingsOf(means.config, means.viewer.thresholds);
  const answers: (OpenSetAnswer & { readonly shot: Shot })[] = [];
  for (let split = 0; split < flags.splits; split += 1) {
    const random = randomNumbers(flags.seed + split);
    const { enrolled, queries } = splitOpenSet(people, { pictures: flags.pictures, random });
    for (const { picture, personId, enrolled: isKnown } of queries)
      answers.push({
        personId,
        enrolled: isKnown,
        named: nameOf(picture, enrolled, settings),
        shot: picture,
      });
  }
  const result = evaluateOpenSet(answers);
  return {
    model: means.config.reid.faceModel,
    pictures: pictures.length,
    without_face: pictures.map(({ file }) => file).filter((file) => !faces.has(file)),
    ...evaluatePairs(pairsOf(shots)),
    open_set: {
      people: people.length,
      enrolled_with: flags.pictures,
      seed: flags.seed,
      splits: flags.splits,
      accept: settings.face?.accept ?? null,
      margin: settings.face?.margin ?? null,
      ...result,
      wrong: answers.flatMap(({ enrolled, named, personId, shot }): NamedFace[] =>
        named === (enrolled ? personId : null)
          ? []
          : [{ picture: shot.file, person: personId, enrolled, named }],
      ),
    },
    strangers_named: result.strangers_named,
    enrolled_named: result.enrolled_named,
  };
}

function settingsOf({ reid }: Config, face: ModelThresholds): DecisionSettings {
  return decisionSettings({ ...reid, face: true, gait: false, appearance: false }, { face, appearance: {} });
}

/** Whom one picture is taken for, by the face alone, as a track is whose face was seen once. */
function nameOf(
  { face }: Shot,
  enrolled: readonly KnownBy<Shot>[],
  settings: DecisionSettings,
): string | null {
  const { modelId, embedding, quality, reference } = face;
  const evidence: TrackEvidence = {
    ...NO_EVIDENCE,
    faces: [{ modelId, vector: embedding, quality, reference }],
    frames: settings.minFrames,
  };
  const [query] = queriesOf(evidence);
  if (query === undefined) return null;
  const candidates = enrolled.map(({ personId, pictures }) => {
    const known = pictures.map((shot) => ({ modelId: shot.face.modelId, vector: shot.face.embedding }));
    const score = cosineToPerson(query, known);
    const scores = score === null ? {} : { face: score };
    return { personId, scores, negative: null, blocked: null, sinceSeenHereS: null };
  });
  const { outcome, personId } = decide(evidence, candidates, settings);
  return outcome === "matched" ? personId : null;
}

/** The largest face of each file, by its path; those without one are left out. With a bar. */
async function facesIn(
  files: readonly string[],
  { viewer, signal }: Means,
): Promise<ReadonlyMap<string, FaceSample>> {
  const faces = new Map<string, FaceSample>();
  using bar = createProgressBar("faces");
  const waiting = files.values();
  let done = 0;
  const work = async () => {
    for (const file of waiting) {
      signal.throwIfAborted();
      const face = await viewer.faceIn(file);
      if (face !== null) faces.set(file, face);
      done += 1;
      bar.update(done / files.length, `${done}/${files.length} pictures`);
    }
  };
  await Promise.all(Array.from({ length: viewer.workers }, work));
  return faces;
}

interface ListedPair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
}

const SAME: Readonly<Record<string, boolean>> = {
  yes: true,
  no: false,
  "1": true,
  "0": false,
  true: true,
  false: false,
};

/** Lines of two files (relative to the list's folder) and whether they show one person: Yes or No, 1 or 0. */
async function readPairs(file: string): Promise<ListedPair[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw invalid(`${file} cannot be read: ${messageOf(error)}`);
  }
  const folder = dirname(resolve(file));
  const pairs: ListedPair[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const [a = "", b = "", decision = "", ...more] = line.split(",").map((cell) => cell.trim());
    const same = SAME[decision.toLowerCase()];
    if (same !== undefined && a !== "" && b !== "" && more.length === 0)
      pairs.push({ a: resolve(folder, a), b: resolve(folder, b), same });
    // The first line may say what the columns are.
    else if (index > 0)
      throw invalid(`${file}, line ${index + 1}: give two pictures and Yes or No, with commas between`);
  }
  if (pairs.length === 0)
    throw invalid(`${file} lists no pairs: give two pictures and Yes or No on each line`);
  return pairs;
}

function groupByPerson(shots: readonly Shot[]): KnownBy<Shot>[] {
  const people = new Map<string, Shot[]>();
  for (const shot of shots) people.set(shot.personId, [...(people.get(shot.personId) ?? []), shot]);
  return [...people].map(([personId, pictures]) => ({ personId, pictures }));
}

function pairsOf(shots: readonly Shot[]): FacePair[] {
  return shots.flatMap((a, index) =>
    shots.slice(index + 1).map((b) => ({ score: cosine(a.face, b.face), same: a.personId === b.personId })),
  );
}

function cosine(a: FaceSample, b: FaceSample): number {
  return a.embedding.reduce((sum, value, at) => sum + value * (b.embedding[at] ?? 0), 0);
}

function invalid(message: string): AppError {
  return new AppError("input.invalid", message);
}
