import type { Millis } from "../core/clock.ts";

/** When and where a frame was taken. Media time orders frames of one stream; wall time is for showing and storing. */
export interface FrameStamp {
  readonly cameraId: string;
  /** Counts the frames picked for analysis, from 0; one that a newer frame replaced leaves a gap. */
  readonly sequence: number;
  /** Wall time, milliseconds since 1970. For files: the recording's start plus media time. */
  readonly capturedAt: Millis;
  /** Seconds on the stream's own clock, made monotonic: jumps in a camera's timestamps are bridged. */
  readonly mediaTimeS: number;
}

/** 8-bit brightness, rows without padding: data.length = width * height. */
export interface LumaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Packed 8-bit RGB, rows without padding: data.length = width * height * 3. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
