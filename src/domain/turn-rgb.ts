import type { RgbImage } from "./frame.ts";

export type QuarterTurns = 0 | 1 | 2 | 3;

/** Turns a packed picture clockwise. */
export function turnRgb(image: RgbImage, quarterTurns: QuarterTurns): RgbImage {
  if (quarterTurns === 0) return image;
  const { width, height, data } = image;
  const sideways = quarterTurns !== 2;
  const turned = new Uint8Array(data.length);
  const turnedWidth = sideways ? height : width;
  for (let y = 0, from = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, from += 3) {
      const tx = quarterTurns === 1 ? height - 1 - y : quarterTurns === 2 ? width - 1 - x : y;
      const ty = quarterTurns === 1 ? x : quarterTurns === 2 ? height - 1 - y : width - 1 - x;
      const to = (ty * turnedWidth + tx) * 3;
      turned[to] = data[from] ?? 0;
      turned[to + 1] = data[from + 1] ?? 0;
      turned[to + 2] = data[from + 2] ?? 0;
    }
  }
  return { width: turnedWidth, height: sideways ? width : height, data: turned };
}
