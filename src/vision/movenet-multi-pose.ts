// The default person detector: Google's MoveNet MultiPose finds up to six people with their 17 keypoints in one run.
// This file fits a picture into the model's input and hands the output to the decoder; it holds no state.
import type { ModelEntry, ModelInput } from "../../models/manifest.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { Detection } from "../domain/pose.ts";
import { suppressDuplicates } from "./duplicate-suppression.ts";
import type { ModelRunner } from "./model-runner.ts";
import { decodeMultiPose, MULTI_POSE_ROW } from "./multi-pose-decoder.ts";
import type { InputFit, PersonDetector } from "./person-detector.ts";
import { PictureInput } from "./picture-input.ts";

export const MULTI_POSE_MODEL = "movenet-multipose";
/** 256 is fast, 384 finds people a third smaller, 512 those half as tall. */
export const MULTI_POSE_SIZES: readonly number[] = [256, 320, 384, 512];

/** As Haven's own manifest describes the model. */
const INPUT: ModelInput = {
  name: "input",
  dtype: "uint8",
  layout: "NHWC",
  colours: "RGB",
  range: [0, 255],
  padding: 0,
  size: { kind: "multiple-of", pixels: 32 },
};
const OUTPUT = "Identity";

export interface MultiPoseOptions {
  readonly runner: ModelRunner;
  /** Detections below this are not handed on: what the tracker calls `low`. */
  readonly floor: number;
  /** Default: the model that comes with Haven. */
  readonly entry?: ModelEntry;
}

export class MoveNetMultiPose implements PersonDetector {
  readonly sizes: readonly number[];
  readonly hasPose = true;
  readonly #options: MultiPoseOptions;
  readonly #input: PictureInput;
  readonly #model: string;
  readonly #output: string;

  constructor(options: MultiPoseOptions) {
    this.#options = options;
    this.#input = new PictureInput(options.entry?.input ?? INPUT, MULTI_POSE_SIZES);
    this.#model = options.entry?.id ?? MULTI_POSE_MODEL;
    this.#output = options.entry?.output.names[0] ?? OUTPUT;
    this.sizes = this.#input.sizes;
  }

  /** Takes any long side that is a multiple of 32, not only those in `sizes`. */
  fit(frameWidth: number, frameHeight: number, longSide: number): InputFit {
    return this.#input.fit(frameWidth, frameHeight, longSide);
  }

  async detect(image: RgbImage): Promise<Detection[]> {
    const { runner, floor } = this.#options;
    const fit = this.#input.fitOf(image);
    const outputs = await runner.run(this.#model, {
      [this.#input.name]: this.#input.tensor(image, fit),
    });
    const rows = outputs[this.#output]?.data;
    if (!(rows instanceof Float32Array) || rows.length % MULTI_POSE_ROW !== 0) {
      throw new AppError(
        "model.unsupported",
        `the model ${this.#model} does not answer with rows of ${MULTI_POSE_ROW} numbers: fetch the models again`,
        { fields: { outputs: Object.keys(outputs).join(" "), values: rows?.length ?? 0 } },
      );
    }
    return suppressDuplicates(decodeMultiPose(rows, fit, floor), image.width / image.height);
  }
}
