// The real vision process, fed as by cameras: files played live, over and over. Says what it used for what it saw.
import { machineBusyMs, type ProcessUsage, usageOf } from "../../bench/process-usage.ts";
import { type Millis, systemClock, wait } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { createLogger } from "../../core/logger.ts";
import type { FrameStamp } from "../../domain/frame.ts";
import { type CameraJob, FROM_THE_START, type VisionSettings } from "../../pipeline/vision-contract.ts";
import { VisionSupervisor } from "../../pipeline/vision-supervisor.ts";
import { cameraForFile } from "../offline-session.ts";

/** What the vision process did in a while, and what it used for it. */
export interface VisionWork {
  readonly analysed: number;
  /** Of the film, pictures per second. */
  readonly filmFps: number;
  /** Pictures of the film that passed: all of them have to be decoded. */
  readonly decoded: number;
  readonly cpuMs: number;
  /** Of it, its first thread: everything but decoding and inference. */
  readonly mainThreadCpuMs: number;
  readonly rssBytes: number;
  /** Cores that others on this machine kept busy meanwhile: with any, times are longer and their spread is wider. */
  readonly otherCores: number;
}

const LOG_LEVEL = "warn";

interface Seen {
  frames: number;
  firstS: number;
  lastS: number;
}

/** Until every camera runs evenly: the scalers, the models' memory and the compiler have warmed up. */
const WARM_UP = 2_000;
/** Until the streams of the last cameras are closed. */
const SETTLE = 400;
/** Real cameras do not send their pictures at the same instant. */
const APART = 27;
const START_LIMIT = 60_000;

export class LiveVision implements AsyncDisposable {
  readonly #supervisor: VisionSupervisor;
  readonly #signal: AbortSignal;
  readonly #seen = new Map<string, Seen>();
  #filmFps = 0;
  #failure: AppError | null = null;

  private constructor(settings: VisionSettings, signal: AbortSignal) {
    this.#signal = signal;
    this.#supervisor = new VisionSupervisor({
      clock: systemClock,
      log: createLogger({ level: LOG_LEVEL, pretty: process.stderr.isTTY === true }),
      settings,
      random: Math.random,
      logLevel: LOG_LEVEL,
    });
    const { events } = this.#supervisor;
    events.on("observation", ({ stamp }) => this.#observe(stamp));
    events.on("connection", ({ state }) => {
      if (state.kind === "online") this.#filmFps = state.stream.fps ?? 0;
    });
    events.on("state", (state) => {
      if (state.kind === "fatal") this.#failure = new AppError(state.code, state.reason);
      else if (state.kind === "down") this.#failure = new AppError("vision.down", state.reason);
    });
  }

  static async start(settings: VisionSettings, signal: AbortSignal): Promise<LiveVision> {
    const vision = new LiveVision(settings, signal);
    await vision.#supervisor.start();
    return vision;
  }

  /**
   * Plays `video` as so many cameras for so many seconds, warmed up, and closes them again. Throws AppError vision.down when
   * the process dies meanwhile, source.unreachable when a camera shows nothing.
   */
  async play(video: string, cameras: number, seconds: number): Promise<VisionWork> {
    const jobs = Array.from({ length: cameras }, (_, index) => jobOf(video, index));
    for (let open = 1; open <= cameras; open += 1) {
      this.#supervisor.configure(jobs.slice(0, open));
      await this.#pause(APART);
    }
    const startBy = systemClock.monotonic() + START_LIMIT;
    while (this.#seen.size < cameras) {
      if (systemClock.monotonic() > startBy)
        throw new AppError("source.unreachable", `${video} was not seen by every camera within a minute.`);
      await this.#pause(50);
    }
    await this.#pause(WARM_UP);
    this.#seen.clear();
    const busy = machineBusyMs();
    const before = this.#usage();
    await this.#pause(seconds * 1000);
    const after = this.#usage();
    const busyMs = machineBusyMs() - busy;
    const seen = [...this.#seen.values()];
    this.#supervisor.configure([]);
    await this.#pause(SETTLE);
    this.#seen.clear();
    return {
      filmFps: this.#filmFps,
      analysed: seen.reduce((sum, { frames }) => sum + frames, 0),
      decoded: seen.reduce((sum, camera) => sum + spanS(camera) * this.#filmFps, 0),
      cpuMs: after.cpuMs - before.cpuMs,
      mainThreadCpuMs: after.mainThreadCpuMs - before.mainThreadCpuMs,
      rssBytes: after.rssBytes,
      otherCores: Math.max(0, busyMs - (after.cpuMs - before.cpuMs)) / (seconds * 1000),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervisor.stop();
  }

  #observe({ cameraId, mediaTimeS }: FrameStamp): void {
    const seen = this.#seen.get(cameraId);
    if (seen === undefined) {
      this.#seen.set(cameraId, { frames: 1, firstS: mediaTimeS, lastS: mediaTimeS });
      return;
    }
    seen.frames += 1;
    seen.lastS = mediaTimeS;
  }

  #usage(): ProcessUsage {
    const { pid } = this.#supervisor;
    if (pid === null) throw this.#failure ?? new AppError("vision.down", "The vision process is gone.");
    return usageOf(pid);
  }

  async #pause(delay: Millis): Promise<void> {
    await wait(systemClock, delay, this.#signal);
    if (this.#failure !== null) throw this.#failure;
  }
}

/** Of the frames seen, with the time before the first of them. */
function spanS({ frames, firstS, lastS }: Seen): number {
  return frames < 2 ? 0 : ((lastS - firstS) * frames) / (frames - 1);
}

function jobOf(video: string, index: number): CameraJob {
  return {
    camera: cameraForFile(video, index),
    playback: { kind: "live", loop: true },
    resume: FROM_THE_START,
  };
}
