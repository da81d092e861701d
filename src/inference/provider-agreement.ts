import type { TensorData, Tensors } from "./tensor.ts";

/**
 * Whether a provider computes what the CPU computes. The measure is the model itself: its outputs may differ from the
 * CPU's as much as the CPU's own do when every value of the picture is off by at most one step of 255. That is nothing to
 * a person who is seen clearly, and a lot to one who is only imagined, whatever the outputs mean and in whatever units.
 *
 * An output is a table of people, or of boxes and classes; it is judged lane by lane along its shorter side, for one
 * healthy column must not hide a dead one: a detector that gives zeros for all scores is right in most of its numbers.
 */
export interface Agreement {
  readonly agrees: boolean;
  /** Share of the lanes that could be judged which are right, 0..1. */
  readonly shareRight: number;
  /** Largest difference of an output element from the CPU's. NaN when a result is missing or not a number. */
  readonly maxDiff: number;
}

/** Rounding apart, as a share of a lane's sum: single precision is off by 1e-6 to 1e-4, half and TF32 by about 1e-2. */
const ROUNDING = 0.02;
/**
 * How many times what noise does. At 2 and 3 all models at hand (MoveNet, YOLO11, CenterNet) agree with themselves when
 * their weights are rounded to TF32, and disagree when one layer is dead; at 5 a dead layer of a YOLO passes.
 */
const BEYOND_NOISE = 2;
/** A lane that one step of noise changes by more than this share cannot judge anybody; 0.5 would do the same, 0.1 not. */
const UNSTEADY = 0.25;

/** `disturbed`: the CPU's outputs for the same picture with the noise. */
export function agreementOf(expected: Tensors, disturbed: Tensors, actual: Tensors): Agreement {
  let [judged, right, maxDiff] = [0, 0, 0];
  for (const [name, tensor] of Object.entries(expected)) {
    const noise = laneErrors(tensor, disturbed[name]);
    const found = laneErrors(tensor, actual[name]);
    maxDiff = Math.max(maxDiff, found.maxDiff);
    for (const [lane, unsteadiness] of noise.errors.entries()) {
      if (!(unsteadiness <= UNSTEADY)) continue;
      judged += 1;
      if ((found.errors[lane] ?? Number.NaN) <= ROUNDING + BEYOND_NOISE * unsteadiness) right += 1;
    }
  }
  // Nothing that could be judged is no proof of anything.
  return {
    agrees: judged > 0 && right === judged && !Number.isNaN(maxDiff),
    shareRight: judged === 0 ? 0 : right / judged,
    maxDiff,
  };
}

/** Per lane: the sum of all differences as a share of the sum of what was expected. */
function laneErrors(
  expected: TensorData,
  actual: TensorData | undefined,
): { readonly errors: readonly number[]; readonly maxDiff: number } {
  const { lanes, stride } = lanesOf(expected.dims);
  const differences = new Float64Array(lanes);
  const sums = new Float64Array(lanes);
  let maxDiff = 0;
  for (const [index, value] of Array.from<number | bigint>(expected.data).entries()) {
    const lane = Math.floor(index / stride) % lanes;
    const difference = Math.abs(Number(value) - Number(actual?.data[index] ?? Number.NaN));
    differences[lane] = (differences[lane] ?? 0) + difference;
    sums[lane] = (sums[lane] ?? 0) + Math.abs(Number(value));
    maxDiff = Math.max(maxDiff, difference);
  }
  const errors = Array.from(differences, (difference, lane) =>
    difference === 0 ? 0 : difference / (sums[lane] ?? 0),
  );
  return { errors, maxDiff };
}

/** The shorter of the axes that are longer than one; all in one lane where there is but one. */
function lanesOf(dims: readonly number[]): { readonly lanes: number; readonly stride: number } {
  const axes = [...dims.keys()].filter((axis) => (dims[axis] ?? 1) > 1);
  if (axes.length < 2) return { lanes: 1, stride: 1 };
  const axis = axes.reduce((best, other) => ((dims[other] ?? 1) < (dims[best] ?? 1) ? other : best));
  const stride = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  return { lanes: dims[axis] ?? 1, stride };
}
