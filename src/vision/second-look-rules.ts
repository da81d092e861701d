// Decides, without looking, for whom a second look is worth while, and whether what it found is the one who was lost.
import { type Box, boxCentre, iou } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import type { LookMemory, MomentAndShape } from "./look-memory.ts";
import { longSide } from "./square-region.ts";

/** MultiPose's thresholds: from here on somebody is there, and down to there somebody known still is. */
export const SURE_CONFIDENCE = 0.2;
export const WEAK_CONFIDENCE = 0.1;

/**
 * A body that the detector saw for less than this is not looked for: what flickers up on furniture is gone as fast, and
 * nobody comes in and falls in half a second.
 */
const LEAST_SEEN_S = 0.5;
/** A box this near to the left or right edge touches it, shares of the picture's width. */
const EDGE = 0.02;
/** A body that was seen at least this surely has collapsed when the detector is not sure of it any more. */
const COLLAPSE_FROM = 2 * SURE_CONFIDENCE;
/**
 * Looks come at least this share of the time apart since the detector was sure of the body: every frame at first, when a
 * fall has to be followed; four a second after a second; less and less.
 */
const BACK_OFF = 0.25;
/**
 * But this often for as long as somebody is found, and this often when the last look found nobody: a tracker that waits two
 * seconds keeps the track, and there are four looks before it gives up.
 */
const LONGEST_WAIT_S = { found: 1, missed: 0.5 } as const;

/** Found is the missed one when it overlaps the place where that one was by this. */
const PLACE_IOU = 0.3;
/** Longer than the body was is somebody else who is nearer, shorter is a part of something. */
const LENGTH_RANGE = [0.35, 1.6] as const;
/**
 * Or when it is this near, body lengths, and not much shorter, while the body may still be moving, seconds. A rucksack on the
 * floor half a length beside, a third as long, once took over a track of somebody who lay.
 */
const NEAR = { lengths: 0.5, leastLength: 0.5, withinS: 0.5 } as const;
/** What overlaps somebody who is seen by this is that body. */
const TAKEN_IOU = 0.5;

/** A track, and what is known of it from before. */
export interface Missed {
  readonly track: Track;
  readonly memory: LookMemory;
}

/** lost: not seen any more; collapsed: seen, but the detector that was sure of it is not any more. */
export type LookReason = "lost" | "collapsed";

/**
 * Why to look for this track now, or null: it was somebody, is not seen or no longer well, did not leave the picture by its
 * sides, and its turn has come. The lower edge is no way out: whoever falls near the camera is cut off by it.
 */
export function deservesSecondLook({ track, memory }: Missed, now: MomentAndShape): LookReason | null {
  const reason = whyToLook(track, memory);
  if (reason === null || memory.lastDetectedS - memory.firstSeenS < LEAST_SEEN_S) return null;
  return hasLeft(memory, now.aspect) || !isDue(memory, now.timeS) ? null : reason;
}

function whyToLook(track: Track, memory: LookMemory): LookReason | null {
  if (track.state === "lost") return "lost";
  const isWeak = track.detected && track.confidence < SURE_CONFIDENCE;
  return isWeak && track.state === "confirmed" && memory.usualConfidence >= COLLAPSE_FROM
    ? "collapsed"
    : null;
}

function isDue(memory: LookMemory, timeS: number): boolean {
  if (memory.lastLookS === null) return true;
  const longest = memory.misses === 0 ? LONGEST_WAIT_S.found : LONGEST_WAIT_S.missed;
  const pause = Math.min(longest, BACK_OFF * (timeS - memory.lastSureS));
  // Frames do not come to the microsecond.
  return timeS - memory.lastLookS >= pause - 0.001;
}

/** Touched the left or right edge on its way out. A fall there goes down faster than out. */
function hasLeft(memory: LookMemory, aspect: number): boolean {
  const { x, y } = memory.speed(aspect);
  const { x1, x2 } = memory.lastBox;
  const outwards = Math.max(x1 <= EDGE ? -x : 0, x2 >= 1 - EDGE ? x : 0);
  return outwards > 0 && outwards >= y;
}

/**
 * The detection that is the missed body, if any is: at its place, weak or sure, else near it, and not somebody whom another
 * track has. Those take theirs first, so that the one who kneels beside is not mistaken for the one who lies.
 *
 * Measured on squares of recorded rooms: where somebody was lost, 67 of 75 moments show a weak one at the place in some
 * view, and none shows but a near one; where nobody was, 3 of 126 squares did, each in one of 18 views.
 * @param detections in the picture's coordinates
 * @param others boxes of the other tracks that are seen in this frame
 */
export function pickMissed(
  detections: readonly Detection[],
  missed: Missed,
  others: readonly Box[],
  now: MomentAndShape,
): Detection | null {
  const { track, memory } = missed;
  const share = ({ box }: Detection) => longSide(box, now.aspect) / memory.length;
  const free = withoutThoseSeen(detections, others).filter(
    (detection) => share(detection) >= LENGTH_RANGE[0] && share(detection) <= LENGTH_RANGE[1],
  );
  // Weaker than what the detector has by itself is of no use.
  const least = track.detected ? SURE_CONFIDENCE : WEAK_CONFIDENCE;
  const inPlace = free.filter(
    ({ box, confidence }) => confidence >= least && iou(box, memory.lastBox) >= PLACE_IOU,
  );
  if (inPlace.length > 0 || track.detected || now.timeS - memory.lastDetectedS > NEAR.withinS)
    return surest(inPlace);
  const near = free.filter(
    (detection) =>
      detection.confidence >= SURE_CONFIDENCE &&
      share(detection) >= NEAR.leastLength &&
      [memory.lastBox, track.box].some((place) => isNear(detection.box, place, missed, now.aspect)),
  );
  return surest(near);
}

function surest(detections: readonly Detection[]): Detection | null {
  return detections.reduce<Detection | null>(
    (best, one) => (best === null || one.confidence > best.confidence ? one : best),
    null,
  );
}

function isNear(box: Box, place: Box, { memory }: Missed, aspect: number): boolean {
  const [centre, expected] = [boxCentre(box), boxCentre(place)];
  const distance = Math.hypot((centre.x - expected.x) * aspect, centre.y - expected.y);
  return distance <= NEAR.lengths * memory.length;
}

function withoutThoseSeen(detections: readonly Detection[], seen: readonly Box[]): readonly Detection[] {
  const free = new Set(detections);
  for (const box of seen) {
    const overlap = (detection: Detection) => iou(detection.box, box);
    const own = [...free].sort((a, b) => overlap(b) - overlap(a))[0];
    if (own !== undefined && overlap(own) >= PLACE_IOU) free.delete(own);
  }
  return [...free].filter((detection) => !seen.some((box) => iou(detection.box, box) >= TAKEN_IOU));
}
