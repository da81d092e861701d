// The vision process's models, put together: which detector, what goes with it, and what each camera gets of its own.
import type { ModelEntry } from "../models/manifest.ts";
import type { ModelStore } from "../models/model-store.ts";
import { isAppError } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { RgbImage } from "./domain/frame.ts";
import { FrameAnalysis } from "./pipeline/frame-analysis.ts";
import { SceneWatch } from "./pipeline/scene-watch.ts";
import type { CameraJob, VisionSettings } from "./pipeline/vision-contract.ts";
import { createTracker } from "./tracking/create-tracker.ts";
import type { Tracker, TrackerSettings } from "./tracking/tracker.ts";
import { APPEARANCE_MODEL, AppearanceEmbedder } from "./vision/appearance-embedder.ts";
import { createDetector } from "./vision/create-detector.ts";
import { LookBudget } from "./vision/look-budget.ts";
import type { ModelLoader } from "./vision/model-runner.ts";
import { MULTI_POSE_MODEL } from "./vision/movenet-multi-pose.ts";
import type { PersonDetector } from "./vision/person-detector.ts";
import { PoseSupplier } from "./vision/pose-supplier.ts";
import { SecondLook } from "./vision/second-look.ts";
import { THUNDER_MODEL, Thunder } from "./vision/thunder.ts";
import { Recognition } from "./vision-identity.ts";

export interface PerceptionParts {
  readonly store: Pick<ModelStore, "resolve">;
  readonly runner: ModelLoader;
  readonly log: Logger;
  /** A JPEG of what is handed over. */
  readonly toJpeg: (image: RgbImage) => Promise<Uint8Array>;
}

type Thresholds = Pick<TrackerSettings, "high" | "low" | "newTrack">;

/** What a model's manifest leaves open; the usual thresholds of detectors trained on COCO, see ByteTrack. */
const USUAL = { high: 0.5, keepTrack: 0.1, newPerson: 0.6 };

/** A second look weighs weak finds by where they are. On MultiPose's scale, whatever the detector and its thresholds. */
const FINDER_FLOOR = 0.1;
/**
 * A household at table; when there are more, they take turns. An inference of the pose model takes about as long as one of
 * the smallest detectors.
 */
const POSES_PER_FRAME = 4;

export class Perception {
  /** What of the models that are set cannot be used, and what is used instead; null when all is as wished. */
  readonly problem: string | null;
  /** Null: nobody is told apart. */
  readonly recognition: Recognition | null;
  readonly #settings: VisionSettings;
  readonly #parts: PerceptionParts;
  readonly #thresholds: Thresholds;
  readonly #detector: PersonDetector;
  /** Finds people wherever they may be, with whatever detector the cameras are watched. */
  readonly finder: PersonDetector;
  readonly #thunder: Thunder;
  readonly #appearance: AppearanceEmbedder | null;
  /** Of all live cameras together. */
  readonly #looks = new LookBudget();

  private constructor(
    settings: VisionSettings,
    parts: PerceptionParts,
    chosen: {
      readonly thresholds: Thresholds;
      readonly detector: PersonDetector;
      readonly finder: PersonDetector;
      readonly appearance: AppearanceEmbedder | null;
      readonly recognition: Recognition | null;
      readonly problem: string | null;
    },
  ) {
    this.#settings = settings;
    this.#parts = parts;
    this.#thresholds = chosen.thresholds;
    this.#detector = chosen.detector;
    this.finder = chosen.finder;
    this.#appearance = chosen.appearance;
    this.problem = chosen.problem;
    this.recognition = chosen.recognition;
    this.#thunder = new Thunder(parts.runner);
  }

  /**
   * Loads the models and tries them. A detector of the household's own that cannot be used is replaced by the default one,
   * and appearance left out: better to watch with less than not at all. Throws what loading the models that come with Haven throws.
   */
  static async open(settings: VisionSettings, parts: PerceptionParts): Promise<Perception> {
    const { detector: wanted } = settings.inference;
    const { store, runner, log } = parts;
    const problems: string[] = [];
    const use = async (reference: string) => {
      const entry = await store.resolve(reference);
      let thresholds = thresholdsOf(settings.tracker, entry);
      const { low, high, newTrack } = thresholds;
      if (low > Math.min(high, newTrack)) {
        problems.push(
          `tracker.low is ${low}, above tracker.high (${high}) or tracker.new_track (${newTrack}), which are those of ${entry.id} where they are left out: lower it, or set all three. Until then those of ${entry.id} are used.`,
        );
        thresholds = thresholdsOf({}, entry);
      }
      return { thresholds, detector: await createDetector(entry, runner, { floor: thresholds.low }) };
    };
    /** What is wrong with a model that is not needed to watch; anything else is thrown on. */
    const forgive = (error: unknown, instead: string): void => {
      if (!isAppError(error) || !(error.code.startsWith("model.") || error.code === "not-found")) throw error;
      problems.push(`${error.message} ${instead}`);
      log.error({ reason: error.message }, "a model that is set cannot be used");
    };
    const chosen = await use(wanted).catch(async (error: unknown) => {
      if (wanted === MULTI_POSE_MODEL) throw error;
      forgive(error, `Until then people are found by ${MULTI_POSE_MODEL}.`);
      return await use(MULTI_POSE_MODEL);
    });
    const finder = await createDetector(await store.resolve(MULTI_POSE_MODEL), runner, {
      floor: FINDER_FLOOR,
    });
    await runner.load(THUNDER_MODEL);
    const appearance =
      settings.tracker.kind === "botsort"
        ? await openAppearance(store, runner).catch((error: unknown) => {
            forgive(error, "Until then people are followed by their movements alone.");
            return null;
          })
        : null;
    const recognition =
      settings.identify === null ? null : await Recognition.open(settings.identify, { ...parts, forgive });
    const problem = problems.length === 0 ? null : problems.join(" ");
    return new Perception(settings, parts, { ...chosen, finder, appearance, recognition, problem });
  }

  /** What analyses one camera's frames. */
  analysis(job: CameraJob): FrameAnalysis {
    return new FrameAnalysis({
      detector: this.#detector,
      tracker: this.#tracker(),
      appearance: this.#appearance,
      poses: this.#detector.hasPose
        ? null
        : new PoseSupplier({ estimator: this.#thunder, perFrame: POSES_PER_FRAME }),
      secondLook: this.#settings.inference.secondLook ? this.#secondLook(job) : null,
    });
  }

  /** What watches one camera's scene. */
  scene({ camera, playback }: CameraJob): SceneWatch {
    const { motionGate, inputSize } = this.#settings.inference;
    return new SceneWatch({
      motionGate,
      blindness: playback.kind === "live",
      sizes: this.#sizes(inputSize),
      zones: camera.zones,
    });
  }

  /** A model with a fixed input has one size, whatever is wished for. */
  #sizes(wished: number): readonly number[] {
    const { sizes } = this.#detector;
    return wished === 0 || sizes.length === 1 ? sizes : [wished];
  }

  #tracker(): Tracker {
    const { kind, lostS } = this.#settings.tracker;
    return createTracker({ kind, lostS, ...this.#thresholds });
  }

  #secondLook({ playback }: CameraJob): SecondLook {
    // A recording's result must not depend on what else is played.
    const budget = playback.kind === "live" ? this.#looks : new LookBudget();
    return new SecondLook({
      finder: this.finder,
      pose: this.#thunder,
      allowance: budget.open(),
      log: this.#parts.log,
    });
  }
}

async function openAppearance(
  store: PerceptionParts["store"],
  runner: ModelLoader,
): Promise<AppearanceEmbedder> {
  return await AppearanceEmbedder.create(await store.resolve(APPEARANCE_MODEL), runner);
}

/** As set, else as the model's manifest says. */
function thresholdsOf(
  set: Partial<Record<keyof Thresholds, number | null>>,
  { thresholds: own }: ModelEntry,
): Thresholds {
  return {
    high: set.high ?? own.high ?? USUAL.high,
    low: set.low ?? own.keepTrack ?? USUAL.keepTrack,
    newTrack: set.newTrack ?? own.newPerson ?? USUAL.newPerson,
  };
}
