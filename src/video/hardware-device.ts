// The graphics' own video decoders. One device is opened for all streams and closed with the last of them: a CUDA context
// alone takes some hundred megabytes.
import {
  AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX,
  AV_HWDEVICE_TYPE_CUDA,
  AV_HWDEVICE_TYPE_VAAPI,
  type AVPixelFormat,
} from "node-av/constants";
import { type Codec, type CodecContext, HardwareDeviceContext } from "node-av/lib";
import { AppError } from "../core/errors.ts";

/** In the order in which they are tried. */
export const HARDWARE_DECODERS = ["vaapi", "cuda"] as const;
export type HardwareDecoder = (typeof HARDWARE_DECODERS)[number];
export type DecoderChoice = "software" | HardwareDecoder;

const DEVICE_TYPES = { vaapi: AV_HWDEVICE_TYPE_VAAPI, cuda: AV_HWDEVICE_TYPE_CUDA } as const;

interface Opened {
  readonly context: HardwareDeviceContext;
  holders: number;
}

const opened = new Map<HardwareDecoder, Opened>();

/** A hold on the machine's decoder of one kind. */
export class HardwareDevice implements Disposable {
  readonly kind: HardwareDecoder;
  #opened: Opened | null;

  private constructor(kind: HardwareDecoder, device: Opened) {
    this.kind = kind;
    this.#opened = device;
    device.holders += 1;
  }

  /** @throws AppError input.invalid when this machine has no such decoder, or its driver does not work. */
  static open(kind: HardwareDecoder): HardwareDevice {
    const known = opened.get(kind);
    if (known !== undefined) return new HardwareDevice(kind, known);
    const context = new HardwareDeviceContext();
    const code = context.create(DEVICE_TYPES[kind], null, null);
    if (code < 0) {
      context.free();
      // FFmpeg's own words for it tell nothing ("Operation not permitted" where a library is missing).
      throw new AppError(
        "input.invalid",
        "No device for it can be opened: there is none, its driver is missing, or Haven may not use it.",
        { fields: { avError: code } },
      );
    }
    const device = { context, holders: 0 };
    opened.set(kind, device);
    return new HardwareDevice(kind, device);
  }

  /** Makes a codec that is not open yet decode on this device; null where the device does not know the codec. */
  attachTo(context: CodecContext, codec: Codec): AVPixelFormat | null {
    const format = formatOn(DEVICE_TYPES[this.kind], codec);
    const device = this.#opened;
    if (format === null || device === null) return null;
    context.hwDeviceCtx = device.context;
    context.setHardwarePixelFormat(format);
    return format;
  }

  /** It stopped working: whoever asks next gets a device opened anew. */
  giveUp(): void {
    if (opened.get(this.kind) === this.#opened) opened.delete(this.kind);
  }

  [Symbol.dispose](): void {
    const device = this.#opened;
    if (device === null) return;
    this.#opened = null;
    device.holders -= 1;
    if (device.holders > 0) return;
    if (opened.get(this.kind) === device) opened.delete(this.kind);
    device.context.free();
  }
}

function formatOn(type: (typeof DEVICE_TYPES)[HardwareDecoder], codec: Codec): AVPixelFormat | null {
  for (let index = 0; ; index += 1) {
    const config = codec.getHwConfig(index);
    if (config === null) return null;
    const byDevice = (config.methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX) !== 0;
    if (byDevice && config.deviceType === type) return config.pixFmt;
  }
}
