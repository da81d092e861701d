// Who goes out of sight through a drawn door of one camera's picture, and who comes back: a track that ends there, and one
// that begins there. Pure.

import { type Box, boxCentre, isInside } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";

/** Nobody can be told to have come in before their track has been looked at for so long: its first box may be a stray arm's. */
const ARRIVAL_S = 0.5;

interface Passer {
  readonly firstSeenS: number;
  readonly lastSeenS: number;
  /** Id of the door zone they were first seen in, until it has been told or they were seen elsewhere too soon. */
  readonly from: string | null;
  /** Id of the door zone they are in now, or were last. */
  readonly at: string | null;
  readonly told: boolean;
}

/** By track id. */
export type DoorState = ReadonlyMap<number, Passer>;

export const NOBODY_AT_DOORS: DoorState = new Map();

export interface DoorPassage {
  readonly kind: "went" | "came";
  readonly zone: Zone;
  /** Media time at which they went out of sight, or came into it. */
  readonly atS: number;
}

export function stepDoors(
  state: DoorState,
  input: { readonly timeS: number; readonly tracks: readonly Track[]; readonly zones: readonly Zone[] },
): { readonly state: DoorState; readonly passages: readonly DoorPassage[] } {
  const doors = input.zones.filter((zone) => zone.kind === "door" && zone.leadsTo !== null);
  const zoneOf = (id: string | null) => doors.find((zone) => zone.id === id);
  const next = new Map<number, Passer>();
  const passages: DoorPassage[] = [];
  const came = (passer: Passer, timeS: number): Passer => {
    const zone = zoneOf(passer.from);
    if (passer.told || timeS - passer.firstSeenS < ARRIVAL_S) return passer;
    if (zone !== undefined) passages.push({ kind: "came", zone, atS: passer.firstSeenS });
    return { ...passer, told: true };
  };
  const gone = new Map([...state].filter(([id]) => !input.tracks.some((track) => track.id === id)));
  for (const track of input.tracks) {
    const before = state.get(track.id);
    const known = before !== undefined && track.firstSeenS <= before.lastSeenS ? before : undefined;
    if (before !== undefined && known === undefined) gone.set(track.id, before);
    if (track.state === "ended") {
      if (known !== undefined) gone.set(track.id, known);
      continue;
    }
    if (track.state === "tentative") continue;
    if (!track.detected) {
      if (known !== undefined) next.set(track.id, known);
      continue;
    }
    const at = doors.find((zone) => isInDoorway(zone, track.box))?.id ?? null;
    const passer = known ?? {
      firstSeenS: track.firstSeenS,
      lastSeenS: input.timeS,
      from: at,
      at,
      told: false,
    };
    next.set(track.id, came({ ...passer, at, lastSeenS: input.timeS }, input.timeS));
  }
  for (const passer of gone.values()) {
    const zone = zoneOf(passer.at);
    // Who was hardly there, a stray box in the doorway, neither came nor went.
    if (zone !== undefined && passer.told) passages.push({ kind: "went", zone, atS: passer.lastSeenS });
  }
  return { state: next, passages };
}

/** The feet are in the doorway, or, where something is in the way of the feet, the middle of the body. */
export function isInDoorway({ polygon }: Zone, box: Box): boolean {
  const feet = { x: (box.x1 + box.x2) / 2, y: box.y2 };
  return isInside(feet, polygon) || isInside(boxCentre(box), polygon);
}
