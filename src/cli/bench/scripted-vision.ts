// Stands in for the vision process: speaks its whole contract, but its cameras are acted. Each camera's source is a file that
// says who does what when (ScriptedScene); ten times a second it is told as an observation, as vision would.
import { readFileSync, statSync } from "node:fs";
import { FIGURE_ASPECT, type Figure } from "../../bench/falling-figure.ts";
import { figureAt, machineTime, type ScriptedLife, type ScriptedScene } from "../../bench/scripted-life.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { every } from "../../core/periodic.ts";
import type { Track } from "../../domain/track.ts";
import {
  type CameraJob,
  type FromVision,
  type ToVision,
  VISION_CONTRACT_VERSION,
} from "../../pipeline/vision-contract.ts";

const HEARTBEAT_EVERY = 1_000;
const HEALTH_EVERY = 2_000;
const STREAM = { width: 1280, height: 720, fps: 25, codec: "scripted", durationS: null };
/** What a tracker says of people found with a sure pose. */
const CONFIDENCE = 0.8;

export class ScriptedVision {
  readonly #clock: Clock;
  readonly #send: (message: FromVision) => void;
  readonly #cameras = new Map<string, ScriptedCamera>();
  #started = false;

  constructor(options: { readonly clock: Clock; readonly send: (message: FromVision) => void }) {
    this.#clock = options.clock;
    this.#send = options.send;
  }

  /** Throws AppError internal for another version of the contract, input.invalid for a scene that cannot be read. */
  handle(message: ToVision): void {
    switch (message.kind) {
      case "configure":
        if (message.version !== VISION_CONTRACT_VERSION)
          throw new AppError(
            "internal",
            "the scripted vision process speaks another version of the contract",
          );
        this.#start();
        this.#configure(message.jobs, message.settings.inference.fps);
        return;
      case "snapshot":
      case "probe":
        this.#send({ kind: "refusal", requestId: message.requestId, reason: "this camera is only acted" });
        return;
      case "watch":
      case "unwatch":
      case "attention":
      case "shutdown":
        return;
    }
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#send({
      kind: "ready",
      version: VISION_CONTRACT_VERSION,
      provider: "cpu",
      providerReason: null,
      workers: 1,
      decoder: "software",
      modelProblem: null,
    });
    const beat = () =>
      this.#send({
        kind: "heartbeat",
        rssBytes: process.memoryUsage.rss(),
        inferenceStuckMs: 0,
        longestDecode: null,
      });
    beat();
    every(this.#clock, HEARTBEAT_EVERY, beat, (error) => {
      throw error;
    });
  }

  #configure(jobs: readonly CameraJob[], fps: number): void {
    const wanted = jobs.filter(({ camera }) => camera.enabled && !camera.privacy);
    for (const [id, camera] of this.#cameras) {
      if (wanted.some((job) => job.camera.id === id)) continue;
      camera[Symbol.dispose]();
      this.#cameras.delete(id);
    }
    for (const { camera } of jobs)
      if (camera.privacy) this.#send({ kind: "connection", cameraId: camera.id, state: { kind: "privacy" } });
    for (const [index, job] of wanted.entries()) {
      if (this.#cameras.has(job.camera.id)) continue;
      // Real cameras do not send their pictures at the same instant.
      const phase = index / wanted.length;
      const parts = { clock: this.#clock, send: this.#send };
      this.#cameras.set(job.camera.id, new ScriptedCamera({ ...parts, job, period: 1000 / fps, phase }));
    }
  }
}

interface ScriptedCameraOptions {
  readonly clock: Clock;
  readonly send: (message: FromVision) => void;
  readonly job: CameraJob;
  /** Milliseconds between two observations. */
  readonly period: number;
  /** Share of a period by which this camera's pictures come later, 0..1. */
  readonly phase: number;
}

class ScriptedCamera implements Disposable {
  readonly #options: ScriptedCameraOptions;
  readonly #epoch: number;
  #scene: ScriptedScene = { lives: [] };
  #changedAt: number | null = null;
  #sequence: number;
  #trackId: number;
  #frames = 0;
  #tracks = new Map<number, Track>();
  #timer: Disposable | null = null;

  constructor(options: ScriptedCameraOptions) {
    const { job, phase, period, send, clock } = options;
    this.#options = options;
    this.#sequence = job.resume.sequence;
    this.#trackId = job.resume.trackId;
    this.#epoch = clock.monotonic() + phase * period;
    const cameraId = job.camera.id;
    send({ kind: "connection", cameraId, state: { kind: "connecting" } });
    this.#look();
    send({ kind: "connection", cameraId, state: { kind: "online", stream: STREAM } });
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #schedule(): void {
    const { clock, period } = this.#options;
    const now = clock.monotonic();
    // Frames that are over cannot be seen any more: the next one is.
    const next = Math.max(0, Math.ceil((now - this.#epoch) / period));
    this.#timer = clock.schedule(this.#epoch + next * period - now, () => {
      this.#observe();
      this.#schedule();
    });
  }

  #observe(): void {
    const { send, job, period, clock } = this.#options;
    this.#look();
    const cameraId = job.camera.id;
    const at = machineTime();
    const mediaTimeS = at / 1000;
    const seen = this.#scene.lives.flatMap((life, index) => {
      const figure = figureAt(life, at, index);
      return figure === null ? [] : [{ index, figure }];
    });
    const before = this.#tracks;
    this.#tracks = new Map(
      seen.map(({ index, figure }) => [index, this.#track(figure, before.get(index), mediaTimeS)]),
    );
    const gone = [...before]
      .filter(([index]) => !this.#tracks.has(index))
      .map(([, track]): Track => ({ ...track, state: "ended", pose: null, detected: false }));
    const tracks = [...this.#tracks.values(), ...gone].sort((a, b) => a.id - b.id);
    const stamp = { cameraId, sequence: this.#sequence, capturedAt: clock.now(), mediaTimeS };
    send({ kind: "observation", observation: { stamp, aspect: FIGURE_ASPECT, tracks } });
    this.#sequence += 1;
    this.#frames += 1;
    if (this.#frames % Math.round(HEALTH_EVERY / period) === 0) this.#tellHealth();
  }

  #track({ box, pose }: Figure, before: Track | undefined, timeS: number): Track {
    if (before === undefined) this.#trackId += 1;
    return {
      id: before?.id ?? this.#trackId,
      state: "confirmed",
      box,
      pose,
      confidence: CONFIDENCE,
      detected: true,
      firstSeenS: before?.firstSeenS ?? timeS,
      lastSeenS: timeS,
    };
  }

  #tellHealth(): void {
    const { send, job, period } = this.#options;
    const health = {
      analysedFps: 1000 / period,
      dropped: 0,
      pace: "full",
      inputSize: 256,
      decoder: "software",
      damagedPackets: 0,
    } as const;
    send({ kind: "health", cameraId: job.camera.id, health });
  }

  /** The scene is read again when its file has changed. */
  #look(): void {
    const file = this.#options.job.camera.source;
    const changedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (changedAt === undefined)
      throw new AppError("input.invalid", `the scene ${file} is missing: give a file with lives in it`);
    if (changedAt === this.#changedAt) return;
    this.#scene = sceneOf(readFileSync(file, "utf8"), file);
    this.#changedAt = changedAt;
  }
}

const LIFE_KEYS = ["entersAt", "fallsAt", "risesAt", "leavesAt"] as const;

/** Throws AppError input.invalid when it is none. */
function sceneOf(text: string, file: string): ScriptedScene {
  const parsed: unknown = JSON.parse(text);
  const lives: unknown =
    typeof parsed === "object" && parsed !== null && "lives" in parsed ? parsed.lives : null;
  if (!Array.isArray(lives) || !lives.every(isLife))
    throw new AppError("input.invalid", `${file} is no scene: its lives need ${LIFE_KEYS.join(", ")}`);
  return { lives };
}

function isLife(value: unknown): value is ScriptedLife {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map(Object.entries(value));
  return LIFE_KEYS.every((key) => {
    const at: unknown = fields.get(key);
    return typeof at === "number" || (at === null && key !== "entersAt");
  });
}
