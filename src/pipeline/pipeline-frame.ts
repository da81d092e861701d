import type { LumaImage, RgbImage } from "../domain/frame.ts";
import type { Box } from "../domain/geometry.ts";

/** A decoded picture, still in native memory. Whoever holds it disposes it. */
export interface PipelineFrame extends Disposable {
  readonly width: number;
  readonly height: number;
  toRgb(width: number, height: number): RgbImage;
  /** Of a box that may reach past the picture; what lies outside is black. */
  toRgbRegion(box: Box, width: number, height: number): RgbImage;
  toLuma(width: number, height: number): LumaImage;
  toJpeg(options: { maxWidth: number; quality: number }): Promise<Uint8Array>;
}
