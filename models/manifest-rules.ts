// What no single field of a model's entry can get wrong by itself: a decoder that does not go with the role, bytes that
// are to be normalised, thresholds in the wrong order.
import type { ModelDecoder, ModelEntry } from "./manifest.ts";

/** Which decoders serve a role. What YOLO's end-to-end form gives is seen when it is first run. */
const DECODERS: Readonly<Record<ModelEntry["role"], readonly ModelDecoder[]>> = {
  "detector-pose": ["movenet-multipose", "yolo-pose", "yolo-end-to-end"],
  detector: ["yolo-detect", "yolo-end-to-end"],
  "pose-refine": ["movenet-single"],
  "pose-low-power": ["movenet-single"],
  appearance: ["body-stripes", "body-embedding"],
  "face-detector": ["blazeface"],
  face: ["face-embedding"],
};

/** How many outputs a decoder reads; any number for those that are not named. */
const OUTPUTS: Readonly<Partial<Record<ModelDecoder, number>>> = {
  "movenet-multipose": 1,
  "movenet-single": 1,
  "yolo-detect": 1,
  "yolo-pose": 1,
  "yolo-end-to-end": 1,
  "body-embedding": 1,
  blazeface: 4,
  "face-embedding": 1,
};

const HAS_KEYPOINTS: ReadonlySet<ModelEntry["role"]> = new Set([
  "detector-pose",
  "pose-refine",
  "pose-low-power",
]);

/** One sentence per fault, each beginning with the place inside the entry. */
export function faultsOf(entry: ModelEntry): string[] {
  return [...roleFaults(entry), ...inputFaults(entry), ...thresholdFaults(entry), ...sourceFaults(entry)];
}

function roleFaults({ role, output }: ModelEntry): string[] {
  const faults: string[] = [];
  const decoders = DECODERS[role];
  if (!decoders.includes(output.decoder)) {
    faults.push(`/output/decoder is ${output.decoder}, but role ${role} takes ${decoders.join(" or ")}`);
  }
  const read = OUTPUTS[output.decoder];
  if (read !== undefined && output.names.length !== read) {
    const outputs = read === 1 ? "the one output" : `the ${read} outputs`;
    faults.push(`/output/names must be ${outputs} that ${output.decoder} reads`);
  }
  return faults;
}

function inputFaults({ input }: ModelEntry): string[] {
  const faults: string[] = [];
  const plain = input.range[0] === 0 && input.range[1] === 255 && input.mean === undefined;
  if (input.dtype === "uint8" && !(plain && input.std === undefined)) {
    faults.push("/input takes uint8, which goes with range [0, 255] and neither mean nor std");
  }
  if (input.range[0] === input.range[1]) faults.push("/input/range gives black and white the same value");
  if (input.std?.includes(0) === true) faults.push("/input/std must not hold 0");
  const { size } = input;
  if (size.kind !== "fixed") {
    const unit = size.kind === "dynamic" ? 32 : size.pixels;
    const odd = size.sizes?.filter((side) => side % unit !== 0) ?? [];
    if (odd.length > 0) faults.push(`/input/size/sizes must be multiples of ${unit}, not ${odd.join(", ")}`);
    if (size.sizes?.some((side, index, all) => side < (all[index - 1] ?? 0)) === true) {
      faults.push("/input/size/sizes must ascend");
    }
  }
  return faults;
}

function thresholdFaults({ role, thresholds }: ModelEntry): string[] {
  const { newPerson, high, keepTrack, keypoint, detection, accept, margin } = thresholds;
  const faults: string[] = [];
  if (role === "detector" || role === "detector-pose") {
    if (newPerson === undefined || high === undefined || keepTrack === undefined) {
      faults.push("/thresholds must have newPerson, high and keepTrack for a detector");
    } else if (keepTrack > high || keepTrack > newPerson) {
      faults.push("/thresholds/keepTrack must not be above high or newPerson");
    }
  }
  if (HAS_KEYPOINTS.has(role) && keypoint === undefined) {
    faults.push(`/thresholds must have keypoint for role ${role}`);
  }
  if (role === "face-detector" && detection === undefined) {
    faults.push("/thresholds must have detection for role face-detector");
  }
  if (role === "face" && (accept === undefined || margin === undefined)) {
    faults.push("/thresholds must have accept and margin for role face");
  }
  return faults;
}

function sourceFaults({ source }: ModelEntry): string[] {
  const several =
    source.kind === "package" && source.conversion.kind !== "tfjs-graph" && source.files.length !== 1;
  return several ? ["/source/files must be the one ONNX file when it is no TensorFlow.js graph"] : [];
}
