// A person as a stick figure, seen from the side: stands, leans, falls like a stick hinged at its feet, lies, gets up. Made
// of textbook physics and proportions alone, so that no clip anything was measured on comes in by the back door. Pure.
import type { Box } from "../domain/geometry.ts";
import type { Keypoint, Pose } from "../domain/pose.ts";

export interface Figure {
  readonly box: Box;
  readonly pose: Pose;
}

export interface Stance {
  /** Where the feet are, picture heights from the left edge. */
  readonly feetX: number;
  /** Radians from the vertical, positive to the right; pi/2 lies. */
  readonly lean: number;
  /** Phase of the gait, radians; null for somebody who does not walk. */
  readonly gait: number | null;
}

/** Metres. */
const STATURE = 1.7;
/** Of the picture's height: a usual room seen from its far corner. */
const LENGTH = 0.5;
const FLOOR_Y = 0.85;
export const FIGURE_ASPECT = 16 / 9;

/** Heights above the floor and half breadths, shares of stature (Drillis and Contini 1966, in Winter, Biomechanics, 4.1). */
const JOINTS: readonly (readonly [height: number, side: number])[] = [
  [0.915, 0],
  [0.936, -0.02],
  [0.936, 0.02],
  [0.93, -0.045],
  [0.93, 0.045],
  [0.818, -0.129],
  [0.818, 0.129],
  [0.63, -0.15],
  [0.63, 0.15],
  [0.485, -0.15],
  [0.485, 0.15],
  [0.53, -0.0955],
  [0.53, 0.0955],
  [0.285, -0.07],
  [0.285, 0.07],
  [0.039, -0.06],
  [0.039, 0.06],
];
const FIRST_LEG_JOINT = 13;

/** A body that lies has its middle so far above the floor: half the breadth of the shoulders, shares of stature. */
const HALF_BREADTH = 0.129;
/** How far the feet swing at each step, and how much the body bobs, shares of stature. */
const STRIDE = 0.18;
const BOB = 0.012;
/** A detector's box goes on beyond the joints: over the crown of the head and the soles of the feet. */
const MARGIN = 0.06;

/** Radians: so far out of balance nobody catches themselves by their ankles alone. */
const LEAN_AT_FIRST = 0.05;
const STEP_S = 0.001;

/** The lean of a uniform stick hinged at its foot, `STEP_S` apart: angular acceleration 3 g / 2 l * sin(lean). */
const LEANS: readonly number[] = (() => {
  const leans = [LEAN_AT_FIRST];
  let [lean, speed] = [LEAN_AT_FIRST, 0];
  while (lean < Math.PI / 2) {
    speed += ((1.5 * 9.81) / STATURE) * Math.sin(lean) * STEP_S;
    lean += speed * STEP_S;
    leans.push(Math.min(lean, Math.PI / 2));
  }
  return leans;
})();

/** Seconds from losing balance to lying: 1.4. */
export const FALL_TAKES_S = (LEANS.length - 1) * STEP_S;

/** Radians, `seconds` after balance was lost. */
export function leanOfFall(seconds: number): number {
  if (seconds < 0) return 0;
  return LEANS[Math.min(LEANS.length - 1, Math.round(seconds / STEP_S))] ?? Math.PI / 2;
}

/** `jitter` answers how far a keypoint is off, picture heights. */
export function figureOf({ feetX, lean, gait }: Stance, jitter: () => number): Figure {
  const bob = gait === null ? 0 : BOB * Math.cos(2 * gait);
  const [along, across] = [Math.cos(lean), Math.sin(lean)];
  const pose = JOINTS.map(([height, side], index): Keypoint => {
    const swing =
      gait === null || index < FIRST_LEG_JOINT
        ? 0
        : STRIDE * (1 - height) * Math.sin(gait) * (index % 2 === 0 ? 1 : -1);
    const up = height * along - (side + swing) * across + HALF_BREADTH * Math.abs(across) + bob;
    const right = height * across + (side + swing) * along;
    return {
      x: (feetX + LENGTH * right + jitter()) / FIGURE_ASPECT,
      y: FLOOR_Y - LENGTH * up + jitter(),
      confidence: 0.7,
    };
  });
  return { pose, box: around(pose) };
}

function around(pose: Pose): Box {
  const xs = pose.map(({ x }) => x);
  const ys = pose.map(({ y }) => y);
  const [x1, x2, y1, y2] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [dx, dy] = [(MARGIN * LENGTH) / FIGURE_ASPECT, MARGIN * LENGTH];
  return { x1: x1 - dx, y1: y1 - dy, x2: x2 + dx, y2: y2 + dy };
}
