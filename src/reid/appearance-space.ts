// What clothes look like on average in one camera: light and lens differ from room to room, and what all share there must not
// make people alike. Shipped statistics at first, the camera's own by and by.
import { type DescriptorStatistics, standardised } from "../domain/appearance.ts";
import type { AppearanceSample } from "../domain/tracklet.ts";
import { toUnit } from "./unit-vector.ts";

/**
 * Of one camera and model, by number of the descriptor: over how many tracklets, and the means over them of the value and of
 * its square. Plain, so that it can be written down as JSON.
 */
export interface CameraAppearance {
  readonly modelId: string;
  readonly counts: readonly number[];
  readonly means: readonly number[];
  readonly squares: readonly number[];
}

/** Tracklets that weigh as much as the shipped statistics: fewer than eight people are no average. */
const SHIPPED_WEIGHT = 8;
/**
 * Tracklets beyond which a camera's own weigh no more. A household has few people and each comes a hundred times: statistics of
 * one resident alone leave nothing of that resident to be recognised by (at .60, none of 100 re-linked instead of 53).
 */
const MOST_TRACKLETS = 16;
/**
 * What is added to the threshold of clothes alone while a camera's light is not known at all. With shipped statistics only, 18
 * of 100 strangers are as like as .60 to the only resident, 1 as like as .70; with sixteen tracklets of the camera's own 0 are.
 */
const UNSETTLED = 0.1;
/** The newest tracklet's least weight in the camera's own averages: lamps are changed and seasons come. */
const LEAST_NEW = 1 / 200;

/**
 * One tracklet more. Its crops count as one look, however many there are; a number that is unknown in all of them is left as it
 * was. Crops of another model, or of another length, change nothing.
 */
export function withTracklet(
  known: CameraAppearance | null,
  samples: readonly AppearanceSample[],
): CameraAppearance | null {
  const modelId = known?.modelId ?? samples[0]?.modelId;
  const length = known?.means.length ?? samples[0]?.descriptor.length ?? 0;
  const crops = samples.filter((one) => one.modelId === modelId && one.descriptor.length === length);
  if (modelId === undefined || length === 0 || crops.length === 0) return known;
  const before = known ?? emptyAppearance(modelId, length);
  const counts = [...before.counts];
  const means = [...before.means];
  const squares = [...before.squares];
  for (let at = 0; at < length; at += 1) {
    const values = crops.flatMap(({ descriptor }) => finite(descriptor[at]));
    if (values.length === 0) continue;
    const count = (counts[at] ?? 0) + 1;
    const weight = Math.max(1 / count, LEAST_NEW);
    const [mean, square] = [means[at] ?? 0, squares[at] ?? 0];
    counts[at] = count;
    means[at] = mean + weight * (average(values) - mean);
    squares[at] = square + weight * (average(values.map((value) => value * value)) - square);
  }
  return { modelId, counts, means, squares };
}

/**
 * The shipped statistics with the camera's own mixed in: of weight n / (n + 8), n being its tracklets up to a limit. The
 * shipped ones where there are none of the camera's own.
 */
export function cameraStatistics(
  shipped: DescriptorStatistics,
  own: CameraAppearance | null,
): DescriptorStatistics {
  if (own === null || own.means.length !== shipped.mean.length) return shipped;
  const mean = new Float64Array(own.means.length);
  const deviation = new Float64Array(own.means.length);
  for (let at = 0; at < mean.length; at += 1) {
    const count = Math.min(MOST_TRACKLETS, own.counts[at] ?? 0);
    const weight = count / (count + SHIPPED_WEIGHT);
    const ownMean = own.means[at] ?? 0;
    const ownVariance = Math.max(0, (own.squares[at] ?? 0) - ownMean * ownMean);
    const shippedVariance = (shipped.deviation[at] ?? 1) ** 2;
    mean[at] = (1 - weight) * (shipped.mean[at] ?? 0) + weight * ownMean;
    deviation[at] = Math.sqrt((1 - weight) * shippedVariance + weight * ownVariance);
  }
  return { mean, deviation };
}

/**
 * What clothes alone have to reach in a camera, `start` being enough once its light is known: more, the fewer tracklets it
 * has seen.
 */
export function unsettledThreshold(start: number, own: CameraAppearance | null): number {
  const seen = own === null ? 0 : own.counts.reduce((most, count) => Math.max(most, count), 0);
  return start + UNSETTLED * (1 - Math.min(1, seen / MOST_TRACKLETS));
}

/**
 * Ready to be compared, of unit length; null for what cannot be: of another length than the statistics, or nothing known in
 * it. `statistics` is null for a model that comes without any, such as one of a household's own: those are trained to be
 * compared as they are, and a number they do not know spoils them.
 */
export function comparableAppearance(
  { descriptor }: AppearanceSample,
  statistics: DescriptorStatistics | null,
): Float32Array | null {
  if (statistics === null) return toUnit(descriptor);
  if (descriptor.length !== statistics.mean.length) return null;
  return toUnit(standardised(descriptor, statistics));
}

/** What was written down of a camera; null for what is no such thing, or of another model. */
export function readCameraAppearance(stored: unknown, modelId: string): CameraAppearance | null {
  if (typeof stored !== "object" || stored === null) return null;
  const { counts, means, squares, modelId: of } = stored as Partial<Record<keyof CameraAppearance, unknown>>;
  if (of !== modelId || !isNumbers(counts) || !isNumbers(means) || !isNumbers(squares)) return null;
  if (means.length === 0 || counts.length !== means.length || squares.length !== means.length) return null;
  return { modelId, counts, means, squares };
}

function emptyAppearance(modelId: string, length: number): CameraAppearance {
  const zeros = Array.from({ length }, () => 0);
  return { modelId, counts: zeros, means: zeros, squares: zeros };
}

/** A value large enough to spoil an average for years is taken for unknown, like one that is no number. */
function finite(value: number | undefined): number[] {
  return value !== undefined && Math.abs(value) < 1e6 ? [value] : [];
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isFinite(one));
}
