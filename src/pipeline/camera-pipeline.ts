// One camera's hot path, in order: frame -> sampling -> scale -> detect -> track -> observation. Plain calls, one
// owner per frame. Live sources keep only the newest due frame; offline sources wait, so nothing is skipped and the
// result does not depend on the machine's speed.

import type { CapturedFrame } from "../camera/camera-connection.ts";
import { type AppError, isAppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { NewestSlot } from "../core/newest-slot.ts";
import type { FrameStamp, RgbImage } from "../domain/frame.ts";
import { boxCentre, isInside } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import type { FrameObservation, Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { Tracker } from "../tracking/tracker.ts";
import type { PersonDetector } from "../vision/person-detector.ts";
import type { CameraJob, Resume } from "./vision-contract.ts";

/** A decoded picture, still in native memory. Whoever holds it disposes it. */
export interface PipelineFrame extends Disposable {
  readonly width: number;
  readonly height: number;
  toRgb(width: number, height: number): RgbImage;
  toJpeg(options: { maxWidth: number; quality: number }): Promise<Uint8Array>;
}

export interface CameraPipelineDeps {
  readonly detector: PersonDetector;
  /** Long side of the detector's input, pixels. */
  readonly inputSize: number;
  readonly tracker: Tracker;
  readonly log: Logger;
  readonly onObservation: (observation: FrameObservation) => void;
  readonly onPicture: (stamp: FrameStamp, jpeg: Uint8Array) => void;
  /** The models do not answer any more: no camera is watched, whatever its stream does. */
  readonly onBlind: (error: AppError) => void;
}

interface SnapshotRequest {
  readonly maxWidth: number;
  readonly resolve: (jpeg: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Failed frames in a row that are borne, 3 s at ten a second. One is a gap; a camera that gives pictures nobody can analyse
 * must not pass for online.
 */
const FAILURES_BORNE = 30;
const LIVE_JPEG_QUALITY = 75;
const SNAPSHOT_JPEG_QUALITY = 85;

export class CameraPipeline implements AsyncDisposable {
  readonly #deps: CameraPipelineDeps;
  readonly #live: boolean;
  readonly #cameraId: string;
  readonly #resume: Resume;
  readonly #slot = new NewestSlot<StampedFrame>();
  #zones: readonly Zone[];
  #sequence: number;
  #watchWidth: number | null = null;
  #snapshots: SnapshotRequest[] = [];
  #inFlight: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Why this camera's pictures cannot be analysed; its source is given up with the next one. */
  #unusable: unknown = null;
  #analysed = 0;
  #consumer: Promise<void> | null = null;

  constructor(job: CameraJob, deps: CameraPipelineDeps) {
    this.#deps = deps;
    this.#live = job.playback.kind === "live";
    this.#cameraId = job.camera.id;
    this.#zones = job.camera.zones;
    this.#resume = job.resume;
    this.#sequence = job.resume.sequence;
    if (this.#live) this.#consumer = this.#consume();
  }

  /** Frames analysed since the last call, and newer frames that replaced waiting ones since the start. */
  takeCounts(): { readonly analysed: number; readonly dropped: number } {
    const analysed = this.#analysed;
    this.#analysed = 0;
    return { analysed, dropped: this.#slot.dropped };
  }

  setZones(zones: readonly Zone[]): void {
    this.#zones = zones;
  }

  watch(maxWidth: number | null): void {
    this.#watchWidth = maxWidth;
  }

  snapshot(maxWidth: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#snapshots.push({ maxWidth, resolve, reject });
    });
  }

  /**
   * Takes ownership of the frame. Resolves when the next one may come; rejects when this camera's frames have failed for
   * too long.
   */
  async push({ frame, mediaTimeS, capturedAt }: CapturedFrame<PipelineFrame>): Promise<void> {
    if (this.#unusable !== null) {
      frame[Symbol.dispose]();
      const error = this.#unusable;
      this.#unusable = null;
      this.#failures = 0;
      throw error;
    }
    const stamped = new StampedFrame(frame, {
      cameraId: this.#cameraId,
      sequence: this.#sequence,
      capturedAt,
      mediaTimeS: this.#resume.mediaTimeS + mediaTimeS,
    });
    this.#sequence += 1;
    if (this.#live) {
      this.#slot.put(stamped);
      return;
    }
    // One frame is analysed while the next is decoded; order is kept.
    await this.#inFlight;
    this.#inFlight = this.#analyse(stamped);
  }

  /** Resolves when every accepted frame has been analysed. */
  async drain(): Promise<void> {
    await this.#inFlight;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#slot[Symbol.dispose]();
    await this.#consumer;
    await this.#inFlight;
    for (const request of this.#snapshots.splice(0)) request.reject(new Error("the camera was closed"));
  }

  async #consume(): Promise<void> {
    for (;;) {
      const next = await this.#slot.take();
      if (next === null) return;
      await this.#analyse(next);
    }
  }

  async #analyse(stamped: StampedFrame): Promise<void> {
    using held = stamped;
    const { frame, stamp } = held;
    try {
      const detections = await this.#detect(frame);
      const aspect = frame.width / frame.height;
      const tracks = this.#deps.tracker.update(detections, stamp.mediaTimeS, aspect);
      this.#analysed += 1;
      this.#failures = 0;
      this.#deps.onObservation({
        stamp,
        aspect,
        tracks: this.#resume.trackId === 0 ? tracks : tracks.map((track) => this.#renumber(track)),
      });
      await this.#answerViewers(frame, stamp);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1)
      this.#deps.log.warn(
        { cameraId: this.#cameraId, reason: messageOf(error) },
        "a frame could not be analysed",
      );
    if (this.#failures < FAILURES_BORNE) return;
    if (isAppError(error, "inference.failed") || isAppError(error, "model.unsupported"))
      this.#deps.onBlind(error);
    else this.#unusable = error;
  }

  async #detect(frame: PipelineFrame): Promise<readonly Detection[]> {
    const size = this.#deps.detector.fit(frame.width, frame.height, this.#deps.inputSize);
    const image = frame.toRgb(size.contentWidth, size.contentHeight);
    const detections = await this.#deps.detector.detect(image);
    const ignored = this.#zones.filter((zone) => zone.kind === "ignore");
    if (ignored.length === 0) return detections;
    return detections.filter(
      (detection) => !ignored.some((zone) => isInside(boxCentre(detection.box), zone.polygon)),
    );
  }

  #renumber(track: Track): Track {
    return { ...track, id: track.id + this.#resume.trackId };
  }

  async #answerViewers(frame: PipelineFrame, stamp: FrameStamp): Promise<void> {
    for (const request of this.#snapshots.splice(0)) {
      await frame
        .toJpeg({ maxWidth: request.maxWidth, quality: SNAPSHOT_JPEG_QUALITY })
        .then(request.resolve, request.reject);
    }
    if (this.#watchWidth === null) return;
    const jpeg = await frame.toJpeg({ maxWidth: this.#watchWidth, quality: LIVE_JPEG_QUALITY });
    this.#deps.onPicture(stamp, jpeg);
  }
}

class StampedFrame implements Disposable {
  readonly frame: PipelineFrame;
  readonly stamp: FrameStamp;

  constructor(frame: PipelineFrame, stamp: FrameStamp) {
    this.frame = frame;
    this.stamp = stamp;
  }

  [Symbol.dispose](): void {
    this.frame[Symbol.dispose]();
  }
}
