// A small painter: shapes are signed distance functions, so that every edge is smooth and a soft shape is one number away.

export type Colour = readonly [red: number, green: number, blue: number];

export interface Shape {
  /** Signed distance in pixels from the shape's edge; negative inside. */
  readonly distance: (x: number, y: number) => number;
  /** Outside of it nothing is inside the shape. */
  readonly bounds: Bounds;
}

interface Bounds {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Brush {
  readonly colour: Colour | ((x: number, y: number) => Colour);
  /** 0..1 */
  readonly opacity?: number;
  /** Half the width of the edge, pixels: .5 is a sharp edge without steps, more is a glow or a shadow. */
  readonly softness?: number;
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** Packed RGB, 0..255, not yet rounded: gradients stay free of bands until the end. */
  readonly data: Float32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Float32Array(width * height * 3);
  }

  paint({ distance: distanceTo, bounds }: Shape, { colour, opacity = 1, softness = 0.5 }: Brush): void {
    const firstX = Math.max(0, Math.floor(bounds.x1 - softness));
    const firstY = Math.max(0, Math.floor(bounds.y1 - softness));
    const lastX = Math.min(this.width, Math.ceil(bounds.x2 + softness));
    const lastY = Math.min(this.height, Math.ceil(bounds.y2 + softness));
    for (let y = firstY; y < lastY; y++)
      for (let x = firstX; x < lastX; x++) {
        const distance = distanceTo(x + 0.5, y + 0.5);
        if (distance >= softness) continue;
        const edge = distance <= -softness ? 1 : 0.5 - distance / (2 * softness);
        const alpha = opacity * (softness > 1 ? smooth(edge) : edge);
        const [red, green, blue] = typeof colour === "function" ? colour(x + 0.5, y + 0.5) : colour;
        const at = (y * this.width + x) * 3;
        this.#blend(at, red, alpha);
        this.#blend(at + 1, green, alpha);
        this.#blend(at + 2, blue, alpha);
      }
  }

  #blend(at: number, value: number, alpha: number): void {
    const old = this.data[at] ?? 0;
    this.data[at] = old + (value - old) * alpha;
  }
}

export const everywhere: Shape = {
  distance: () => Number.NEGATIVE_INFINITY,
  bounds: { x1: 0, y1: 0, x2: Number.POSITIVE_INFINITY, y2: Number.POSITIVE_INFINITY },
};

export function roundedBox(x1: number, y1: number, x2: number, y2: number, radius = 0): Shape {
  const centreX = (x1 + x2) / 2;
  const centreY = (y1 + y2) / 2;
  const halfWidth = (x2 - x1) / 2 - radius;
  const halfHeight = (y2 - y1) / 2 - radius;
  return {
    distance(x, y) {
      const dx = Math.abs(x - centreX) - halfWidth;
      const dy = Math.abs(y - centreY) - halfHeight;
      return Math.min(Math.max(dx, dy), 0) + Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) - radius;
    },
    bounds: { x1, y1, x2, y2 },
  };
}

/** An upright ellipse. The distance is exact for circles and, otherwise, right to first order near the edge. */
export function ellipse(x: number, y: number, radiusX: number, radiusY: number): Shape {
  return {
    distance(px, py) {
      const u = (px - x) / radiusX;
      const v = (py - y) / radiusY;
      const length = Math.hypot(u, v);
      const gradient = Math.hypot(u / radiusX, v / radiusY);
      return gradient === 0 ? -Math.min(radiusX, radiusY) : (length * (length - 1)) / gradient;
    },
    bounds: { x1: x - radiusX, y1: y - radiusY, x2: x + radiusX, y2: y + radiusY },
  };
}

/** A closed polygon; corners as x, y, x, y, ... */
export function polygon(...corners: readonly number[]): Shape {
  const xs = corners.filter((_, index) => index % 2 === 0);
  const ys = corners.filter((_, index) => index % 2 === 1);
  return {
    distance(x, y) {
      let nearest = Number.POSITIVE_INFINITY;
      let inside = false;
      for (let index = 0; index < xs.length; index++) {
        const next = (index + 1) % xs.length;
        const ax = xs[index] ?? 0;
        const ay = ys[index] ?? 0;
        const dx = (xs[next] ?? 0) - ax;
        const dy = (ys[next] ?? 0) - ay;
        const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
        nearest = Math.min(nearest, (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2);
        if (ay > y !== ay + dy > y && x < ax + ((y - ay) * dx) / dy) inside = !inside;
      }
      return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
    },
    bounds: { x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys) },
  };
}

/** What lies in both. */
export function inside(outer: Shape, shape: Shape): Shape {
  return {
    distance: (x, y) => Math.max(outer.distance(x, y), shape.distance(x, y)),
    bounds: outer.bounds,
  };
}

export function moved({ distance, bounds }: Shape, dx: number, dy: number): Shape {
  return {
    distance: (x, y) => distance(x - dx, y - dy),
    bounds: { x1: bounds.x1 + dx, y1: bounds.y1 + dy, x2: bounds.x2 + dx, y2: bounds.y2 + dy },
  };
}

/** A shape drawn around the origin, turned clockwise by `angle` radians and put at (x, y). */
export function placed(shape: Shape, x: number, y: number, angle: number): Shape {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const { x1, y1, x2, y2 } = shape.bounds;
  const reach = Math.hypot(Math.max(-x1, x2), Math.max(-y1, y2));
  return {
    distance: (px, py) => shape.distance((px - x) * cos + (py - y) * sin, (py - y) * cos - (px - x) * sin),
    bounds: { x1: x - reach, y1: y - reach, x2: x + reach, y2: y + reach },
  };
}

export function mix(a: Colour, b: Colour, share: number): Colour {
  const part = Math.min(1, Math.max(0, share));
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}

export function shade(colour: Colour, factor: number): Colour {
  return [colour[0] * factor, colour[1] * factor, colour[2] * factor];
}

/** 0 to 1 without a jump in speed at either end (Hermite's smoothstep). */
export function smooth(share: number): number {
  const part = Math.min(1, Math.max(0, share));
  return part * part * (3 - 2 * part);
}
