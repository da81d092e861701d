// Plays files through the vision process, a few at a time, and hands each file's observations to a sink of its own.
// A file that cannot be played, or that kills the process twice, is reported; the others go on.
import { AppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import type { StreamInfo } from "../domain/camera-status.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Tracklet } from "../domain/tracklet.ts";
import { type CameraJob, type ConnectionState, FROM_THE_START } from "./vision-contract.ts";
import type { VisionSupervisor } from "./vision-supervisor.ts";

/** Takes what is seen in one file. Made anew when the file has to be played again. */
export interface FileSink {
  readonly observe: (observation: FrameObservation) => void;
  /** Follows the observation of the frame it was made at. Left out: nobody wants to know who it was. */
  readonly identify?: (tracklet: Tracklet) => void;
  /** The file was played to its end. */
  readonly end: () => void;
}

export interface OfflineRunOptions {
  readonly supervisor: VisionSupervisor;
  /** One camera per file, ids unique; `source` is the file. */
  readonly cameras: readonly Camera[];
  readonly holdLastS: number;
  /** Shifts the frames that are picked for analysis, seconds; 0 when left out. */
  readonly offsetS?: number;
  /** Files played at a time: as many as there are inference workers. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly begin: (camera: Camera) => FileSink;
  readonly onProgress: (progress: FileProgress) => void;
}

export interface FileProgress {
  readonly cameraId: string;
  readonly mediaTimeS: number;
  /** Of media time including the held last frame; null when the container does not say. */
  readonly totalS: number | null;
}

export interface FileOutcome {
  readonly camera: Camera;
  readonly stream: StreamInfo | null;
  /** That were analysed: fewer than were due where nothing moved. */
  readonly frames: number;
  /** Why it could not be played; null when it was played to its end. */
  readonly failure: string | null;
}

interface Playing {
  readonly camera: Camera;
  sink: FileSink;
  stream: StreamInfo | null;
  frames: number;
}

/** A file that is played alone and takes the process down with it this often is given up. */
const CRASHES_BORNE = 2;

export async function runOffline(options: OfflineRunOptions): Promise<readonly FileOutcome[]> {
  options.signal.throwIfAborted();
  const run = new OfflineRun(options);
  try {
    await run.finished;
  } finally {
    run[Symbol.dispose]();
  }
  return options.cameras.flatMap((camera) => run.outcomes.get(camera.id) ?? []);
}

class OfflineRun implements Disposable {
  readonly finished: Promise<void>;
  readonly outcomes = new Map<string, FileOutcome>();
  readonly #options: OfflineRunOptions;
  readonly #waiting: Camera[];
  /** Files that were playing when the process died: each is tried again by itself, so that one cannot doom others. */
  readonly #suspects: Camera[] = [];
  readonly #playing = new Map<string, Playing>();
  readonly #crashes = new Map<string, number>();
  readonly #subscriptions: Disposable[];
  #resolve: () => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(options: OfflineRunOptions) {
    this.#options = options;
    this.#waiting = [...options.cameras];
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const onAbort = () => this.#reject(options.signal.reason);
    options.signal.addEventListener("abort", onAbort, { once: true });
    const { events } = options.supervisor;
    this.#subscriptions = [
      { [Symbol.dispose]: () => options.signal.removeEventListener("abort", onAbort) },
      events.on("observation", (observation) => this.#observe(observation)),
      events.on("tracklet", (tracklet) => this.#playing.get(tracklet.cameraId)?.sink.identify?.(tracklet)),
      events.on("connection", ({ cameraId, state }) => this.#connection(cameraId, state)),
      events.on("state", (state) => {
        if (state.kind === "down") this.#crashed();
        else if (state.kind === "fatal") this.#reject(new AppError(state.code, state.reason));
        // Figures of another detector than the one asked for would mislead.
        else if (state.kind === "ready" && state.modelProblem !== null)
          this.#reject(new AppError("model.unsupported", state.modelProblem));
      }),
    ];
    this.#fill();
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#options.supervisor.configure([]);
  }

  #fill(): void {
    if (this.#suspects.length > 0) {
      const next = this.#playing.size === 0 ? this.#suspects.shift() : undefined;
      if (next !== undefined) this.#play(next);
    } else {
      while (this.#playing.size < this.#options.concurrency) {
        const next = this.#waiting.shift();
        if (next === undefined) break;
        this.#play(next);
      }
    }
    if (this.#playing.size === 0) this.#resolve();
    else this.#configure();
  }

  #play(camera: Camera): void {
    this.#playing.set(camera.id, { camera, sink: this.#options.begin(camera), stream: null, frames: 0 });
  }

  #configure(): void {
    const { holdLastS, offsetS = 0 } = this.#options;
    this.#options.supervisor.configure(
      [...this.#playing.values()].map(
        ({ camera }): CameraJob => ({
          camera,
          playback: { kind: "offline", holdLastS, offsetS },
          resume: FROM_THE_START,
        }),
      ),
    );
  }

  #observe(observation: FrameObservation): void {
    const entry = this.#playing.get(observation.stamp.cameraId);
    if (entry === undefined) return;
    if (observation.resting !== true) entry.frames += 1;
    entry.sink.observe(observation);
    const durationS = entry.stream?.durationS ?? null;
    this.#options.onProgress({
      cameraId: entry.camera.id,
      mediaTimeS: observation.stamp.mediaTimeS,
      totalS: durationS === null ? null : durationS + this.#options.holdLastS,
    });
  }

  #connection(cameraId: string, state: ConnectionState): void {
    const entry = this.#playing.get(cameraId);
    if (entry === undefined) return;
    if (state.kind === "online") entry.stream = state.stream;
    else if (state.kind === "ended") {
      entry.sink.end();
      this.#finish(entry, null);
    } else if (state.kind === "failed") this.#finish(entry, state.reason);
  }

  #finish({ camera, stream, frames }: Playing, failure: string | null): void {
    this.#playing.delete(camera.id);
    this.outcomes.set(camera.id, { camera, stream, frames, failure });
    this.#fill();
  }

  #crashed(): void {
    const entries = [...this.#playing.values()];
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      const count = (this.#crashes.get(only.camera.id) ?? 0) + 1;
      this.#crashes.set(only.camera.id, count);
      if (count >= CRASHES_BORNE) {
        this.#finish(only, "the vision process died each time this file was played");
        return;
      }
    }
    this.#options.log.warn(
      { files: entries.length },
      "files are played again because the vision process died",
    );
    this.#playing.clear();
    this.#suspects.push(...entries.map((entry) => entry.camera));
    this.#fill();
  }
}
