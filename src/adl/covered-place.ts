import { boxArea } from "../domain/geometry.ts";
import type { ForegroundRegion } from "../domain/track.ts";
import type { Subject } from "./subject.ts";

/** Share of the smaller of the two that they have in common. */
const COMMON = 0.3;
/** The background takes a while to be sure that something does not move. It went there at about the time they were lost. */
const AROUND_S = 5;

/**
 * Whether the background is covered where somebody was last seen: they have not left. What was there long before they
 * were lost is something else.
 */
export function isCovered({ box, lastSeenS }: Subject, region: ForegroundRegion): boolean {
  if (region.sinceS < lastSeenS - AROUND_S) return false;
  const width = Math.min(box.x2, region.box.x2) - Math.max(box.x1, region.box.x1);
  const height = Math.min(box.y2, region.box.y2) - Math.max(box.y1, region.box.y1);
  if (width <= 0 || height <= 0) return false;
  const smaller = Math.min(boxArea(box), boxArea(region.box));
  return smaller > 0 && (width * height) / smaller >= COMMON;
}
