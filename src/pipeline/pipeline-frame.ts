import type { RgbImage } from "../domain/frame.ts";

/** A decoded picture, still in native memory. Whoever holds it disposes it. */
export interface PipelineFrame extends Disposable {
  readonly width: number;
  readonly height: number;
  toRgb(width: number, height: number): RgbImage;
  toJpeg(options: { maxWidth: number; quality: number }): Promise<Uint8Array>;
}
