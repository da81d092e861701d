// From the configuration to what each room takes: the one place that knows both.
import type { Config } from "./config/config.ts";
import type { ActivitySettings } from "./pipeline/camera-activity.ts";
import { automaticMemoryLimit, type VisionLoad } from "./pipeline/memory-bound.ts";
import type { VisionSettings } from "./pipeline/vision-contract.ts";

export function visionSettings(config: Config, modelsDir: string): VisionSettings {
  const { memoryLimitMb: _, ...inference } = config.inference;
  const { kind, high, low, newTrack, lostS } = config.tracker;
  return {
    inference: { ...inference, modelsDir },
    tracker: { kind, high: high ?? null, low: low ?? null, newTrack: newTrack ?? null, lostS },
  };
}

/** Resident bytes that the vision process may grow to. */
export function visionMemoryLimit(config: Config, load: VisionLoad): number {
  const { memoryLimitMb } = config.inference;
  return memoryLimitMb === 0 ? automaticMemoryLimit(load) : memoryLimitMb * 2 ** 20;
}

export function activitySettings(config: Config): ActivitySettings {
  const { minGroundDurationS, fallSpeed, onFloorAfterS, longLieAfterS, bedDwellS } = config.adl;
  const { personTimeoutS, occupancyHoldS } = config.presence;
  return {
    adl: { minGroundDurationS, fallSpeed, onFloorAfterS, longLieAfterS, bedDwellS },
    presence: { personTimeoutS, occupancyHoldS },
  };
}
