import type { Point } from "./geometry.ts";

export const ZONE_KINDS = ["bed", "sofa", "floor", "door", "ignore"] as const;
export type ZoneKind = (typeof ZONE_KINDS)[number];

/** A polygon on one camera's picture. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly kind: ZoneKind;
  /** At least three corners, normalised. */
  readonly polygon: readonly Point[];
}
