import type { Millis } from "../core/clock.ts";

/** What can be said of one area at one moment, over all cameras in it. */
export interface AreaGlance {
  readonly area: string;
  /** Whether any of its cameras could see somebody. */
  readonly watched: boolean;
  /** People there: in sight, or lying where nobody sees them. */
  readonly people: number;
  /** Those who moved since the last glance. */
  readonly moving: number;
  /** Those who stand or walk. */
  readonly upright: number;
  /** Those in bed; null where no bed is drawn. */
  readonly inBed: number | null;
}

/** Somebody went out of sight through a drawn door, or came back through it. */
export interface DoorFact {
  readonly kind: "went" | "came";
  readonly area: string;
  /** Where the door leads. */
  readonly leadsTo: string;
  readonly at: Millis;
}

/** The house at one moment, about once a second. */
export interface HouseGlance {
  /** Wall time. */
  readonly at: Millis;
  readonly areas: readonly AreaGlance[];
  /** What happened at doors since the last glance, in order. */
  readonly doors: readonly DoorFact[];
}
