import type { Posture } from "../domain/activity.ts";
import { type Box, boxCentre, boxHeight, boxWidth, isInside, type Point } from "../domain/geometry.ts";
import { KEYPOINT_FLOOR, type Pose } from "../domain/pose.ts";
import type { Zone } from "../domain/zone.ts";
import type { BedRelation } from "./bed-machine.ts";
import { ANKLES, HEAD, HIPS, KNEES, SHOULDERS } from "./body-geometry.ts";

/** Fewer keypoints than this say less about where a body is than its box does. */
const FEWEST_POINTS = 5;
/** Half of the body in the zone is being in it; one in four is a hand on the blanket. */
const IN_SHARE = 0.5;
const AWAY_SHARE = 0.25;
/** All of a body but an arm and a foot. */
const ACROSS_SHARE = 0.75;
/** Who lies beside a bed covers some of it in the picture; in bed, an arm or a leg hangs out, not most of the body. */
const LYING_AWAY_SHARE = 0.4;
/** All of a body but a hand: also of somebody who seems to stand because they lie along the line of sight. */
const WHOLE_SHARE = 0.8;
/** Hips are a hand's breadth above the mattress, and a zone is drawn by eye: .1 of a body that sits is about 13 cm. */
const HIP_MARGIN = 0.1;
/** Legs that are up reach this far from the hips, against the long side of the box: hanging or folded ones do not. */
const STRETCHED_LEGS = 0.35;

export interface PlacedBody {
  readonly box: Box;
  readonly pose: Pose | null;
  readonly posture: Posture;
  /** Width over height of the picture. */
  readonly aspect: number;
}

/** Share of a body that lies in a zone, 0..1: of its keypoints, or 1 / 0 by the box's centre without any. */
export function shareInside(zone: Zone, box: Box, pose: Pose | null): number {
  const seen = seenPoints(pose);
  if (seen.length < FEWEST_POINTS) return isInside(boxCentre(box), zone.polygon) ? 1 : 0;
  return seen.filter((point) => isInside(point, zone.polygon)).length / seen.length;
}

/**
 * Whether a body rests on what the zone was drawn around. Half of it lies inside, and so does the point it rests on:
 * somebody on the floor in front of a bed covers the bed in the picture, but their lower edge is below it. Of somebody who
 * lies across, an arm or a foot may hang out below; then most of them is inside, trunk and all.
 */
export function restsIn(zone: Zone, box: Box, pose: Pose | null): boolean {
  const share = shareInside(zone, box, pose);
  if (share < IN_SHARE) return false;
  const support = { x: (box.x1 + box.x2) / 2, y: box.y2 - 0.15 * boxHeight(box) };
  return isInside(support, zone.polygon) || (share >= ACROSS_SHARE && liesAcross(zone, pose));
}

/** Hips and shoulders are in the zone, and side by side rather than one above the other. */
function liesAcross(zone: Zone, pose: Pose | null): boolean {
  const hips = middleOf(pose, HIPS);
  const shoulders = middleOf(pose, SHOULDERS);
  if (hips === null || shoulders === null || !isInside(hips, zone.polygon)) return false;
  return isInside(shoulders, zone.polygon) && Math.abs(hips.x - shoulders.x) > Math.abs(hips.y - shoulders.y);
}

/** The zone the body is in; a bed or sofa before a stretch of floor around it. Ignore zones are none to be in. */
export function restingZone(zones: readonly Zone[], box: Box, pose: Pose | null): Zone | null {
  const within = zones.filter((zone) => zone.kind !== "ignore" && restsIn(zone, box, pose));
  return within.find((zone) => zone.kind === "bed" || zone.kind === "sofa") ?? within[0] ?? null;
}

/** How a seen body stands to a bed. */
export function bedRelation(zone: Zone, body: PlacedBody): BedRelation {
  const { box, pose, posture } = body;
  const share = shareInside(zone, box, pose);
  const rests = restsIn(zone, box, pose);
  if (seenPoints(pose).length < FEWEST_POINTS) {
    // A box alone may be a blanket's. What was lying when the pose was lost lies on.
    if (rests) return posture === "lying" ? "in" : "between";
    return share === 0 ? "away" : "between";
  }
  if (posture === "lying") {
    if (rests) return "in";
    return share < LYING_AWAY_SHARE ? "away" : "between";
  }
  if (rests && share >= WHOLE_SHARE) {
    // A sitter's head is above the bed in the picture; where it is not, the camera looks down on it, or along it.
    const head = middleOf(pose, HEAD);
    const flat = head !== null && isInside(head, zone.polygon);
    return flat || hasLegsUp(zone, body) ? "reclining" : "upon";
  }
  if (posture === "standing" || posture === "walking") return "away";
  if (rests) return hasLegsUp(zone, body) ? "reclining" : "upon";
  if (posture === "sitting") {
    const hips = middleOf(pose, HIPS);
    // On the floor or on a chair beside it, the hips are not on the bed, whatever the rest of the body covers.
    if (hips !== null) return isOn(zone, hips, body) ? "edge" : "away";
  }
  return share <= AWAY_SHARE ? "away" : "between";
}

/** Sits with the legs on the bed: a sitter's feet are on the floor, or hidden behind the bed and guessed near the hips. */
function hasLegsUp(zone: Zone, { box, pose, posture, aspect }: PlacedBody): boolean {
  const hips = middleOf(pose, HIPS);
  const knees = middleOf(pose, KNEES);
  const feet = middleOf(pose, ANKLES);
  const sits = posture === "sitting" || posture === "bending";
  if (!sits || hips === null || knees === null || feet === null) return false;
  const length = Math.max(boxWidth(box) * aspect, boxHeight(box));
  const reach = Math.hypot((feet.x - hips.x) * aspect, feet.y - hips.y);
  return (
    reach >= STRETCHED_LEGS * length && [hips, knees, feet].every((point) => isInside(point, zone.polygon))
  );
}

/** Inside the zone, or nearer to its border than `HIP_MARGIN`. */
function isOn(zone: Zone, point: Point, { box, aspect }: PlacedBody): boolean {
  if (isInside(point, zone.polygon)) return true;
  const margin = HIP_MARGIN * Math.max(boxWidth(box) * aspect, boxHeight(box));
  return zone.polygon.some((corner, index) => {
    const next = zone.polygon[(index + 1) % zone.polygon.length] ?? corner;
    return distanceToSide(point, corner, next, aspect) <= margin;
  });
}

/** Picture heights. */
function distanceToSide(point: Point, from: Point, to: Point, aspect: number): number {
  const [dx, dy] = [(to.x - from.x) * aspect, to.y - from.y];
  const [px, py] = [(point.x - from.x) * aspect, point.y - from.y];
  const along =
    dx === 0 && dy === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / (dx * dx + dy * dy)));
  return Math.hypot(px - along * dx, py - along * dy);
}

function seenPoints(pose: Pose | null): readonly Point[] {
  return pose === null ? [] : pose.filter((point) => point.confidence >= KEYPOINT_FLOOR);
}

function middleOf(pose: Pose | null, indices: readonly number[]): Point | null {
  const seen = indices.flatMap((index) => {
    const point = pose?.[index];
    return point !== undefined && point.confidence >= KEYPOINT_FLOOR ? [point] : [];
  });
  if (seen.length === 0) return null;
  const sum = seen.reduce((total, point) => ({ x: total.x + point.x, y: total.y + point.y }), { x: 0, y: 0 });
  return { x: sum.x / seen.length, y: sum.y / seen.length };
}
