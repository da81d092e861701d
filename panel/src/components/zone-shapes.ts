// Zones while they are drawn: pure functions on corners.
import type { ZoneJson } from "../../../src/api/contract.ts";
import type { ZoneKind } from "../../../src/domain/zone.ts";

export type Corner = readonly [number, number];

export interface ZoneSketch {
  /** null until the daemon gave it one. */
  readonly id: string | null;
  readonly name: string;
  readonly kind: ZoneKind;
  /** Of a door: the room behind it, or "outside"; null where it does not matter. */
  readonly leads_to: string | null;
  readonly polygon: readonly Corner[];
}

export function sketchOf({ id, name, kind, leads_to, polygon }: ZoneJson): ZoneSketch {
  return { id, name, kind, leads_to, polygon };
}

/** What is still to be done before it can be saved; null when nothing is. */
export function missing(zone: ZoneSketch): string | null {
  if (zone.name.trim() === "") return "Give every zone a name.";
  if (zone.polygon.length < 3) return `Draw at least three corners of "${zone.name}", or remove it.`;
  return null;
}

export function clampCorner([x, y]: Corner): Corner {
  const share = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
  return [share(x), share(y)];
}

/** Where a new corner goes: into the edge it lies nearest to, so that outlines do not cross themselves. */
export function insertCorner(
  polygon: readonly Corner[],
  corner: Corner,
): { polygon: readonly Corner[]; index: number } {
  let index = polygon.length;
  if (polygon.length >= 3) {
    let nearest = Number.POSITIVE_INFINITY;
    polygon.forEach((from, i) => {
      const to = polygon[(i + 1) % polygon.length] ?? from;
      const distance = distanceToEdge(corner, from, to);
      if (distance < nearest) {
        nearest = distance;
        index = i + 1;
      }
    });
  }
  return { polygon: [...polygon.slice(0, index), corner, ...polygon.slice(index)], index };
}

export function moveCorner(polygon: readonly Corner[], index: number, to: Corner): readonly Corner[] {
  return polygon.map((corner, i) => (i === index ? clampCorner(to) : corner));
}

export function removeCorner(polygon: readonly Corner[], index: number): readonly Corner[] {
  return polygon.filter((_, i) => i !== index);
}

function distanceToEdge([x, y]: Corner, [ax, ay]: Corner, [bx, by]: Corner): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
