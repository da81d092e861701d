import type { Pose } from "../domain/pose.ts";

export interface TimedPose {
  /** Media time, seconds. */
  readonly timeS: number;
  readonly pose: Pose;
}

/** Four to eight strides of somebody who walks. Seconds. */
const SPAN_S = 6;
/** A stride takes about a second: fifteen poses of it are enough, whatever the camera's rate. Seconds. */
const EVERY_S = 1 / 16;
/** A gap or a step back is the end of a walk: what went before has nothing to do with what follows. Seconds. */
const LONGEST_GAP_S = 0.75;

/** One body's poses of the last seconds, no more than about a hundred. */
export class PoseTrail {
  #poses: TimedPose[] = [];

  get all(): readonly TimedPose[] {
    return [...this.#poses];
  }

  add(timeS: number, pose: Pose): void {
    const sinceS = timeS - (this.#poses.at(-1)?.timeS ?? Number.NEGATIVE_INFINITY);
    if (sinceS >= 0 && sinceS < EVERY_S - 1e-3) return;
    if (sinceS < 0 || sinceS > LONGEST_GAP_S) this.#poses = [];
    this.#poses.push({ timeS, pose });
    while (timeS - (this.#poses[0]?.timeS ?? timeS) > SPAN_S) this.#poses.shift();
  }
}
