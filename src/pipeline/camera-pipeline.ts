// One camera's hot path, in order: frame -> is there anything to see -> turn -> detect -> track -> observation. One owner
// per frame. Live sources keep only the newest due frame; offline sources wait, so nothing is skipped and the result does
// not depend on the machine's speed.
import type { CapturedFrame } from "../camera/camera-connection.ts";
import { type AppError, isAppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { NewestSlot } from "../core/newest-slot.ts";
import type { AnalysisPace, Blindness } from "../domain/camera-status.ts";
import type { FrameStamp } from "../domain/frame.ts";
import type { FrameObservation, Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { AnalysisScheduler } from "./analysis-scheduler.ts";
import type { CameraTracklets } from "./camera-tracklets.ts";
import type { FrameAnalysis } from "./frame-analysis.ts";
import type { PipelineFrame } from "./pipeline-frame.ts";
import type { SceneWatch } from "./scene-watch.ts";
import type { CameraJob, Resume } from "./vision-contract.ts";

export interface CameraPipelineDeps {
  readonly analysis: FrameAnalysis;
  readonly scene: SceneWatch;
  /** Null: nobody is told apart. */
  readonly tracklets: CameraTracklets | null;
  readonly scheduler: AnalysisScheduler;
  readonly log: Logger;
  readonly onObservation: (observation: FrameObservation) => void;
  readonly onPicture: (stamp: FrameStamp, jpeg: Uint8Array) => void;
  /** Whether the pictures show anything, when that changes. */
  readonly onSight: (blind: Blindness | null) => void;
  /** The models do not answer any more: no camera is watched, whatever its stream does. */
  readonly onModelsLost: (error: AppError) => void;
}

/** Since the last time it was asked, but for `dropped`: due frames that a newer one replaced since the start. */
export interface PipelineCounts {
  readonly analysed: number;
  readonly dropped: number;
  readonly pace: AnalysisPace;
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
/** Of a resting camera an observation that nobody is there, so that time goes on for whoever waits for it. Seconds. */
const RESTING_OBSERVATION_EVERY = 0.5;
/** The rate is said to be reduced when this share of frames was replaced for so many counts running: a hiccup is none. */
const REDUCED_SHARE = 0.1;
const REDUCED_COUNTS = 2;
const LIVE_JPEG_QUALITY = 75;
const SNAPSHOT_JPEG_QUALITY = 85;

export class CameraPipeline implements AsyncDisposable {
  readonly #deps: CameraPipelineDeps;
  readonly #live: boolean;
  readonly #cameraId: string;
  readonly #resume: Resume;
  readonly #slot = new NewestSlot<DueFrame>();
  #zones: readonly Zone[];
  #sequence: number;
  #watchWidth: number | null = null;
  #snapshots: SnapshotRequest[] = [];
  #inFlight: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Why this camera's pictures cannot be analysed; its source is given up with the next one. */
  #unusable: unknown = null;
  #lying = false;
  #blind: Blindness | null = null;
  #analysed = 0;
  #droppedBefore = 0;
  #shortCounts = 0;
  #restingSaidS = Number.NEGATIVE_INFINITY;
  #consumer: Promise<void> | null = null;

  constructor(job: CameraJob, deps: CameraPipelineDeps) {
    this.#deps = deps;
    this.#live = job.playback.kind === "live";
    this.#cameraId = job.camera.id;
    this.#zones = job.camera.zones;
    this.#resume = job.resume;
    this.#sequence = job.resume.sequence;
    this.setPrivacy(job.camera.privacy);
    if (this.#live) this.#consumer = this.#consume();
  }

  takeCounts(): PipelineCounts {
    const analysed = this.#analysed;
    const { dropped } = this.#slot;
    const replaced = dropped - this.#droppedBefore;
    this.#analysed = 0;
    this.#droppedBefore = dropped;
    const isShort = replaced > REDUCED_SHARE * (analysed + replaced);
    this.#shortCounts = isShort ? this.#shortCounts + 1 : 0;
    const reduced = this.#shortCounts >= REDUCED_COUNTS;
    const pace = this.#deps.scene.resting ? "resting" : reduced ? "reduced" : "full";
    return { analysed, dropped, pace };
  }

  setZones(zones: readonly Zone[]): void {
    this.#zones = zones;
    this.#deps.scene.setZones(zones);
  }

  /** In privacy nothing is found out about anybody, from frames that are still under way either. */
  setPrivacy(privacy: boolean): void {
    this.#deps.tracklets?.setPrivacy(privacy);
  }

  /** Somebody lies, or was last seen lying, in this room. */
  attend(lying: boolean): void {
    this.#lying = lying;
    this.#deps.scene.attend(lying);
    this.#setUrgency([]);
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
    const due = new DueFrame(frame, {
      cameraId: this.#cameraId,
      sequence: this.#sequence,
      capturedAt,
      mediaTimeS: this.#resume.mediaTimeS + mediaTimeS,
    });
    this.#sequence += 1;
    if (this.#live) {
      this.#examine(due);
      // One that takes the place of a frame that was to be analysed is analysed in its place.
      if (this.#slot.peek()?.worthwhile === true) due.worthwhile = true;
      this.#slot.put(due);
      return;
    }
    // One frame is analysed while the next is decoded; whether it is analysed depends on the last one's outcome.
    await this.#inFlight;
    this.#examine(due);
    this.#inFlight = this.#handle(due);
  }

  /** The source has come to its end: resolves when every accepted frame has been analysed, and its tracks have ended. */
  async drain(): Promise<void> {
    await this.#inFlight;
    await this.#deps.tracklets?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#slot[Symbol.dispose]();
    await this.#consumer;
    await this.#inFlight;
    this.#deps.tracklets?.setPrivacy(true);
    this.#deps.scheduler.remove(this.#cameraId);
    for (const request of this.#snapshots.splice(0)) request.reject(new Error("the camera was closed"));
  }

  /** Cheap, for every due frame in the order of their times: motion is a matter of two pictures. */
  #examine(due: DueFrame): void {
    try {
      due.worthwhile = this.#deps.scene.examine(due.frame, due.stamp.mediaTimeS);
    } catch {
      // A picture that cannot be looked at fails in its analysis too, where failures are counted.
      due.worthwhile = true;
    }
    const { blind } = this.#deps.scene;
    if (blind?.cause === this.#blind?.cause) return;
    this.#blind = blind;
    this.#deps.onSight(blind);
  }

  async #consume(): Promise<void> {
    while (await this.#slot.filled()) {
      if (this.#slot.peek()?.worthwhile === true) {
        using turn = await this.#deps.scheduler.turn(this.#cameraId);
        // By now there may be a newer one, or none at all.
        await this.#handleWith(this.#slot.take(), turn);
      } else await this.#handleWith(this.#slot.take(), null);
    }
  }

  async #handle(due: DueFrame): Promise<void> {
    if (!due.worthwhile) return await this.#handleWith(due, null);
    using turn = await this.#deps.scheduler.turn(this.#cameraId);
    await this.#handleWith(due, turn);
  }

  async #handleWith(due: DueFrame | null, turn: Disposable | null): Promise<void> {
    if (due === null) return;
    using held = due;
    const { frame, stamp, worthwhile } = held;
    try {
      if (worthwhile) await this.#analyse(frame, stamp);
      else this.#rest(frame, stamp);
      turn?.[Symbol.dispose]();
      if (!this.#live) await this.#deps.tracklets?.settle();
      await this.#answerViewers(frame, stamp);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #analyse(frame: PipelineFrame, stamp: FrameStamp): Promise<void> {
    const { analysis, scene } = this.#deps;
    const tracks = await analysis.analyse(frame, {
      timeS: stamp.mediaTimeS,
      longSide: scene.inputSize,
      zones: this.#zones,
    });
    this.#analysed += 1;
    this.#failures = 0;
    const aspect = frame.width / frame.height;
    scene.found(tracks, aspect, stamp.mediaTimeS);
    this.#setUrgency(tracks);
    const followed = this.#renumbered(tracks);
    this.#deps.onObservation({ stamp, aspect, tracks: followed, ...this.#foreground() });
    this.#deps.tracklets?.observe(frame, stamp, followed);
  }

  /** Nothing moves and nobody is followed: what a detector would say is known. */
  #rest(frame: PipelineFrame, stamp: FrameStamp): void {
    const tracks = this.#renumbered(this.#deps.analysis.rest(frame, stamp.mediaTimeS));
    const isDue = stamp.mediaTimeS - this.#restingSaidS >= RESTING_OBSERVATION_EVERY;
    // Viewers get their pictures with the observation of the same frame.
    if (isDue || this.#watchWidth !== null || tracks.length > 0) {
      this.#restingSaidS = stamp.mediaTimeS;
      const aspect = frame.width / frame.height;
      this.#deps.onObservation({ stamp, aspect, tracks, resting: true, ...this.#foreground() });
    }
    this.#deps.tracklets?.observe(frame, stamp, tracks);
  }

  #foreground(): Pick<FrameObservation, "foreground"> {
    const { foreground } = this.#deps.scene;
    return foreground === null ? {} : { foreground };
  }

  #setUrgency(tracks: readonly Track[]): void {
    const urgency = this.#lying ? "lying" : tracks.length > 0 ? "people" : "nobody";
    this.#deps.scheduler.setUrgency(this.#cameraId, urgency);
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
      this.#deps.onModelsLost(error);
    else this.#unusable = error;
  }

  #renumbered(tracks: readonly Track[]): readonly Track[] {
    const { trackId } = this.#resume;
    return trackId === 0 ? tracks : tracks.map((track) => ({ ...track, id: track.id + trackId }));
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

class DueFrame implements Disposable {
  readonly frame: PipelineFrame;
  readonly stamp: FrameStamp;
  /** Whether there may be something to see in it. */
  worthwhile = true;

  constructor(frame: PipelineFrame, stamp: FrameStamp) {
    this.frame = frame;
    this.stamp = stamp;
  }

  [Symbol.dispose](): void {
    this.frame[Symbol.dispose]();
  }
}
