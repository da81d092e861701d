// From the configuration to what each room takes: the one place that knows both.
import type { Config } from "./config/config.ts";
import type { NightHours } from "./core/local-time.ts";
import type { ActivitySettings } from "./pipeline/camera-activity.ts";
import type { HouseWatchSettings } from "./pipeline/house-watch.ts";
import { automaticMemoryLimit, type VisionLoad } from "./pipeline/memory-bound.ts";
import type { IdentifySettings, VisionSettings } from "./pipeline/vision-contract.ts";

export function visionSettings(config: Config, modelsDir: string): VisionSettings {
  const { memoryLimitMb: _, ...inference } = config.inference;
  const { kind, high, low, newTrack, lostS } = config.tracker;
  return {
    inference: { ...inference, modelsDir },
    tracker: { kind, high: high ?? null, low: low ?? null, newTrack: newTrack ?? null, lostS },
    identify: identifySettings(config.reid),
  };
}

function identifySettings(reid: Config["reid"]): IdentifySettings | null {
  if (!reid.enabled) return null;
  return {
    faceDetector: reid.faceDetector,
    faceModel: reid.face ? reid.faceModel : null,
    appearanceModel: reid.appearance ? reid.appearanceModel : null,
    gait: reid.gait,
    keepPictures: reid.keepPictures,
    samples: reid.samples,
    minFrames: reid.trackletFrames,
    minHeightPx: reid.minHeightPx,
    minFacePx: reid.minFacePx,
    minReferenceFacePx: reid.minReferenceFacePx,
  };
}

/** Resident bytes that the vision process may grow to. */
export function visionMemoryLimit(config: Config, load: VisionLoad): number {
  const { memoryLimitMb } = config.inference;
  return memoryLimitMb === 0 ? automaticMemoryLimit(load) : memoryLimitMb * 2 ** 20;
}

export function activitySettings(config: Config): ActivitySettings {
  const { minGroundDurationS, fallSpeed, onFloorAfterS, longLieAfterS, bedDwellS, bedEdgeAfterS } =
    config.adl;
  const { personTimeoutS, occupancyHoldS } = config.presence;
  const night = nightHours(config);
  return {
    adl: { minGroundDurationS, fallSpeed, onFloorAfterS, longLieAfterS, bedDwellS, bedEdgeAfterS },
    presence: { personTimeoutS, occupancyHoldS },
    night,
  };
}

export function nightHours({ adl }: Config): NightHours {
  return { from: adl.nightFrom, until: adl.nightUntil };
}

export function houseWatchSettings(config: Config): HouseWatchSettings {
  const { adl, alarms } = config;
  return {
    night: nightHours(config),
    inactivityAfter: adl.inactivityAfterMinutes * 60_000,
    wanderingAfter: adl.wanderingAfterMinutes * 60_000,
    blindAfter: alarms.blindAfterS * 1000,
    summaryAt: alarms.dailySummaryAt,
  };
}
