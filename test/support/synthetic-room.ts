// A room as a camera's thumbnail shows it: furniture, light, noise and people, all the same on every run.
import type { LumaImage } from "../../src/domain/frame.ts";

export const ROOM = { width: 80, height: 45 } as const;

/** 0..1, evenly spread; the same numbers for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export type Scene = Float32Array;

/** Rectangles of furniture before a shaded wall and a floor, 20..200. */
export function furnishedRoom(seed = 7): Scene {
  const random = randomOf(seed);
  const scene = new Float32Array(ROOM.width * ROOM.height);
  paint(scene, (x, y) => (y > 26 ? 90 + (y - 26) : 150 - x * 0.4));
  for (let piece = 0; piece < 26; piece += 1) {
    const left = random() * ROOM.width;
    const top = random() * ROOM.height;
    const width = 3 + random() * 12;
    const height = 3 + random() * 10;
    const shade = 25 + random() * 165;
    paint(scene, (x, y, old) =>
      x >= left && x < left + width && y >= top && y < top + height ? shade : old,
    );
  }
  return scene;
}

/** Changes every cell in place. */
export function paint(scene: Scene, shade: (x: number, y: number, old: number) => number): Scene {
  for (let y = 0, at = 0; y < ROOM.height; y += 1) {
    for (let x = 0; x < ROOM.width; x += 1, at += 1) scene[at] = shade(x, y, scene[at] ?? 0);
  }
  return scene;
}

/** Whoever stands at `x`, feet at `y` (cells), `height` cells tall: an upright ellipse `contrast` grey levels off. */
export function withPerson(
  scene: Scene,
  { x, y, height, contrast }: { x: number; y: number; height: number; contrast: number },
): Scene {
  return paint(scene.slice(), (cx, cy, old) => {
    // Cells half covered are half as dark: nine samples a cell.
    let inside = 0;
    for (const dy of [1 / 6, 1 / 2, 5 / 6]) {
      for (const dx of [1 / 6, 1 / 2, 5 / 6]) {
        const u = (cx + dx - x) / (height * 0.19);
        const v = (cy + dy - (y - height / 2)) / (height / 2);
        if (u * u + v * v <= 1) inside += 1;
      }
    }
    return old + (contrast * inside) / 9;
  });
}

/** Standard deviation 1; drawing them anew for every cell would take most of a test's time. */
const NORMAL = (() => {
  const random = randomOf(99);
  const draw = () => (random() + random() + random() + random() - 2) * Math.sqrt(3);
  return Float32Array.from({ length: 16_381 }, draw);
})();

/** What the camera sends of it: noise of standard deviation `noise` on each cell, 8 bits. */
export function photograph(scene: Scene, noise: number, random: () => number): LumaImage {
  let next = Math.floor(random() * NORMAL.length);
  // Clamped and rounded by the array.
  const data = new Uint8ClampedArray(scene.length);
  for (let at = 0; at < scene.length; at += 1) {
    data[at] = (scene[at] ?? 0) + (NORMAL[next] ?? 0) * noise;
    next = next + 1 === NORMAL.length ? 0 : next + 1;
  }
  return { ...ROOM, data: new Uint8Array(data.buffer) };
}
