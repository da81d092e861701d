// Whom an alarm is about, as far as cameras can tell: how the next thing that is seen of a body finds its way to the alarm
// that is open for it, and a second body does not.
import type { Millis } from "../core/clock.ts";
import type { AlarmCause } from "../domain/alarm.ts";
import type { HavenEvent } from "../domain/events.ts";
import { familyOf, gravest } from "./alarm-family.ts";
import type { AlarmSubject, OpenAlarm } from "./alarm-life.ts";

/** Whether two cameras see some of the same place. */
export type Overlaps = (camera: string, other: string) => boolean;

/**
 * Lying begins to be seen up to this long before or after the moment that counts as reaching the ground; two cameras
 * differ by as much.
 */
const SAME_MOMENT_MS = 3000;

export function subjectOf(event: HavenEvent): AlarmSubject {
  const { cameraId, area, trackId, personId, capturedAt, mediaTimeS } = event;
  const { atS, at } = momentOf(event, capturedAt, mediaTimeS);
  return { cameraId, area, trackId, personId, atS, at, upAt: null };
}

function momentOf(
  event: HavenEvent,
  capturedAt: Millis,
  mediaTimeS: number | null,
): { readonly atS: number | null; readonly at: Millis } {
  switch (event.kind) {
    case "fall_suspected":
    case "fall_confirmed":
    case "fall_recovered":
    case "on_floor":
    case "long_lie": {
      const { groundAtS } = event.evidence;
      const ago = mediaTimeS === null ? event.evidence.onGroundS : mediaTimeS - groundAtS;
      return { atS: groundAtS, at: capturedAt - ago * 1000 };
    }
    default:
      return { atS: mediaTimeS, at: capturedAt };
  }
}

/** Alarms of an event's family, with the subject that its camera, or one beside it, knows them by. */
export interface Candidate {
  readonly open: OpenAlarm;
  readonly subject: AlarmSubject;
}

/**
 * The open alarms about the body an event is about, the likeliest first: by its track or name in the same camera. A body
 * on the floor may have been taken over by a new track: what it does next is told by when it went down. A new fall is not:
 * two people may fall in the same second. Last, the same moment in a camera that sees the same place, of nobody else.
 */
export function alarmsOf(
  board: readonly OpenAlarm[],
  event: { readonly cause: AlarmCause; readonly seen: AlarmSubject; readonly mayBeTakenOver: boolean },
  overlaps: Overlaps,
): readonly Candidate[] {
  const { cause, seen, mayBeTakenOver } = event;
  const family = familyOf(cause);
  const related = board.filter(({ alarm }) => family.includes(gravest(alarm)));
  const here = pairs(related).filter(({ subject }) => subject.cameraId === seen.cameraId);
  if (family.length === 1) return here.filter(({ subject }) => isSamePlace(subject, seen));
  const same = here.filter(({ subject }) => isSameBody(subject, seen));
  if (same.length > 0) return same;
  const nearHere = mayBeTakenOver ? nearest(here, seen, mediaApart) : [];
  return nearHere.length > 0 ? nearHere : nearest(beside(related, seen, overlaps), seen, wallApart);
}

function pairs(board: readonly OpenAlarm[]): readonly Candidate[] {
  return board.flatMap((open) => open.subjects.map((subject) => ({ open, subject })));
}

function isSameBody(known: AlarmSubject, seen: AlarmSubject): boolean {
  return (
    (known.trackId !== null && known.trackId === seen.trackId) ||
    (known.personId !== null && known.personId === seen.personId)
  );
}

/** What is no matter of one body: a stranger in a room, a blind area, a house in which nobody moves. */
function isSamePlace(known: AlarmSubject, seen: AlarmSubject): boolean {
  return known.area === seen.area && (known.personId === null || known.personId === seen.personId);
}

/** Alarms that no subject of this camera belongs to yet, known from a camera that sees the same place. */
function beside(related: readonly OpenAlarm[], seen: AlarmSubject, overlaps: Overlaps): readonly Candidate[] {
  const { cameraId } = seen;
  if (cameraId === null) return [];
  return pairs(
    related.filter(({ subjects }) => subjects.every((subject) => subject.cameraId !== cameraId)),
  ).filter(
    ({ subject }) =>
      subject.cameraId !== null &&
      overlaps(subject.cameraId, cameraId) &&
      (subject.personId === null || seen.personId === null || subject.personId === seen.personId),
  );
}

function nearest(
  candidates: readonly Candidate[],
  seen: AlarmSubject,
  apart: (known: AlarmSubject, seen: AlarmSubject) => Millis,
): readonly Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, distance: apart(candidate.subject, seen) }))
    .filter(({ distance }) => distance <= SAME_MOMENT_MS)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 1)
    .map(({ candidate }) => candidate);
}

function mediaApart(known: AlarmSubject, seen: AlarmSubject): Millis {
  if (known.atS === null || seen.atS === null) return Number.POSITIVE_INFINITY;
  return Math.abs(known.atS - seen.atS) * 1000;
}

function wallApart(known: AlarmSubject, seen: AlarmSubject): Millis {
  return Math.abs(known.at - seen.at);
}

/** Whether both tell of the same time on the floor, as one camera's own time says. */
export function isSameMoment(known: AlarmSubject, seen: AlarmSubject): boolean {
  return known.cameraId === seen.cameraId
    ? mediaApart(known, seen) <= SAME_MOMENT_MS
    : wallApart(known, seen) <= SAME_MOMENT_MS;
}

/** The subjects with what this camera sees now. */
export function withSubject(subjects: readonly AlarmSubject[], seen: AlarmSubject): readonly AlarmSubject[] {
  return [...subjects.filter(({ cameraId }) => cameraId !== seen.cameraId), seen];
}
