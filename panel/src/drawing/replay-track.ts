// The moments around an alarm as a curve: how high in the picture everybody was. A fall is a cliff in it. Pure.
import type { ClipFrameJson } from "../../../src/api/care-contract.ts";

export interface HeightCurve {
  /** Seconds after the alarm, and height of the middle of the body, 0 at the bottom of the picture, 1 at its top. */
  readonly points: readonly { readonly atS: number; readonly height: number }[];
}

/** Somebody seen for less is not worth a line. */
const LEAST_POINTS = 5;

/** Not seen for longer than this is a gap in the line, not a straight way. */
const GAP_S = 1;

/** One curve for everybody that was seen, broken where they were not. */
export function heightCurves(frames: readonly ClipFrameJson[]): readonly HeightCurve[] {
  const byTrack = new Map<number, { atS: number; height: number }[][]>();
  for (const { at_s: atS, tracks } of frames) {
    for (const { id, state, box } of tracks) {
      if (state !== "confirmed") continue;
      const pieces = byTrack.get(id) ?? [[]];
      byTrack.set(id, pieces);
      const last = pieces.at(-1)?.at(-1);
      if (last !== undefined && atS - last.atS > GAP_S) pieces.push([]);
      pieces.at(-1)?.push({ atS, height: 1 - (box[1] + box[3]) / 2 });
    }
  }
  return [...byTrack.values()]
    .flat()
    .filter((points) => points.length >= LEAST_POINTS)
    .map((points) => ({ points }));
}

/** Index of the last frame at or before a time; 0 before the first. Frames are in the order of their time. */
export function frameAt(frames: readonly ClipFrameJson[], atS: number): number {
  return Math.max(
    0,
    frames.findLastIndex((frame) => frame.at_s <= atS),
  );
}
