import type { RgbImage } from "../domain/frame.ts";
import type { Detection } from "../domain/pose.ts";

/**
 * How a picture lies in a model's input, pixels: scaled to `contentWidth` x `contentHeight` in the top left corner of
 * `width` x `height`, the rest in the model's padding colour.
 */
export interface InputFit {
  readonly width: number;
  readonly height: number;
  readonly contentWidth: number;
  readonly contentHeight: number;
}

/** Finds people, with their poses where the model has them. */
export interface PersonDetector {
  /** Long sides of its input it may be run at, pixels, ascending; one where the model's input is fixed. */
  readonly sizes: readonly number[];
  /** Whether its detections carry poses. */
  readonly hasPose: boolean;
  /** What a picture of this size, pixels, is to be scaled to before `detect`: `contentWidth` x `contentHeight`. */
  fit(frameWidth: number, frameHeight: number, longSide: number): InputFit;
  /**
   * Takes a picture of the content's size, which is only read. Boxes and keypoints come back normalised to the picture,
   * the surest detection first.
   */
  detect(image: RgbImage): Promise<Detection[]>;
}
