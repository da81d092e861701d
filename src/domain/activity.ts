import type { Box } from "./geometry.ts";

export const POSTURES = [
  "standing",
  "walking",
  "sitting",
  "bending",
  "kneeling",
  "on_all_fours",
  "lying",
  "unknown",
] as const;
export type Posture = (typeof POSTURES)[number];

/**
 * What spoke for a fall or for somebody on the floor. `fast`: came down at the falling speed; `deep`: further than sitting
 * down; `looks_fallen`: low, wide or flat afterwards; `two_stages`: down to half height, then on; `vanished`: lost on the
 * way down; `rolled_out`: was in bed and lies beside it; `seated`: sits on the ground; `still_there`: unseen, but the fixed
 * camera's background is covered where they were; `on_known_floor`: where people walk; `second_camera`: seen by another.
 */
export const FALL_SIGNS = [
  "fast",
  "deep",
  "looks_fallen",
  "two_stages",
  "vanished",
  "rolled_out",
  "seated",
  "still_there",
  "on_known_floor",
  "second_camera",
] as const;
export type FallSign = (typeof FALL_SIGNS)[number];

/** What a caregiver or an engineer can check a fall by. Lengths in body lengths (L), times in seconds of media time. */
export interface FallEvidence {
  /** Fastest descent of head and shoulders before the ground, L/s. */
  readonly peakSpeed: number;
  /** How far head and shoulders came down, L. */
  readonly drop: number;
  readonly posture: Posture;
  /** Media time at which the descent began and the ground was reached. */
  readonly descentAtS: number;
  readonly groundAtS: number;
  /** Seconds on the ground up to this event. */
  readonly onGroundS: number;
  readonly box: Box;
  /** What spoke for it, strongest first. */
  readonly signs: readonly FallSign[];
}

export interface BedEvidence {
  readonly box: Box;
  /** Seconds the state before this event had lasted; null when its start was not seen. */
  readonly previousS: number | null;
  /** Whether it happened within the household's night hours. */
  readonly night: boolean;
}

interface FactBase {
  readonly trackId: number;
  readonly mediaTimeS: number;
  readonly confidence: number;
  readonly zone: string | null;
}

/** What the activity machines found out about one track in one frame. */
export type ActivityFact = FactBase &
  (
    | {
        readonly kind: "fall_suspected" | "fall_confirmed" | "fall_recovered" | "on_floor" | "long_lie";
        readonly evidence: FallEvidence;
      }
    | { readonly kind: "bed_entry" | "bed_edge" | "bed_exit"; readonly evidence: Omit<BedEvidence, "night"> }
  );
