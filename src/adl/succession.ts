// Whose successor a new track is. Trackers give a body another id when it changes its shape quickly, and a fall is the
// quickest change there is: without an heir the fall would be lost with the old id.
import { type Box, boxCentre } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import { mayBeInBed } from "./bed-machine.ts";
import { isExpected, isHeld, type Subject } from "./subject.ts";

/** Somebody of whom nothing is expected is succeeded within this time and distance (body lengths): a step's length. */
const GAP_S = 1;
const REACH = 0.6;
/** Whoever lies stays where they are; a body length allows for the change of the box. */
const REACH_LYING = 1;
/** Whoever vanished on the way down may have got up again and walked on: a slow walk, up to the far side of a small room. */
const WALK_PER_S = 0.8;
const REACH_MOST = 2.5;

/** The nearest of the missing people whom the new track can be. Lengths are compared in picture heights. */
export function findPredecessor(
  missing: readonly Subject[],
  track: Track,
  timeS: number,
  aspect: number,
): Subject | undefined {
  let best: { readonly subject: Subject; readonly distance: number } | undefined;
  for (const subject of missing) {
    const distance = distanceBetween(subject.box, track.box, aspect);
    if (distance > reachOf(subject, timeS - subject.lastSeenS) * subject.bodyLength) continue;
    if (best === undefined || distance < best.distance) best = { subject, distance };
  }
  return best?.subject;
}

/** Body lengths within which a successor may appear after this many seconds. */
function reachOf(subject: Subject, goneS: number): number {
  const beds = [...subject.beds.values()];
  // Whoever was last seen rising from a bed may be on their way; whoever lies in it is there.
  const rising = beds.some((bed) => bed.kind === "edge" || bed.kind === "leaving");
  if (!rising && (isHeld(subject) || beds.some(mayBeInBed))) return REACH_LYING;
  if (isExpected(subject)) return Math.min(REACH_MOST, REACH_LYING + WALK_PER_S * goneS);
  return goneS <= GAP_S ? REACH : 0;
}

function distanceBetween(a: Box, b: Box, aspect: number): number {
  const from = boxCentre(a);
  const to = boxCentre(b);
  return Math.hypot((from.x - to.x) * aspect, from.y - to.y);
}
