// Reads the outputs of Ultralytics' YOLO models. The dense forms (v8, 11) give a column per place and size, one row per
// number, so that all scores of a class lie side by side; the end-to-end form (26) gives a row per detection, duplicates
// already suppressed. Coordinates are pixels of the input. Formats: docs.ultralytics.com, "export" and "predict".
import { type Detection, KEYPOINTS, type Keypoint } from "../domain/pose.ts";
import { suppressNonMaxima } from "./non-max-suppression.ts";
import type { InputFit } from "./person-detector.ts";

export type YoloForm =
  /** [1, 4 + classes, N]: centre x, centre y, width, height, then a score per class. */
  | { readonly kind: "detect"; readonly classes: number; readonly anchors: number }
  /** [1, 56, N]: centre x, centre y, width, height, score, then 17 keypoints of (x, y, confidence). */
  | { readonly kind: "pose"; readonly anchors: number }
  /** [1, N, 6], or [1, N, 57] with a pose: x1, y1, x2, y2, score, class, then 17 keypoints of (x, y, confidence). */
  | { readonly kind: "end-to-end"; readonly rows: number; readonly hasPose: boolean };

/** As in YOLOv5 and most ports since; Ultralytics' `predict` has .7, which leaves doubles of one body to the tracker. */
export const YOLO_OVERLAP = 0.45;

const BOX_VALUES = 4;
const POSE_VALUES = KEYPOINTS.length * 3;
const POSE_ROWS = BOX_VALUES + 1 + POSE_VALUES;
const END_TO_END_VALUES = BOX_VALUES + 2;

/** What the decoder's name and the output's shape make together; null when they do not go together. */
export function yoloFormOf(
  decoder: "yolo-detect" | "yolo-pose" | "yolo-end-to-end",
  dims: readonly number[],
  personClass: number,
): YoloForm | null {
  const [batch, second = 0, third = 0, ...more] = dims;
  if (batch !== 1 || more.length > 0 || second < 1 || third < 1) return null;
  switch (decoder) {
    case "yolo-detect": {
      const classes = second - BOX_VALUES;
      // Fewer places than numbers per place is the output turned by 90 degrees.
      return classes > personClass && third >= second ? { kind: "detect", classes, anchors: third } : null;
    }
    case "yolo-pose":
      return second === POSE_ROWS ? { kind: "pose", anchors: third } : null;
    case "yolo-end-to-end": {
      const hasPose = third === END_TO_END_VALUES + POSE_VALUES;
      return hasPose || third === END_TO_END_VALUES ? { kind: "end-to-end", rows: second, hasPose } : null;
    }
  }
}

export interface YoloReading {
  readonly form: YoloForm;
  readonly fit: InputFit;
  /** Detections below this are left out. */
  readonly floor: number;
  readonly personClass: number;
}

/** People, normalised to the picture, the surest first. Values that are not numbers and boxes without area are left out. */
export function decodeYolo(output: Float32Array, reading: YoloReading): Detection[] {
  switch (reading.form.kind) {
    case "detect":
      return decodeDense(output, reading, reading.form.anchors, BOX_VALUES + reading.personClass);
    case "pose":
      return decodeDense(output, reading, reading.form.anchors, BOX_VALUES);
    case "end-to-end":
      return decodeEndToEnd(output, reading, reading.form);
  }
}

function decodeDense(
  output: Float32Array,
  reading: YoloReading,
  anchors: number,
  scoreRow: number,
): Detection[] {
  // One row of thousands is read; the other numbers only of the few places that pass. That another class may score higher
  // at the same place is let pass (2 of 137 detections on clips of people who fall): whoever lies may look like a dog.
  const found: number[] = [];
  const end = (scoreRow + 1) * anchors;
  for (let at = scoreRow * anchors; at < end; at += 1) {
    if ((output[at] as number) >= reading.floor) found.push(at - scoreRow * anchors);
  }
  const value = (row: number, anchor: number) => output[row * anchors + anchor] ?? Number.NaN;
  const corners = new Float32Array(found.length * BOX_VALUES);
  const scores = new Float32Array(found.length);
  for (const [index, anchor] of found.entries()) {
    const [x, y, width, height] = [0, 1, 2, 3].map((row) => value(row, anchor)) as [
      number,
      number,
      number,
      number,
    ];
    corners.set([x - width / 2, y - height / 2, x + width / 2, y + height / 2], index * BOX_VALUES);
    scores[index] = value(scoreRow, anchor);
  }
  return suppressNonMaxima({ corners, scores }, YOLO_OVERLAP).flatMap((index) => {
    const anchor = found[index] ?? 0;
    const box = corners.subarray(index * BOX_VALUES, (index + 1) * BOX_VALUES);
    const numbers =
      reading.form.kind === "pose"
        ? Array.from({ length: POSE_VALUES }, (_, at) => value(BOX_VALUES + 1 + at, anchor))
        : null;
    return detectionOf(box, scores[index] ?? 0, numbers, reading.fit);
  });
}

function decodeEndToEnd(
  output: Float32Array,
  reading: YoloReading,
  form: { readonly rows: number; readonly hasPose: boolean },
): Detection[] {
  const width = END_TO_END_VALUES + (form.hasPose ? POSE_VALUES : 0);
  const detections: Detection[] = [];
  for (let row = 0; row < form.rows; row += 1) {
    const values = output.subarray(row * width, (row + 1) * width);
    const score = values[BOX_VALUES] ?? 0;
    if (!(score >= reading.floor) || values[BOX_VALUES + 1] !== reading.personClass) continue;
    const numbers = form.hasPose ? values.subarray(END_TO_END_VALUES) : null;
    detections.push(...detectionOf(values.subarray(0, BOX_VALUES), score, numbers, reading.fit));
  }
  return detections.sort((a, b) => b.confidence - a.confidence);
}

/** None when a number is none, the box has no area, or it lies in the padding altogether. */
function detectionOf(
  corners: Float32Array,
  confidence: number,
  keypoints: ArrayLike<number> | null,
  { contentWidth, contentHeight }: InputFit,
): Detection[] {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = corners;
  const box = {
    x1: x1 / contentWidth,
    y1: y1 / contentHeight,
    x2: x2 / contentWidth,
    y2: y2 / contentHeight,
  };
  const isSound = corners.every(Number.isFinite) && Number.isFinite(confidence);
  const hasArea = box.x2 > box.x1 && box.y2 > box.y1;
  const touchesPicture = box.x1 < 1 && box.y1 < 1 && box.x2 > 0 && box.y2 > 0;
  if (!(isSound && hasArea && touchesPicture)) return [];
  if (keypoints === null) return [{ box, confidence, pose: null }];
  const pose: Keypoint[] = [];
  for (let at = 0; at < POSE_VALUES; at += 3) {
    const x = (keypoints[at] ?? Number.NaN) / contentWidth;
    const y = (keypoints[at + 1] ?? Number.NaN) / contentHeight;
    const certainty = keypoints[at + 2] ?? Number.NaN;
    if (!Number.isFinite(x + y + certainty)) return [];
    pose.push({ x, y, confidence: certainty });
  }
  return [{ box, confidence, pose }];
}
