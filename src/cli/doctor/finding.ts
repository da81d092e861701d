import type { ModelStore } from "../../../models/model-store.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../core/logger.ts";
import type { Places } from "../places.ts";

export interface Finding {
  /** What was looked at, such as "models" or "camera hall". */
  readonly check: string;
  /** warning: Haven runs without it, or it could not be tried. */
  readonly state: "ok" | "warning" | "failed";
  readonly detail: string;
  /** What to do; null when nothing needs to be done. */
  readonly remedy: string | null;
}

export interface DoctorContext {
  readonly places: Places;
  readonly config: Config;
  readonly store: ModelStore;
  readonly log: Logger;
  readonly signal: AbortSignal;
}
