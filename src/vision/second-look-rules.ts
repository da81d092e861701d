// Decides, without looking, for whom a second look is worth while, and whether what it found is the one who was lost.
import { type Box, boxCentre, iou } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import type { LookMemory } from "./look-memory.ts";
import { longSide } from "./square-region.ts";

/**
 * A body that the detector saw for less than this is not looked for: what flickers up on furniture is gone as fast, and
 * nobody comes in and falls in half a second.
 */
const LEAST_SEEN_S = 0.5;
/** A box this near to the left or right edge touches it, shares of the picture's width. */
const EDGE = 0.02;
/**
 * Looks come at least this share of the time apart since the detector saw the body: every frame at first, when a fall has
 * to be followed; three a second after a second; less and less.
 */
const BACK_OFF = 0.25;
/** But this often for as long as somebody is found, so that a tracker that waits two seconds keeps the track. */
const LONGEST_WAIT_S = 1;

/** Least confidence of what a second look finds (MultiPose's threshold for new people). */
const LEAST_CONFIDENCE = 0.2;
/** Found is the lost one when it overlaps the place where it was lost by this, or is this near to it, body lengths. */
const NEAR_IOU = 0.3;
const NEAR_LENGTHS = 0.5;
/** Longer than the body was is somebody else who is nearer, shorter is a part of something. */
const LENGTH_RANGE = [0.35, 1.6] as const;
/** What overlaps somebody who is seen by this is that body; see SAME_BOX_IOU for why a carer is not. */
const TAKEN_IOU = 0.5;

export interface Missed {
  readonly track: Track;
  readonly memory: LookMemory;
}

/**
 * Whether to look for this track now: it was somebody, is not seen, did not leave the picture by its sides, and its turn
 * has come. The lower edge is no way out: whoever falls near the camera is cut off by it.
 */
export function deservesSecondLook({ track, memory }: Missed, timeS: number, aspect: number): boolean {
  if (track.detected || track.state !== "lost") return false;
  if (memory.lastDetectedS - memory.firstSeenS < LEAST_SEEN_S) return false;
  if (hasLeft(memory, aspect)) return false;
  return isDue(memory, timeS);
}

function isDue(memory: LookMemory, timeS: number): boolean {
  if (memory.lastLookS === null) return true;
  const pause = Math.min(LONGEST_WAIT_S, BACK_OFF * (timeS - memory.lastDetectedS));
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
 * The detection that is the lost body, if any is: near enough, of its size, and not somebody whom another track has. Those
 * take theirs first, so that the one who kneels beside is not mistaken for the one who lies.
 * @param detections in the picture's coordinates
 * @param seen boxes of the tracks that are seen in this frame
 */
export function pickLost(
  detections: readonly Detection[],
  { track, memory }: Missed,
  seen: readonly Box[],
  aspect: number,
): Detection | null {
  const free = withoutThoseSeen(detections, seen);
  const candidates = free.filter(
    ({ box, confidence }) =>
      confidence >= LEAST_CONFIDENCE &&
      isNear(box, [memory.lastBox, track.box], memory.length, aspect) &&
      hasLengthOf(box, memory.length, aspect),
  );
  return candidates.sort((a, b) => b.confidence - a.confidence)[0] ?? null;
}

function withoutThoseSeen(detections: readonly Detection[], seen: readonly Box[]): readonly Detection[] {
  const free = new Set(detections);
  for (const box of seen) {
    const overlap = (detection: Detection) => iou(detection.box, box);
    const own = [...free].sort((a, b) => overlap(b) - overlap(a))[0];
    if (own !== undefined && overlap(own) >= NEAR_IOU) free.delete(own);
  }
  return [...free].filter((detection) => !seen.some((box) => iou(detection.box, box) >= TAKEN_IOU));
}

function isNear(box: Box, places: readonly Box[], length: number, aspect: number): boolean {
  const centre = boxCentre(box);
  return places.some((place) => {
    const expected = boxCentre(place);
    const distance = Math.hypot((centre.x - expected.x) * aspect, centre.y - expected.y);
    return iou(box, place) >= NEAR_IOU || distance <= NEAR_LENGTHS * length;
  });
}

function hasLengthOf(box: Box, length: number, aspect: number): boolean {
  const share = longSide(box, aspect) / length;
  return share >= LENGTH_RANGE[0] && share <= LENGTH_RANGE[1];
}
