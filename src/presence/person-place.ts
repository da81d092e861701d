// Where one person is: which camera and area, in sight or not, at home or away. Pure: time comes with each look, and a look
// is taken every half second or so. A person is in one area at a time, whatever number of cameras sees them.
import type { Millis } from "../core/clock.ts";
import type { Cue } from "../domain/tracklet.ts";

export interface PlaceSettings {
  /** Unseen for this long after they were last seen in a door that leads outside, they are away. */
  readonly awayAfterLeaving: Millis;
  /** Unseen for this long while they could have been seen, they are away, although nobody saw them leave. */
  readonly awayAfterUnseen: Millis;
}

/** Another area must have been the better one for so long: whoever stands in a doorway is not in and out of two rooms. */
export const AREA_DWELL: Millis = 2_500;
/**
 * While the area they are in still sees them, another one must see them so much better: cameras that overlap would take turns
 * otherwise. Judged, not measured.
 */
const BETTER = 1.25;
/** An area none of whose cameras sees anything is not claimed for longer: a place that cannot be checked is worse than none. */
export const AREA_UNCHECKED: Millis = 30_000;

/** A camera sees them. */
export interface PersonSighting {
  readonly cameraId: string;
  readonly area: string;
  /** Wall time of the latest frame with them. */
  readonly at: Millis;
  /** 0..1: how well they are seen and recognised there. */
  readonly evidence: number;
  readonly cue: Cue | null;
  /** Of who they are, 0..1. */
  readonly confidence: number;
  /** They stand in a door that leads outside. */
  readonly leaving: boolean;
}

export interface Look {
  readonly now: Millis;
  /** Monotonic. */
  readonly run: Millis;
  /** Since the look before; none for the time Haven did not run. */
  readonly elapsed: Millis;
  readonly sightings: readonly PersonSighting[];
  /** Areas into which a camera looks. */
  readonly watched: ReadonlySet<string>;
  /** Areas there are, watched or not. */
  readonly areas: ReadonlySet<string>;
}

export interface PersonPlace {
  readonly home: boolean;
  readonly visible: boolean;
  /** Of the latest sight, also once they are away; null when never seen. */
  readonly area: string | null;
  readonly cameraId: string | null;
  readonly lastSeenAt: Millis | null;
  /** Since when they are in the area that is told, or away; wall time. */
  readonly since: Millis | null;
  readonly cue: Cue | null;
  readonly confidence: number | null;
  readonly leaving: boolean;
  /** Unseen while they could have been seen. */
  readonly unseen: Millis;
  /** For how long nobody could have looked into `area`. */
  readonly unchecked: Millis;
  /** The area that sees them better than `area`, and since when; monotonic. */
  readonly rival: { readonly area: string; readonly since: Millis } | null;
}

export const NEVER_SEEN: PersonPlace = {
  home: false,
  visible: false,
  area: null,
  cameraId: null,
  lastSeenAt: null,
  since: null,
  cue: null,
  confidence: null,
  leaving: false,
  unseen: 0,
  unchecked: 0,
  rival: null,
};

export function stepPlace(place: PersonPlace, look: Look, settings: PlaceSettings): PersonPlace {
  const next = look.sightings.length === 0 ? unseen(place, look, settings) : seen(place, look);
  return dated(place, next, look.now);
}

/** They turn out to have been seen there a while ago, and nowhere else since. */
export function placeAfter(place: PersonPlace, sighting: PersonSighting, look: Look): PersonPlace {
  const settled = { ...place, rival: { area: sighting.area, since: Number.NEGATIVE_INFINITY } };
  const next = { ...seen(settled, { ...look, sightings: [sighting] }), visible: false };
  return dated(place, next, next.lastSeenAt ?? look.now);
}

/** The area to be told: where they are, or were last while at home; null when away, and when nobody can tell any more. */
export function toldArea({ home, visible, area, unchecked }: PersonPlace): string | null {
  if (!home) return null;
  return visible || unchecked < AREA_UNCHECKED ? area : null;
}

/** Whoever is away left when they were last seen. */
function dated(before: PersonPlace, after: PersonPlace, now: Millis): PersonPlace {
  if (before.home === after.home && toldArea(before) === toldArea(after)) return after;
  return { ...after, since: after.home ? now : after.lastSeenAt };
}

function seen(place: PersonPlace, { sightings, run, now }: Look): PersonPlace {
  const rival = rivalOf(place, sightings, run);
  const moves = rival !== null && (place.area === null || !place.home || run - rival.since >= AREA_DWELL);
  const area = moves ? rival.area : place.area;
  // Those cameras of the area count that see them; before somebody has settled elsewhere, there may be none.
  const here = sightings.filter((sighting) => sighting.area === area);
  const shown = here.find(({ cameraId }) => cameraId === place.cameraId) ?? best(here);
  const latest = sightings.reduce((a, b) => (b.at > a.at ? b : a));
  return {
    home: true,
    visible: true,
    area,
    cameraId: shown?.cameraId ?? place.cameraId,
    // A clock that was set back must not keep a time to come.
    lastSeenAt: Math.min(latest.at, now),
    since: place.since,
    cue: (shown ?? latest).cue,
    confidence: (shown ?? latest).confidence,
    leaving: latest.leaving,
    unseen: 0,
    unchecked: 0,
    rival: moves ? null : rival,
  };
}

function rivalOf(
  { area, rival, home }: PersonPlace,
  sightings: readonly PersonSighting[],
  run: Millis,
): PersonPlace["rival"] {
  const wanted = best(sightings);
  if (wanted === undefined || (home && wanted.area === area)) return null;
  const here = best(sightings.filter((sighting) => sighting.area === area));
  if (here !== undefined && home && wanted.evidence <= here.evidence * BETTER) return null;
  return rival?.area === wanted.area ? rival : { area: wanted.area, since: run };
}

function unseen(
  place: PersonPlace,
  { now, elapsed, watched, areas }: Look,
  settings: PlaceSettings,
): PersonPlace {
  const { home, area, lastSeenAt, leaving } = place;
  const still = { ...place, visible: false, rival: null };
  if (!home) return still;
  const known = area !== null && areas.has(area);
  const checked = known ? watched.has(area) : watched.size > 0;
  // Whoever was last in a room that nobody looks into may well be there still.
  const waited = checked ? place.unseen + elapsed : place.unseen;
  const unchecked = known && !checked ? place.unchecked + elapsed : known ? 0 : AREA_UNCHECKED;
  const gone =
    waited >= settings.awayAfterUnseen ||
    (leaving && lastSeenAt !== null && now - lastSeenAt >= settings.awayAfterLeaving);
  return { ...still, home: !gone, unseen: gone ? 0 : waited, unchecked };
}

function best(sightings: readonly PersonSighting[]): PersonSighting | undefined {
  return sightings.reduce<PersonSighting | undefined>(
    (a, b) => (a === undefined || b.evidence > a.evidence ? b : a),
    undefined,
  );
}
