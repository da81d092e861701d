// The default person detector: Google's MoveNet MultiPose finds up to six people with their 17 keypoints in one run.
// This file fits a picture into the model's input and hands the output to the decoder; it holds no state.
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { Detection } from "../domain/pose.ts";
import { suppressDuplicates } from "./duplicate-suppression.ts";
import { fitLongSide, layIntoInput, padTo } from "./input-fit.ts";
import type { ModelRunner } from "./model-runner.ts";
import { decodeMultiPose, MULTI_POSE_ROW } from "./multi-pose-decoder.ts";
import type { InputFit, PersonDetector } from "./person-detector.ts";

export const MULTI_POSE_MODEL = "movenet-multipose";
/** The name of the model's only output. */
const OUTPUT = "Identity";
/** The model's feature pyramid halves its input five times. */
const STRIDE = 32;

export interface MultiPoseOptions {
  readonly runner: ModelRunner;
  /** Detections below this are not handed on: what the tracker calls `low`. */
  readonly floor: number;
}

export class MoveNetMultiPose implements PersonDetector {
  /** 256 is fast, 384 finds people a third smaller, 512 those half as tall. */
  readonly sizes = [256, 320, 384, 512] as const;
  readonly hasPose = true;
  readonly #options: MultiPoseOptions;

  constructor(options: MultiPoseOptions) {
    this.#options = options;
  }

  /** Takes any long side that is a multiple of 32, not only those in `sizes`. */
  fit(frameWidth: number, frameHeight: number, longSide: number): InputFit {
    return fitLongSide(frameWidth, frameHeight, longSide, STRIDE);
  }

  async detect(image: RgbImage): Promise<Detection[]> {
    const { runner, floor } = this.#options;
    const fit = padTo(image.width, image.height, STRIDE);
    const outputs = await runner.run(MULTI_POSE_MODEL, {
      input: { type: "uint8", dims: [1, fit.height, fit.width, 3], data: layIntoInput(image, fit) },
    });
    const rows = outputs[OUTPUT]?.data;
    if (!(rows instanceof Float32Array) || rows.length % MULTI_POSE_ROW !== 0) {
      throw new AppError(
        "model.unsupported",
        `the model ${MULTI_POSE_MODEL} does not answer with rows of ${MULTI_POSE_ROW} numbers: fetch the models again`,
        { fields: { outputs: Object.keys(outputs).join(" "), values: rows?.length ?? 0 } },
      );
    }
    return suppressDuplicates(decodeMultiPose(rows, fit, floor), image.width / image.height);
  }
}
