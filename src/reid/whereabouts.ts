// Who somebody cannot be, whatever they look like: nobody is twice in one picture, and nobody walks from one room to another in
// no time.
import type { Millis } from "../core/clock.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import { type Box, iou } from "../domain/geometry.ts";
import type { Candidate } from "./candidate.ts";

/** A track of one camera, from when to when it was seen. */
export interface TrackSpan {
  readonly cameraId: string;
  readonly trackId: number;
  readonly from: Millis;
  /** Last seen. */
  readonly to: Millis;
  /** Where it was then; null where that is not known. */
  readonly box: Box | null;
}

/** A track that was taken for somebody. */
export interface Whereabout extends TrackSpan {
  readonly personId: string;
}

/** How long nobody needs less from one camera's view to another's. Seconds; 0 for views of the same place. */
export type Ways = (fromCameraId: string, toCameraId: string) => number;

export interface TravelRules {
  readonly travelSeconds: number;
  readonly travel: readonly { readonly between: readonly string[]; readonly seconds: number }[];
}

/** A track that the tracker has started twice on one body: two bodies hardly ever cover each other that much. */
const ONE_BODY_IOU = 0.6;
/** Boxes of moments further apart than this are not compared. */
const SAME_MOMENT: Millis = 500;

/**
 * A way that is configured counts, however the cameras hang; else cameras that overlap, or watch one area, see the same
 * place; else it is the usual time. A camera that is not known is in a room of its own.
 */
export function waysBetween(
  cameras: readonly Pick<Camera, "id" | "name" | "area" | "overlaps">[],
  { travelSeconds, travel }: TravelRules,
): Ways {
  const byId = new Map(cameras.map((camera) => [camera.id, camera]));
  return (from, to) => {
    if (from === to) return 0;
    const way = travel.find(({ between }) => between.includes(from) && between.includes(to));
    if (way !== undefined) return way.seconds;
    const [a, b] = [byId.get(from), byId.get(to)];
    if (a === undefined || b === undefined) return travelSeconds;
    const isSamePlace = a.overlaps.includes(to) || b.overlaps.includes(from) || areaOf(a) === areaOf(b);
    return isSamePlace ? 0 : travelSeconds;
  };
}

/**
 * Persons the track cannot be, by id, from where they were taken to be lately. The track's own past is no reason. A time that is
 * no number blocks: it does not show that somebody could have come.
 */
export function blockedPersons(
  track: TrackSpan,
  whereabouts: readonly Whereabout[],
  ways: Ways,
): ReadonlyMap<string, NonNullable<Candidate["blocked"]>> {
  const blocked = new Map<string, NonNullable<Candidate["blocked"]>>();
  for (const other of whereabouts) {
    if (other.cameraId === track.cameraId) {
      if (isSeenBeside(track, other)) blocked.set(other.personId, "same_camera");
    } else if (blocked.get(other.personId) === undefined && isTooFar(track, other, ways)) {
      blocked.set(other.personId, "elsewhere");
    }
  }
  return blocked;
}

/** Both were in the picture at one moment; a body that is followed twice does not count. */
export function isSeenBeside(track: TrackSpan, other: TrackSpan): boolean {
  if (other.cameraId !== track.cameraId || other.trackId === track.trackId) return false;
  return !(gapBetween(track, other) > 0) && !isOneBody(track, other);
}

function isOneBody(track: TrackSpan, other: TrackSpan): boolean {
  if (track.box === null || other.box === null) return false;
  return Math.abs(track.to - other.to) <= SAME_MOMENT && iou(track.box, other.box) >= ONE_BODY_IOU;
}

function isTooFar(track: TrackSpan, other: Whereabout, ways: Ways): boolean {
  const needed = ways(other.cameraId, track.cameraId) * 1000;
  return needed > 0 && !(gapBetween(track, other) >= needed);
}

/** Between the end of one and the start of the other; 0 or less when both were seen at one moment. */
function gapBetween(a: TrackSpan, b: TrackSpan): Millis {
  return Math.max(a.from - b.to, b.from - a.to);
}
