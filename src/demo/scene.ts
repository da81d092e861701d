// Puts the dancer into his living room: one picture of the clip per call, with the shadow he casts.
import type { RgbImage } from "../domain/frame.ts";
import type { Canvas } from "./canvas.ts";
import { smooth } from "./canvas.ts";
import { BODY_LENGTH, type Stance } from "./choreography.ts";
import { type CutOut, softened } from "./cut-out.ts";

/** In the source clip, pixels: the point between his feet, and his height from there. */
const FEET = { x: 132, y: 347 };
const SOURCE_LENGTH = 296;
export const SOURCE = { width: 260, height: 360 };

/** Light from the window on the left: what stands throws its shadow to the right and towards the camera. */
const SHADOW = { opacity: 0.42, skew: 0.34, flat: 0.17 };

export interface Figure {
  readonly cutOut: CutOut;
  readonly shadow: Float32Array;
}

export function prepareFigures(cutOuts: readonly CutOut[]): Figure[] {
  const shadows = new Map<CutOut, Float32Array>();
  for (const cutOut of cutOuts)
    if (!shadows.has(cutOut)) shadows.set(cutOut, softened(cutOut.alpha, cutOut.width, 3.2));
  return cutOuts.map((cutOut) => ({ cutOut, shadow: shadows.get(cutOut) ?? cutOut.alpha }));
}

/** Maps a point of the source clip, relative to the feet, to the room's picture. */
interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly x: number;
  readonly y: number;
}

/** The room with the dancer in it, or empty. */
export function composePicture(room: Canvas, figures: readonly Figure[], stance: Stance | null): RgbImage {
  const picture = Float32Array.from(room.data);
  const figure = stance === null ? undefined : figures[stance.picture];
  if (stance !== null && figure !== undefined) {
    const body = bodyOf(stance);
    drawShadow(picture, room, figure, shadowOf(stance, body));
    drawFigure(picture, room, figure.cutOut, body);
  }
  // A clamped array rounds on the way in; the plain one looks at the same bytes.
  const { buffer } = new Uint8ClampedArray(picture);
  return { width: room.width, height: room.height, data: new Uint8Array(buffer) };
}

function bodyOf({ x, y, lean, breadth }: Stance): Affine {
  const scale = BODY_LENGTH / SOURCE_LENGTH;
  const cos = Math.cos(lean);
  const sin = Math.sin(lean);
  return {
    a: scale * cos,
    b: -scale * sin,
    c: scale * sin * breadth,
    d: scale * cos * breadth,
    x,
    y,
  };
}

/** Upright, the shadow is his outline laid over on the floor; lying, the same outline a hand's breadth below him. */
function shadowOf({ lean, x, y }: Stance, body: Affine): Affine {
  const lying = smooth((Math.abs(lean) - 0.5) / 0.9);
  const between = (upright: number, flat: number) => upright + (flat - upright) * lying;
  return {
    a: between(body.a - SHADOW.skew * body.c, body.a),
    b: between(body.b - SHADOW.skew * body.d, body.b),
    c: between(-SHADOW.flat * body.c, body.c),
    d: between(-SHADOW.flat * body.d, body.d),
    x: x + between(2, 4),
    y: between(y, body.y + 7),
  };
}

function drawFigure(picture: Float32Array, room: Canvas, { alpha, colour, width }: CutOut, at: Affine): void {
  forEachPixel(room, at, (target, sx, sy) => {
    const cover = sample(alpha, width, 1, 0, sx, sy);
    if (cover <= 0.002) return;
    for (let channel = 0; channel < 3; channel++) {
      // The clip was shot in hard sunlight: indoors its contrast is a little lower.
      const value = 12 + 0.9 * sample(colour, width, 3, channel, sx, sy);
      const old = picture[target * 3 + channel] ?? 0;
      picture[target * 3 + channel] = old + (value - old) * cover;
    }
  });
}

function drawShadow(picture: Float32Array, room: Canvas, { shadow, cutOut }: Figure, at: Affine): void {
  forEachPixel(room, at, (target, sx, sy) => {
    const darkness = 1 - SHADOW.opacity * sample(shadow, cutOut.width, 1, 0, sx, sy);
    if (darkness === 1) return;
    for (let channel = 0; channel < 3; channel++)
      picture[target * 3 + channel] = (picture[target * 3 + channel] ?? 0) * darkness;
  });
}

/** Every pixel of the room onto which the source clip falls, with the place in the source it shows. */
function forEachPixel(
  room: Canvas,
  at: Affine,
  visit: (target: number, sx: number, sy: number) => void,
): void {
  const { width: sourceWidth, height: sourceHeight } = SOURCE;
  const xs = [0, sourceWidth].flatMap((sx) =>
    [0, sourceHeight].map((sy) => at.a * (sx - FEET.x) + at.b * (sy - FEET.y) + at.x),
  );
  const ys = [0, sourceWidth].flatMap((sx) =>
    [0, sourceHeight].map((sy) => at.c * (sx - FEET.x) + at.d * (sy - FEET.y) + at.y),
  );
  const determinant = at.a * at.d - at.b * at.c;
  if (Math.abs(determinant) < 1e-6) return;
  for (let y = Math.max(0, Math.floor(Math.min(...ys))); y < Math.min(room.height, Math.max(...ys)); y++)
    for (let x = Math.max(0, Math.floor(Math.min(...xs))); x < Math.min(room.width, Math.max(...xs)); x++) {
      const dx = x + 0.5 - at.x;
      const dy = y + 0.5 - at.y;
      const sx = (at.d * dx - at.b * dy) / determinant + FEET.x;
      const sy = (at.a * dy - at.c * dx) / determinant + FEET.y;
      if (sx > 0 && sy > 0 && sx < sourceWidth && sy < sourceHeight)
        visit(y * room.width + x, sx - 0.5, sy - 0.5);
    }
}

/** Bilinear. */
function sample(
  data: Float32Array,
  width: number,
  channels: number,
  channel: number,
  x: number,
  y: number,
): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const fx = x - left;
  const fy = y - top;
  const at = (top * width + left) * channels + channel;
  const below = at + width * channels;
  return (
    ((data[at] ?? 0) * (1 - fx) + (data[at + channels] ?? 0) * fx) * (1 - fy) +
    ((data[below] ?? 0) * (1 - fx) + (data[below + channels] ?? 0) * fx) * fy
  );
}
