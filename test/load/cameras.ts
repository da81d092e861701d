// `npm run load`: a houseful of network cameras against the real daemon, to see who is watched how well, what it costs, and
// whether anybody is starved. No part of `npm test`: it takes a minute and wants the machine for itself.
import { Command, InvalidArgumentError } from "commander";
import { modelsDirectory } from "../../models/model-store.ts";
import type { CameraJson } from "../../src/api/contract.ts";
import { ensureFootage, type FootageOptions } from "../../src/bench/footage.ts";
import { machineBusyMs, usageOf } from "../../src/bench/process-usage.ts";
import { MeasuredDaemon } from "../../src/cli/bench/measured-daemon.ts";
import { prepareModels } from "../../src/cli/prepare-models.ts";
import { createProgressBar } from "../../src/cli/progress-bar.ts";
import { systemClock, wait } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { noRtspServer } from "../support/rtsp-server.ts";
import { type ClipOfCamera, RtspCameras } from "./rtsp-cameras.ts";

interface Options {
  readonly cameras: number;
  readonly people: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly json: boolean;
}

interface Sample {
  readonly id: string;
  readonly online: boolean;
  readonly analysedFps: number;
  readonly dropped: number;
  readonly pace: string;
  readonly detectorInput: number | null;
  readonly people: number;
}

interface CameraResult {
  readonly id: string;
  readonly people: boolean;
  readonly analysed_fps: number;
  readonly analysed_fps_least: number;
  readonly dropped: number;
  /** Shares of the time, 0..1. */
  readonly paces: Readonly<Record<string, number>>;
  readonly online: number;
  readonly somebody_seen: number;
  readonly detector_input: number | null;
}

interface ProcessResult {
  /** Share of one core, 0..number of cores. */
  readonly cores: number;
  readonly cpu_ms_per_camera_s: number;
  readonly rss_mib: number;
  readonly anonymous_mib: number;
}

/** Health is told every two seconds. */
const SAMPLE_EVERY = 2_000;
const SIZE = { width: 640, height: 360 };
/** Rooms with nobody in them: other noise in each, and in some the light changes slowly. */
const EMPTY: readonly Pick<FootageOptions, "seed" | "daylight">[] = [
  { seed: 11 },
  { seed: 12 },
  { seed: 13, daylight: 0.1 },
  { seed: 14, daylight: 0.25 },
];

async function run(options: Options, signal: AbortSignal): Promise<void> {
  using bar = createProgressBar("load");
  const clips = await clipsOf(options, signal, (share) => bar.update(0.05 * share, "footage"));
  await prepareModels(silentLogger, signal);
  await using server = await RtspCameras.start(clips);
  await using daemon = await MeasuredDaemon.start({
    cameras: clips.map(({ id }) => ({ id, source: server.urlOf(id) })),
    signal,
  });
  await wait(systemClock, options.warmUp * 1000, signal);
  const before = {
    ...daemon.usage(),
    server: usageOf(server.pid),
    feedMs: ownCpuMs(),
    busyMs: machineBusyMs(),
  };
  daemon.forgetLoopDelay();
  const startedAt = systemClock.monotonic();
  const samples: (readonly Sample[])[] = [(await daemon.cameras()).map(sampleOf)];
  for (;;) {
    const elapsed = (systemClock.monotonic() - startedAt) / 1000;
    if (elapsed >= options.seconds) break;
    bar.update(0.1 + (0.9 * elapsed) / options.seconds, `${options.cameras} cameras`);
    await wait(systemClock, SAMPLE_EVERY, signal);
    samples.push((await daemon.cameras()).map(sampleOf));
  }
  const seconds = (systemClock.monotonic() - startedAt) / 1000;
  const after = {
    ...daemon.usage(),
    server: usageOf(server.pid),
    feedMs: ownCpuMs(),
    busyMs: machineBusyMs(),
  };
  const loop = await daemon.loopDelay();
  bar.update(1, "done");
  const cost = (name: "main" | "vision" | "server"): ProcessResult => {
    const cpuMs = after[name].cpuMs - before[name].cpuMs;
    return {
      cores: round(cpuMs / 1000 / seconds, 3),
      cpu_ms_per_camera_s: round(cpuMs / seconds / options.cameras, 2),
      rss_mib: round(after[name].rssBytes / 2 ** 20, 0),
      anonymous_mib: round(after[name].anonymousBytes / 2 ** 20, 0),
    };
  };
  const feedMs = after.feedMs - before.feedMs;
  const ours = (["main", "vision", "server"] as const).reduce(
    (sum, name) => sum + after[name].cpuMs - before[name].cpuMs,
    feedMs,
  );
  const cameras = clips.map(({ id }, index) => resultOf(id, index < options.people, samples));
  const result = {
    name: "load",
    cameras: options.cameras,
    people: options.people,
    seconds: round(seconds, 1),
    processes: {
      vision: cost("vision"),
      vision_first_thread_cores: round(
        (after.vision.mainThreadCpuMs - before.vision.mainThreadCpuMs) / 1000 / seconds,
        3,
      ),
      daemon: cost("main"),
      // Not Haven's: what plays the cameras.
      server: cost("server"),
      feed_cores: round(feedMs / 1000 / seconds, 3),
      // What else the machine did: with any of it, the figures are worse than Haven is.
      other_cores: round(Math.max(0, after.busyMs - before.busyMs - ours) / 1000 / seconds, 2),
    },
    loop_delay_ms: { p50: round(loop.p50, 1), p99: round(loop.p99, 1), max: round(loop.max, 1) },
    alarms: (await daemon.openAlarms()).length,
    per_camera: cameras,
  };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${linesOf(result).join("\n")}\n`);
}

async function clipsOf(
  { cameras, people }: Options,
  signal: AbortSignal,
  progress: (share: number) => void,
): Promise<readonly ClipOfCamera[]> {
  const cacheDir = modelsDirectory(process.env);
  const film = (scene: FootageOptions["scene"], more: Pick<FootageOptions, "seed" | "daylight">) =>
    ensureFootage({ ...SIZE, ...more, scene, cacheDir, signal });
  const clips: ClipOfCamera[] = [];
  for (let index = 0; index < cameras; index += 1) {
    const occupied = index < people;
    const empty = EMPTY[(index - people) % EMPTY.length] ?? { seed: 11 };
    const clip = await (occupied ? film("dancing", { seed: 1 }) : film("empty", empty));
    const number = String(index + 1).padStart(2, "0");
    clips.push({ id: `${occupied ? "people" : "empty"}_${number}`, clip, phase: index / cameras });
    progress((index + 1) / cameras);
  }
  return clips;
}

function sampleOf({ id, status, room }: CameraJson): Sample {
  return {
    id,
    online: status.availability === "online",
    analysedFps: status.analysed_fps,
    dropped: status.dropped,
    pace: status.pace,
    detectorInput: status.detector_input,
    people: room.person_count,
  };
}

function resultOf(id: string, people: boolean, samples: readonly (readonly Sample[])[]): CameraResult {
  const own = samples.flatMap((sample) => sample.filter((camera) => camera.id === id));
  const share = (is: (sample: Sample) => boolean) => round(own.filter(is).length / own.length, 2);
  const fps = own.map(({ analysedFps }) => analysedFps);
  const paces = [...new Set(own.map(({ pace }) => pace))];
  return {
    id,
    people,
    analysed_fps: round(fps.reduce((sum, value) => sum + value, 0) / fps.length, 2),
    analysed_fps_least: round(Math.min(...fps), 2),
    dropped: (own.at(-1)?.dropped ?? 0) - (own[0]?.dropped ?? 0),
    paces: Object.fromEntries(paces.map((pace) => [pace, share((sample) => sample.pace === pace)])),
    online: share((sample) => sample.online),
    somebody_seen: share((sample) => sample.people > 0),
    detector_input: own.at(-1)?.detectorInput ?? null,
  };
}

function linesOf(result: {
  readonly cameras: number;
  readonly seconds: number;
  readonly processes: {
    readonly vision: ProcessResult;
    readonly vision_first_thread_cores: number;
    readonly daemon: ProcessResult;
    readonly server: ProcessResult;
    readonly feed_cores: number;
    readonly other_cores: number;
  };
  readonly loop_delay_ms: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly per_camera: readonly CameraResult[];
}): string[] {
  const { processes, loop_delay_ms: loop } = result;
  const processLine = (name: string, { cores, cpu_ms_per_camera_s, rss_mib, anonymous_mib }: ProcessResult) =>
    `  ${name.padEnd(10)} ${cores.toFixed(2)} cores, ${cpu_ms_per_camera_s.toFixed(1)} ms CPU per camera and second, ${rss_mib} MiB resident (${anonymous_mib} of them its own)`;
  return [
    `${result.cameras} cameras, ${result.seconds} s`,
    processLine("vision", processes.vision),
    `  ${"".padEnd(10)} ${processes.vision_first_thread_cores.toFixed(2)} cores of it in its first thread`,
    processLine("daemon", processes.daemon),
    `  not counted: ${(processes.server.cores + processes.feed_cores).toFixed(2)} cores that play the cameras, and ${processes.other_cores.toFixed(2)} that others kept busy`,
    `  the daemon's event loop is late by ${loop.p50.toFixed(1)} ms (median), ${loop.p99.toFixed(1)} ms (99 %), ${loop.max.toFixed(1)} ms at most`,
    "  camera      analysed/s  least  dropped  online  somebody seen  input  pace (share of the time)",
    ...result.per_camera.map(
      (camera) =>
        `  ${camera.id.padEnd(11)} ${camera.analysed_fps.toFixed(2).padStart(10)} ${camera.analysed_fps_least.toFixed(2).padStart(6)} ${String(camera.dropped).padStart(8)} ${camera.online.toFixed(2).padStart(7)} ${camera.somebody_seen.toFixed(2).padStart(14)} ${String(camera.detector_input ?? "-").padStart(6)}  ${Object.entries(
          camera.paces,
        )
          .map(([pace, share]) => `${pace} ${share.toFixed(2)}`)
          .join(", ")}`,
    ),
  ];
}

/** Of this process, which feeds the server. */
function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError("must be a whole number, 0 or more.");
  return value;
}

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
const program = new Command("load")
  .option("--cameras <number>", "network cameras, 640x360 at 25 frames/s", wholeNumber, 16)
  .option("--people <number>", "how many of them show somebody", wholeNumber, 2)
  .option("--seconds <seconds>", "how long it is measured", wholeNumber, 30)
  .option("--warm-up <seconds>", "from the last camera's coming online", wholeNumber, 15)
  .option("--json", "one line of JSON", false);
program.parse();
if (noRtspServer !== null) {
  process.stderr.write(`load: ${noRtspServer}\n`);
  process.exitCode = 2;
} else {
  // The clock's timers let the process end.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    await run(program.opts<Options>(), interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    clearInterval(alive);
  }
}
