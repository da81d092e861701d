// Google's MoveNet SinglePose Thunder: the keypoints of one person in a square crop. It looks more closely than MultiPose,
// and reads people who lie better, turned upright best of all; where there is nobody it makes a pose up.
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import { KEYPOINTS, type Keypoint, type Pose } from "../domain/pose.ts";
import type { ModelRunner } from "./model-runner.ts";
import type { PoseEstimator } from "./pose-estimator.ts";

export const THUNDER_MODEL = "movenet-thunder";
/** The name of the model's only output, [1, 1, 17, 3]: (y, x, score) for each keypoint, normalised to the input. */
const OUTPUT = "Identity";
const VALUES = 3;

export class Thunder implements PoseEstimator {
  readonly inputSide = 256;
  readonly #runner: ModelRunner;

  constructor(runner: ModelRunner) {
    this.#runner = runner;
  }

  /** Throws AppError `internal` for a crop of another size, `model.unsupported` when the model answers otherwise. */
  async estimate(crop: RgbImage): Promise<Pose> {
    const side = this.inputSide;
    if (crop.width !== side || crop.height !== side)
      throw new AppError("internal", `Thunder was given ${crop.width}x${crop.height}, not ${side}x${side}.`);
    // A copy: the runner takes its input's buffer away, and a crop may be looked at again, turned.
    const data = crop.data.slice();
    const outputs = await this.#runner.run(THUNDER_MODEL, {
      input: { type: "uint8", dims: [1, side, side, 3], data },
    });
    const values = outputs[OUTPUT]?.data;
    if (!(values instanceof Float32Array) || values.length !== KEYPOINTS.length * VALUES) {
      throw new AppError(
        "model.unsupported",
        `the model ${THUNDER_MODEL} does not answer with 17 keypoints: fetch the models again`,
        { fields: { outputs: Object.keys(outputs).join(" "), values: values?.length ?? 0 } },
      );
    }
    return decodeSinglePose(values);
  }
}

/** A keypoint that is not a number counts as not seen. */
function decodeSinglePose(values: Float32Array): Pose {
  const pose: Keypoint[] = [];
  for (let at = 0; at < values.length; at += VALUES) {
    const [y = 0, x = 0, confidence = 0] = values.subarray(at, at + VALUES);
    const isNumber = Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(confidence);
    pose.push(isNumber ? { x, y, confidence } : { x: 0, y: 0, confidence: 0 });
  }
  return pose;
}
