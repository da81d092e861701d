// From a model's early feature maps of a person's crop to one vector: what each quarter of the body, from head to foot,
// looks like on average. Early layers know colours and textures of clothes; later ones forget them.
import type { MaskGrid } from "./body-mask.ts";

/** Crops are half as wide as high, the custom of re-identification; people who stand fill them. */
export const CROP_WIDTH = 128;
export const CROP_HEIGHT = 256;
/** What feature maps are averaged down to. */
export const DESCRIPTOR_GRID: MaskGrid = { columns: 8, rows: 16, aspect: CROP_WIDTH / CROP_HEIGHT };
export const STRIPES = 4;

/** One image's feature map, height x width x channels, row by row; height and width are multiples of the grid's. */
export interface FeatureMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/**
 * The means of each stripe, stripe after stripe: all channels of the first map, then of the next. `mask` weighs the
 * grid's cells; null weighs them alike. A stripe in which nothing of the body is seen is NaN throughout.
 */
export function stripeMeans(maps: readonly FeatureMap[], mask: Float32Array | null): Float32Array {
  const channels = maps.reduce((sum, map) => sum + map.channels, 0);
  const means = new Float32Array(STRIPES * channels);
  let first = 0;
  for (const map of maps) {
    addStripes(map, mask, { means, channels, first });
    first += map.channels;
  }
  for (let stripe = 0; stripe < STRIPES; stripe += 1) {
    const weight = stripeWeight(mask, stripe);
    for (let at = stripe * channels; at < (stripe + 1) * channels; at += 1) {
      means[at] = weight > 0 ? (means[at] as number) / weight : Number.NaN;
    }
  }
  return means;
}

function addStripes(
  map: FeatureMap,
  mask: Float32Array | null,
  into: { readonly means: Float32Array; readonly channels: number; readonly first: number },
): void {
  const { columns, rows } = DESCRIPTOR_GRID;
  const cellWidth = map.width / columns;
  const cellHeight = map.height / rows;
  const share = 1 / (cellWidth * cellHeight);
  for (let y = 0; y < map.height; y += 1) {
    const row = Math.floor(y / cellHeight);
    const to = Math.floor((row * STRIPES) / rows) * into.channels + into.first;
    for (let x = 0; x < map.width; x += 1) {
      const weight = mask === null ? 1 : (mask[row * columns + Math.floor(x / cellWidth)] as number);
      if (weight === 0) continue;
      const from = (y * map.width + x) * map.channels;
      for (let channel = 0; channel < map.channels; channel += 1) {
        const value = (map.data[from + channel] as number) * weight * share;
        into.means[to + channel] = (into.means[to + channel] as number) + value;
      }
    }
  }
}

function stripeWeight(mask: Float32Array | null, stripe: number): number {
  const cells = (DESCRIPTOR_GRID.columns * DESCRIPTOR_GRID.rows) / STRIPES;
  if (mask === null) return cells;
  return mask.subarray(stripe * cells, (stripe + 1) * cells).reduce((sum, weight) => sum + weight, 0);
}
