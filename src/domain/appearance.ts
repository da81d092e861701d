// What clothes look like as numbers: early feature maps say much that all crops have in common, which is taken out before
// two are compared.

/** Mean and standard deviation of each number of a descriptor over many people. */
export interface DescriptorStatistics {
  readonly mean: ArrayLike<number>;
  readonly deviation: ArrayLike<number>;
}

/**
 * Standardised and of unit length, so that the product of two is their cosine: without it, what all crops have in common
 * outweighs what tells them apart. A number that is unknown becomes 0, which speaks neither for nor against anybody.
 */
export function standardised(
  descriptor: Float32Array,
  { mean, deviation }: DescriptorStatistics,
): Float32Array {
  const result = descriptor.map((value, at) => {
    const scaled = (value - (mean[at] ?? 0)) / (deviation[at] ?? 1);
    return Number.isFinite(scaled) ? scaled : 0;
  });
  const length = Math.hypot(...result);
  return length > 0 ? result.map((value) => value / length) : result;
}
