import { AppError } from "../core/errors.ts";
import { BOTSORT_APPEARANCE } from "./appearance.ts";
import { ByteTracker } from "./byte-tracker.ts";
import type { Tracker, TrackerSettings } from "./tracker.ts";

/** Throws `config.invalid` when the settings contradict themselves. */
export function createTracker(settings: TrackerSettings): Tracker {
  const { low, high, newTrack, lostS } = settings;
  for (const [name, value] of Object.entries({ low, high, new_track: newTrack })) {
    if (!(value > 0 && value <= 1)) {
      throw new AppError(
        "config.invalid",
        `tracker.${name} is ${value}: use a confidence above 0 and up to 1`,
      );
    }
  }
  if (low > high) {
    throw new AppError("config.invalid", `tracker.low (${low}) is above tracker.high (${high}): swap them`);
  }
  if (!(lostS >= 0 && Number.isFinite(lostS))) {
    throw new AppError("config.invalid", `tracker.lost_seconds is ${lostS}: use seconds, such as 2`);
  }
  return new ByteTracker(settings, settings.kind === "botsort" ? BOTSORT_APPEARANCE : null);
}
