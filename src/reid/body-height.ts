// How tall somebody is, from two upright things of known height on the same floor.
//
// A camera that does not roll sees an upright body whose feet are at the picture's line y, y0 being the line of the horizon and
// H the height the camera hangs at. By similar triangles its height in the picture is h / H of the way from its feet to the
// horizon, for a camera that looks level, and nearly so for one that looks a little down (Hoiem, Efros, Hebert, "Putting
// Objects in Perspective", 2008). So what a metre measures in the picture is linear in y, (y - y0) / H, and two marks give the line.
import type { HeightMark } from "../domain/camera.ts";
import type { Tracklet } from "../domain/tracklet.ts";

/** Two marks nearer to each other than this share of the picture say what a metre measures there, not how that changes. */
const LEAST_APART = 0.03;
/** Shares of the picture beyond the two marks to which the line is followed. */
const REACH = 0.25;
/** Shorter than a child who stands, taller than anybody: misread. Metres. */
const HUMAN: readonly [number, number] = [0.5, 2.3];

/**
 * Metres, of a body whose feet and height in the picture are `upright`. Null where the marks say nothing sensible, the body is
 * too far from both, or the result is no person's height.
 */
export function bodyHeight(
  marks: readonly [HeightMark, HeightMark],
  { footY, height }: NonNullable<Tracklet["upright"]>,
): number | null {
  const perMetre = extentOfAMetre(marks, footY);
  if (perMetre === null || !(height > 0)) return null;
  const metres = height / perMetre;
  return metres >= HUMAN[0] && metres <= HUMAN[1] ? metres : null;
}

/** Share of the picture's height; null where the marks do not tell. */
function extentOfAMetre(marks: readonly [HeightMark, HeightMark], footY: number): number | null {
  const [first, second] = marks.map(({ foot, head, metres }) => ({
    y: foot.y,
    extent: (foot.y - head.y) / metres,
  }));
  if (first === undefined || second === undefined || !(first.extent > 0) || !(second.extent > 0)) return null;
  const [near, far] = first.y > second.y ? [first, second] : [second, first];
  if (!(footY >= far.y - REACH && footY <= near.y + REACH)) return null;
  const apart = near.y - far.y;
  if (apart < LEAST_APART) return (near.extent + far.extent) / 2;
  const extent = far.extent + ((footY - far.y) * (near.extent - far.extent)) / apart;
  return extent > 0 ? extent : null;
}
