import type { GaitFeature } from "./gait-features.ts";

interface Usual {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * What is usual of each feature: median, and twice half the way from the 16th to the 84th percentile, of 15 stretches of
 * two seconds in which eleven people take some steps. Twice, because so few walk less differently than people do: half of
 * what is measured elsewhere would be cut off. Taken from footage that may be used freely: Intel's sample video
 * "one-by-one-person-detection" (CC BY 4.0) and nine clips of GMDCSA-24 (MIT).
 */
export const GAIT_STATISTICS: Readonly<Record<GaitFeature, Usual>> = {
  shoulder_width: { mean: 0.362, deviation: 0.29 },
  hip_width: { mean: 0.204, deviation: 0.12 },
  torso: { mean: 0.453, deviation: 0.16 },
  thigh: { mean: 0.302, deviation: 0.071 },
  shank: { mean: 0.283, deviation: 0.26 },
  upper_arm: { mean: 0.302, deviation: 0.083 },
  forearm: { mean: 0.199, deviation: 0.045 },
  head_height: { mean: 0.202, deviation: 0.18 },
  knee_angle: { mean: 1.87, deviation: 0.31 },
  knee_spread: { mean: 0.104, deviation: 0.3 },
  hip_angle: { mean: 1.85, deviation: 0.26 },
  hip_spread: { mean: 0.103, deviation: 0.24 },
  elbow_angle: { mean: 0.96, deviation: 1.3 },
  elbow_spread: { mean: 0.249, deviation: 0.56 },
  lean: { mean: 0.0497, deviation: 0.068 },
  lean_spread: { mean: 0.0196, deviation: 0.05 },
  step_period: { mean: 0.813, deviation: 0.44 },
  step_regularity: { mean: 0.235, deviation: 0.53 },
  step_amplitude: { mean: 0.0334, deviation: 0.035 },
  knee_amplitude: { mean: 0.0185, deviation: 0.029 },
  arm_swing: { mean: 0.0203, deviation: 0.021 },
  bounce: { mean: 0.00793, deviation: 0.021 },
  sway: { mean: 0.00887, deviation: 0.0088 },
};
