import type { RgbImage } from "../domain/frame.ts";
import type { InputFit } from "./person-detector.ts";

/**
 * Fits the long side of a picture to `longSide` pixels. Small pictures are enlarged too: a model knows people of a
 * certain size. `stride` is what the model's input has to be a multiple of.
 */
export function fitLongSide(
  frameWidth: number,
  frameHeight: number,
  longSide: number,
  stride: number,
): InputFit {
  const scale = longSide / Math.max(frameWidth, frameHeight);
  const contentWidth = Math.max(1, Math.round(frameWidth * scale));
  const contentHeight = Math.max(1, Math.round(frameHeight * scale));
  return padTo(contentWidth, contentHeight, stride);
}

/** The input that holds a picture of this size: both sides rounded up to a multiple of `stride`. */
export function padTo(contentWidth: number, contentHeight: number, stride: number): InputFit {
  return {
    width: Math.ceil(contentWidth / stride) * stride,
    height: Math.ceil(contentHeight / stride) * stride,
    contentWidth,
    contentHeight,
  };
}

/**
 * A fresh input buffer, packed RGB, with the picture in its top left corner and `padding`, 0..255, in all channels
 * beside it. A landscape picture fills whole rows, so this is one copy of memory.
 */
export function layIntoInput(image: RgbImage, fit: InputFit, padding = 0): Uint8Array {
  const input = new Uint8Array(fit.width * fit.height * 3);
  if (image.width === fit.width) {
    input.set(image.data);
    if (padding !== 0) input.fill(padding, image.data.length);
    return input;
  }
  if (padding !== 0) input.fill(padding);
  const rowBytes = image.width * 3;
  for (let y = 0; y < image.height; y += 1) {
    input.set(image.data.subarray(y * rowBytes, (y + 1) * rowBytes), y * fit.width * 3);
  }
  return input;
}
