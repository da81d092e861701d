// Measures for how much of the time in which somebody is known to lie on the ground a track was on them. Who they are is
// known from before the fall: the labels say when, not where.
import { type Box, boxCentre, boxHeight, boxWidth } from "../domain/geometry.ts";
import type { FrameObservation, Track } from "../domain/track.ts";
import type { FallClip, FallLabel } from "./fall-manifest.ts";

/** Whoever is seen from this long before the labelled start may be the one who falls. */
const BEFORE_S = 1;
/**
 * Between two sightings no further apart than this somebody counts as seen: who lies there does not go away and come back.
 * Frames do not come to the millisecond.
 */
const GAP_S = 1.05;
/** A fall that is labelled to end this near the end of its clip goes on in the last frame, if that is held. */
const CLIP_END_S = 0.2;

export interface LyingTime {
  readonly lyingS: number;
  readonly seenS: number;
}

interface Watched {
  readonly startS: number;
  readonly groundS: number;
  readonly endS: number;
  readonly trackIds: Set<number>;
  readonly sightingsS: number[];
  place: Box | null;
  /** Body length, picture heights: the longest that was seen of the box before the ground. */
  length: number;
}

/** One per clip. Falls of which it is not labelled when they reach the ground are left out. */
export class LyingWatch {
  readonly #watched: readonly Watched[];
  #lastS = 0;

  constructor(clip: Pick<FallClip, "falls" | "durationS">) {
    this.#watched = clip.falls.flatMap((fall) => watch(fall, clip.durationS) ?? []);
  }

  observe({ stamp, aspect, tracks }: FrameObservation): void {
    this.#lastS = stamp.mediaTimeS;
    const visible = tracks.filter((track) => track.state === "confirmed" && track.detected);
    for (const one of this.#watched) observeOne(one, visible, stamp.mediaTimeS, aspect);
  }

  /** Of all falls of the clip, seconds of media time as far as it was played. */
  get time(): LyingTime {
    const total = { lyingS: 0, seenS: 0 };
    for (const { groundS, endS, sightingsS } of this.#watched) {
      const untilS = Math.min(endS, this.#lastS);
      total.lyingS += Math.max(0, untilS - groundS);
      for (const [index, fromS] of sightingsS.entries()) {
        const toS = sightingsS[index + 1];
        if (toS === undefined || toS - fromS > GAP_S) continue;
        total.seenS += Math.max(0, Math.min(toS, untilS) - Math.max(fromS, groundS));
      }
    }
    return total;
  }
}

function watch({ startS, groundS, endS }: FallLabel, durationS: number): Watched | null {
  if (groundS === null) return null;
  return {
    startS: startS ?? groundS,
    groundS,
    endS: endS !== null && endS < durationS - CLIP_END_S ? endS : Number.POSITIVE_INFINITY,
    trackIds: new Set(),
    sightingsS: [],
    place: null,
    length: 0,
  };
}

/**
 * Until the ground everybody counts as the one who falls; from then on, the same track, or another within a body length of
 * where they were seen last. Who was not seen at all before is whoever is seen first.
 */
function observeOne(one: Watched, visible: readonly Track[], timeS: number, aspect: number): void {
  if (timeS < one.startS - BEFORE_S || timeS > one.endS + GAP_S) return;
  const falling = timeS < one.groundS;
  const person = falling
    ? visible.at(0)
    : (visible.find((track) => one.trackIds.has(track.id)) ??
      visible.find((track) => isWithinReach(one, track.box, aspect)));
  if (person === undefined) return;
  for (const track of falling ? visible : [person]) one.trackIds.add(track.id);
  one.place = person.box;
  if (falling || one.length === 0)
    one.length = Math.max(one.length, boxWidth(person.box) * aspect, boxHeight(person.box));
  one.sightingsS.push(timeS);
}

function isWithinReach({ place, length }: Watched, box: Box, aspect: number): boolean {
  if (place === null) return true;
  const [a, b] = [boxCentre(place), boxCentre(box)];
  return Math.hypot((a.x - b.x) * aspect, a.y - b.y) <= length;
}
