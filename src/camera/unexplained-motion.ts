import { type Box, iou } from "../domain/geometry.ts";
import type { Motion } from "./motion-detector.ts";

/** Something moves where nobody is seen: perhaps somebody too small for the detector's present input. */
export function isUnexplained(motion: Motion, bodies: readonly Box[]): boolean {
  const { moving, box } = motion;
  return moving && box !== null && bodies.every((body) => iou(body, box) === 0);
}
