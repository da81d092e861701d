// What `analyze` and `eval` share: configuration, models, and a vision process that plays files.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { visionSettings } from "../app-settings.ts";
import type { Config } from "../config/config.ts";
import { ConfigFile } from "../config/config-file.ts";
import { loadConfig } from "../config/load-config.ts";
import { systemClock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import { type FileOutcome, type FileProgress, type FileSink, runOffline } from "../pipeline/offline-run.ts";
import type { VisionSettings } from "../pipeline/vision-contract.ts";
import { VisionSupervisor } from "../pipeline/vision-supervisor.ts";
import { prepareModels } from "./prepare-models.ts";
import { createProgressBar, type ProgressBar } from "./progress-bar.ts";

export interface PlayOptions {
  /** What the bar counts. */
  readonly title: string;
  readonly holdLastS: number;
  /** Shifts the frames that are picked for analysis, seconds. */
  readonly offsetS?: number;
  /** Seconds of each file where that is known beforehand, in the order of the cameras. */
  readonly durationsS?: readonly number[];
  readonly signal: AbortSignal;
  readonly begin: (camera: Camera) => FileSink;
}

/** Warnings only: standard error belongs to the progress bar. */
const LOG_LEVEL = "warn";

export class OfflineSession implements AsyncDisposable {
  readonly config: Config;
  readonly log: Logger;
  readonly supervisor: VisionSupervisor;
  readonly concurrency: number;

  private constructor(config: Config, log: Logger, supervisor: VisionSupervisor, concurrency: number) {
    this.config = config;
    this.log = log;
    this.supervisor = supervisor;
    this.concurrency = concurrency;
  }

  /**
   * @param adapt changes what vision is told, for what has to be measured otherwise than it is lived with; left out, nobody is
   * told apart
   */
  static async open(
    flags: { config?: string },
    signal: AbortSignal,
    adapt: (settings: VisionSettings) => VisionSettings = unidentified,
  ): Promise<OfflineSession> {
    const config = await readConfig(flags.config);
    const log = createLogger({ level: LOG_LEVEL, pretty: process.stderr.isTTY === true });
    const modelsDir = await prepareModels(log, signal, config);
    // Live, the pool leaves a core to decoding and to alarms; offline nothing else needs it.
    const workers = config.inference.workers === 0 ? availableParallelism() : config.inference.workers;
    const settings = adapt(visionSettings(config, modelsDir));
    const supervisor = new VisionSupervisor({
      clock: systemClock,
      log,
      // In software: the same result on every machine.
      settings: { ...settings, inference: { ...settings.inference, workers, hardwareDecoding: "off" } },
      random: Math.random,
      logLevel: LOG_LEVEL,
    });
    await supervisor.start();
    return new OfflineSession(config, log, supervisor, workers);
  }

  /**
   * Plays files, one camera each, as many at a time as there are workers, with a bar. `begin` gives each file the sink for
   * what is seen in it, anew when it has to be played again.
   */
  async play(cameras: readonly Camera[], options: PlayOptions): Promise<readonly FileOutcome[]> {
    using bar = createProgressBar(options.title);
    const progress = new OverallProgress(cameras, options, bar);
    return await runOffline({
      supervisor: this.supervisor,
      cameras,
      holdLastS: options.holdLastS,
      offsetS: options.offsetS ?? 0,
      concurrency: this.concurrency,
      signal: options.signal,
      log: this.log,
      begin: (camera) => {
        const sink = options.begin(camera);
        return {
          observe: (observation) => sink.observe(observation),
          identify: (tracklet) => sink.identify?.(tracklet),
          end: () => {
            sink.end();
            progress.finished(camera.id);
          },
        };
      },
      onProgress: (step) => progress.update(step),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor.stop();
  }
}

/** For what does not ask who anybody is: then nothing is found out about people. */
export function unidentified(settings: VisionSettings): VisionSettings {
  return { ...settings, identify: null };
}

/** Analysis of files runs on defaults unless told otherwise: a household's own haven.yaml would change the result. */
export async function readConfig(given: string | undefined): Promise<Config> {
  if (given === undefined) return loadConfig("", { file: resolve("haven.yaml"), env: {} });
  if (!existsSync(given))
    throw new AppError("config.unreadable", `${given} does not exist; give the path of a haven.yaml`);
  return (await ConfigFile.open(resolve(given), process.env)).config;
}

/** One camera per file; ids sort in the order the files were given in. */
export function cameraForFile(file: string, index: number): Camera {
  return {
    id: `file_${String(index + 1).padStart(4, "0")}`,
    name: file,
    area: null,
    source: file,
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps: [],
  };
}

/** Joins the progress of many files into one share of all media time. */
class OverallProgress {
  readonly #totals: Map<string, number>;
  readonly #done = new Map<string, number>();
  readonly #bar: ProgressBar;
  #files = 0;

  constructor(cameras: readonly Camera[], { durationsS, holdLastS }: PlayOptions, bar: ProgressBar) {
    this.#totals = new Map(cameras.map(({ id }, index) => [id, (durationsS?.[index] ?? 0) + holdLastS]));
    this.#bar = bar;
  }

  update({ cameraId, mediaTimeS, totalS }: FileProgress): void {
    if (totalS !== null) this.#totals.set(cameraId, totalS);
    this.#done.set(cameraId, mediaTimeS);
    this.#show();
  }

  finished(cameraId: string): void {
    this.#done.set(cameraId, this.#totals.get(cameraId) ?? 0);
    this.#files += 1;
    this.#show();
  }

  #show(): void {
    const total = sum(this.#totals.values());
    if (total > 0)
      this.#bar.update(sum(this.#done.values()) / total, `${this.#files}/${this.#totals.size} files`);
  }
}

function sum(values: Iterable<number>): number {
  let result = 0;
  for (const value of values) result += value;
  return result;
}
