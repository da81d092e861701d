// What benchmarks of vision begin with: the models, a film with somebody in it, and the settings a home would have.
import { resolve } from "node:path";
import { type ModelEntry, modelEntry, modelManifest } from "../../../models/manifest.ts";
import { ModelStore } from "../../../models/model-store.ts";
import { isManifestPath, readOwnManifest } from "../../../models/own-manifest.ts";
import { visionSettings } from "../../app-settings.ts";
import { ensureFootage } from "../../bench/footage.ts";
import { type MeasuredStages, measureStages } from "../../bench/stage-costs.ts";
import { loadConfig } from "../../config/load-config.ts";
import { silentLogger } from "../../core/logger.ts";
import { InferencePool } from "../../inference/inference-pool.ts";
import { SceneWatch } from "../../pipeline/scene-watch.ts";
import type { IdentifySettings, VisionSettings } from "../../pipeline/vision-contract.ts";
import { createTracker } from "../../tracking/create-tracker.ts";
import { createDetector } from "../../vision/create-detector.ts";
import { prepareModels } from "../prepare-models.ts";
import type { BenchContext } from "./bench-report.ts";

export interface BenchSetup {
  readonly video: string;
  readonly entry: ModelEntry;
  readonly modelPath: (modelId: string) => Promise<string>;
  /** Defaults, but for one input size throughout and the CPU: so that bare inference runs the very same model. */
  readonly settings: VisionSettings;
  /** How people are told apart by default; `settings` leave it out, as what it is held against only watches. */
  readonly identify: IdentifySettings | null;
}

/** What a camera starts with while nothing is known of the people in it. */
const DEFAULT_INPUT = 256;

/** `share` of the progress is what making the footage is worth. */
export async function prepareBench(
  { flags, progress, signal }: BenchContext,
  share: number,
): Promise<BenchSetup> {
  const config = loadConfig("", { file: resolve("haven.yaml"), env: {} });
  const modelsDir = await prepareModels(silentLogger, signal, config);
  const settings = visionSettings(config, modelsDir);
  const { entry, setting, modelPath } = await findDetector(
    flags.detector ?? config.inference.detector,
    modelsDir,
  );
  const video =
    flags.video === undefined
      ? await ensureFootage({
          width: 1280,
          height: 720,
          scene: "dancing",
          seed: 1,
          cacheDir: modelsDir,
          progress: (step) => progress(share * step.share, step.label),
          signal,
        })
      : resolve(flags.video);
  return {
    video,
    entry,
    modelPath,
    identify: settings.identify,
    settings: {
      ...settings,
      identify: null,
      inference: {
        ...settings.inference,
        detector: setting,
        inputSize: flags.inputSize ?? DEFAULT_INPUT,
        provider: "cpu",
        hardwareDecoding: "off",
      },
    },
  };
}

/** Measures the stages one by one on so many analysed pictures. */
export async function stagesOf(
  { video, entry, modelPath, settings }: BenchSetup,
  pictures: number,
  signal: AbortSignal,
): Promise<MeasuredStages> {
  const { inference, tracker } = settings;
  const { keepTrack = 0.1, high = 0.2, newPerson = 0.25 } = entry.thresholds;
  const low = tracker.low ?? keepTrack;
  const { motionGate, inputSize } = inference;
  const watched = { motionGate, blindness: true, sizes: [inputSize], zones: [] };
  const scene = new SceneWatch(watched);
  await using pool = await InferencePool.create({
    workers: 1,
    provider: "cpu",
    log: silentLogger,
    modelPath,
  });
  return await measureStages({
    video,
    fps: inference.fps,
    inputSize,
    pictures,
    runner: pool,
    createDetector: (runner) => createDetector(entry, runner, { floor: low }),
    createTracker: () =>
      createTracker({
        kind: tracker.kind,
        high: tracker.high ?? high,
        low,
        newTrack: tracker.newTrack ?? newPerson,
        lostS: tracker.lostS,
      }),
    examine: (frame, timeS) => scene.examine(frame, timeS),
    signal,
  });
}

/** Throws AppError not-found or model.* when there is no such model. */
async function findDetector(reference: string, modelsDir: string) {
  const own = isManifestPath(reference);
  const setting = own ? resolve(reference) : reference;
  const entry = own ? await readOwnManifest(setting) : modelEntry(reference);
  const models = own ? [...modelManifest.models, entry] : modelManifest.models;
  const store = new ModelStore({
    log: silentLogger,
    directory: modelsDir,
    manifest: { ...modelManifest, models },
  });
  return { entry, setting, modelPath: (id: string) => store.pathOf(id) };
}
