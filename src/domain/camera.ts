import type { Zone } from "./zone.ts";

/** One camera as configured. `source` may hold a password: it is never logged or sent to a browser as it is. */
export interface Camera {
  readonly id: string;
  readonly name: string;
  /** Home Assistant's area. */
  readonly area: string | null;
  /** rtsp://, http(s):// or a file's path. */
  readonly source: string;
  readonly enabled: boolean;
  readonly privacy: boolean;
  readonly zones: readonly Zone[];
}
