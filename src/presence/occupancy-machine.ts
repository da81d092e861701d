// Who is in view of one camera (or in one of its zones): each visit in and out once, whether anybody is there, and how
// many. Pure: time comes with the input, and a caller runs the effects. Ids change and people are missed for a moment;
// neither is a departure.
import { type Box, boxCentre, boxHeight, boxWidth } from "../domain/geometry.ts";

export interface OccupancySettings {
  /** A visit ends when its person has not been seen for longer than this. The specification says 2 s. */
  readonly outAfterS: number;
  /** Somebody must have been there this long before the room is occupied: a reflection lasts a frame or two. */
  readonly occupiedAfterS: number;
  /** The room stays occupied this long after the last visit: lights must not go out on somebody behind a cupboard door. */
  readonly emptyAfterS: number;
  /** The number of people must have been another one this long before it is told. */
  readonly countSettleS: number;
}

export const DEFAULT_OCCUPANCY_SETTINGS: OccupancySettings = {
  outAfterS: 2,
  occupiedAfterS: 0.5,
  emptyAfterS: 5,
  countSettleS: 0.5,
};

/** A new track this near to where a missing person was last seen continues that visit, in widths plus heights of the box. */
const SAME_PLACE = 0.5;

/** Sums of frame times carry binary dust. */
const DUST_S = 1e-6;

export interface Visit {
  readonly trackId: number;
  readonly sinceS: number;
  readonly lastSeenS: number;
  readonly lastBox: Box;
}

export interface OccupancyState {
  readonly visits: readonly Visit[];
  readonly occupied: boolean;
  readonly count: number;
  /** Since when the room has looked occupied (or empty) against `occupied`, and the count another one than `count`. */
  readonly occupiedRivalSinceS: number | null;
  readonly countRival: { readonly count: number; readonly sinceS: number } | null;
}

export const EMPTY_ROOM: OccupancyState = {
  visits: [],
  occupied: false,
  count: 0,
  occupiedRivalSinceS: null,
  countRival: null,
};

/** One confirmed track in this frame. */
export interface Sighting {
  readonly trackId: number;
  readonly box: Box;
  /** Media time of its first detection: the visit began then. */
  readonly firstSeenS: number;
}

export interface OccupancyInput {
  readonly timeS: number;
  /** Confirmed tracks detected in this very frame. */
  readonly seen: readonly Sighting[];
  /**
   * Tracks of people who lie on the floor or in bed and may not be visible there (the activity engine knows): they are
   * still in the room, however long nobody sees them.
   */
  readonly held: ReadonlySet<number>;
}

export type OccupancyEffect =
  | { readonly kind: "person_in"; readonly trackId: number; readonly atS: number; readonly box: Box }
  | {
      readonly kind: "person_out";
      readonly trackId: number;
      readonly atS: number;
      readonly durationS: number;
      readonly lastBox: Box;
    }
  /** A visit goes on under another track id: whatever is known of the person moves along. */
  | { readonly kind: "continued"; readonly trackId: number; readonly previousTrackId: number }
  | { readonly kind: "occupancy"; readonly occupied: boolean; readonly count: number };

export interface OccupancyStep {
  readonly state: OccupancyState;
  readonly effects: readonly OccupancyEffect[];
}

export function stepOccupancy(
  state: OccupancyState,
  input: OccupancyInput,
  settings: OccupancySettings = DEFAULT_OCCUPANCY_SETTINGS,
): OccupancyStep {
  const { visits, effects } = followVisits(state.visits, input, settings);
  const settled = settle({ ...state, visits }, input.timeS, settings);
  const changed = settled.occupied !== state.occupied || settled.count !== state.count;
  return {
    state: settled,
    effects: changed
      ? [...effects, { kind: "occupancy", occupied: settled.occupied, count: settled.count }]
      : effects,
  };
}

function followVisits(
  before: readonly Visit[],
  input: OccupancyInput,
  settings: OccupancySettings,
): { visits: Visit[]; effects: OccupancyEffect[] } {
  const effects: OccupancyEffect[] = [];
  const owners = new Map(
    input.seen.map((sighting) => [sighting, before.find((visit) => isOf(sighting, visit))] as const),
  );
  const matched = new Set(owners.values());
  let missing = before.filter((visit) => !matched.has(visit));
  const present: Visit[] = [];
  for (const sighting of input.seen) {
    const { trackId, box, firstSeenS } = sighting;
    const own = owners.get(sighting);
    const continued = own ?? missing.find((visit) => continues(visit, box, firstSeenS));
    if (continued === undefined) {
      present.push({ trackId, sinceS: firstSeenS, lastSeenS: input.timeS, lastBox: box });
      effects.push({ kind: "person_in", trackId, atS: firstSeenS, box });
      continue;
    }
    if (own === undefined) {
      missing = missing.filter((visit) => visit !== continued);
      effects.push({ kind: "continued", trackId, previousTrackId: continued.trackId });
    }
    present.push({ trackId, sinceS: continued.sinceS, lastSeenS: input.timeS, lastBox: box });
  }
  for (const visit of missing) {
    if (input.held.has(visit.trackId) || input.timeS - visit.lastSeenS <= settings.outAfterS + DUST_S) {
      present.push(visit);
      continue;
    }
    effects.push({
      kind: "person_out",
      trackId: visit.trackId,
      atS: visit.lastSeenS,
      durationS: visit.lastSeenS - visit.sinceS,
      lastBox: visit.lastBox,
    });
  }
  return { visits: present.sort((a, b) => a.trackId - b.trackId), effects };
}

/**
 * After a restart of vision its ids begin anew: a track that was first seen after its namesake was last seen is another.
 */
function isOf(sighting: Sighting, visit: Visit): boolean {
  return sighting.trackId === visit.trackId && sighting.firstSeenS <= visit.lastSeenS;
}

/** A track that begins where somebody has just been missed is that person under another id. */
function continues(visit: Visit, box: Box, firstSeenS: number): boolean {
  if (firstSeenS < visit.lastSeenS - 0.5) return false;
  const a = boxCentre(visit.lastBox);
  const b = boxCentre(box);
  const width = Math.max(boxWidth(visit.lastBox), boxWidth(box));
  const height = Math.max(boxHeight(visit.lastBox), boxHeight(box));
  return Math.abs(a.x - b.x) <= SAME_PLACE * width && Math.abs(a.y - b.y) <= SAME_PLACE * height;
}

/** Occupied and count follow the visits with their two levels of patience; a rise of the count needs no less than a fall. */
function settle(state: OccupancyState, timeS: number, settings: OccupancySettings): OccupancyState {
  const somebody = state.visits.length > 0;
  const rivalSinceS = somebody === state.occupied ? null : (state.occupiedRivalSinceS ?? timeS);
  const patience = somebody ? settings.occupiedAfterS : settings.emptyAfterS;
  const turns = rivalSinceS !== null && timeS - rivalSinceS >= patience - DUST_S;
  const occupied = turns ? somebody : state.occupied;
  const wanted = state.visits.length;
  const rival =
    wanted === state.count
      ? null
      : state.countRival?.count === wanted
        ? state.countRival
        : { count: wanted, sinceS: timeS };
  const counts = rival !== null && timeS - rival.sinceS >= settings.countSettleS - DUST_S;
  return {
    visits: state.visits,
    occupied,
    count: counts ? wanted : state.count,
    occupiedRivalSinceS: turns ? null : rivalSinceS,
    countRival: counts ? null : rival,
  };
}
