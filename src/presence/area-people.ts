// Who is in one area, put together from its cameras. Pure.
import type { Millis } from "../core/clock.ts";
import type { AreaPresence } from "../domain/identity.ts";

/** What one camera of the area shows. */
export interface CameraPeople {
  readonly cameraId: string;
  /** It sends pictures in which something can be seen. */
  readonly watching: boolean;
  /** Of the camera's room, with its own hysteresis. */
  readonly occupied: boolean;
  readonly count: number;
  /** Persons it sees, wherever they are told to be. */
  readonly personIds: readonly string[];
  /** Somebody it sees is nobody the household has named. */
  readonly stranger: boolean;
}

export interface AreaLook {
  readonly area: string;
  /** Monotonic. */
  readonly run: Millis;
  readonly cameras: readonly CameraPeople[];
  /** Whether two cameras see some of the same place. */
  readonly overlap: (one: string, other: string) => boolean;
  /** Where somebody in sight is; a person seen through a door is in one area only. */
  readonly areaOf: (personId: string) => string | null;
}

export interface StrangerState {
  readonly present: boolean;
  /** Since when it has looked otherwise; monotonic. */
  readonly rivalSince: Millis | null;
}

export const NO_STRANGER: StrangerState = { present: false, rivalSince: null };

/** A resident who is named within a few seconds was no stranger. */
const STRANGER_AFTER: Millis = 3_000;
/** Turning round for a moment is not leaving. */
const STRANGER_HOLD: Millis = 10_000;

export interface AreaStep {
  readonly presence: AreaPresence;
  readonly stranger: StrangerState;
}

export function stepArea(before: StrangerState, look: AreaLook): AreaStep {
  const { area, cameras, run } = look;
  const views = cameras.map((camera) => viewOf(camera, look));
  const personIds = [...new Set(views.flatMap(({ here }) => here))].sort();
  const watched = cameras.some(({ watching }) => watching);
  const stranger = stepStranger(
    before,
    cameras.some((camera) => camera.stranger),
    run,
  );
  return {
    stranger,
    presence: {
      area,
      watched,
      occupied: personIds.length > 0 || views.some(({ occupied }) => occupied),
      count: Math.max(personIds.length, countBodies(views, look)),
      personIds,
      unknownPresent: stranger.present,
    },
  };
}

interface View {
  readonly cameraId: string;
  readonly occupied: boolean;
  /** Bodies, those left out who are told to be elsewhere. */
  readonly count: number;
  readonly here: readonly string[];
}

function viewOf({ cameraId, personIds, occupied, count }: CameraPeople, look: AreaLook): View {
  const here = personIds.filter((id) => look.areaOf(id) === look.area);
  const left = Math.max(0, count - (personIds.length - here.length));
  // While a room is held occupied after the last body, its count is 0 already.
  return { cameraId, here, count: left, occupied: occupied && (left > 0 || count === 0) };
}

/**
 * Cameras that overlap, directly or by way of others, see at least as many as the one that sees most of them; those that do
 * not overlap are added up, and a person both know counts once.
 */
function countBodies(views: readonly View[], { overlap }: AreaLook): number {
  const waiting = new Set(views);
  const groups: View[][] = [];
  for (const view of views) {
    if (!waiting.delete(view)) continue;
    const group = [view];
    for (const member of group)
      for (const other of waiting)
        if (overlap(member.cameraId, other.cameraId)) {
          waiting.delete(other);
          group.push(other);
        }
    groups.push(group);
  }
  const known = groups.map((group) => new Set(group.flatMap(({ here }) => here)));
  const bodies = groups.map((group, index) =>
    Math.max(known[index]?.size ?? 0, ...group.map(({ count }) => count)),
  );
  const all = new Set(known.flatMap((ids) => [...ids]));
  const twice = known.reduce((sum, ids) => sum + ids.size, 0) - all.size;
  return bodies.reduce((sum, count) => sum + count, 0) - twice;
}

function stepStranger({ present, rivalSince }: StrangerState, seen: boolean, run: Millis): StrangerState {
  if (seen === present) return { present, rivalSince: null };
  const since = rivalSince ?? run;
  const turns = run - since >= (seen ? STRANGER_AFTER : STRANGER_HOLD);
  return turns ? { present: seen, rivalSince: null } : { present, rivalSince: since };
}
