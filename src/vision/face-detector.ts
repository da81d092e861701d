// BlazeFace (Bazarevsky et al., 2019), the variant for the back camera: faces with six landmarks in a square crop. Its 896
// anchors and the blending of overlapping finds are the paper's; the numbers are those of the published model.
import type { ModelEntry } from "../../models/manifest.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { type Box, iou, type Point } from "../domain/geometry.ts";
import type { Tensors } from "../inference/tensor.ts";
import type { ModelLoader, ModelRunner } from "./model-runner.ts";
import { suppressNonMaxima } from "./non-max-suppression.ts";
import { PictureInput } from "./picture-input.ts";

/** Left and right as they are in the picture, not as the person has them. */
export interface FaceLandmarks {
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly nose: Point;
  /** Its middle. */
  readonly mouth: Point;
  readonly leftEar: Point;
  readonly rightEar: Point;
}

/** Normalised to the crop. */
export interface FoundFace {
  readonly box: Box;
  /** 0..1 */
  readonly confidence: number;
  readonly landmarks: FaceLandmarks;
}

/** Side of the input, pixels, in which the model's outputs count. */
const SIDE = 256;
/** Cells of each of the two maps in a row, and anchors in each cell, all at its centre. */
const MAPS = [
  { cells: 16, anchors: 2 },
  { cells: 8, anchors: 6 },
] as const;
/** Box (centre, size) and six points. */
const ROW = 16;
/** Intersection over union from which two finds are one face. */
const SAME_FACE = 0.3;

export class FaceDetector {
  readonly #entry: ModelEntry;
  readonly #runner: ModelRunner;
  readonly #input: PictureInput;
  readonly #floor: number;

  private constructor(entry: ModelEntry, runner: ModelRunner) {
    this.#entry = entry;
    this.#runner = runner;
    this.#input = new PictureInput(entry.input, [SIDE]);
    this.#floor = entry.thresholds.detection ?? 0.5;
  }

  /** Loads the model and tries it once. Throws AppError `model.unsupported` and what loading throws. */
  static async create(entry: ModelEntry, runner: ModelLoader): Promise<FaceDetector> {
    if (entry.output.decoder !== "blazeface") {
      throw new AppError(
        "model.unsupported",
        `The model ${entry.id} (${entry.role}) finds no faces: give reid.face_detector a model whose role is face-detector.`,
      );
    }
    await runner.load(entry.id);
    const detector = new FaceDetector(entry, runner);
    await detector.detect({ width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3).fill(127) });
    return detector;
  }

  /** The faces in a square crop of 256x256 pixels, surest first. Throws AppError `internal` for a larger one, `inference.failed`. */
  async detect(image: RgbImage): Promise<FoundFace[]> {
    const tensor = this.#input.tensor(image, this.#input.fitOf(image));
    const outputs = await this.#runner.run(this.#entry.id, { [this.#input.name]: tensor });
    return decodeFaces(this.#maps(outputs), this.#floor);
  }

  #maps(outputs: Tensors): readonly FaceMap[] {
    const [fineScores = "", coarseScores = "", fineRows = "", coarseRows = ""] = this.#entry.output.names;
    return [
      { scores: this.#values(outputs, fineScores, 512), rows: this.#values(outputs, fineRows, 512 * ROW) },
      {
        scores: this.#values(outputs, coarseScores, 384),
        rows: this.#values(outputs, coarseRows, 384 * ROW),
      },
    ];
  }

  #values(outputs: Tensors, name: string, length: number): Float32Array {
    const data = outputs[name]?.data;
    if (data instanceof Float32Array && data.length === length) return data;
    throw new AppError(
      "model.unsupported",
      `The model ${this.#entry.id} gives ${data?.length ?? 0} numbers as "${name}" where ${length} are read: give reid.face_detector another model, or leave it out.`,
    );
  }
}

/** Of one map: a score for each anchor, and what it says about the face. */
export interface FaceMap {
  readonly scores: Float32Array;
  readonly rows: Float32Array;
}

/**
 * The faces that the two maps show, surest first. Finds that overlap are one face: their mean, weighed by their scores,
 * which steadies the landmarks (section 4 of the paper). Anything that is not a number is no face.
 */
export function decodeFaces(maps: readonly FaceMap[], floor: number): FoundFace[] {
  const candidates: { readonly score: number; readonly values: Float32Array }[] = [];
  for (const [index, { cells, anchors }] of MAPS.entries()) {
    const map = maps[index];
    if (map === undefined) continue;
    for (let anchor = 0; anchor < cells * cells * anchors; anchor += 1) {
      const score = 1 / (1 + Math.exp(-(map.scores[anchor] ?? Number.NEGATIVE_INFINITY)));
      if (!(score >= floor)) continue;
      const cell = Math.floor(anchor / anchors);
      const x = ((cell % cells) + 0.5) / cells;
      const y = (Math.floor(cell / cells) + 0.5) / cells;
      const values = decodeRow(map.rows.subarray(anchor * ROW, (anchor + 1) * ROW), x, y);
      if (values !== null) candidates.push({ score, values });
    }
  }
  return blend(candidates);
}

/** x1, y1, x2, y2 and the six points, normalised; null for what is no box. */
function decodeRow(row: Float32Array, x: number, y: number): Float32Array | null {
  const values = new Float32Array(ROW);
  const [dx = 0, dy = 0, width = 0, height = 0] = row;
  values.set([
    x + (dx - width / 2) / SIDE,
    y + (dy - height / 2) / SIDE,
    x + (dx + width / 2) / SIDE,
    y + (dy + height / 2) / SIDE,
  ]);
  for (let at = 4; at < ROW; at += 2) {
    values[at] = x + (row[at] ?? 0) / SIDE;
    values[at + 1] = y + (row[at + 1] ?? 0) / SIDE;
  }
  return width > 0 && height > 0 && values.every(Number.isFinite) ? values : null;
}

function blend(
  candidates: readonly { readonly score: number; readonly values: Float32Array }[],
): FoundFace[] {
  const corners = new Float32Array(candidates.length * 4);
  for (const [index, { values }] of candidates.entries()) corners.set(values.subarray(0, 4), index * 4);
  const scores = Float32Array.from(candidates, ({ score }) => score);
  const boxes = candidates.map(({ values }) => boxOf(values));
  return suppressNonMaxima({ corners, scores }, SAME_FACE).map((best) => {
    const mean = new Float64Array(ROW);
    let weight = 0;
    for (const [index, { score, values }] of candidates.entries()) {
      const [a, b] = [boxes[best], boxes[index]];
      if (a === undefined || b === undefined || (index !== best && iou(a, b) <= SAME_FACE)) continue;
      weight += score;
      for (let at = 0; at < ROW; at += 1) mean[at] = (mean[at] ?? 0) + score * (values[at] ?? 0);
    }
    return faceOf(
      mean.map((value) => value / weight),
      scores[best] ?? 0,
    );
  });
}

function boxOf([x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float32Array | Float64Array): Box {
  return { x1, y1, x2, y2 };
}

function faceOf(values: Float64Array, confidence: number): FoundFace {
  const point = (index: number): Point => ({ x: values[4 + 2 * index] ?? 0, y: values[5 + 2 * index] ?? 0 });
  return {
    box: boxOf(values),
    confidence,
    // The model names eyes and ears as the person has them: the right one first.
    landmarks: {
      leftEye: point(0),
      rightEye: point(1),
      nose: point(2),
      mouth: point(3),
      leftEar: point(4),
      rightEar: point(5),
    },
  };
}
