// A model's picture input as its manifest describes it: which sizes it takes, and how bytes become its numbers. Floats are
// written in one pass over the picture, through a table of the 256 values a byte can become.
import type { ModelInput } from "../../models/manifest.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { TensorData } from "../inference/tensor.ts";
import { fitLongSide, layIntoInput, padTo } from "./input-fit.ts";
import type { InputFit } from "./person-detector.ts";

/** What the feature pyramids of the detectors known here halve their input to: five times. */
const PYRAMID_STRIDE = 32;

export class PictureInput {
  readonly name: string;
  /** Long sides it may be run at, pixels, ascending. */
  readonly sizes: readonly number[];
  readonly #input: ModelInput;
  /** What each byte becomes, for the three channels in the model's order. */
  readonly #tables: readonly [Float32Array, Float32Array, Float32Array];

  /** `defaultSizes` are for a model whose size is open and whose manifest names none. */
  constructor(input: ModelInput, defaultSizes: readonly number[]) {
    this.name = input.name;
    this.#input = input;
    this.#tables = [tableOf(input, 0), tableOf(input, 1), tableOf(input, 2)];
    const { size } = input;
    this.sizes =
      size.kind === "fixed" ? [Math.max(size.width, size.height)] : (size.sizes ?? [...defaultSizes]);
  }

  /** How a frame of this size, pixels, is fitted. `longSide` is of no effect where the input's size is fixed. */
  fit(frameWidth: number, frameHeight: number, longSide: number): InputFit {
    const { size } = this.#input;
    if (size.kind !== "fixed") return fitLongSide(frameWidth, frameHeight, longSide, this.#stride);
    const scale = Math.min(size.width / frameWidth, size.height / frameHeight);
    return {
      width: size.width,
      height: size.height,
      contentWidth: Math.max(1, Math.round(frameWidth * scale)),
      contentHeight: Math.max(1, Math.round(frameHeight * scale)),
    };
  }

  /** The input that a picture of the content's size goes into. Throws AppError `internal` when it is larger. */
  fitOf(image: RgbImage): InputFit {
    const { size } = this.#input;
    if (size.kind !== "fixed") return padTo(image.width, image.height, this.#stride);
    if (image.width > size.width || image.height > size.height) {
      throw new AppError(
        "internal",
        `A picture of ${image.width}x${image.height} does not go into an input of ${size.width}x${size.height}: scale it as fit() says.`,
      );
    }
    return {
      width: size.width,
      height: size.height,
      contentWidth: image.width,
      contentHeight: image.height,
    };
  }

  /** A fresh tensor with the picture in its top left corner, [1, height, width, 3] or [1, 3, height, width]. */
  tensor(image: RgbImage, fit: InputFit): TensorData {
    const { dtype, layout, colours, padding } = this.#input;
    const dims = layout === "NHWC" ? [1, fit.height, fit.width, 3] : [1, 3, fit.height, fit.width];
    if (dtype === "uint8" && layout === "NHWC" && colours === "RGB") {
      return { type: "uint8", dims, data: layIntoInput(image, fit, padding) };
    }
    const length = fit.width * fit.height * 3;
    const data = dtype === "uint8" ? new Uint8Array(length) : new Float32Array(length);
    if (layout === "NCHW") this.#layPlanes(image, fit, data);
    else this.#layPixels(image, fit, data);
    return data instanceof Uint8Array ? { type: "uint8", dims, data } : { type: "float32", dims, data };
  }

  get #stride(): number {
    const { size } = this.#input;
    return size.kind === "multiple-of" ? size.pixels : PYRAMID_STRIDE;
  }

  #layPlanes(image: RgbImage, fit: InputFit, out: Float32Array | Uint8Array): void {
    const { padding, colours } = this.#input;
    const [first, second, third] = this.#tables;
    const { width } = fit;
    const plane = width * fit.height;
    // A landscape picture fills whole rows: only what lies below it is grey.
    const filled = image.width === width ? image.height * width : 0;
    for (const [channel, table] of this.#tables.entries()) {
      out.fill(table[padding] ?? 0, channel * plane + filled, (channel + 1) * plane);
    }
    const source = image.data;
    const red = colours === "RGB" ? 0 : 2;
    let from = 0;
    for (let y = 0; y < image.height; y += 1) {
      const end = y * width + image.width;
      for (let to = y * width; to < end; to += 1) {
        out[to] = first[source[from + red] as number] as number;
        out[to + plane] = second[source[from + 1] as number] as number;
        out[to + 2 * plane] = third[source[from + 2 - red] as number] as number;
        from += 3;
      }
    }
  }

  #layPixels(image: RgbImage, fit: InputFit, out: Float32Array | Uint8Array): void {
    const { padding, colours } = this.#input;
    const source = image.data;
    for (const [channel, table] of this.#tables.entries()) {
      const blank = table[padding] ?? 0;
      if (image.width < fit.width || image.height < fit.height) {
        for (let to = channel; to < out.length; to += 3) out[to] = blank;
      }
      let from = colours === "RGB" ? channel : 2 - channel;
      for (let y = 0; y < image.height; y += 1) {
        let to = y * fit.width * 3 + channel;
        for (let x = 0; x < image.width; x += 1) {
          out[to] = table[source[from] as number] as number;
          from += 3;
          to += 3;
        }
      }
    }
  }
}

function tableOf(input: ModelInput, channel: 0 | 1 | 2): Float32Array {
  const [black, white] = input.range;
  const mean = input.mean?.[channel] ?? 0;
  const deviation = input.std?.[channel] ?? 1;
  return Float32Array.from(
    { length: 256 },
    (_, byte) => (black + (byte / 255) * (white - black) - mean) / deviation,
  );
}
