import type { Posture } from "../domain/activity.ts";
import { type Box, boxCentre, boxHeight, isInside } from "../domain/geometry.ts";
import { KEYPOINT_FLOOR, type Pose } from "../domain/pose.ts";
import type { Zone } from "../domain/zone.ts";
import type { BedRelation } from "./bed-machine.ts";

/** Fewer keypoints than this say less about where a body is than its box does. */
const FEWEST_POINTS = 5;
/** Half of the body in the zone is being in it; three in ten is sitting on its edge; one in four is a hand on the blanket. */
const IN_SHARE = 0.5;
const EDGE_SHARE = 0.3;
const AWAY_SHARE = 0.25;

/** Share of a body that lies in a zone, 0..1: of its keypoints, or 1 / 0 by the box's centre without any. */
export function shareInside(zone: Zone, box: Box, pose: Pose | null): number {
  const seen = pose === null ? [] : pose.filter((point) => point.confidence >= KEYPOINT_FLOOR);
  if (seen.length < FEWEST_POINTS) return isInside(boxCentre(box), zone.polygon) ? 1 : 0;
  return seen.filter((point) => isInside(point, zone.polygon)).length / seen.length;
}

/**
 * Whether a body rests on what the zone was drawn around. Half of it lies inside, and so does the point it rests on:
 * somebody on the floor in front of a bed covers the bed in the picture, but their lower edge is below it.
 */
export function restsIn(zone: Zone, box: Box, pose: Pose | null): boolean {
  const support = { x: (box.x1 + box.x2) / 2, y: box.y2 - 0.15 * boxHeight(box) };
  return shareInside(zone, box, pose) >= IN_SHARE && isInside(support, zone.polygon);
}

/** The zone the body is in; a bed or sofa before a stretch of floor around it. Ignore zones are none to be in. */
export function restingZone(zones: readonly Zone[], box: Box, pose: Pose | null): Zone | null {
  const within = zones.filter((zone) => zone.kind !== "ignore" && restsIn(zone, box, pose));
  return within.find((zone) => zone.kind === "bed" || zone.kind === "sofa") ?? within[0] ?? null;
}

/** How a seen body stands to a bed. */
export function bedRelation(zone: Zone, box: Box, pose: Pose | null, posture: Posture): BedRelation {
  if (posture === "standing") return "away";
  if (restsIn(zone, box, pose)) return "in";
  const inside = shareInside(zone, box, pose);
  if (posture === "sitting" && inside >= EDGE_SHARE) return "edge";
  return inside <= AWAY_SHARE ? "away" : "between";
}
