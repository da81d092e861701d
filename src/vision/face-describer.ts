// From the pixels around a head to a face that can be compared: found, laid straight, embedded and judged.
import type { ModelEntry } from "../../models/manifest.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { type Box, boxCentre, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import type { FaceSample, PhotoProblem } from "../domain/tracklet.ts";
import { ALIGNED_SIDE, alignFace, alignmentOf } from "./face-alignment.ts";
import { FaceDetector, type FoundFace } from "./face-detector.ts";
import { brightnessOf, judgeFace, sharpnessOf, turnOf, visibleShare } from "./face-quality.ts";
import { HEAD_SIDE } from "./head-region.ts";
import type { ModelLoader } from "./model-runner.ts";
import { VectorEmbedder } from "./vector-embedder.ts";

export interface FaceLimits {
  /** Width of a face that counts, and of one that may become a reference. Pixels. */
  readonly minFacePx: number;
  readonly minReferenceFacePx: number;
}

/** A head cut out of a picture. */
export interface HeadCrop {
  /**
   * 256x256 pixels (`HEAD_SIDE`) scaled from the picture itself, never from a scaled copy: detection, alignment and
   * embedding all use these. It is only read.
   */
  readonly image: RgbImage;
  /** The square of the picture that it shows, as `headRegion` gives it, normalised to the picture; may reach past the edge. */
  readonly region: Box;
  /** Size of the picture it was cut from, pixels. */
  readonly pictureWidth: number;
  readonly pictureHeight: number;
}

export interface DescribedFace {
  readonly sample: FaceSample;
  /** In the picture. */
  readonly box: Box;
  /** Of the detector, 0..1. */
  readonly confidence: number;
  /** How far it is turned to the side: 0 from the front, .5 from about 45 degrees on; the sign is the picture's right. */
  readonly yaw: number;
  readonly problems: readonly PhotoProblem[];
}

/**
 * How far a face's centre may lie from the middle of the crop, as a share of its side. A neighbour's face, cheek by cheek,
 * is a face's width away: two fifths of the side.
 */
const OFF_CENTRE = 0.25;

/** Harder to become a reference than to be recognised, which takes half a quality of one face alone. */
const REFERENCE_QUALITY = 0.75;

export class FaceDescriber {
  /** Of the embedding model: only faces of the same one can be compared. */
  readonly modelId: string;
  readonly #detector: FaceDetector;
  readonly #embedder: VectorEmbedder;
  readonly #limits: FaceLimits;

  private constructor(detector: FaceDetector, embedder: VectorEmbedder, limits: FaceLimits) {
    this.modelId = embedder.modelId;
    this.#detector = detector;
    this.#embedder = embedder;
    this.#limits = limits;
  }

  /** Loads both models and tries them. Throws AppError `model.unsupported` for entries that do not fit, and what loading throws. */
  static async create(
    entries: { readonly detector: ModelEntry; readonly embedder: ModelEntry },
    runner: ModelLoader,
    limits: FaceLimits,
  ): Promise<FaceDescriber> {
    const detector = await FaceDetector.create(entries.detector, runner);
    const embedder = await VectorEmbedder.create(entries.embedder, runner, {
      decoder: "face-embedding",
      width: ALIGNED_SIDE,
      height: ALIGNED_SIDE,
      remedy: "does not tell faces apart: give reid.face_model a model whose role is face.",
    });
    return new FaceDescriber(detector, embedder, limits);
  }

  /**
   * The face of the head in the middle of the crop; null when there is none, it is smaller than counts, or it is somebody
   * else's. Throws AppError `internal` for a crop of another size, `inference.failed`.
   * @param limits smaller faces count than usually
   */
  async describe(
    crop: HeadCrop,
    { minFacePx = this.#limits.minFacePx }: { readonly minFacePx?: number } = {},
  ): Promise<DescribedFace | null> {
    const faces = await this.find(crop.image);
    const near = faces
      .map((face) => ({ face, distance: distance(boxCentre(face.box), MIDDLE) }))
      .filter((found) => found.distance <= OFF_CENTRE)
      .toSorted((a, b) => a.distance - b.distance);
    const [nearest] = near;
    if (nearest === undefined) return null;
    const widthPx = boxWidth(nearest.face.box) * boxWidth(crop.region) * crop.pictureWidth;
    return widthPx >= minFacePx ? await this.#embed(crop, nearest.face, widthPx) : null;
  }

  /** All faces in a crop of 256x256 pixels, surest first, normalised to it. */
  async find(image: RgbImage): Promise<FoundFace[]> {
    if (image.width !== HEAD_SIDE || image.height !== HEAD_SIDE) {
      throw new AppError(
        "internal",
        `Faces were looked for in ${image.width}x${image.height} pixels; a head's crop has ${HEAD_SIDE}x${HEAD_SIDE}.`,
      );
    }
    return await this.#detector.detect(image);
  }

  /** One of the faces of the crop; null when it cannot be embedded. */
  async #embed(crop: HeadCrop, face: FoundFace, widthPx: number): Promise<DescribedFace | null> {
    const { image, region, pictureWidth, pictureHeight } = crop;
    const { minReferenceFacePx } = this.#limits;
    const alignment = alignmentOf(face.landmarks, image.width, image.height);
    if (alignment === null) return null;
    const aligned = alignFace(image, alignment);
    // Judged before the embedder takes the pixels.
    const { yaw, pitch } = turnOf(face.landmarks);
    const box = boxIn(region, face.box);
    const { quality, problems } = judgeFace(
      {
        widthPx,
        yaw,
        pitch,
        sharpness: sharpnessOf(aligned),
        brightness: brightnessOf(aligned),
        visible: visibleShare(toPixels(box, pictureWidth, pictureHeight), pictureWidth, pictureHeight),
      },
      minReferenceFacePx,
    );
    const embedding = await this.#embedder.embed(aligned);
    if (embedding === null) return null;
    const reference = widthPx >= minReferenceFacePx && quality >= REFERENCE_QUALITY && problems.length === 0;
    return {
      sample: { modelId: this.modelId, embedding, quality, widthPx, reference },
      box,
      confidence: face.confidence,
      yaw,
      problems,
    };
  }
}

const MIDDLE: Point = { x: 0.5, y: 0.5 };

function boxIn(region: Box, { x1, y1, x2, y2 }: Box): Box {
  const [w, h] = [boxWidth(region), boxHeight(region)];
  return {
    x1: region.x1 + x1 * w,
    y1: region.y1 + y1 * h,
    x2: region.x1 + x2 * w,
    y2: region.y1 + y2 * h,
  };
}

function toPixels({ x1, y1, x2, y2 }: Box, width: number, height: number): Box {
  return { x1: x1 * width, y1: y1 * height, x2: x2 * width, y2: y2 * height };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
