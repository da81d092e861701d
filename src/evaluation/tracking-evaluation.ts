// Scores tracks against ground truth the way MOTChallenge does: CLEAR MOT (Bernardin and Stiefelhagen, "Evaluating
// Multiple Object Tracking Performance", 2008) for what was found and how often ids changed, and identity measures
// (Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking", 2016) for how long an
// id stays with the same person. Pure: boxes in, counts out.
import { munkres } from "munkres";
import type { BoxesByFrame, IdentifiedBox, MotBox } from "./mot-challenge.ts";

/** A box counts for a person from this intersection over union on. */
const LEAST_IOU = 0.5;
/** What keeping the last frame's pairing is worth beside IoU: more than every other pair of the frame together. */
const KEEPING = 1000;

/** Counts, in the names of the JSON answer. Those of several sequences may be added. */
export interface TrackingCounts {
  /** Boxes of the ground truth. */
  readonly gt: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  /** How often a person was found under another id than the last time, however long ago that was. */
  readonly id_switches: number;
  /** How often a person who was found, then missed, was found again. */
  readonly fragmentations: number;
  readonly idtp: number;
  readonly idfp: number;
  readonly idfn: number;
}

/** Shares are at most 1; null where there is nothing to divide by. */
export interface TrackingScore extends TrackingCounts {
  /** 1 - (fn + fp + switches) / gt: below 0 where more is wrong than there is to find. */
  readonly mota: number | null;
  /** 2 idtp / (2 idtp + idfp + idfn), 0..1. */
  readonly idf1: number | null;
}

const NOTHING: TrackingCounts = {
  gt: 0,
  tp: 0,
  fp: 0,
  fn: 0,
  id_switches: 0,
  fragmentations: 0,
  idtp: 0,
  idfp: 0,
  idfn: 0,
};

/**
 * Scores one sequence. In each frame people and tracks are paired one to one so that as many pairs of the last frame as
 * possible stay and the IoU of the pairs is largest; identities are paired one to one once for the whole sequence.
 */
export function evaluateTracking(
  truth: BoxesByFrame<IdentifiedBox>,
  tracks: BoxesByFrame<IdentifiedBox>,
): TrackingScore {
  const frames = [...new Set([...truth.keys(), ...tracks.keys()])].sort((a, b) => a - b);
  const clear = new ClearCounter();
  const identity = new IdentityCounter();
  for (const frame of frames) {
    const people = truth.get(frame) ?? [];
    const found = tracks.get(frame) ?? [];
    const overlaps = people.map((person) => found.map((track) => intersectionOverUnion(person, track)));
    clear.add(people, found, overlaps);
    identity.add(people, found, overlaps);
  }
  return score({ ...NOTHING, ...clear.counts, ...identity.counts() });
}

/** All sequences as one: the counts are added, not the shares. */
export function combineTracking(sequences: readonly TrackingCounts[]): TrackingScore {
  const keys = Object.keys(NOTHING) as (keyof TrackingCounts)[];
  const total = (key: keyof TrackingCounts) => sequences.reduce((sum, counts) => sum + counts[key], 0);
  return score(
    Object.fromEntries(keys.map((key) => [key, total(key)])) as Record<keyof TrackingCounts, number>,
  );
}

function score(counts: TrackingCounts): TrackingScore {
  const { gt, fp, fn, id_switches, idtp, idfp, idfn } = counts;
  const identities = 2 * idtp + idfp + idfn;
  return {
    ...counts,
    mota: gt === 0 ? null : 1 - (fn + fp + id_switches) / gt,
    idf1: identities === 0 ? null : (2 * idtp) / identities,
  };
}

class ClearCounter {
  readonly counts = { gt: 0, tp: 0, fp: 0, fn: 0, id_switches: 0, fragmentations: 0 };
  /** Track of each person in the frame before. */
  #before = new Map<number, number>();
  /** Track each person was last found under. */
  readonly #lastFound = new Map<number, number>();
  /** People who were found once and are missed now. */
  readonly #missed = new Set<number>();

  add(
    people: readonly IdentifiedBox[],
    found: readonly IdentifiedBox[],
    overlaps: readonly (readonly number[])[],
  ): void {
    const now = new Map<number, number>();
    for (const [person, track] of this.#pair(people, found, overlaps)) now.set(person.id, track.id);
    for (const { id } of people) this.#follow(id, now.get(id));
    this.counts.gt += people.length;
    this.counts.tp += now.size;
    this.counts.fp += found.length - now.size;
    this.counts.fn += people.length - now.size;
    this.#before = now;
  }

  #pair(
    people: readonly IdentifiedBox[],
    found: readonly IdentifiedBox[],
    overlaps: readonly (readonly number[])[],
  ): [IdentifiedBox, IdentifiedBox][] {
    const worth = people.map((person, p) =>
      found.map((track, t) => {
        const iou = overlaps[p]?.[t] ?? 0;
        if (iou < LEAST_IOU) return 0;
        return iou + (this.#before.get(person.id) === track.id ? KEEPING : 0);
      }),
    );
    return mostWorth(worth).flatMap(([p, t]) => {
      const person = people[p];
      const track = found[t];
      return person === undefined || track === undefined ? [] : [[person, track]];
    });
  }

  #follow(person: number, track: number | undefined): void {
    const last = this.#lastFound.get(person);
    if (track === undefined) {
      if (last !== undefined) this.#missed.add(person);
      return;
    }
    if (last !== undefined && last !== track) this.counts.id_switches += 1;
    if (this.#missed.delete(person)) this.counts.fragmentations += 1;
    this.#lastFound.set(person, track);
  }
}

class IdentityCounter {
  /** Frames in which a person and a track overlap enough. */
  readonly #together = new Map<number, Map<number, number>>();
  #people = 0;
  #found = 0;

  add(
    people: readonly IdentifiedBox[],
    found: readonly IdentifiedBox[],
    overlaps: readonly (readonly number[])[],
  ): void {
    this.#people += people.length;
    this.#found += found.length;
    for (const [p, person] of people.entries()) {
      for (const [t, track] of found.entries()) {
        if ((overlaps[p]?.[t] ?? 0) < LEAST_IOU) continue;
        const counts = this.#together.get(person.id) ?? new Map<number, number>();
        counts.set(track.id, (counts.get(track.id) ?? 0) + 1);
        this.#together.set(person.id, counts);
      }
    }
  }

  counts(): { idtp: number; idfp: number; idfn: number } {
    // Whoever never met anybody pairs with nobody: leaving them out keeps the matrix small.
    const tracks = [...new Set([...this.#together.values()].flatMap((counts) => [...counts.keys()]))];
    const worth = [...this.#together.values()].map((counts) => tracks.map((track) => counts.get(track) ?? 0));
    const idtp = mostWorth(worth).reduce((sum, [p, t]) => sum + (worth[p]?.[t] ?? 0), 0);
    return { idtp, idfp: this.#found - idtp, idfn: this.#people - idtp };
  }
}

/** Rows and columns paired one to one so that the pairs are worth most together; pairs worth nothing are left out. */
function mostWorth(worth: readonly (readonly number[])[]): [number, number][] {
  if (worth.length === 0 || worth[0]?.length === 0) return [];
  const pairs = munkres(worth.map((row) => row.map((value) => -value)));
  return pairs.filter(([row, column]) => (worth[row]?.[column] ?? 0) > 0);
}

function intersectionOverUnion(a: MotBox, b: MotBox): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const intersection = width * height;
  return intersection / (a.width * a.height + b.width * b.height - intersection);
}
