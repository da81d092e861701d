// The beds drawn in one camera's picture, and who is in them: steps every person's bed machines, and knows which of the
// people who are hidden in a bed a body that turns up can be.
import type { ActivityFact } from "../domain/activity.ts";
import type { Box } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { AdlSettings } from "./adl-settings.ts";
import { type BedRelation, type BedState, mayBeInBed, OUT_OF_BED, stepBed } from "./bed-machine.ts";
import { isInDoorway } from "./door-watch.ts";
import { bedRelation, shareInside } from "./resting-place.ts";
import type { Subject } from "./subject.ts";

/** An entry or exit that was concluded from somebody not being seen any more. */
const UNSEEN_CONFIDENCE = 0.5;
/** A box this near to the picture's edge, picture widths or heights, comes from outside it or goes there. */
const BORDER = 0.02;
/** Up to so many seconds after it began, a track tells by its place where its person came from. */
const ARRIVAL_S = 0.5;
/** More of a body than this on a bed, and it rises from it rather than stands beside it. */
const ON_BED_SHARE = 0.25;

export interface BedSight {
  readonly timeS: number;
  readonly aspect: number;
  readonly zones: readonly Zone[];
  /** Null when the person is not seen in this frame. */
  readonly track: Track | null;
  /** What was found out of others in this frame. */
  readonly facts: readonly ActivityFact[];
}

type BedFact = Extract<ActivityFact, { readonly kind: "bed_entry" | "bed_edge" | "bed_exit" }>;

/** One frame of one person at every bed. The subject's posture and box are those of this frame. */
export function stepBeds(
  subject: Subject,
  sight: BedSight,
  settings: AdlSettings,
): { readonly beds: ReadonlyMap<string, BedState>; readonly facts: readonly BedFact[] } {
  const { timeS, track, zones } = sight;
  const atDoor = isAtDoor(zones, subject.box);
  const beds = new Map<string, BedState>();
  const facts: BedFact[] = [];
  for (const zone of zones.filter((other) => other.kind === "bed")) {
    const before = subject.beds.get(zone.id) ?? OUT_OF_BED;
    const input = {
      timeS,
      relation: relationOf(subject, zone, sight),
      unseenS: track === null ? timeS - subject.lastSeenS : 0,
      atDoor,
      othersEntered: sight.facts.some((fact) => gotInto(fact, zone) && fact.trackId !== subject.trackId),
    };
    const { state, effects } = stepBed(before, input, settings);
    beds.set(zone.id, state);
    for (const { kind, previousS } of effects) {
      facts.push({
        kind,
        trackId: subject.trackId,
        mediaTimeS: timeS,
        zone: zone.name,
        confidence: track?.confidence ?? UNSEEN_CONFIDENCE,
        evidence: { box: subject.box, previousS },
      });
    }
  }
  return { beds, facts };
}

/**
 * The missing people a new track may carry on, the likelier ones first: whoever is doubted to be in bed only after those
 * who are. Somebody who comes in by a door or from outside the picture does not rise from a bed, however near it stands.
 */
export function heirsOf(
  missing: readonly Subject[],
  track: Track,
  sight: Pick<BedSight, "timeS" | "zones">,
): readonly (readonly Subject[])[] {
  const comesIn = sight.timeS - track.firstSeenS <= ARRIVAL_S && comesFromOutside(sight.zones, track);
  const asleep = (subject: Subject) => [...subject.beds.values()].some(mayBeInBed);
  const doubted = (subject: Subject) => [...subject.beds.values()].some((bed) => bed.kind === "doubted");
  const possible = comesIn ? missing.filter((subject) => !asleep(subject) || isOnGround(subject)) : missing;
  return [possible.filter((subject) => !doubted(subject)), possible.filter(doubted)];
}

function relationOf(subject: Subject, zone: Zone, { track, aspect }: BedSight): BedRelation | null {
  if (track === null) return null;
  const { posture } = subject.posture;
  return bedRelation(zone, { box: track.box, pose: track.pose, posture, aspect });
}

/** Somebody was seen walking up to this bed and getting in; who is found in it may always have been there. */
function gotInto(fact: ActivityFact, zone: Zone): boolean {
  return fact.kind === "bed_entry" && fact.zone === zone.name && fact.evidence.previousS !== null;
}

function isOnGround({ fall, floor }: Subject): boolean {
  return fall.kind !== "watching" || floor.kind !== "off";
}

function comesFromOutside(zones: readonly Zone[], { box, pose }: Track): boolean {
  const onBed = zones.some((zone) => zone.kind === "bed" && shareInside(zone, box, pose) > ON_BED_SHARE);
  const cutOff = box.x1 <= BORDER || box.x2 >= 1 - BORDER || box.y2 >= 1 - BORDER;
  return !onBed && (cutOff || isAtDoor(zones, box));
}

function isAtDoor(zones: readonly Zone[], box: Box): boolean {
  return zones.some((zone) => zone.kind === "door" && isInDoorway(zone, box));
}
