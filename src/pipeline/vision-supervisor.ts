// The daemon's side of the vision process: starts it, tells it the whole desired state, answers requests through it, and
// replaces it when it dies, hangs or grows too large. FFmpeg and ONNX Runtime are native code: what a malformed stream
// can do to them stops at the border of that process, and a camera that keeps doing it is left out.
import { isDeepStrictEqual } from "node:util";
import { type BackOffPolicy, backOffDelay } from "../core/back-off.ts";
import type { Clock, Millis } from "../core/clock.ts";
import type { ErrorCode } from "../core/errors.ts";
import { EventBus } from "../core/event-bus.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Blindness, CameraHealth, StreamInfo } from "../domain/camera-status.ts";
import type { FrameStamp } from "../domain/frame.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Tracklet } from "../domain/tracklet.ts";
import { CameraIsolation } from "./camera-isolation.ts";
import { CameraTimelines } from "./camera-timelines.ts";
import { CameraWishes } from "./camera-wishes.ts";
import { DecoderTrust } from "./decoder-trust.ts";
import { automaticMemoryLimit, type VisionLoad } from "./memory-bound.ts";
import { ProviderChoice } from "./provider-choice.ts";
import {
  type CameraJob,
  type ConnectionState,
  type FromVision,
  type ToVision,
  VISION_CONTRACT_VERSION,
  type VisionSettings,
} from "./vision-contract.ts";
import { describeEnd, type ProcessEnd, VisionProcess } from "./vision-process.ts";
import { VisionQuestions } from "./vision-questions.ts";
import type { Heartbeat } from "./vital-signs.ts";

export type VisionState =
  | { readonly kind: "starting" }
  | {
      readonly kind: "ready";
      readonly pid: number;
      readonly provider: string;
      /** Why models run on the processor although graphics were asked for; null when they do not, or nobody asked. */
      readonly providerReason: string | null;
      readonly workers: number;
      /** What of the models that are set cannot be used, and what is used instead; null when all is as wished. */
      readonly modelProblem: string | null;
    }
  | { readonly kind: "down"; readonly reason: string; readonly retryInMs: Millis }
  /** It said itself that it cannot work; restarting would not help until something changes. */
  | { readonly kind: "fatal"; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: "stopped" };

export interface VisionEvents {
  readonly state: VisionState;
  readonly observation: FrameObservation;
  readonly tracklet: Tracklet;
  readonly picture: { readonly stamp: FrameStamp; readonly jpeg: Uint8Array };
  readonly connection: { readonly cameraId: string; readonly state: ConnectionState };
  readonly health: { readonly cameraId: string; readonly health: CameraHealth };
  readonly sight: { readonly cameraId: string; readonly blind: Blindness | null };
}

export interface VisionSupervisorOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: VisionSettings;
  /** 0..1, for jitter. */
  readonly random: () => number;
  readonly logLevel: string;
  /** Resident bytes from which the process is replaced; asked with every beat. By default what such a load explains. */
  readonly memoryLimitBytes?: (load: VisionLoad) => number;
  /** The compiled file that is run in place of the vision process: it speaks the same contract. */
  readonly entry?: string | undefined;
}

/**
 * After a healthy run the next process is started at once; one that dies at once every time is not tried more than twice a
 * minute.
 */
const RESTART: BackOffPolicy = { first: 500, max: 30_000, factor: 2, jitter: 0.2 };
/** A run this long counts as healthy: the next crash starts the back-off anew. */
const HEALTHY_AFTER: Millis = 60_000;
const STOP_GRACE: Millis = 3_000;
/** Graphics that are to be tried again wait while somebody lies on a floor. */
const POSTPONED: Millis = 15 * 60_000;
/** Reads in flight each hold a libuv thread (measured: 12 cameras on 4 threads starve each other and the disk). */
const THREADS_BEYOND_CAMERAS = 16;
const FEWEST_THREADS = 64;

export class VisionSupervisor implements Service {
  readonly events: EventBus<VisionEvents>;
  readonly questions: VisionQuestions;
  readonly #options: VisionSupervisorOptions;
  #settings: VisionSettings;
  #jobs: readonly CameraJob[] = [];
  #process: VisionProcess | null = null;
  #threads = 0;
  /** What the running process was told. */
  #hardwareDecoding: VisionSettings["inference"]["hardwareDecoding"] = "off";
  #state: VisionState = { kind: "stopped" };
  #stopping = false;
  #attempt = 0;
  #restart: Disposable | null = null;
  #postponed: Disposable | null = null;
  #exited: Promise<void> = Promise.resolve();
  readonly #isolation: CameraIsolation;
  readonly #provider: ProviderChoice;
  readonly #decoder: DecoderTrust;
  readonly #timelines: CameraTimelines;
  readonly #wishes = new CameraWishes((message) => this.#send(message));
  /** Of the cameras that are online. */
  readonly #streams = new Map<string, StreamInfo>();

  constructor(options: VisionSupervisorOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.events = new EventBus(options.log);
    const { clock, log } = options;
    this.#timelines = new CameraTimelines(clock);
    this.#provider = new ProviderChoice({ clock, log, onRetry: () => this.#tryGraphicsAgain() });
    this.#decoder = new DecoderTrust(log);
    this.#isolation = new CameraIsolation({
      clock,
      log,
      onChange: () => {
        this.#sendConfiguration();
        this.#announceWithheld();
      },
    });
    this.questions = new VisionQuestions(clock, (question) => this.#send(question));
  }

  get state(): VisionState {
    return this.#state;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Cameras that are closed for a while because they kept killing the process; their reports say why. */
  get quarantined(): readonly string[] {
    return this.#isolation.quarantined();
  }

  start(): Promise<void> {
    this.#stopping = false;
    this.#spawn();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    if (this.#stopping) return this.#exited;
    this.#stopping = true;
    this.#restart?.[Symbol.dispose]();
    this.#postponed?.[Symbol.dispose]();
    this.#provider[Symbol.dispose]();
    this.#isolation[Symbol.dispose]();
    this.questions.refuseAll("Haven is stopping");
    const process = this.#process;
    this.#process = null;
    if (process !== null) {
      this.#exited = process.close(STOP_GRACE);
      await this.#exited;
    }
    this.#setState({ kind: "stopped" });
  }

  /** The whole desired state; vision opens and closes what differs. */
  configure(jobs: readonly CameraJob[], settings: VisionSettings = this.#settings): void {
    const otherInference = !isDeepStrictEqual(this.#settings.inference, settings.inference);
    const otherSettings = !isDeepStrictEqual(this.#settings, settings);
    const withheld = new Set(this.#isolation.withheld().keys());
    this.#jobs = jobs;
    this.#settings = settings;
    const ids = new Set(jobs.map((job) => job.camera.id));
    this.#timelines.keep(ids);
    this.#wishes.keep(ids);
    for (const id of this.#streams.keys()) if (!ids.has(id)) this.#streams.delete(id);
    // Another model or provider is another chance.
    if (otherInference) {
      this.#provider.reset();
      this.#decoder.reset();
    }
    this.#isolation.configure(jobs);
    if (this.#process !== null) {
      // Threads, models and what is done with them are settled when the process starts.
      if (otherSettings || jobs.length + THREADS_BEYOND_CAMERAS > this.#threads)
        this.#replace("restarting the vision process for new settings");
      else this.#sendConfiguration();
    }
    this.#announceWithheld();
    const now = this.#isolation.withheld();
    for (const { camera } of jobs)
      if (withheld.has(camera.id) && !now.has(camera.id) && camera.enabled && !camera.privacy)
        this.#report(camera.id, { kind: "offline", reason: "connecting" });
  }

  /** Pictures of one camera until disposed; several viewers share one stream, as wide as the widest asks. */
  watch(cameraId: string, maxWidth: number): Disposable {
    return this.#wishes.watch(cameraId, maxWidth);
  }

  /** Somebody lies, or was last seen lying, in this camera's room; or no longer. Holds over restarts of vision. */
  attend(cameraId: string, lying: boolean): void {
    this.#wishes.attend(cameraId, lying);
  }

  #spawn(): void {
    const { clock, log, logLevel, entry } = this.#options;
    this.#provider.choose(this.#settings.inference.provider);
    this.#hardwareDecoding = this.#decoder.choose(this.#settings.inference.hardwareDecoding);
    this.#setState({ kind: "starting" });
    this.#streams.clear();
    this.#threads = Math.max(FEWEST_THREADS, this.#jobs.length + THREADS_BEYOND_CAMERAS);
    this.#isolation.begin();
    this.#process = new VisionProcess({
      clock,
      log,
      logLevel,
      entry,
      threads: this.#threads,
      memoryLimitBytes: (ready) => this.#memoryLimit(ready),
      onMessage: (message) => this.#receive(message),
      onEnd: (end) => this.#onEnd(end),
    });
    this.#sendConfiguration();
    this.#announceWithheld();
    this.#wishes.repeat();
  }

  #receive(message: Exclude<FromVision, Heartbeat>): void {
    switch (message.kind) {
      case "ready":
        this.#provider.ready(message.provider, message.providerReason);
        this.#decoder.ready(message.decoder);
        this.#setState({
          kind: "ready",
          pid: this.#process?.pid ?? 0,
          provider: message.provider,
          providerReason: this.#provider.reason,
          workers: message.workers,
          modelProblem: message.modelProblem,
        });
        this.#isolation.ready();
        return;
      case "observation":
        this.#timelines.note(message.observation);
        this.events.emit("observation", message.observation);
        return;
      case "tracklet":
        this.events.emit("tracklet", message.tracklet);
        return;
      case "picture":
        this.events.emit("picture", message);
        return;
      case "connection":
        this.#report(message.cameraId, message.state);
        this.#isolation.heard(message.cameraId, message.state);
        return;
      case "health":
        this.events.emit("health", message);
        return;
      case "sight":
        this.events.emit("sight", message);
        return;
      case "provider":
        this.#provider.moved(message.provider, message.reason);
        if (this.#state.kind === "ready")
          this.#setState({ ...this.#state, provider: message.provider, providerReason: message.reason });
        return;
      case "answer":
        this.questions.settle(message);
        return;
      case "refusal":
        this.questions.refuse(message);
        return;
      case "fatal":
        this.#setState({ kind: "fatal", code: message.code, reason: message.reason });
        return;
    }
  }

  #onEnd(end: ProcessEnd): void {
    this.#process = null;
    this.questions.refuseAll("the vision process stopped; try again in a moment");
    const { clock, log, random } = this.#options;
    // The graphics' decoder is suspected before any camera is.
    const byDecoder = this.#decoder.died(end);
    const { suspects, quarantined } = byDecoder
      ? { suspects: [], quarantined: false }
      : this.#isolation.died(end);
    this.#provider.died(end, byDecoder || suspects.length > 0);
    // With a culprit left out the next process has as good a chance as the first.
    if (end.livedMs > HEALTHY_AFTER || quarantined) this.#attempt = 0;
    const delay = this.#attempt === 0 ? 0 : backOffDelay(RESTART, this.#attempt - 1, random());
    this.#attempt += 1;
    if (this.#state.kind !== "fatal") {
      const { code, signal } = end;
      log.error(
        { code, signal, suspects, livedMs: Math.round(end.livedMs), retryInMs: Math.round(delay) },
        "the vision process ended and is restarted",
      );
      this.#setState({
        kind: "down",
        reason: `the vision process ${describeEnd(end)} and is being restarted`,
        retryInMs: delay,
      });
      this.#announceWithheld();
    }
    this.#restart = clock.schedule(delay, () => this.#spawn());
  }

  /** A new process although nothing failed: no back-off. */
  #replace(why: string): void {
    this.#options.log.info(why);
    this.#process?.discard();
    this.#process = null;
    this.questions.refuseAll("the vision process is restarting; try again in a moment");
    this.#spawn();
  }

  #tryGraphicsAgain(): void {
    if (this.#process === null) return;
    if (this.#wishes.attending)
      this.#postponed = this.#options.clock.schedule(POSTPONED, () => this.#tryGraphicsAgain());
    else this.#replace("restarting the vision process to try the graphics again");
  }

  #memoryLimit({ provider, workers }: { readonly provider: string; readonly workers: number }): number {
    let megapixels = 0;
    for (const { width, height } of this.#streams.values()) megapixels += (width * height) / 1e6;
    const limit = this.#options.memoryLimitBytes ?? automaticMemoryLimit;
    return limit({ cameras: this.#jobs.length, workers, provider, streams: this.#streams.size, megapixels });
  }

  #report(cameraId: string, state: ConnectionState): void {
    if (state.kind === "online") this.#streams.set(cameraId, state.stream);
    this.events.emit("connection", { cameraId, state });
  }

  /** Says of cameras that vision does not know of why they show nothing. */
  #announceWithheld(): void {
    for (const [cameraId, reason] of this.#isolation.withheld())
      this.#report(cameraId, { kind: "offline", reason });
  }

  #sendConfiguration(): void {
    const process = this.#process;
    if (process === null) return;
    const withheld = this.#isolation.withheld();
    const jobs = this.#jobs
      .filter(({ camera }) => !withheld.has(camera.id))
      .map((job) => ({ ...job, resume: this.#timelines.resume(job) }));
    const inference = {
      ...this.#settings.inference,
      provider: this.#provider.current,
      hardwareDecoding: this.#hardwareDecoding,
    };
    process.send({
      kind: "configure",
      version: VISION_CONTRACT_VERSION,
      settings: { ...this.#settings, inference },
      jobs,
      slots: process.slotsFor(jobs.map(({ camera }) => camera.id)),
    });
  }

  #send(message: ToVision): boolean {
    this.#process?.send(message);
    return this.#process !== null;
  }

  #setState(state: VisionState): void {
    this.#state = state;
    this.events.emit("state", state);
  }
}
