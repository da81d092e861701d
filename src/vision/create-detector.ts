// Makes a detector of any entry of a model manifest, and tries it on a blank picture first: a model that does not fit its
// manifest is refused with one sentence when it is loaded, not somewhere in the night.
import type { ModelEntry } from "../../models/manifest.ts";
import { AppError, isAppError, messageOf } from "../core/errors.ts";
import type { TensorData, Tensors } from "../inference/tensor.ts";
import type { ModelLoader } from "./model-runner.ts";
import { MoveNetMultiPose, MULTI_POSE_SIZES } from "./movenet-multi-pose.ts";
import { MULTI_POSE_ROW } from "./multi-pose-decoder.ts";
import type { PersonDetector } from "./person-detector.ts";
import { PictureInput } from "./picture-input.ts";
import { type YoloForm, yoloFormOf } from "./yolo-decoder.ts";
import { YOLO_SIZES, type YoloDecoderName, YoloDetector } from "./yolo-detector.ts";

export interface DetectorOptions {
  /** Detections below this are not handed on: what the tracker calls `low`. */
  readonly floor: number;
}

/** What the decoders read, for people. */
const READS: Readonly<Record<YoloDecoderName | "movenet-multipose", string>> = {
  "movenet-multipose": "[1, 6, 56]",
  "yolo-detect": "[1, 4 + classes, N]",
  "yolo-pose": "[1, 56, N]",
  "yolo-end-to-end": "[1, N, 6], or [1, N, 57] with poses",
};

/**
 * Loads the model and runs it once. Throws AppError `model.unsupported` when it is no detector, cannot be run, or gives
 * what its decoder does not read; `interrupted` when the engine is closed meanwhile; whatever loading throws of a model
 * that comes with Haven.
 */
export async function createDetector(
  entry: ModelEntry,
  runner: ModelLoader,
  { floor }: DetectorOptions,
): Promise<PersonDetector> {
  const { decoder } = entry.output;
  switch (decoder) {
    case "movenet-multipose": {
      const output = await tryOut(entry, runner, new PictureInput(entry.input, MULTI_POSE_SIZES));
      const [batch, , row, ...more] = output.dims;
      if (batch !== 1 || row !== MULTI_POSE_ROW || more.length > 0) throw misfit(entry, decoder, output);
      return new MoveNetMultiPose({ runner, floor, entry });
    }
    case "yolo-detect":
    case "yolo-pose":
    case "yolo-end-to-end": {
      const input = new PictureInput(entry.input, YOLO_SIZES);
      const output = await tryOut(entry, runner, input);
      const form = yoloFormOf(decoder, output.dims, entry.output.personClass);
      if (form === null) throw misfit(entry, decoder, output);
      const detector = new YoloDetector({ entry, decoder, input, runner, floor, form });
      checkPose(entry, detector.hasPose);
      checkScale(entry, decoder, form, output);
      return detector;
    }
    default:
      throw new AppError(
        "model.unsupported",
        `The model ${entry.id} (${entry.role}) finds no people in a picture: give inference.detector a model whose role is detector or detector-pose.`,
      );
  }
}

/** The output for a grey picture that fills the smallest input. */
async function tryOut(
  entry: ModelEntry,
  runner: ModelLoader,
  input: PictureInput,
): Promise<TensorData & { readonly type: "float32" }> {
  const [side = 0] = input.sizes;
  const { width, height } = input.fit(side, side, side);
  const grey = { width, height, data: new Uint8Array(width * height * 3).fill(127) };
  const tensor = input.tensor(grey, input.fitOf(grey));
  const { dims, type } = tensor;
  let outputs: Tensors;
  try {
    await runner.load(entry.id);
    outputs = await runner.run(entry.id, { [input.name]: tensor });
  } catch (error) {
    // A model of ours that fails is a fault of the machine's or ours; the manifest is not to blame.
    if (entry.required || !isAppError(error, "inference.failed")) throw error;
    const reason = messageOf(error).replace(/\s+/g, " ").replace(/\.$/, "");
    throw new AppError(
      "model.unsupported",
      `The model ${entry.id} cannot be used with the input its manifest describes ("${input.name}", ${type} [${dims.join(", ")}]): ${reason}. Correct the manifest, or export the model to ONNX anew.`,
      { cause: error },
    );
  }
  const [name = ""] = entry.output.names;
  const output = outputs[name];
  if (output === undefined) {
    throw new AppError(
      "model.unsupported",
      `The model ${entry.id} has no output "${name}"; it has ${Object.keys(outputs).join(", ")}: correct output.names in its manifest.`,
    );
  }
  if (output.type !== "float32") {
    throw new AppError(
      "model.unsupported",
      `The model ${entry.id} gives its output "${name}" as ${output.type}; float32 is read: export the model without quantised outputs.`,
    );
  }
  return output;
}

function misfit(entry: ModelEntry, decoder: keyof typeof READS, output: TensorData): AppError {
  const fitting = (["yolo-detect", "yolo-pose", "yolo-end-to-end"] as const).filter(
    (other) => other !== decoder && yoloFormOf(other, output.dims, entry.output.personClass) !== null,
  );
  // What looks like pose also looks like 52 classes; the narrower reading is the likelier.
  const better = fitting.includes("yolo-pose") ? "yolo-pose" : fitting[0];
  const advice =
    better === undefined
      ? "export the model with batch 1, a person class, and no steps of its own added"
      : `set output.decoder to ${better}`;
  return new AppError(
    "model.unsupported",
    `The model ${entry.id} gives ${entry.output.names[0]} as [${output.dims.join(", ")}], and the decoder ${decoder} reads ${READS[decoder]}: ${advice}.`,
  );
}

function checkPose(entry: ModelEntry, hasPose: boolean): void {
  if (hasPose === (entry.role === "detector-pose")) return;
  throw new AppError(
    "model.unsupported",
    `The model ${entry.id} gives ${hasPose ? "poses" : "no poses"}, and its manifest says ${entry.role}: set role to ${hasPose ? "detector-pose" : "detector"}.`,
  );
}

/** Boxes in pixels and scores between 0 and 1 look alike whatever is in the picture: a dense output covers all of it. */
function checkScale(
  entry: ModelEntry,
  decoder: YoloDecoderName,
  form: YoloForm,
  output: TensorData & { readonly type: "float32" },
): void {
  const fault = form.kind === "end-to-end" ? endToEndFault(form, output.data) : denseFault(form, output.data);
  if (fault === null) return;
  // A pose model's output has the shape of a detector of 52 classes, whose scores are pixels then.
  if (decoder === "yolo-detect" && yoloFormOf("yolo-pose", output.dims, 0) !== null) {
    throw misfit(entry, decoder, output);
  }
  throw new AppError(
    "model.unsupported",
    `The model ${entry.id} gives ${fault}: export it as Ultralytics' \`yolo export format=onnx\` does.`,
  );
}

function denseFault(form: YoloForm & { kind: "detect" | "pose" }, values: Float32Array): string | null {
  const { anchors } = form;
  const classes = form.kind === "detect" ? form.classes : 1;
  const scores = values.subarray(4 * anchors, (4 + classes) * anchors);
  if (!scores.every((score) => score >= 0 && score <= 1)) return "scores that are not between 0 and 1";
  const centres = values.subarray(0, anchors);
  return centres.some((x) => x > 2) ? null : "boxes that are not in pixels of the input";
}

function endToEndFault(form: YoloForm & { kind: "end-to-end" }, values: Float32Array): string | null {
  const width = values.length / form.rows;
  for (let at = 0; at < values.length; at += width) {
    const score = values[at + 4] ?? -1;
    if (!(score >= 0 && score <= 1)) return "scores that are not between 0 and 1";
    if (!Number.isInteger(values[at + 5])) return "classes that are not whole numbers";
  }
  return null;
}
