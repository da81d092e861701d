// What is known of one person's fall, and what is told of it. Times in seconds of media time.
import type { FallEvidence, Posture } from "../domain/activity.ts";
import type { Box } from "../domain/geometry.ts";
import type { Descent, Top } from "./fall-descent.ts";
import type { Grounded } from "./fall-evidence.ts";
import type { BodyFeatures } from "./pose-features.ts";

export interface Landing extends Grounded {
  readonly upSinceS: number | null;
  readonly lastSeenS: number;
}

export type FallState =
  | { readonly kind: "watching"; readonly tops: readonly Top[] }
  | { readonly kind: "descending"; readonly descent: Descent; readonly sinceS: number }
  | (Landing & { readonly kind: "grounded"; readonly tops: readonly Top[] })
  | (Landing & { readonly kind: "suspected" })
  | (Landing & { readonly kind: "confirmed" });

export interface FallInput {
  readonly timeS: number;
  /** Null when the person is not seen in this frame. */
  readonly body: BodyFeatures | null;
  readonly posture: Posture;
  /** Last known, normalised. */
  readonly box: Box;
  /** Rests in a bed or on a sofa: going down there is no fall. */
  readonly resting: boolean;
  /** Was in bed until a moment ago and lies beside it. */
  readonly rolledOut: boolean;
  /** Not seen, but the fixed camera's background is covered where they were. */
  readonly stillThere: boolean;
  /** Whether they are where people walk; null where nobody knows. */
  readonly onFloor: boolean | null;
}

export interface FallEffect {
  readonly kind: "fall_suspected" | "fall_confirmed" | "fall_recovered";
  readonly confidence: number;
  readonly evidence: FallEvidence;
}

export const WATCHING: Extract<FallState, { readonly kind: "watching" }> = { kind: "watching", tops: [] };
