import { totalmem } from "node:os";
import { constrainedMemory } from "node:process";

/** What the vision process has to do, as far as its memory depends on it. */
export interface VisionLoad {
  readonly cameras: number;
  readonly workers: number;
  /** Cameras whose pictures' size is known, and what these pictures are together, millions of pixels. */
  readonly streams: number;
  readonly megapixels: number;
  readonly provider: string;
}

/**
 * Measured on file cameras at 25 frames/s with MoveNet at 256 pixels, resident MB: 219 with nothing open and one worker; one
 * camera of 640x360 takes 327 with two workers and 474 with four. With one worker 1, 4, 8, 16 cameras of 640x360 take 241,
 * 277, 301, 357; 1, 4, 16 of 1280x720 take 263, 301, 442; 1 and 4 of 1920x1080 take 263 and 351; 1 and 2 of 3840x2160 take
 * 308 and 417. Looking again for the lost adds up to 80, telling people apart 74 for each worker, most of it the face
 * model's weights.
 */
const BASE_MB = 200;
const WORKER_MB = 160;
const CAMERA_MB = 5;
const MEGAPIXEL_MB = 12;
/** Assumed of a camera that has not yet told: 1920x1080. */
const UNKNOWN_MEGAPIXELS = 2.1;
/** Larger models and inputs than the measured take a few times their memory; a leak takes all there is. */
const HEADROOM = 2;
const SPARE_MB = 300;
/** The graphics' own libraries count as resident memory of whoever loads them. */
const GRAPHICS_MB: Readonly<Record<string, number>> = { cpu: 0, webgpu: 1000, cuda: 3000, tensorrt: 5000 };
/** Of the machine's memory, or the container's: beyond that the kernel ends something, perhaps the daemon. */
const LARGEST_SHARE = 0.7;
/** But never less than the work needs: restarting for ever is worse than a machine that swaps. */
const LEAST_HEADROOM = 1.25;

/** Resident bytes from which the vision process of such a load is taken to leak. */
export function automaticMemoryLimit(load: VisionLoad, machineBytes: number = machineMemory()): number {
  const unknown = Math.max(0, load.cameras - load.streams);
  const megapixels = load.megapixels + unknown * UNKNOWN_MEGAPIXELS;
  const expected = BASE_MB + load.workers * WORKER_MB + load.cameras * CAMERA_MB + megapixels * MEGAPIXEL_MB;
  const limit = HEADROOM * expected + SPARE_MB + (GRAPHICS_MB[load.provider] ?? 0);
  const bytes = Math.min(limit * 2 ** 20, LARGEST_SHARE * machineBytes);
  return Math.max(bytes, LEAST_HEADROOM * expected * 2 ** 20);
}

function machineMemory(): number {
  // 0 or an absurd number where nothing constrains the process.
  const constrained = constrainedMemory() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
