import type { Clock, Millis } from "../core/clock.ts";
import type { Transport } from "../domain/camera.ts";
import type { StreamInfo } from "../domain/camera-status.ts";
import { unreadable } from "./media-input.ts";
import { openVideo } from "./open-video.ts";
import { parseSource } from "./source-address.ts";

export interface ProbedSource {
  readonly stream: StreamInfo;
  readonly jpeg: Uint8Array;
}

/**
 * Tries a source out: what it is and its first picture, no wider than 1280.
 * @throws AppError as openVideo, with a sentence for whoever typed the address.
 */
export async function probeSource(
  source: string,
  options: {
    readonly timeoutMs: Millis;
    readonly transport?: Transport;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<ProbedSource> {
  const video = await openVideo({
    source,
    live: false,
    transport: options.transport ?? "auto",
    connectTimeoutMs: options.timeoutMs,
    stallTimeoutMs: options.timeoutMs,
    clock: options.clock,
    signal: options.signal,
  });
  try {
    const frame = await video.next();
    if (frame === null) throw unreadable(parseSource(source), "there is no picture in it");
    try {
      return { stream: video.info, jpeg: await frame.toJpeg({ maxWidth: 1280, quality: 80 }) };
    } finally {
      frame[Symbol.dispose]();
    }
  } finally {
    await video[Symbol.asyncDispose]();
  }
}
