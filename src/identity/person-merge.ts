// What two entries for one person add up to, and how an addition is taken back after the sum has gone on growing.
import type { Millis } from "../core/clock.ts";
import type { PersonRow, PersonSizeRow } from "../store/person-rows.ts";

/** What a person's sightings add up to. */
export type Figures = Pick<
  PersonRow,
  "firstSeenAt" | "lastSeenAt" | "lastCameraId" | "visits" | "heightM" | "heightCount"
>;

/**
 * A track that breaks in two leaves two tracklets of one body that overlap for a moment: for as long as a lost track is
 * kept. Only from here on it is two bodies. Milliseconds.
 */
export const SEEN_TOGETHER_MS: Millis = 1500;

/** Visits are added up; the height is the mean over all tracklets of both. */
export function mergedFigures(winner: Figures, loser: Figures): Figures {
  const isLoserLater = (loser.lastSeenAt ?? -Infinity) > (winner.lastSeenAt ?? -Infinity);
  const height = mean(
    { value: winner.heightM, count: winner.heightCount },
    { value: loser.heightM, count: loser.heightCount },
  );
  return {
    firstSeenAt: least(winner.firstSeenAt, loser.firstSeenAt),
    lastSeenAt: isLoserLater ? loser.lastSeenAt : winner.lastSeenAt,
    lastCameraId: isLoserLater ? loser.lastCameraId : winner.lastCameraId,
    visits: winner.visits + loser.visits,
    heightM: height.value,
    heightCount: height.count,
  };
}

/** As before where nothing has been added since; else what the change added is counted back. */
export function figuresBack(current: Figures, from: Figures, to: Figures): Figures {
  const isLastUntouched = current.lastSeenAt === to.lastSeenAt;
  const height =
    current.heightM === to.heightM && current.heightCount === to.heightCount
      ? { value: from.heightM, count: from.heightCount }
      : without(
          { value: current.heightM, count: current.heightCount },
          addedTo(
            { value: from.heightM, count: from.heightCount },
            { value: to.heightM, count: to.heightCount },
          ),
        );
  return {
    firstSeenAt: current.firstSeenAt === to.firstSeenAt ? from.firstSeenAt : current.firstSeenAt,
    lastSeenAt: isLastUntouched ? from.lastSeenAt : current.lastSeenAt,
    lastCameraId: isLastUntouched ? from.lastCameraId : current.lastCameraId,
    visits: Math.max(0, current.visits - (to.visits - from.visits)),
    heightM: height.value,
    heightCount: height.count,
  };
}

/** One row for each camera that either was seen by, for the winner. */
export function mergedSizes(
  winnerId: string,
  winner: readonly PersonSizeRow[],
  loser: readonly PersonSizeRow[],
): PersonSizeRow[] {
  return camerasOf(winner, loser).map((cameraId) => {
    const one = sizeOf(winner, cameraId);
    const other = sizeOf(loser, cameraId);
    const width = mean(one.width, other.width);
    const height = mean(one.height, other.height);
    return {
      personId: winnerId,
      cameraId,
      widthPx: width.value ?? 0,
      heightPx: height.value ?? 0,
      count: width.count,
    };
  });
}

/** Width and height in one camera as before the merge, what was added since kept; null: nothing is left. */
export function sizeBack(current: Size, from: Size | null, to: Size): Size | null {
  if (sameSize(current, to)) return from;
  const before = from ?? { widthPx: 0, heightPx: 0, count: 0 };
  const count = current.count - (to.count - before.count);
  if (count <= 0) return null;
  const back = (side: "widthPx" | "heightPx") =>
    (current[side] * current.count - (to[side] * to.count - before[side] * before.count)) / count;
  return { widthPx: back("widthPx"), heightPx: back("heightPx"), count };
}

export type Size = Pick<PersonSizeRow, "widthPx" | "heightPx" | "count">;

function sameSize(one: Size, other: Size): boolean {
  return one.count === other.count && one.widthPx === other.widthPx && one.heightPx === other.heightPx;
}

/** A mean and what it is the mean of; no value where that is nothing. */
interface Mean {
  readonly value: number | null;
  readonly count: number;
}

function mean(one: Mean, other: Mean): Mean {
  if (one.value === null || one.count === 0) return other.value === null ? { value: null, count: 0 } : other;
  if (other.value === null || other.count === 0) return one;
  const count = one.count + other.count;
  return { value: (one.value * one.count + other.value * other.count) / count, count };
}

function without(all: Mean, out: Mean): Mean {
  if (out.value === null || out.count === 0) return all;
  const count = all.count - out.count;
  if (all.value === null || count <= 0) return { value: null, count: 0 };
  return { value: (all.value * all.count - out.value * out.count) / count, count };
}

/** What has to be added to one mean to get the other. */
function addedTo(from: Mean, to: Mean): Mean {
  return without(to, from);
}

function sizeOf(rows: readonly PersonSizeRow[], cameraId: string): { width: Mean; height: Mean } {
  const row = rows.find((size) => size.cameraId === cameraId);
  if (row === undefined) return { width: { value: null, count: 0 }, height: { value: null, count: 0 } };
  return {
    width: { value: row.widthPx, count: row.count },
    height: { value: row.heightPx, count: row.count },
  };
}

function camerasOf(...lists: readonly (readonly PersonSizeRow[])[]): string[] {
  return [...new Set(lists.flat().map(({ cameraId }) => cameraId))].sort();
}

function least(one: Millis | null, other: Millis | null): Millis | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
