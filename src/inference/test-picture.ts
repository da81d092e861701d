// The picture on which execution providers are compared: somebody stands in a room. Detectors find this figure (MultiPose
// with a confidence of 0.8), so that the parts of a model that only speak when somebody is there have something to say.
import type { ModelInput } from "./model-session.ts";
import type { TensorData } from "./tensor.ts";

type Colour = readonly [red: number, green: number, blue: number];

/** A limb: from one joint to another, with a radius at each. In heights of the figure; x from its middle, y from its crown. */
interface Limb {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly radii: readonly [from: number, to: number];
  readonly colour: Colour;
}

const SKIN: Colour = [205, 160, 130];
const SHIRT: Colour = [60, 85, 140];
const TROUSERS: Colour = [45, 45, 52];
const SHOE: Colour = [30, 25, 22];
const HAIR: Colour = [50, 35, 25];
const DARK: Colour = [40, 30, 30];
const LIPS: Colour = [150, 70, 70];

/** Back to front. */
const FIGURE: readonly Limb[] = [
  ...bothSides([0.06, 0.5], [0.085, 0.74], [0.055, 0.042], TROUSERS),
  ...bothSides([0.085, 0.74], [0.09, 0.93], [0.042, 0.03], TROUSERS),
  ...bothSides([0.09, 0.95], [0.12, 0.965], [0.025, 0.02], SHOE),
  { from: [0, 0.26], to: [0, 0.47], radii: [0.1, 0.085], colour: SHIRT },
  { from: [-0.07, 0.22], to: [0.07, 0.22], radii: [0.045, 0.045], colour: SHIRT },
  ...bothSides([0.125, 0.22], [0.165, 0.37], [0.036, 0.03], SHIRT),
  ...bothSides([0.165, 0.37], [0.15, 0.5], [0.026, 0.02], SKIN),
  ...bothSides([0.15, 0.52], [0.148, 0.54], [0.022, 0.018], SKIN),
  { from: [0, 0.15], to: [0, 0.18], radii: [0.033, 0.035], colour: SKIN },
  { from: [0, 0.075], to: [0, 0.105], radii: [0.058, 0.047], colour: SKIN },
  { from: [0, 0.05], to: [0, 0.055], radii: [0.06, 0.058], colour: HAIR },
  { from: [0, 0.09], to: [0, 0.11], radii: [0.05, 0.043], colour: SKIN },
  ...bothSides([0.02, 0.085], [0.019, 0.085], [0.008, 0.008], DARK),
  { from: [-0.015, 0.13], to: [0.015, 0.13], radii: [0.005, 0.005], colour: LIPS },
];

/** Where the figure stands and how tall it is, in heights of the picture. */
const CROWN = 0.06;
const TALL = 0.88;
/** No limb reaches further from the middle, in heights of the figure. */
const HALF_WIDTH = 0.21;

/** For sizes that a model leaves open. */
const OPEN_SIZE = 256;

/**
 * The picture as a model takes it: three channels last (values 0..255) or first (0..255 as bytes, 0..1 as numbers, as
 * models from PyTorch want them). What is no picture is filled with a wave. `disturbed` moves every value by one 255th
 * at most, seeded: as much as a camera's noise at its least.
 */
export function testInput(input: ModelInput, disturbed = false): TensorData {
  const dims = input.shape.map((size, axis) => sizeOf(size, axis));
  const length = dims.reduce((product, size) => product * size, 1);
  const [, a = 1, b = 1, c = 1] = dims;
  const channelsLast = dims.length === 4 && c === 3;
  const channelsFirst = dims.length === 4 && a === 3 && !channelsLast;
  const [height, width] = channelsLast ? [a, b] : [b, c];
  const pixels = channelsLast || channelsFirst ? picture(width, height) : null;
  const scale = channelsFirst && input.type === "float32" ? 1 / 255 : 1;
  const area = width * height;
  const value = (index: number): number => {
    const noise = disturbed ? ((index * 7919 + (index >> 7) * 104_729) % 3) - 1 : 0;
    const at = channelsFirst ? (index % area) * 3 + Math.floor(index / area) : index;
    const plain = pixels === null ? 127 + 90 * Math.sin(index / 31) : (pixels[at] ?? 0);
    return Math.min(255, Math.max(0, plain + noise)) * scale;
  };
  switch (input.type) {
    case "uint8":
      return { type: "uint8", dims, data: Uint8Array.from({ length }, (_, i) => value(i)) };
    case "int32":
      return { type: "int32", dims, data: Int32Array.from({ length }, (_, i) => value(i)) };
    case "int64":
      return {
        type: "int64",
        dims,
        data: BigInt64Array.from({ length }, (_, i) => BigInt(Math.round(value(i)))),
      };
    default:
      return { type: "float32", dims, data: Float32Array.from({ length }, (_, i) => value(i)) };
  }
}

/** The first axis counts pictures: one. */
function sizeOf(size: number | string, axis: number): number {
  if (typeof size === "number" && size > 0) return size;
  return axis === 0 ? 1 : OPEN_SIZE;
}

/** Packed RGB. */
function picture(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  const unit = TALL * height;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let colour = room(x / width, y / height);
      const across = (x - width / 2) / unit;
      if (Math.abs(across) < HALF_WIDTH)
        colour = figureOver(colour, across, y / unit - CROWN / TALL, 1 / unit);
      pixels.set(colour, (y * width + x) * 3);
    }
  }
  return pixels;
}

/** A wall in folds and a floor of boards. */
function room(u: number, v: number): Colour {
  if (v < 0.7) {
    const light = 200 - 60 * u + 10 * Math.sin(u * 40);
    return [light, light - 6, light - 18];
  }
  const light = 120 - 40 * v + 8 * Math.sin((u + v) * 60);
  return [light, light * 0.85, light * 0.65];
}

function figureOver(background: Colour, x: number, y: number, pixel: number): Colour {
  let [red, green, blue] = background;
  for (const { from, to, radii, colour } of FIGURE) {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const along = ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy);
    const t = Math.min(1, Math.max(0, along));
    const aside = x - from[0] - t * dx;
    const distance = Math.hypot(aside, y - from[1] - t * dy);
    const radius = radii[0] + t * (radii[1] - radii[0]);
    const cover = Math.min(1, Math.max(0, (radius - distance) / pixel + 0.5));
    if (cover === 0) continue;
    // Lit from the left.
    const light = 1 - 0.35 * Math.max(0, aside / radius) - (0.15 * distance) / radius;
    red += cover * (colour[0] * light - red);
    green += cover * (colour[1] * light - green);
    blue += cover * (colour[2] * light - blue);
  }
  return [red, green, blue];
}

function bothSides(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  radii: Limb["radii"],
  colour: Colour,
): Limb[] {
  return [-1, 1].map((side) => ({ from: [side * x1, y1], to: [side * x2, y2], radii, colour }));
}
