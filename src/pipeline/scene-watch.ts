// What a camera's pictures are worth: whether anything moves, whether they show anything, how large people are in them.
import type { Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { PipelineFrame } from "./pipeline-frame.ts";

export interface SceneWatchOptions {
  /** Long side of the detector's input, pixels. */
  readonly inputSize: number;
}

export class SceneWatch {
  readonly inputSize: number;
  readonly resting = false;

  constructor(options: SceneWatchOptions) {
    this.inputSize = options.inputSize;
  }

  /** Takes every due frame in the order of their times; whether it is worth analysing. */
  examine(_frame: PipelineFrame, _timeS: number): boolean {
    return true;
  }

  /** Takes what was found in an analysed frame. */
  found(_tracks: readonly Track[], _aspect: number, _timeS: number): void {}

  attend(_lying: boolean): void {}

  setZones(_zones: readonly Zone[]): void {}
}
