// Who of the people in one camera's view moves, as a sign of life: walks, shifts in the chair, turns over. Pure.
import { boxCentre, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import { centreOf, HIPS, SHOULDERS, stretchPose } from "./body-geometry.ts";

/** Where shoulders and hips are now and were so long ago is compared, each the mean of a moment. */
const WINDOW_S = 2;
const MOMENT_S = 0.5;
const FEWEST_FRAMES = 3;
/**
 * How far shoulders or hips move, body lengths (long side of the box): a step, leaning forward, turning over; some 25 cm of somebody
 * who stands and 15 of somebody curled up in a chair. Breathing moves it by 1 or 2 cm, and a keypoint jitters by half a
 * per cent of the picture, a fifth of that averaged over a moment: both are far below. Hands and the head do not count:
 * they are guessed where a blanket or a table hides them, and a guess jumps. Measured of people at a table, over 10 s each:
 * .02 at most while they sit still, .45 and more otherwise; between .08 and .25 hardly anything changes.
 */
const MOVED = 0.15;

interface TrunkSample {
  readonly timeS: number;
  /** Shoulders and hips, or the middle of the box where there are no keypoints. Picture heights; null where not seen. */
  readonly places: readonly (Point | null)[];
  readonly length: number;
}

/** The last seconds of every track that is seen, oldest first. */
export type MovementState = ReadonlyMap<number, readonly TrunkSample[]>;

export const NOTHING_MOVED: MovementState = new Map();

export interface MovementInput {
  readonly timeS: number;
  readonly aspect: number;
  readonly tracks: readonly Track[];
}

export function stepMovement(
  state: MovementState,
  { timeS, aspect, tracks }: MovementInput,
): { readonly state: MovementState; readonly moving: ReadonlySet<number> } {
  const next = new Map<number, readonly TrunkSample[]>();
  const moving = new Set<number>();
  for (const track of tracks) {
    const kept = (state.get(track.id) ?? []).filter(
      (sample) => sample.timeS < timeS && sample.timeS > timeS - WINDOW_S - MOMENT_S,
    );
    if (!track.detected || track.state !== "confirmed") {
      if (kept.length > 0) next.set(track.id, kept);
      continue;
    }
    const samples = [...kept, sampleOf(track, timeS, aspect)];
    next.set(track.id, samples);
    if (hasMoved(samples, timeS)) moving.add(track.id);
  }
  return { state: next, moving };
}

function hasMoved(samples: readonly TrunkSample[], timeS: number): boolean {
  const now = samples.filter((sample) => sample.timeS > timeS - MOMENT_S);
  const before = samples.filter((sample) => sample.timeS <= timeS - WINDOW_S + MOMENT_S);
  const length = Math.max(...samples.map((sample) => sample.length));
  return [0, 1].some((place) => {
    const [from, to] = [meanOf(before, place), meanOf(now, place)];
    return from !== null && to !== null && Math.hypot(from.x - to.x, from.y - to.y) > MOVED * length;
  });
}

function sampleOf({ box, pose }: Track, timeS: number, aspect: number): TrunkSample {
  const points = pose === null ? null : stretchPose(pose, aspect);
  const centre = boxCentre(box);
  const places =
    points === null
      ? [{ x: centre.x * aspect, y: centre.y }]
      : [centreOf(points, SHOULDERS), centreOf(points, HIPS)];
  return { timeS, places, length: Math.max(boxWidth(box) * aspect, boxHeight(box)) };
}

/** Null where it was seen in too few of the frames. */
function meanOf(samples: readonly TrunkSample[], place: number): Point | null {
  const seen = samples.flatMap(({ places }) => places[place] ?? []);
  if (seen.length < FEWEST_FRAMES) return null;
  const sum = seen.reduce((total, at) => ({ x: total.x + at.x, y: total.y + at.y }), { x: 0, y: 0 });
  return { x: sum.x / seen.length, y: sum.y / seen.length };
}
