// What a live camera's pictures are worth: whether anything moves before it, whether they show anything at all, and how
// large people are in them. Looks at small thumbnails of every due frame; holds no picture.
import { MotionDetector } from "../camera/motion-detector.ts";
import { SleepPolicy } from "../camera/sleep-policy.ts";
import { thumbnailSize } from "../camera/thumbnail-size.ts";
import type { Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { PipelineFrame } from "./pipeline-frame.ts";

export interface SceneWatchOptions {
  /** Whether pictures without movement may be left out. */
  readonly motionGate: boolean;
  /** Long sides of its input that the detector may be run at, pixels, ascending. */
  readonly sizes: readonly number[];
}

export class SceneWatch {
  readonly inputSize: number;
  readonly #motionGate: boolean;
  readonly #motion = new MotionDetector();
  readonly #sleep = new SleepPolicy();
  #tracked = false;
  #lying = false;

  constructor(options: SceneWatchOptions) {
    this.#motionGate = options.motionGate;
    this.inputSize = options.sizes[0] ?? 0;
  }

  /** Nothing moves and nobody is followed: the pictures are not analysed. */
  get resting(): boolean {
    return this.#motionGate && this.#sleep.resting;
  }

  /** Takes every due frame in the order of their times; whether it is to be analysed. */
  examine(frame: PipelineFrame, timeS: number): boolean {
    if (!this.#motionGate) return true;
    const { width, height } = thumbnailSize(frame.width, frame.height);
    const { moving } = this.#motion.observe(frame.toLuma(width, height), timeS);
    return this.#sleep.awake({ timeS, moving, tracked: this.#tracked, lying: this.#lying });
  }

  /** Takes what was found in an analysed frame. */
  found(tracks: readonly Track[], _aspect: number, _timeS: number): void {
    this.#tracked = tracks.some((track) => track.state !== "ended");
  }

  attend(lying: boolean): void {
    this.#lying = lying;
  }

  setZones(_zones: readonly Zone[]): void {}
}
