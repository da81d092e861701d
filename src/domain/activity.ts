import type { Box } from "./geometry.ts";

export const POSTURES = ["standing", "sitting", "bending", "lying", "unknown"] as const;
export type Posture = (typeof POSTURES)[number];

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
}

export interface BedEvidence {
  readonly box: Box;
  /** Seconds the state before this event had lasted; null when its start was not seen. */
  readonly previousS: number | null;
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
    | { readonly kind: "bed_entry" | "bed_exit"; readonly evidence: BedEvidence }
  );
