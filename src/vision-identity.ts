// The models that tell people apart, put together as the household set them. None of them is needed to watch: what cannot
// be used is left out, and said.
import type { ModelStore } from "../models/model-store.ts";
import type { Logger } from "./core/logger.ts";
import type { RgbImage } from "./domain/frame.ts";
import type { Tracklet } from "./domain/tracklet.ts";
import { CameraTracklets } from "./pipeline/camera-tracklets.ts";
import { type BodyCue, TrackletLane } from "./pipeline/tracklet-cues.ts";
import type { CameraJob, IdentifySettings } from "./pipeline/vision-contract.ts";
import { CROP_HEIGHT, CROP_WIDTH } from "./vision/appearance-descriptor.ts";
import { AppearanceEmbedder } from "./vision/appearance-embedder.ts";
import { FaceDescriber } from "./vision/face-describer.ts";
import type { ModelLoader } from "./vision/model-runner.ts";
import { VectorEmbedder } from "./vision/vector-embedder.ts";

export interface RecognitionParts {
  readonly store: Pick<ModelStore, "resolve">;
  readonly runner: ModelLoader;
  readonly log: Logger;
  /** A JPEG of what is handed over. */
  readonly toJpeg: (image: RgbImage) => Promise<Uint8Array>;
  /** Takes what is wrong with a model and what is done without it; throws on what is no matter of models. */
  readonly forgive: (error: unknown, instead: string) => void;
}

/** What there is to tell people apart by, shared by all cameras. */
export class Recognition {
  /** Null where faces are not looked at. */
  readonly faces: FaceDescriber | null;
  readonly #settings: IdentifySettings;
  readonly #lane: TrackletLane;
  readonly #log: Logger;

  private constructor(
    settings: IdentifySettings,
    found: { readonly faces: FaceDescriber | null; readonly body: BodyCue | null },
    { log, toJpeg }: RecognitionParts,
  ) {
    this.faces = found.faces;
    this.#settings = settings;
    this.#log = log;
    const toPicture = settings.keepPictures ? toJpeg : null;
    this.#lane = new TrackletLane({ face: found.faces, body: found.body, toPicture }, log);
  }

  /** Loads the models and tries them. */
  static async open(settings: IdentifySettings, parts: RecognitionParts): Promise<Recognition> {
    const faces = await openFaces(settings, parts).catch((error: unknown) => {
      parts.forgive(error, "Until then nobody is told by their face.");
      return null;
    });
    const body = await openBody(settings, parts).catch((error: unknown) => {
      parts.forgive(error, "Until then nobody is found again by their clothes.");
      return null;
    });
    return new Recognition(settings, { faces, body }, parts);
  }

  /** What finds out about the people before one camera. */
  tracklets({ camera, playback }: CameraJob, send: (tracklet: Tracklet) => void): CameraTracklets {
    return new CameraTracklets({
      cameraId: camera.id,
      settings: this.#settings,
      lane: this.#lane,
      live: playback.kind === "live",
      log: this.#log,
      send,
    });
  }
}

async function openFaces(
  { faceDetector, faceModel, minFacePx, minReferenceFacePx }: IdentifySettings,
  { store, runner }: RecognitionParts,
): Promise<FaceDescriber | null> {
  if (faceModel === null) return null;
  const entries = {
    detector: await store.resolve(faceDetector),
    embedder: await store.resolve(faceModel),
  };
  return await FaceDescriber.create(entries, runner, { minFacePx, minReferenceFacePx });
}

async function openBody(
  { appearanceModel }: IdentifySettings,
  { store, runner }: RecognitionParts,
): Promise<BodyCue | null> {
  if (appearanceModel === null) return null;
  const entry = await store.resolve(appearanceModel);
  if (entry.output.decoder !== "body-embedding") {
    const embedder = await AppearanceEmbedder.create(entry, runner);
    return { modelId: entry.id, describe: (image, pose) => embedder.describe(image, pose) };
  }
  const embedder = await VectorEmbedder.create(entry, runner, {
    decoder: "body-embedding",
    width: CROP_WIDTH,
    height: CROP_HEIGHT,
    remedy: "does not see appearance: give reid.appearance_model a model whose role is appearance.",
  });
  return { modelId: entry.id, describe: (image) => embedder.embed(image) };
}
