import type { Box } from "../domain/geometry.ts";
import type { Track } from "../domain/track.ts";
import { type BedState, isInBed, mayBeInBed } from "./bed-machine.ts";
import { type FallState, WATCHING } from "./fall-state.ts";
import { type FloorState, OFF_FLOOR } from "./floor-state.ts";
import { type BodyMemory, NO_MEMORY } from "./pose-features.ts";
import { NO_POSTURE, type PostureState } from "./posture.ts";

/** Everything known of one person in view, or lately in view: the states of all machines, and where they were last. */
export interface Subject {
  /** The track that carries this person now, or did last. */
  readonly trackId: number;
  readonly memory: BodyMemory;
  readonly posture: PostureState;
  readonly fall: FallState;
  readonly floor: FloorState;
  /** By the bed's zone id. */
  readonly beds: ReadonlyMap<string, BedState>;
  /** Normalised. */
  readonly box: Box;
  /** Picture heights. */
  readonly bodyLength: number;
  readonly lastSeenS: number;
  /** Name of the zone they were last in. */
  readonly zone: string | null;
}

export function newSubject(track: Track, timeS: number): Subject {
  return {
    trackId: track.id,
    memory: NO_MEMORY,
    posture: NO_POSTURE,
    fall: WATCHING,
    floor: OFF_FLOOR,
    beds: new Map(),
    box: track.box,
    bodyLength: 0,
    lastSeenS: timeS,
    zone: null,
  };
}

/** Whether the person lies where a camera easily loses them: on the floor, or in bed. They are still in the room. */
export function isHeld({ fall, floor, beds }: Subject): boolean {
  const fallen = fall.kind === "confirmed" || fall.kind === "suspected";
  const onFloor = floor.kind !== "off" && floor.kind !== "missing";
  return fallen || onFloor || [...beds.values()].some(isInBed);
}

/** Whether something is under way that must not be lost with the track. */
export function isExpected(subject: Subject): boolean {
  const { fall, floor } = subject;
  if (fall.kind === "descending" || fall.kind === "grounded" || floor.kind === "missing") return true;
  if (isHeld(subject)) return true;
  return [...subject.beds.values()].some(mayBeInBed);
}
