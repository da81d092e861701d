// Ultralytics' YOLO detectors, brought by the household: a picture is fitted into the model's input, the output decoded
// by the form it has. Holds no state.
import type { ModelEntry } from "../../models/manifest.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { Detection } from "../domain/pose.ts";
import { suppressDuplicates } from "./duplicate-suppression.ts";
import type { ModelRunner } from "./model-runner.ts";
import type { InputFit, PersonDetector } from "./person-detector.ts";
import type { PictureInput } from "./picture-input.ts";
import { decodeYolo, type YoloForm, yoloFormOf } from "./yolo-decoder.ts";

/** Where the model leaves its size open. Trained at 640; below 320 the smallest version loses even tall people. */
export const YOLO_SIZES: readonly number[] = [320, 416, 512, 640];

export type YoloDecoderName = "yolo-detect" | "yolo-pose" | "yolo-end-to-end";

export interface YoloOptions {
  readonly entry: ModelEntry;
  readonly decoder: YoloDecoderName;
  readonly input: PictureInput;
  readonly runner: ModelRunner;
  /** Detections below this are not handed on: what the tracker calls `low`. */
  readonly floor: number;
  /** The form of the output that was seen when the model was tried. */
  readonly form: YoloForm;
}

export class YoloDetector implements PersonDetector {
  readonly sizes: readonly number[];
  readonly hasPose: boolean;
  readonly #options: YoloOptions;

  constructor(options: YoloOptions) {
    this.#options = options;
    this.sizes = options.input.sizes;
    this.hasPose =
      options.form.kind === "pose" || (options.form.kind === "end-to-end" && options.form.hasPose);
  }

  fit(frameWidth: number, frameHeight: number, longSide: number): InputFit {
    return this.#options.input.fit(frameWidth, frameHeight, longSide);
  }

  async detect(image: RgbImage): Promise<Detection[]> {
    const { entry, decoder, input, runner, floor } = this.#options;
    const { names, personClass } = entry.output;
    const fit = input.fitOf(image);
    const outputs = await runner.run(entry.id, { [input.name]: input.tensor(image, fit) });
    const output = outputs[names[0] ?? ""];
    // The number of places differs with the input's size: the form is read anew.
    const form = output?.type === "float32" ? yoloFormOf(decoder, output.dims, personClass) : null;
    if (output?.type !== "float32" || form === null) {
      throw new AppError(
        "model.unsupported",
        `The model ${entry.id} suddenly gives an output of another form than ${decoder} reads: restart Haven, and check the model file.`,
        { fields: { dims: output?.dims.join("x") ?? "none" } },
      );
    }
    const people = decodeYolo(output.data, { form, fit, floor, personClass });
    return suppressDuplicates(people, image.width / image.height);
  }
}
