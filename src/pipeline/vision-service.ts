// The vision process's own side of the contract: keeps one connection and one pipeline per camera as the daemon wants
// them, and answers its requests. Everything it needs from outside is passed in by vision-main.
import { isDeepStrictEqual } from "node:util";
import { CameraConnection } from "../camera/camera-connection.ts";
import type { StreamFrame, StreamOpener } from "../camera/stream-opener.ts";
import type { Clock } from "../core/clock.ts";
import { type AppError, isAppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { PhotoDescription } from "../domain/tracklet.ts";
import { AnalysisScheduler } from "./analysis-scheduler.ts";
import { CameraPipeline } from "./camera-pipeline.ts";
import type { CameraTracklets } from "./camera-tracklets.ts";
import type { FrameAnalysis } from "./frame-analysis.ts";
import type { PipelineFrame } from "./pipeline-frame.ts";
import type { SceneWatch } from "./scene-watch.ts";
import type { CameraJob, FromVision, ProbeResult, ToVision, VisionSettings } from "./vision-contract.ts";

export interface VisionServiceDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly send: (message: FromVision) => void;
  /** The opener of one camera's stream. */
  readonly open: (cameraId: string) => StreamOpener<DecodedFrame>;
  readonly probe: (source: string, signal: AbortSignal) => Promise<ProbeResult>;
  /** Throws AppError `input.invalid` for what is no photo. */
  readonly describePhoto: (photo: Uint8Array) => Promise<PhotoDescription>;
  /** The models do not answer any more. */
  readonly onModelsLost: (error: AppError) => void;
  /** Inference worker threads. */
  readonly workers: number;
  /** What one camera's frames are analysed by, and what watches its scene. */
  readonly createAnalysis: (job: CameraJob) => FrameAnalysis;
  readonly createScene: (job: CameraJob) => SceneWatch;
  /** What finds out about the people in them; null when nobody is told apart. */
  readonly createTracklets: (job: CameraJob) => CameraTracklets | null;
}

/** A decoded picture as the connection hands it on and the pipeline uses it. */
export interface DecodedFrame extends PipelineFrame, StreamFrame<DecodedFrame> {}

interface Running {
  job: CameraJob;
  readonly pipeline: CameraPipeline;
  readonly scene: SceneWatch;
  readonly connection: CameraConnection<DecodedFrame>;
  online: boolean;
  healthAt: number;
}

const HEALTH_EVERY = 2_000;
const PROBE_LIMIT = 15_000;

export class VisionService implements AsyncDisposable {
  readonly #deps: VisionServiceDeps;
  readonly #running = new Map<string, Running>();
  readonly #watched = new Map<string, number>();
  readonly #attended = new Set<string>();
  readonly #scheduler: AnalysisScheduler;
  #settings: VisionSettings;
  #health: Disposable | null = null;
  #order: Promise<void> = Promise.resolve();

  constructor(deps: VisionServiceDeps, settings: VisionSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#scheduler = new AnalysisScheduler(turnsFor(deps.workers));
    this.#scheduleHealth();
  }

  /** Models run elsewhere from now on, on more threads or fewer. */
  setWorkers(workers: number): void {
    this.#scheduler.resize(turnsFor(workers));
  }

  /** Configurations are applied one after another; requests are answered as they come. */
  handle(message: Exclude<ToVision, { kind: "shutdown" }>): void {
    switch (message.kind) {
      case "configure":
        this.#order = this.#order
          .then(() => this.#configure(message.jobs, message.settings))
          .catch((error: unknown) => this.#deps.log.error({ err: error }, "the cameras could not be set up"));
        return;
      case "watch":
        this.#watched.set(message.cameraId, message.maxWidth);
        this.#running.get(message.cameraId)?.pipeline.watch(message.maxWidth);
        return;
      case "unwatch":
        this.#watched.delete(message.cameraId);
        this.#running.get(message.cameraId)?.pipeline.watch(null);
        return;
      case "attention":
        if (message.lying) this.#attended.add(message.cameraId);
        else this.#attended.delete(message.cameraId);
        this.#running.get(message.cameraId)?.pipeline.attend(message.lying);
        return;
      case "snapshot":
        void this.#answer(message.requestId, async () => ({
          jpeg: await this.#snapshot(message.cameraId, message.maxWidth),
        }));
        return;
      case "probe":
        void this.#answer(message.requestId, () =>
          this.#deps.probe(message.source, AbortSignal.timeout(PROBE_LIMIT)),
        );
        return;
      case "describe_photo":
        void this.#answer(message.requestId, () => this.#deps.describePhoto(message.photo));
        return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#health?.[Symbol.dispose]();
    await this.#order;
    await Promise.all([...this.#running.keys()].map((id) => this.#close(id)));
  }

  async #configure(jobs: readonly CameraJob[], settings: VisionSettings): Promise<void> {
    const wanted = new Map(jobs.filter((job) => job.camera.enabled).map((job) => [job.camera.id, job]));
    const retracked = !isDeepStrictEqual(this.#settings, settings);
    this.#settings = settings;
    const closing: Promise<void>[] = [];
    for (const [id, running] of this.#running) {
      const job = wanted.get(id);
      if (job === undefined || retracked || !continues(running.job, job)) closing.push(this.#close(id));
    }
    await Promise.all(closing);
    for (const [id, job] of wanted) {
      const running = this.#running.get(id);
      if (running === undefined) {
        this.#open(job);
        continue;
      }
      running.pipeline.setZones(job.camera.zones);
      running.pipeline.setPrivacy(job.camera.privacy);
      if (running.job.camera.privacy !== job.camera.privacy)
        await running.connection.setPrivacy(job.camera.privacy);
      running.job = job;
    }
  }

  #open(job: CameraJob): void {
    const { clock, log, random, send } = this.#deps;
    const cameraId = job.camera.id;
    const scene = this.#deps.createScene(job);
    const pipeline = new CameraPipeline(job, {
      analysis: this.#deps.createAnalysis(job),
      scene,
      tracklets: this.#deps.createTracklets(job),
      scheduler: this.#scheduler,
      log,
      onObservation: (observation) => send({ kind: "observation", observation }),
      onPicture: (stamp, jpeg) => send({ kind: "picture", stamp, jpeg }),
      onSight: (blind) => send({ kind: "sight", cameraId, blind }),
      onModelsLost: this.#deps.onModelsLost,
    });
    if (this.#attended.has(cameraId)) pipeline.attend(true);
    pipeline.watch(this.#watched.get(cameraId) ?? null);
    const connection = new CameraConnection({
      camera: job.camera,
      playback: job.playback,
      fps: this.#settings.inference.fps,
      open: this.#deps.open(cameraId),
      clock,
      random,
      log,
      onFrame: (captured) => pipeline.push(captured),
      onState: (state) => {
        const entry = this.#running.get(cameraId);
        if (entry !== undefined) entry.online = state.kind === "online";
        // The last frame may still be under way when its file has come to its end.
        if (state.kind === "ended")
          void pipeline.drain().then(() => send({ kind: "connection", cameraId, state }));
        else send({ kind: "connection", cameraId, state });
      },
    });
    this.#running.set(cameraId, {
      job,
      pipeline,
      scene,
      connection,
      online: false,
      healthAt: clock.monotonic(),
    });
    // What was said of an earlier source's pictures does not hold for these.
    send({ kind: "sight", cameraId, blind: null });
    connection.start();
  }

  async #close(id: string): Promise<void> {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#running.delete(id);
    await running.connection.stop();
    await running.pipeline[Symbol.asyncDispose]();
  }

  #snapshot(cameraId: string, maxWidth: number): Promise<Uint8Array> {
    const running = this.#running.get(cameraId);
    if (running === undefined || !running.online)
      return Promise.reject(new Error("the camera is not online, so there is no picture of it"));
    return running.pipeline.snapshot(maxWidth);
  }

  async #answer(
    requestId: string,
    work: () => Promise<Extract<FromVision, { readonly kind: "answer" }>["result"]>,
  ): Promise<void> {
    try {
      this.#deps.send({ kind: "answer", requestId, result: await work() });
    } catch (error) {
      const input = isAppError(error, "input.invalid") ? ({ input: true } as const) : {};
      this.#deps.send({ kind: "refusal", requestId, reason: messageOf(error), ...input });
    }
  }

  #scheduleHealth(): void {
    this.#health = this.#deps.clock.schedule(HEALTH_EVERY, () => {
      const now = this.#deps.clock.monotonic();
      for (const [cameraId, running] of this.#running) {
        const { analysed, dropped, pace } = running.pipeline.takeCounts();
        const analysedFps = (analysed * 1000) / Math.max(1, now - running.healthAt);
        running.healthAt = now;
        if (!running.online) continue;
        const { stream } = running.connection;
        this.#deps.send({
          kind: "health",
          cameraId,
          health: {
            analysedFps,
            dropped,
            pace,
            inputSize: running.scene.inputSize,
            decoder: stream?.decoder ?? "software",
            damagedPackets: stream?.damagedPackets ?? 0,
          },
        });
      }
      this.#scheduleHealth();
    });
  }
}

/** Whether a running camera can take on the new job without reconnecting. */
function continues(from: CameraJob, to: CameraJob): boolean {
  const stream = ({ camera: { source, substream, transport }, playback }: CameraJob) => ({
    source,
    substream,
    transport,
    playback,
  });
  return isDeepStrictEqual(stream(from), stream(to));
}

/** One turn more than there are workers: the next picture is ready when one of them is. */
function turnsFor(workers: number): number {
  return workers + 1;
}
