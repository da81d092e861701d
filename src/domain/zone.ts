import type { Point } from "./geometry.ts";

export const ZONE_KINDS = ["bed", "sofa", "floor", "door", "ignore"] as const;
/** A door that leads out of the home: whoever went through it is not at home. */
export const OUTSIDE = "outside";

export type ZoneKind = (typeof ZONE_KINDS)[number];

/** A polygon on one camera's picture. */
export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly kind: ZoneKind;
  /** At least three corners, normalised. */
  readonly polygon: readonly Point[];
  /** Where a door leads: an area nobody watches, such as the bathroom, or "outside". null where it does not matter. */
  readonly leadsTo: string | null;
}
