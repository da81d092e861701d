import type { Point } from "./geometry.ts";
import type { Zone } from "./zone.ts";

/** How an RTSP camera sends its packets. `auto`: over TCP, and over UDP where the camera refuses TCP. */
export const TRANSPORTS = ["auto", "tcp", "udp"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/**
 * One camera as configured. `source` and `substream` may hold a password: they are never logged or sent to a browser as
 * they are.
 */
export interface Camera {
  readonly id: string;
  readonly name: string;
  /** Home Assistant's area. */
  readonly area: string | null;
  /** rtsp://, http(s):// or a file's path. */
  readonly source: string;
  /** The camera's small stream, watched instead of `source` as long as it can be opened; null where there is none. */
  readonly substream: string | null;
  readonly transport: Transport;
  readonly enabled: boolean;
  readonly privacy: boolean;
  readonly zones: readonly Zone[];
  /** Ids of cameras that see some of the same place. */
  readonly overlaps: readonly string[];
  /** Where only some persons are looked for; left out: everybody is. */
  readonly region?: string;
  /** Two upright things of known height on the same floor; left out: the camera is not calibrated. */
  readonly heightMarks?: readonly [HeightMark, HeightMark];
}

/** Something upright whose height is known, such as a door: where it stands and where it ends, as shares of the picture. */
export interface HeightMark {
  readonly foot: Point;
  readonly head: Point;
  readonly metres: number;
}

/** The area a camera watches: one without is an area of its own, under its own name. */
export function areaOf({ area, name }: Pick<Camera, "area" | "name">): string {
  return area ?? name;
}
