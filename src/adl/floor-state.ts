// What is known of somebody who is on the floor, or may be, and what is told of it. Times in seconds of media time.
import type { FallSign } from "../domain/activity.ts";

/** How somebody got to the floor, as far as it was seen: L/s and L. */
export interface WayDown {
  readonly peakSpeed: number;
  readonly drop: number;
}

/** How a body that is seen is to the floor; kneeling is on hands and knees as well. */
export type FloorLook = "lying" | "sitting" | "kneeling" | "up";

export interface OnFloor {
  readonly sinceS: number;
  readonly way: WayDown;
  /** The way down deserves a question soon. */
  readonly doubtful: boolean;
  /** The latest look on the floor; null for somebody not seen there yet. */
  readonly look: Exclude<FloorLook, "up"> | null;
  /** Since when that look. */
  readonly lookSinceS: number;
  readonly lastSeenS: number;
  /** Seen in the latest frame. */
  readonly seen: boolean;
  readonly upSinceS: number | null;
  /** Frames since then, and those of them in which the person was seen on the floor. */
  readonly frames: number;
  readonly seenDown: number;
  readonly covered: boolean;
  readonly onFloor: boolean | null;
}

export type FloorState =
  | { readonly kind: "off" }
  | {
      readonly kind: "missing";
      readonly sinceS: number;
      readonly way: WayDown;
      readonly coveredS: number | null;
    }
  | (OnFloor & { readonly kind: "down" })
  | (OnFloor & { readonly kind: "noticed" })
  | (OnFloor & { readonly kind: "long" });

export interface FloorInput {
  readonly timeS: number;
  /** Outside beds and sofas. Null when the person is not seen in this frame. */
  readonly look: FloorLook | null;
  readonly way: WayDown;
  readonly doubtful: boolean;
  /** Lost from sight on the way down: since when, and what was seen of it. */
  readonly lost: { readonly sinceS: number; readonly way: WayDown } | null;
  /** Not seen, but the background is covered where they were; or nobody could be seen, as the camera is away. */
  readonly stillThere: boolean;
  readonly away: boolean;
  /** Not seen, and last seen at the edge of the picture: they may have left it. */
  readonly mayHaveLeft: boolean;
  /** Whether they are where people walk; null where nobody knows. */
  readonly onFloor: boolean | null;
  /** Since when on the ground, if a fall of this person has been confirmed. */
  readonly fallenSinceS: number | null;
}

export interface FloorEffect {
  readonly kind: "on_floor" | "long_lie" | "fall_recovered";
  /** Share of the frames in which the person was seen on the floor, 0..1. */
  readonly confidence: number;
  readonly sinceS: number;
  readonly way: WayDown;
  readonly signs: readonly FallSign[];
}

export const OFF_FLOOR: Extract<FloorState, { readonly kind: "off" }> = { kind: "off" };
