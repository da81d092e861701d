// What one camera says of one frame, and what is remembered of it while others speak.
import type { Millis } from "../core/clock.ts";
import type { ActivityFact, Posture } from "../domain/activity.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { AdlObservation } from "./adl-engine.ts";
import { restingZone } from "./resting-place.ts";

/** One of those in a camera's view in one frame. */
export interface SeenPerson {
  readonly trackId: number;
  readonly posture: Posture;
  /** Rests in a drawn bed or on a sofa. */
  readonly resting: boolean;
}

/** What one camera says of one frame. */
export interface CameraView {
  readonly cameraId: string;
  /** Wall time of the frame: media times of two cameras cannot be compared. */
  readonly at: Millis;
  /** Of the same frame, seconds on the camera's own clock. */
  readonly mediaTimeS: number;
  readonly facts: readonly ActivityFact[];
  /** Who is detected in it. */
  readonly people: readonly SeenPerson[];
  /** Tracks whose fall is suspected or confirmed, detected or not. */
  readonly falls: ReadonlyMap<number, "suspected" | "confirmed">;
}

export interface CameraMemory {
  readonly at: Millis;
  readonly mediaTimeS: number;
  readonly falls: CameraView["falls"];
  /** By track id, outside beds and sofas: since when they have been seen lying, and when last. */
  readonly lying: ReadonlyMap<number, { readonly since: Millis; readonly last: Millis }>;
}

/** A lying posture may flicker for so long. */
export const FLICKER = 1500;
/** Not seen for so long, nobody is remembered as lying. */
const FORGET = 10_000;

/** Of a frame, and what the activity engine made of it. */
export function cameraViewOf(
  { stamp, tracks }: FrameObservation,
  { facts, falls, postures }: Pick<AdlObservation, "facts" | "falls" | "postures">,
  zones: readonly Zone[],
): CameraView {
  const people = tracks
    .filter(({ detected, state }) => detected && state === "confirmed")
    .map(({ id, box, pose }) => {
      const kind = restingZone(zones, box, pose)?.kind;
      return {
        trackId: id,
        posture: postures.get(id) ?? "unknown",
        resting: kind === "bed" || kind === "sofa",
      };
    });
  const { cameraId, capturedAt: at, mediaTimeS } = stamp;
  return { cameraId, at, mediaTimeS, facts, people, falls };
}

export function remember(before: CameraMemory | undefined, view: CameraView): CameraMemory {
  const { at, mediaTimeS, falls } = view;
  const lying = new Map(
    [...(before?.lying ?? [])].filter(([trackId, { last }]) => {
      const isUp = view.people.some((person) => person.trackId === trackId && person.posture !== "lying");
      return at >= last && at - last <= (isUp ? FLICKER : FORGET);
    }),
  );
  for (const { trackId, posture, resting } of view.people) {
    if (posture !== "lying" || resting) continue;
    lying.set(trackId, { since: lying.get(trackId)?.since ?? at, last: at });
  }
  return { at, mediaTimeS, falls, lying };
}
