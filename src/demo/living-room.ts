// The set: a living room drawn from nothing but numbers, as a camera under the ceiling's edge would see it.
import {
  Canvas,
  type Colour,
  ellipse,
  everywhere,
  inside,
  mix,
  moved,
  placed,
  polygon,
  roundedBox,
  shade,
  smooth,
} from "./canvas.ts";

export const ROOM_WIDTH = 640;
export const ROOM_HEIGHT = 384;

/** Where wall and floor meet, pixels from the top. */
const SKIRTING = 236;

const WALL_LIT: Colour = [224, 216, 198];
const WALL_DIM: Colour = [186, 174, 157];
const OAK: Colour = [171, 128, 88];
const TEAL: Colour = [66, 108, 114];
const MUSTARD: Colour = [212, 160, 66];
const RUG: Colour = [78, 96, 126];
const RUG_LIGHT: Colour = [206, 201, 186];

export function paintLivingRoom(): Canvas {
  const canvas = new Canvas(ROOM_WIDTH, ROOM_HEIGHT);
  paintWall(canvas);
  paintFloor(canvas);
  paintWindow(canvas);
  paintPicture(canvas);
  paintPlant(canvas);
  paintSofa(canvas);
  paintLamp(canvas);
  paintRug(canvas);
  paintLight(canvas);
  return canvas;
}

function paintWall(canvas: Canvas): void {
  const colour = (x: number, y: number) =>
    mix(WALL_LIT, WALL_DIM, 0.75 * smooth(Math.hypot(x - 190, (y - 110) * 1.3) / 520));
  canvas.paint(everywhere, { colour });
  canvas.paint(roundedBox(-10, SKIRTING - 13, 650, SKIRTING), { colour: [233, 227, 215] });
  canvas.paint(roundedBox(-10, SKIRTING - 13, 650, SKIRTING - 11.5), {
    colour: [250, 247, 240],
    opacity: 0.8,
  });
  canvas.paint(roundedBox(-10, SKIRTING - 17, 650, SKIRTING - 13), {
    colour: [90, 75, 60],
    opacity: 0.18,
    softness: 3,
  });
}

/** Planks run away from the camera towards one vanishing point; each has its own tone and its own joints. */
function paintFloor(canvas: Canvas): void {
  const vanishing = { x: 320, y: 20 };
  const colour = (x: number, y: number): Colour => {
    const depth = 200 / (y - vanishing.y);
    const across = ((x - vanishing.x) * depth) / 26;
    const plank = Math.floor(across);
    const along = depth * 9 + noise(plank * 7.3) * 5;
    const tone = 0.9 + 0.16 * noise(plank + Math.floor(along) * 13.7);
    const grain = 0.012 * Math.sin(across * 47 + 2.5 * Math.sin(along * 9 + plank));
    const seam = Math.min(across - plank, 1 - across + plank) * (26 / depth);
    const joint = (Math.min(along % 1, 1 - (along % 1)) * (y - vanishing.y)) / 9;
    const gap = 1 - 0.3 * Math.max(0, 1 - Math.min(seam, joint) / 1.3);
    return shade(OAK, (tone + grain) * gap * (0.84 + 0.2 * smooth((y - SKIRTING) / 150)));
  };
  canvas.paint(roundedBox(-10, SKIRTING, 650, 400), { colour });
  canvas.paint(roundedBox(-30, SKIRTING - 4, 670, SKIRTING + 5), {
    colour: [52, 34, 20],
    opacity: 0.35,
    softness: 6,
  });
}

function paintWindow(canvas: Canvas): void {
  canvas.paint(roundedBox(84, 34, 226, 176, 2), { colour: [70, 60, 48], opacity: 0.3, softness: 8 });
  canvas.paint(roundedBox(84, 30, 224, 172, 2), { colour: [243, 240, 232] });
  const sky = (_: number, y: number) => mix([158, 199, 232], [236, 240, 232], (y - 36) / 100);
  const glass = roundedBox(91, 37, 217, 165);
  canvas.paint(glass, { colour: sky });
  canvas.paint(inside(glass, ellipse(120, 178, 70, 46)), { colour: [150, 180, 140] });
  canvas.paint(inside(glass, ellipse(196, 182, 66, 40)), { colour: [122, 160, 116] });
  canvas.paint(ellipse(196, 133, 14, 17), { colour: [98, 142, 98], softness: 1.2 });
  canvas.paint(roundedBox(194.5, 146, 197.5, 162), { colour: [110, 90, 66] });
  canvas.paint(roundedBox(151.5, 37, 156.5, 165), { colour: [243, 240, 232] });
  canvas.paint(roundedBox(91, 92, 217, 96), { colour: [243, 240, 232] });
  canvas.paint(polygon(76, 172, 232, 172, 236, 180, 72, 180), { colour: [248, 245, 238] });
  canvas.paint(roundedBox(72, 180, 236, 183), { colour: [120, 105, 88], opacity: 0.4, softness: 2 });
  canvas.paint(roundedBox(50, 20, 258, 24, 2), { colour: [112, 84, 58] });
  for (const [left, right] of [
    [54, 98],
    [210, 254],
  ] as const) {
    const cloth = polygon(left + 4, 23, right - 4, 23, right + 1, 212, left - 1, 212);
    const folds = (x: number, y: number) =>
      shade([198, 132, 104], 0.9 + 0.13 * Math.sin(((x - left) / (right - left)) * 27 + y * 0.006));
    canvas.paint(moved(cloth, 3, 3), { colour: [60, 45, 35], opacity: 0.25, softness: 5 });
    canvas.paint(cloth, { colour: folds });
  }
}

function paintPicture(canvas: Canvas): void {
  canvas.paint(roundedBox(452, 50, 564, 128, 1), { colour: [60, 48, 38], opacity: 0.3, softness: 6 });
  canvas.paint(roundedBox(448, 44, 560, 122, 1), { colour: [92, 66, 46] });
  canvas.paint(roundedBox(453, 49, 555, 117), { colour: [238, 232, 218] });
  const view = roundedBox(462, 57, 546, 109);
  canvas.paint(view, { colour: (_, y) => mix([240, 205, 160], [232, 168, 120], (y - 57) / 52) });
  canvas.paint(ellipse(524, 78, 10, 10), { colour: [250, 236, 200] });
  canvas.paint(inside(view, ellipse(486, 116, 48, 30)), { colour: [128, 106, 116] });
  canvas.paint(inside(view, ellipse(534, 120, 44, 26)), { colour: [92, 84, 104] });
}

function paintPlant(canvas: Canvas): void {
  const leaf: Colour = [82, 124, 78];
  canvas.paint(ellipse(292, 246, 30, 6), { colour: [40, 26, 16], opacity: 0.4, softness: 6 });
  for (const [angle, length, tone] of [
    [-2.5, 44, 0.78],
    [-0.7, 46, 0.82],
    [-2.05, 58, 0.9],
    [-1.15, 56, 0.95],
    [-1.75, 64, 1.05],
    [-1.4, 50, 1.15],
    [-2.9, 34, 1],
    [-0.3, 34, 1.05],
  ] as const) {
    const x = 288 + (Math.cos(angle) * length) / 2;
    const y = 206 + (Math.sin(angle) * length) / 2;
    canvas.paint(placed(ellipse(0, 0, length / 2, 7), x, y, angle), { colour: shade(leaf, tone) });
    canvas.paint(placed(ellipse(0, 0, length / 2 - 2, 0.8), x, y, angle), {
      colour: shade(leaf, tone * 1.25),
      opacity: 0.6,
    });
  }
  const pot = (x: number) => shade([206, 196, 180], 1.04 - 0.3 * smooth((x - 272) / 34));
  canvas.paint(polygon(271, 204, 305, 204, 301, 246, 275, 246), { colour: pot });
  canvas.paint(roundedBox(269, 201, 307, 208, 2), { colour: (x) => shade(pot(x), 1.05) });
}

function paintSofa(canvas: Canvas): void {
  const fabric =
    (top: number, bottom: number, tone = 1) =>
    (_: number, y: number) =>
      shade(TEAL, tone * (1.14 - 0.3 * smooth((y - top) / (bottom - top))));
  canvas.paint(ellipse(520, 282, 128, 12), { colour: [38, 24, 15], opacity: 0.5, softness: 10 });
  for (const x of [418, 604])
    canvas.paint(polygon(x, 268, x + 10, 268, x + 7, 284, x + 3, 284), { colour: [88, 60, 40] });
  canvas.paint(roundedBox(420, 158, 616, 262, 14), { colour: fabric(158, 262, 0.86) });
  for (const [left, right] of [
    [430, 517],
    [519, 606],
  ] as const) {
    canvas.paint(roundedBox(left, 166, right, 232, 11), { colour: fabric(166, 232) });
    canvas.paint(roundedBox(left - 2, 224, right + 2, 254, 8), { colour: fabric(222, 258, 1.14) });
    canvas.paint(roundedBox(left + 2, 223.5, right - 2, 225.5, 1), {
      colour: [30, 52, 56],
      opacity: 0.35,
      softness: 2,
    });
  }
  canvas.paint(roundedBox(414, 248, 622, 274, 6), { colour: fabric(248, 274, 0.9) });
  canvas.paint(roundedBox(404, 196, 432, 274, 12), { colour: fabric(196, 274, 1.06) });
  canvas.paint(roundedBox(604, 196, 632, 274, 12), { colour: fabric(196, 274, 1.0) });
  for (const [x, y, angle, colour] of [
    [456, 204, 0.25, MUSTARD],
    [584, 206, -0.2, RUG_LIGHT],
  ] as const) {
    const cushion = placed(roundedBox(-20, -18, 20, 18, 8), x, y, angle);
    canvas.paint(moved(cushion, 2, 4), { colour: [20, 36, 40], opacity: 0.35, softness: 5 });
    canvas.paint(cushion, { colour: (_, py) => shade(colour, 1.08 - 0.3 * smooth((py - y + 18) / 40)) });
  }
}

function paintLamp(canvas: Canvas): void {
  canvas.paint(ellipse(376, 250, 22, 5), { colour: [40, 26, 16], opacity: 0.45, softness: 5 });
  canvas.paint(roundedBox(374.4, 120, 377.6, 248), {
    colour: (x) => mix([120, 106, 86], [66, 56, 46], (x - 374) / 4),
  });
  canvas.paint(ellipse(376, 248, 15, 4), { colour: [84, 72, 58] });
  canvas.paint(ellipse(376, 108, 120, 120), { colour: [255, 226, 170], opacity: 0.42, softness: 110 });
  const warm = (x: number, y: number) =>
    mix([255, 244, 214], [240, 200, 140], Math.abs(x - 376) / 34 + Math.abs(y - 112) / 90);
  canvas.paint(polygon(358, 88, 394, 88, 406, 132, 346, 132), { colour: warm });
}

function paintRug(canvas: Canvas): void {
  const [x, y, width, height] = [330, 326, 236, 43] as const;
  canvas.paint(ellipse(x, y + 2, width + 3, height + 3), {
    colour: [36, 24, 16],
    opacity: 0.35,
    softness: 4,
  });
  const weave = (tone: Colour) => (px: number, py: number) =>
    shade(tone, 1 + 0.035 * Math.sin(px * 1.9) * Math.sin(py * 2.6) - 0.0006 * (px - 330));
  for (const [size, colour] of [
    [1, RUG],
    [0.9, RUG_LIGHT],
    [0.86, RUG],
    [0.6, RUG_LIGHT],
    [0.57, RUG],
  ] as const)
    canvas.paint(ellipse(x, y, width * size, height * size), { colour: weave(colour) });
}

/** Daylight through the window's panes on the floor, the corners of the picture a little darker, and fine grain. */
function paintLight(canvas: Canvas): void {
  for (const [left, right] of [
    [150, 232],
    [246, 328],
  ] as const)
    canvas.paint(polygon(left, 262, right, 262, right + 62, 352, left + 62, 352), {
      colour: [255, 240, 205],
      opacity: 0.2,
      softness: 7,
    });
  const { data, width, height } = canvas;
  for (let index = 0; index < data.length; index++) {
    const pixel = Math.floor(index / 3);
    const dx = (pixel % width) / width - 0.5;
    const dy = Math.floor(pixel / width) / height - 0.5;
    const value = data[index] ?? 0;
    data[index] = value * (1.02 - 0.34 * (dx * dx + dy * dy)) + 3 * (noise(pixel) - 0.5);
  }
}

/** The same 0..1 for the same number, on every machine. */
function noise(value: number): number {
  const mixed = Math.sin(value * 12.9898 + 4.137) * 43758.5453;
  return mixed - Math.floor(mixed);
}
