// Judges what the vision process says of itself with every beat. That its event loop turns is not enough: a model run or
// a decoder may hang on a thread of its own, and memory may grow until the kernel ends something, perhaps the daemon.
import type { Millis } from "../core/clock.ts";
import type { FromVision } from "./vision-contract.ts";

export type Heartbeat = Extract<FromVision, { kind: "heartbeat" }>;

/** Why a process that still runs has to be replaced. */
export type Ailment =
  | { readonly kind: "silent"; readonly forMs: Millis }
  | { readonly kind: "inference-stuck"; readonly forMs: Millis }
  | { readonly kind: "decoder-stuck"; readonly cameraId: string; readonly forMs: Millis }
  | { readonly kind: "grown"; readonly rssBytes: number; readonly limitBytes: number };

/**
 * One run takes 5 to 50 ms on a PC and up to 3 s for the largest plug-in on a small board; graphics compile their programs
 * in the first, which takes them seconds.
 */
const INFERENCE_LIMIT: Millis = 20_000;
/** TensorRT builds an engine for every input size it meets, which takes minutes. */
const ENGINE_LIMIT: Millis = 10 * 60_000;
/** One packet: milliseconds, or half a second for a keyframe of the largest pictures on a small board. */
const DECODE_LIMIT: Millis = 10_000;
/** A beat comes every second: a peak that passes (models being loaded, many streams being opened) is borne. */
const BEATS_OVER_LIMIT = 3;

export class VitalSigns {
  #beatsOverLimit = 0;

  /** What is wrong, null when nothing is. */
  judge(
    beat: Heartbeat,
    limits: { readonly memoryBytes: number; readonly provider: string },
  ): Ailment | null {
    const { inferenceStuckMs, longestDecode, rssBytes } = beat;
    if (inferenceStuckMs > (limits.provider === "tensorrt" ? ENGINE_LIMIT : INFERENCE_LIMIT)) {
      return { kind: "inference-stuck", forMs: inferenceStuckMs };
    }
    if (longestDecode !== null && longestDecode.forMs > DECODE_LIMIT) {
      return { kind: "decoder-stuck", ...longestDecode };
    }
    this.#beatsOverLimit = rssBytes > limits.memoryBytes ? this.#beatsOverLimit + 1 : 0;
    if (this.#beatsOverLimit < BEATS_OVER_LIMIT) return null;
    return { kind: "grown", rssBytes, limitBytes: limits.memoryBytes };
  }
}

/** For people: what the vision process did, as the end of a sentence that begins with it. */
export function describeAilment(ailment: Ailment): string {
  switch (ailment.kind) {
    case "silent":
      return `gave no sign of life for ${seconds(ailment.forMs)} s`;
    case "inference-stuck":
      return `hung in the models for ${seconds(ailment.forMs)} s`;
    case "decoder-stuck":
      return `hung in decoding a camera's stream for ${seconds(ailment.forMs)} s`;
    case "grown":
      return `grew to ${megabytes(ailment.rssBytes)} MB, more than the ${megabytes(ailment.limitBytes)} MB it may use,`;
  }
}

function seconds(ms: Millis): number {
  return Math.round(ms / 1000);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
