// What of a person's or an area's presence is worth telling: everything that changed, and times as often as they are of use.
import type { Millis } from "../core/clock.ts";
import type { AreaPresence, PersonPresence, TrackIdentity } from "../domain/identity.ts";
import { displayName, type Person } from "../domain/person.ts";
import { type PersonPlace, toldArea } from "./person-place.ts";

/** How often the time of the last sight is told while somebody stays in sight. */
export const REFRESH: Millis = 60_000;

export function presenceOf(person: Person, place: PersonPlace): PersonPresence {
  return {
    personId: person.id,
    name: displayName(person),
    kind: person.kind,
    named: person.name !== null,
    area: toldArea(place),
    cameraId: place.cameraId,
    visible: place.visible,
    home: place.home,
    since: place.since,
    lastSeenAt: place.lastSeenAt,
    cue: place.cue,
    confidence: place.confidence,
  };
}

/** Where somebody is, always; when they were last seen, once a minute; how surely, along with something else. */
export function isPersonNews(before: PersonPresence, after: PersonPresence): boolean {
  const seen = Math.abs((after.lastSeenAt ?? 0) - (before.lastSeenAt ?? 0)) >= REFRESH;
  const since = { lastSeenAt: before.lastSeenAt, confidence: before.confidence };
  return seen || differs(before, { ...after, ...since });
}

export function isAreaNews(before: AreaPresence, after: AreaPresence): boolean {
  const same = before.personIds.join() === after.personIds.join();
  return !same || differs(before, { ...after, personIds: before.personIds });
}

/**
 * Whether a track's face was seen and is nobody's the household has named: whoever only turns their back is no stranger,
 * also where their clothes have an entry of their own. `person` is whom the identity stands for.
 */
export function isStranger(
  { tentativeId, cue, decision: { outcome, reasons } }: TrackIdentity,
  person: Person | null,
): boolean {
  if (person !== null) return person.name === null && cue !== "appearance";
  if (tentativeId !== null || reasons.includes("no_face") || reasons.includes("low_quality")) return false;
  return outcome === "new" || reasons.includes("below_unknown");
}

function differs<T extends object>(one: T, other: T): boolean {
  return (Object.keys(one) as (keyof T)[]).some((key) => one[key] !== other[key]);
}
