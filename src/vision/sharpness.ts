import type { RgbImage } from "../domain/frame.ts";

/**
 * How sharp a picture is: the variance of the Laplacian of its 8-bit brightness (Pech-Pacheco et al., "Diatom
 * autofocusing in brightfield microscopy", ICPR 2000; 4-neighbour kernel, brightness as (R + 2G + B) / 4). Under 100 is
 * commonly called blurred. Depends on the scale: compare pictures of one size. 0 for pictures without an inside.
 */
export function laplacianVariance({ width, height, data }: RgbImage): number {
  if (width < 3 || height < 3) return 0;
  const luma = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < luma.length; at += 1, from += 3)
    luma[at] = ((data[from] ?? 0) + 2 * (data[from + 1] ?? 0) + (data[from + 2] ?? 0)) >> 2;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1, at = y * width + 1; x < width - 1; x += 1, at += 1) {
      const value =
        (luma[at - 1] ?? 0) +
        (luma[at + 1] ?? 0) +
        (luma[at - width] ?? 0) +
        (luma[at + width] ?? 0) -
        4 * (luma[at] ?? 0);
      sum += value;
      squares += value * value;
    }
  }
  const count = (width - 2) * (height - 2);
  return squares / count - (sum / count) ** 2;
}
