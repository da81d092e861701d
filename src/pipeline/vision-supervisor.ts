// The daemon's side of the vision process: forks it, tells it the whole desired state, answers requests through it,
// and restarts it with back-off when it dies or stops beating. FFmpeg and ONNX Runtime are native code: what a
// malformed stream can do to them stops at the border of that process.
import { type ChildProcess, fork } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import { type BackOffPolicy, backOffDelay } from "../core/back-off.ts";
import type { Clock, Millis } from "../core/clock.ts";
import { entryPoint } from "../core/entry-point.ts";
import { AppError, type ErrorCode } from "../core/errors.ts";
import { EventBus } from "../core/event-bus.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Blindness, CameraHealth } from "../domain/camera-status.ts";
import type { FrameStamp } from "../domain/frame.ts";
import type { FrameObservation } from "../domain/track.ts";
import { PendingRequests } from "./pending-requests.ts";
import {
  type CameraJob,
  type ConnectionState,
  FROM_THE_START,
  type FromVision,
  type ProbeResult,
  type ToVision,
  VISION_CONTRACT_VERSION,
  type VisionSettings,
} from "./vision-contract.ts";

export type VisionState =
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly pid: number; readonly provider: string; readonly workers: number }
  | { readonly kind: "down"; readonly reason: string; readonly retryInMs: Millis }
  /** It said itself that it cannot work; restarting would not help until something changes. */
  | { readonly kind: "fatal"; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: "stopped" };

export interface VisionEvents {
  readonly state: VisionState;
  readonly observation: FrameObservation;
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
}

/** A crash costs a second; a process that dies at once every time is not tried more than twice a minute. */
const RESTART: BackOffPolicy = { first: 500, max: 30_000, factor: 2, jitter: 0.2 };
/** Vision beats every second; its event loop never runs inference, so ten missed beats mean that it hangs. */
const HEARTBEAT_LIMIT: Millis = 10_000;
/** Model loading and the provider's self-test come before the first beat. */
const START_LIMIT: Millis = 60_000;
/** A run this long counts as healthy: the next crash starts the back-off anew. */
const HEALTHY_AFTER: Millis = 60_000;
const STOP_GRACE: Millis = 3_000;
const REQUEST_LIMIT: Millis = 20_000;
/** Reads in flight each hold a libuv thread (measured: 12 cameras on 4 threads starve each other and the disk). */
const THREADS_BEYOND_CAMERAS = 16;
const FEWEST_THREADS = 64;

type Answer = { readonly jpeg: Uint8Array } | ProbeResult;

export class VisionSupervisor implements Service {
  readonly events: EventBus<VisionEvents>;
  readonly #options: VisionSupervisorOptions;
  #settings: VisionSettings;
  #jobs: readonly CameraJob[] = [];
  #child: ChildProcess | null = null;
  #threads = 0;
  #state: VisionState = { kind: "stopped" };
  #stopping = false;
  #attempt = 0;
  #startedAt: Millis = 0;
  #watchdog: Disposable | null = null;
  #restart: Disposable | null = null;
  #exited: Promise<void> = Promise.resolve();
  readonly #requests: PendingRequests<Answer>;
  readonly #attended = new Set<string>();
  readonly #watched = new Map<string, { viewers: number; maxWidth: number }>();
  /** Where each camera's timeline stood, and when that was, for the next process to go on from. */
  readonly #lastSeen = new Map<string, { stamp: FrameStamp; trackId: number; at: Millis }>();

  constructor(options: VisionSupervisorOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.events = new EventBus(options.log);
    this.#requests = new PendingRequests(options.clock, REQUEST_LIMIT);
  }

  get state(): VisionState {
    return this.#state;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
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
    this.#watchdog?.[Symbol.dispose]();
    const child = this.#child;
    this.#requests.refuseAll(new AppError("vision.down", "Haven is stopping"));
    if (child !== null) {
      this.#send({ kind: "shutdown" });
      using _ = this.#options.clock.schedule(STOP_GRACE, () => child.kill("SIGKILL"));
      await this.#exited;
    }
    this.#setState({ kind: "stopped" });
  }

  /** The whole desired state; vision opens and closes what differs. */
  configure(jobs: readonly CameraJob[], settings: VisionSettings = this.#settings): void {
    const otherInference = !isDeepStrictEqual(this.#settings.inference, settings.inference);
    this.#jobs = jobs;
    this.#settings = settings;
    const ids = new Set(jobs.map((job) => job.camera.id));
    for (const id of this.#lastSeen.keys()) if (!ids.has(id)) this.#lastSeen.delete(id);
    if (this.#child === null) return;
    // Threads and models are settled when the process starts.
    if (otherInference || jobs.length + THREADS_BEYOND_CAMERAS > this.#threads) this.#replace();
    else this.#sendConfiguration();
  }

  /** Pictures of one camera until disposed; several viewers share one stream, as wide as the widest asks. */
  watch(cameraId: string, maxWidth: number): Disposable {
    const entry = this.#watched.get(cameraId) ?? { viewers: 0, maxWidth: 0 };
    entry.viewers += 1;
    entry.maxWidth = Math.max(entry.maxWidth, maxWidth);
    this.#watched.set(cameraId, entry);
    this.#send({ kind: "watch", cameraId, maxWidth: entry.maxWidth });
    let open = true;
    return {
      [Symbol.dispose]: () => {
        if (!open) return;
        open = false;
        entry.viewers -= 1;
        if (entry.viewers > 0) return;
        this.#watched.delete(cameraId);
        this.#send({ kind: "unwatch", cameraId });
      },
    };
  }

  /** Somebody lies, or was last seen lying, in this camera's room; or no longer. Holds over restarts of vision. */
  attend(cameraId: string, lying: boolean): void {
    if (lying) this.#attended.add(cameraId);
    else this.#attended.delete(cameraId);
    this.#send({ kind: "attention", cameraId, lying });
  }

  async snapshot(cameraId: string, maxWidth: number): Promise<Uint8Array> {
    const result = await this.#request((requestId) => ({ kind: "snapshot", requestId, cameraId, maxWidth }));
    return result.jpeg;
  }

  /** Opens a source once and says what is there, or rejects with a sentence that says why not. */
  async probe(source: string): Promise<ProbeResult> {
    const result = await this.#request((requestId) => ({ kind: "probe", requestId, source }));
    if (!("stream" in result)) throw new AppError("internal", "vision answered a probe with a snapshot");
    return result;
  }

  #spawn(): void {
    const { clock, log } = this.#options;
    this.#setState({ kind: "starting" });
    this.#startedAt = clock.monotonic();
    this.#threads = Math.max(FEWEST_THREADS, this.#jobs.length + THREADS_BEYOND_CAMERAS);
    const child = fork(entryPoint(import.meta.url, "../vision-main.ts"), [], {
      serialization: "advanced",
      // Its standard output is ours for answers: native libraries that print go to standard error.
      stdio: ["ignore", 2, 2, "ipc"],
      execArgv: [],
      env: {
        ...withoutSecrets(process.env),
        UV_THREADPOOL_SIZE: String(this.#threads),
        HAVEN_LOG_LEVEL: this.#options.logLevel,
      },
    });
    this.#child = child;
    this.#expectBeat(START_LIMIT);
    child.on("message", (message) => {
      // Both ends are one build; the version is checked by vision when it is configured.
      if (this.#child === child) this.#receive(message as FromVision);
    });
    child.on("error", (error) => log.error({ err: error }, "the vision process could not be started"));
    this.#exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#onExit(child, code, signal);
        resolve();
      });
    });
    this.#sendConfiguration();
    for (const cameraId of this.#attended) this.#send({ kind: "attention", cameraId, lying: true });
    for (const [cameraId, { maxWidth }] of this.#watched) this.#send({ kind: "watch", cameraId, maxWidth });
  }

  #receive(message: FromVision): void {
    switch (message.kind) {
      case "ready":
        this.#expectBeat(HEARTBEAT_LIMIT);
        this.#setState({
          kind: "ready",
          pid: this.#child?.pid ?? 0,
          provider: message.provider,
          workers: message.workers,
        });
        return;
      case "heartbeat":
        if (this.#state.kind === "ready") this.#expectBeat(HEARTBEAT_LIMIT);
        return;
      case "observation": {
        const { stamp, tracks } = message.observation;
        const trackId = Math.max(tracks.at(-1)?.id ?? 0, this.#lastSeen.get(stamp.cameraId)?.trackId ?? 0);
        this.#lastSeen.set(stamp.cameraId, { stamp, trackId, at: this.#options.clock.monotonic() });
        this.events.emit("observation", message.observation);
        return;
      }
      case "picture":
        this.events.emit("picture", message);
        return;
      case "connection":
        this.events.emit("connection", message);
        return;
      case "health":
        this.events.emit("health", message);
        return;
      case "sight":
        this.events.emit("sight", message);
        return;
      case "provider":
        if (this.#state.kind === "ready") this.#setState({ ...this.#state, provider: message.provider });
        return;
      case "answer":
        this.#requests.settle(message.requestId, message.result);
        return;
      case "refusal":
        this.#requests.refuse(message.requestId, new AppError("source.unreachable", message.reason));
        return;
      case "fatal":
        this.#setState({ kind: "fatal", code: message.code, reason: message.reason });
        return;
    }
  }

  #onExit(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#watchdog?.[Symbol.dispose]();
    this.#requests.refuseAll(
      new AppError("vision.down", "the vision process stopped; try again in a moment"),
    );
    if (this.#stopping) return;
    const { clock, log, random } = this.#options;
    if (clock.monotonic() - this.#startedAt > HEALTHY_AFTER) this.#attempt = 0;
    const delay = backOffDelay(RESTART, this.#attempt, random());
    this.#attempt += 1;
    const reason = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
    if (this.#state.kind !== "fatal") {
      log.error({ code, signal, retryInMs: Math.round(delay) }, "the vision process died and is restarted");
      this.#setState({
        kind: "down",
        reason: `the vision process ${reason} and is being restarted`,
        retryInMs: delay,
      });
    }
    this.#restart = clock.schedule(delay, () => this.#spawn());
  }

  /** A new process for new settings: no failure, so no back-off. */
  #replace(): void {
    const child = this.#child;
    this.#options.log.info("restarting the vision process for new settings");
    this.#watchdog?.[Symbol.dispose]();
    this.#child = null;
    child?.kill("SIGKILL");
    this.#requests.refuseAll(
      new AppError("vision.down", "the vision process is restarting; try again in a moment"),
    );
    this.#spawn();
  }

  #expectBeat(limit: Millis): void {
    this.#watchdog?.[Symbol.dispose]();
    const child = this.#child;
    this.#watchdog = this.#options.clock.schedule(limit, () => {
      this.#options.log.error({ afterMs: limit }, "the vision process gave no sign of life and is killed");
      child?.kill("SIGKILL");
    });
  }

  #sendConfiguration(): void {
    const now = this.#options.clock.monotonic();
    const jobs = this.#jobs.map((job): CameraJob => {
      const last = this.#lastSeen.get(job.camera.id);
      if (last === undefined || job.playback.kind === "offline") return { ...job, resume: FROM_THE_START };
      return {
        ...job,
        resume: {
          sequence: last.stamp.sequence + 1,
          mediaTimeS: last.stamp.mediaTimeS + (now - last.at) / 1000,
          trackId: last.trackId,
        },
      };
    });
    this.#send({ kind: "configure", version: VISION_CONTRACT_VERSION, settings: this.#settings, jobs });
  }

  #send(message: ToVision): void {
    if (this.#child?.connected !== true) return;
    this.#child.send(message, (error) => {
      // The exit handler deals with a child that is gone; the message is repeated to its successor.
      if (error !== null) this.#options.log.debug({ kind: message.kind }, "a message did not reach vision");
    });
  }

  #request(build: (requestId: string) => ToVision): Promise<Answer> {
    if (this.#child === null)
      return Promise.reject(
        new AppError("vision.down", "the vision process is restarting; try again in a moment"),
      );
    return this.#requests.ask((requestId) => this.#send(build(requestId)));
  }

  #setState(state: VisionState): void {
    this.#state = state;
    this.events.emit("state", state);
  }
}

/** What decodes strangers' streams has no business with the household's passwords. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/pass|token|secret|credential/i.test(name)),
  );
}
