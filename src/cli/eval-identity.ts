// `haven eval identity`: pictures of people whose names are known are shown to a house in random order, cameras and times, as
// tracklets, through the real service and a real database; what it made of them is counted.

import { ModelStore } from "../../models/model-store.ts";
import { identityModels } from "../app-identity.ts";
import { randomNumbers } from "../bench/random-numbers.ts";
import type { Config } from "../config/config.ts";
import { AppError } from "../core/errors.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import { type PersonSample, randomStream, scoreIdentities } from "../evaluation/identity-evaluation.ts";
import { textTable } from "../evaluation/text-table.ts";
import { FaceViewer, findFacePictures } from "./identity/face-pictures.ts";
import { CAMERA_IDS, type Look, liveThrough } from "./identity/live-through.ts";
import { readConfig } from "./offline-session.ts";
import { createProgressBar } from "./progress-bar.ts";
import { BodyViewer, describeCrops, findCrops } from "./reid/body-crops.ts";

export interface EvalIdentityFlags {
  readonly crops?: string;
  readonly gallery?: string;
  readonly config?: string;
  readonly json: boolean;
  readonly seed: number;
  /** Pictures a tracklet is made of. */
  readonly pictures?: number;
}

/** A live tracklet has up to five crops; of faces fewer are good. */
const FACES = 3;
const CROPS = 5;
/** Seconds between two tracklets: nobody is blocked by the way from one camera to the next, clothes are soon forgotten. */
const PAUSE_S = [20, 400] as const;
/** Bodies of faces are not seen; those of crops are as high as the appearance model takes them. Pixels. */
const HEIGHT_PX = 256;
const GOOD = 0.9;

interface Material {
  readonly samples: readonly PersonSample<Look>[];
  /** Pictures in which nothing was found. */
  readonly unseen: number;
}

export async function evalIdentity(flags: EvalIdentityFlags, signal: AbortSignal): Promise<number> {
  const { gallery, crops } = flags;
  if ((gallery === undefined) === (crops === undefined))
    throw new AppError(
      "input.invalid",
      "give either --gallery with pictures of faces or --crops with pictures of bodies",
    );
  const config = await readConfig(flags.config);
  const log = createLogger({ level: "warn", pretty: process.stderr.isTTY === true });
  const { samples, unseen } =
    gallery === undefined
      ? await bodies(crops ?? "", log, signal)
      : await faces(gallery, config, log, signal);
  const stream = randomStream(samples, {
    samplesPerTracklet: flags.pictures ?? (gallery === undefined ? CROPS : FACES),
    cameraIds: CAMERA_IDS,
    pauseS: PAUSE_S,
    random: randomNumbers(flags.seed),
  });
  const store = new ModelStore({ log });
  const models = identityModels(
    await store.resolve(config.reid.faceModel),
    await store.resolve(config.reid.appearanceModel),
  );
  const { told, ...more } = await liveThrough(stream, { config, models, heightPx: HEIGHT_PX, signal });
  const score = { ...scoreIdentities(told, flags.seed), unseen, ...more };
  const rows = Object.entries(score).map(([name, value]) => [
    name.replaceAll("_", " "),
    Number.isInteger(value) ? String(value) : value.toFixed(4),
  ]);
  process.stdout.write(flags.json ? `${JSON.stringify(score)}\n` : `${textTable(rows).join("\n")}\n`);
  return 0;
}

async function faces(folder: string, config: Config, log: Logger, signal: AbortSignal): Promise<Material> {
  const pictures = await findFacePictures(folder);
  const { faceDetector, faceModel, minFacePx, minReferenceFacePx } = config.reid;
  await using viewer = await FaceViewer.open(
    { detector: faceDetector, model: faceModel, limits: { minFacePx, minReferenceFacePx } },
    log,
    signal,
  );
  using bar = createProgressBar("faces");
  const found: (PersonSample<Look> | null)[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < pictures.length; index = next++) {
      signal.throwIfAborted();
      const picture = pictures[index];
      if (picture === undefined) return;
      const face = await viewer.faceIn(picture.file);
      const look: Look = { face, appearance: null, facing: "front", quality: face?.quality ?? 0 };
      found[index] = face === null ? null : { truePerson: picture.personId, sample: look };
      bar.update(index / pictures.length, `${index + 1}/${pictures.length}`);
    }
  };
  await Promise.all(Array.from({ length: viewer.workers }, work));
  const samples = found.filter((one) => one !== null);
  return { samples, unseen: pictures.length - samples.length };
}

async function bodies(folder: string, log: Logger, signal: AbortSignal): Promise<Material> {
  const files = await findCrops(folder);
  await using viewer = await BodyViewer.open(log, signal);
  using bar = createProgressBar("bodies");
  const crops = await describeCrops(
    viewer,
    files,
    (done) => bar.update(done / files.length, `${done}/${files.length}`),
    signal,
  );
  const samples = crops.map(({ personId, descriptor }): PersonSample<Look> => {
    const appearance = { modelId: "centernet-appearance", descriptor };
    return { truePerson: personId, sample: { face: null, appearance, facing: null, quality: GOOD } };
  });
  return { samples, unseen: 0 };
}
