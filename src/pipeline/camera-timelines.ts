import type { Clock, Millis } from "../core/clock.ts";
import type { FrameStamp } from "../domain/frame.ts";
import type { FrameObservation } from "../domain/track.ts";
import { type CameraJob, FROM_THE_START, type Resume } from "./vision-contract.ts";

/** Where each camera's timeline stood, and when that was, for the next vision process to go on from. */
export class CameraTimelines {
  readonly #clock: Clock;
  readonly #last = new Map<string, { stamp: FrameStamp; trackId: number; at: Millis }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note({ stamp, tracks }: FrameObservation): void {
    const trackId = Math.max(tracks.at(-1)?.id ?? 0, this.#last.get(stamp.cameraId)?.trackId ?? 0);
    this.#last.set(stamp.cameraId, { stamp, trackId, at: this.#clock.monotonic() });
  }

  /** Forgets cameras that are no more. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#last.keys()) if (!ids.has(id)) this.#last.delete(id);
  }

  resume({ camera, playback }: CameraJob): Resume {
    const last = this.#last.get(camera.id);
    if (last === undefined || playback.kind === "offline") return FROM_THE_START;
    const { stamp, trackId, at } = last;
    const elapsedS = (this.#clock.monotonic() - at) / 1000;
    return { sequence: stamp.sequence + 1, mediaTimeS: stamp.mediaTimeS + elapsedS, trackId };
  }
}
