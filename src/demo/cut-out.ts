// Cuts the dancer out of his clip. The wall behind him never moves, so the clip itself shows what it looks like without
// him; what differs from it is him. Edges are rebuilt from his own colours, or he would carry a red rim of brick around.
import type { RgbImage } from "../domain/frame.ts";
import { polygon, smooth } from "./canvas.ts";
import { hasOutlines, legOutlines, OUTLINED_FROM } from "./leg-outlines.ts";

/** A cut-out figure. Colours are packed RGB, 0..255, and run on past the edge; `alpha` is 0..1. */
export interface CutOut {
  readonly width: number;
  readonly height: number;
  readonly colour: Float32Array;
  readonly alpha: Float32Array;
}

/** Colour distance (Euclidean, 8-bit RGB) from which on a pixel is not wall: twice the noise of the clip's palette. */
const NOT_WALL = 44;
/** Redness (see below) that only brick reaches. */
const BRICK_RED = 0.27;
/** Gaps and specks smaller than this many pixels are mistakes of the colour test, larger ones are gaps between limbs. */
const SPECK = 70;
/** From the crown to the mouth, pixels. */
const HEAD_ROWS = 38;

export function cutOutDancer(frames: readonly RgbImage[]): CutOut[] {
  const wall = emptyWall(frames);
  const cutOuts: CutOut[] = [];
  for (const [index, frame] of frames.entries()) {
    // The clip shows some pictures for two frames, which differ in nothing but noise.
    const before = hasOutlines(index) ? undefined : cutOuts.at(-1);
    cutOuts.push(before ?? cutOut(frame, index, wall));
  }
  return cutOuts;
}

/** The wall without the dancer: per pixel the reddest that is ever seen there; null where he never steps aside. */
function emptyWall(frames: readonly RgbImage[]): readonly (Pixel | null)[] {
  const first = frames[0];
  if (first === undefined) return [];
  return Array.from({ length: first.width * OUTLINED_FROM }, (_, pixel) => {
    const seen = frames.map((frame) => pixelAt(frame.data, pixel));
    const brick = seen.filter((pixel) => pixel[0] > 90 && redness(pixel) > 0.2);
    // His skin is reddish too, though never as red as the brick it hides at other times.
    if (brick.length >= 2) return median(brick.sort((a, b) => redness(b) - redness(a)).slice(0, 3));
    // Chalk on the lower wall is no brick, and nobody hides it for long down there.
    const lit = seen.filter(([r, g, b]) => r + g + b > 210);
    return pixel > first.width * 245 && lit.length >= 2 ? median(lit) : null;
  });
}

function cutOut(frame: RgbImage, index: number, wall: readonly (Pixel | null)[]): CutOut {
  const { width, height } = frame;
  const body = new Uint8Array(width * height);
  for (let pixel = 0; pixel < width * OUTLINED_FROM; pixel++) {
    const behind = wall[pixel] ?? null;
    const seen = pixelAt(frame.data, pixel);
    const wallAgain = redness(seen) > BRICK_RED && seen[0] > 110;
    body[pixel] = !wallAgain && (behind === null || difference(seen, behind) > NOT_WALL) ? 1 : 0;
  }
  const legs = legOutlines(index).map((outline) => polygon(...outline));
  const legCover = new Float32Array(width * height);
  for (let pixel = width * (OUTLINED_FROM - 12); pixel < legCover.length; pixel++) {
    const x = (pixel % width) + 0.5;
    const y = Math.floor(pixel / width) + 0.5;
    legCover[pixel] = Math.min(
      1,
      Math.max(0, 0.5 - Math.min(...legs.map((leg) => leg.distance(x, y))) / 1.6),
    );
    if (y > OUTLINED_FROM) body[pixel] = (legCover[pixel] ?? 0) >= 0.5 ? 1 : 0;
  }
  const unlikeWall = Uint8Array.from(body);
  keepLargest(body, width);
  fillHead(body, width);
  fillSpecks(body, width);
  const alpha = softened(body, width, 1.3);
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    const inLegs = smooth((Math.floor(pixel / width) - OUTLINED_FROM) / 6);
    // The upper half is taken in by half a pixel: its outermost pixels are already half brick.
    alpha[pixel] =
      smooth(((alpha[pixel] ?? 0) - 0.42) / 0.4) * (1 - inLegs) + (legCover[pixel] ?? 0) * inLegs;
  }
  return { width, height, alpha, colour: ownColours(frame, alpha, unlikeWall) };
}

/** The frame's colours where they are surely his, and the nearest such colours beyond. */
function ownColours(frame: RgbImage, alpha: Float32Array, unlikeWall: Uint8Array): Float32Array {
  const { width, height, data } = frame;
  const colour = new Float32Array(data.length);
  const full = Uint8Array.from(alpha, (cover) => (cover > 0.98 ? 1 : 0));
  const core = spread(full, width, 1, 0);
  const deep = spread(full, width, 5, 0);
  const sure = core.map((inCore, pixel) =>
    inCore === 1 && (deep[pixel] === 1 || unlikeWall[pixel] === 1) ? 1 : 0,
  );
  const needed = spread(
    alpha.map((cover) => Math.ceil(cover)),
    width,
    2,
    1,
  );
  for (let pixel = 0; pixel < sure.length; pixel++) {
    if (needed[pixel] === 0) continue;
    // A sure pixel is mixed with its sure neighbours just enough to hide the clip's dithered palette.
    const [reach, fallOff] = sure[pixel] === 1 ? [1, 0.7] : [4, 2.5];
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    let [total, red, green, blue] = [0, 0, 0, 0];
    for (let ny = Math.max(0, y - reach); ny <= Math.min(height - 1, y + reach); ny++)
      for (let nx = Math.max(0, x - reach); nx <= Math.min(width - 1, x + reach); nx++) {
        const other = ny * width + nx;
        if (sure[other] !== 1) continue;
        const weight = Math.exp(-((nx - x) ** 2 + (ny - y) ** 2) / fallOff);
        total += weight;
        red += weight * (data[other * 3] ?? 0);
        green += weight * (data[other * 3 + 1] ?? 0);
        blue += weight * (data[other * 3 + 2] ?? 0);
      }
    // Thin parts, such as fingers, have no sure pixel near: they keep their own colour. What glow of the brick is left at
    // the rim is taken out by holding red to what skin and cloth have (up to about 1.5 times green; brick has 2.4).
    const own: Pixel = total === 0 ? pixelAt(data, pixel) : [red / total, green / total, blue / total];
    colour.set(deep[pixel] === 1 ? own : [Math.min(own[0], 1.4 * own[1] + 4), own[1], own[2]], pixel * 3);
  }
  return colour;
}

/** Lets pixels of that value take over their neighbours within `reach`, sideways and up and down. */
function spread(mask: ArrayLike<number>, width: number, reach: number, value: 0 | 1): Uint8Array {
  let from = mask;
  for (const stride of [1, width]) {
    const to = Uint8Array.from(from);
    for (let pixel = 0; pixel < to.length; pixel++) {
      if (from[pixel] !== value) continue;
      for (let step = -reach; step <= reach; step++) to[pixel + step * stride] = value;
    }
    from = to;
  }
  return Uint8Array.from(from);
}

/** Gaussian blur, sigma in pixels. */
export function softened(mask: ArrayLike<number>, width: number, sigma: number): Float32Array {
  const reach = Math.ceil(sigma * 2.5);
  const kernel = Array.from({ length: reach * 2 + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const height = mask.length / width;
  const across = new Float32Array(mask.length);
  const result = new Float32Array(mask.length);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const x = pixel % width;
    let total = 0;
    for (let step = -reach; step <= reach; step++)
      if (x + step >= 0 && x + step < width) total += (mask[pixel + step] ?? 0) * (kernel[step + reach] ?? 0);
    across[pixel] = total / sum;
  }
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const y = Math.floor(pixel / width);
    let total = 0;
    for (let step = -reach; step <= reach; step++)
      if (y + step >= 0 && y + step < height)
        total += (across[pixel + step * width] ?? 0) * (kernel[step + reach] ?? 0);
    result[pixel] = total / sum;
  }
  return result;
}

/** Skin is as red as brick to the colour test. Above the shoulders there is nothing but his head, and it has no gaps. */
function fillHead(mask: Uint8Array, width: number): void {
  const top = Math.floor(mask.indexOf(1) / width);
  for (let y = top; y < top + HEAD_ROWS; y++) {
    const row = mask.subarray(y * width, (y + 1) * width);
    const left = row.indexOf(1);
    if (left !== -1) row.fill(1, left, row.lastIndexOf(1));
  }
}

function keepLargest(mask: Uint8Array, width: number): void {
  const parts = connected(mask, width, 1).sort((a, b) => b.length - a.length);
  for (const part of parts.slice(1)) for (const pixel of part) mask[pixel] = 0;
}

function fillSpecks(mask: Uint8Array, width: number): void {
  for (const gap of connected(mask, width, 0))
    if (gap.length < SPECK) for (const pixel of gap) mask[pixel] = 1;
}

/** Groups of pixels of that value which touch side by side. */
function connected(mask: Uint8Array, width: number, value: number): number[][] {
  const seen = new Uint8Array(mask.length);
  const groups: number[][] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] !== value || seen[start] === 1) continue;
    seen[start] = 1;
    const group = [start];
    for (let next = 0; next < group.length; next++) {
      const pixel = group[next] ?? start;
      const x = pixel % width;
      for (const other of [
        x > 0 ? pixel - 1 : -1,
        x < width - 1 ? pixel + 1 : -1,
        pixel - width,
        pixel + width,
      ])
        if (mask[other] === value && seen[other] === 0) {
          seen[other] = 1;
          group.push(other);
        }
    }
    groups.push(group);
  }
  return groups;
}

type Pixel = readonly [red: number, green: number, blue: number];

function pixelAt(data: Uint8Array, pixel: number): Pixel {
  return [data[pixel * 3] ?? 0, data[pixel * 3 + 1] ?? 0, data[pixel * 3 + 2] ?? 0];
}

/** About .34 for brick, .16 to .25 for skin. */
function redness([red, green, blue]: Pixel): number {
  return (red - green) / (red + green + blue + 1);
}

function difference(a: Pixel, b: Pixel): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function median(pixels: readonly Pixel[]): Pixel {
  const middle = (channel: 0 | 1 | 2) =>
    pixels.map((pixel) => pixel[channel]).sort((a, b) => a - b)[pixels.length >> 1] ?? 0;
  return [middle(0), middle(1), middle(2)];
}
