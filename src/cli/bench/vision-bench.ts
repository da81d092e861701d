// `haven bench vision`: what watching costs, stage by stage, and the whole of it held against bare decoding and bare
// inference of the same film, measured in turns within the same run.
import { type Spread, spreadOf } from "../../bench/spread.ts";
import type { MeasuredStages, StageCosts } from "../../bench/stage-costs.ts";
import { Yardstick } from "../../bench/yardstick.ts";
import { systemClock, wait } from "../../core/clock.ts";
import { type BenchContext, type BenchReport, rounded } from "./bench-report.ts";
import { type BenchSetup, prepareBench, stagesOf } from "./bench-setup.ts";
import { LiveVision, type VisionWork } from "./live-vision.ts";
import { MeasuredDaemon } from "./measured-daemon.ts";

/** Analysed pictures of the film on which the stages are measured one by one: one round of the scene, and a half. */
const STAGE_PICTURES = 90;
/** Of each bare measurement: about a second on one core. */
const BARE = { decoded: 250, inferred: 40 };

/** Of the film's pictures decoding, of the analysed ones inference: CPU milliseconds. */
interface BareCosts {
  readonly decodeMs: number;
  readonly inferenceMs: number;
}

interface Round extends VisionWork {
  readonly bare: BareCosts;
}

interface CamerasMeasured {
  readonly cameras: number;
  readonly msPerFrame: Spread;
  readonly bareMsPerFrame: Spread;
  readonly ratio: Spread;
  /** All cameras together, per second. */
  readonly analysedFps: number;
  readonly mainThreadMsPerFrame: number;
  readonly rssBytes: number;
}

interface DaemonMeasured {
  readonly cameras: number;
  readonly loopDelay: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly analysedFps: number;
  /** CPU of the daemon's own process, milliseconds per analysed frame. */
  readonly msPerFrame: number;
  readonly rssBytes: number;
}

export async function benchVision(context: BenchContext): Promise<BenchReport> {
  const { flags, progress, signal } = context;
  const setup = await prepareBench(context, 0.02);
  progress(0.02, "stages");
  const stages = await stagesOf(setup, STAGE_PICTURES, signal);
  const measured: CamerasMeasured[] = [];
  await using yardstick = new Yardstick();
  const { id } = setup.entry;
  await yardstick.load(new Map([[id, await setup.modelPath(id)]]), stages.calls);
  {
    await using vision = await LiveVision.start(setup.settings, signal);
    for (const [index, cameras] of flags.cameras.entries()) {
      const rounds: Round[] = [];
      for (let round = 0; round < flags.rounds; round += 1) {
        const done = (index + round / flags.rounds) / flags.cameras.length;
        progress(0.05 + 0.8 * done, `${cameras} ${cameras === 1 ? "camera" : "cameras"}`);
        rounds.push(await playRound(vision, yardstick, setup, { cameras, seconds: flags.seconds }));
      }
      measured.push(summaryOf(cameras, rounds, flags.seconds));
    }
  }
  progress(0.88, "the whole daemon");
  const daemon = await measureDaemon(setup, Math.max(...flags.cameras), context);
  progress(1, "done");
  return report(setup, stages, measured, daemon);
}

/** Bare before and after, so that a machine that becomes slower or faster meanwhile does so for both. */
async function playRound(
  vision: LiveVision,
  yardstick: Yardstick,
  { video }: BenchSetup,
  { cameras, seconds }: { readonly cameras: number; readonly seconds: number },
): Promise<Round> {
  const before = await bareCosts(yardstick, video);
  const work = await vision.play(video, cameras, seconds);
  const after = await bareCosts(yardstick, video);
  return {
    ...work,
    bare: {
      decodeMs: (before.decodeMs + after.decodeMs) / 2,
      inferenceMs: (before.inferenceMs + after.inferenceMs) / 2,
    },
  };
}

async function bareCosts(yardstick: Yardstick, video: string): Promise<BareCosts> {
  return {
    decodeMs: (await yardstick.decode(video, BARE.decoded)).cpuMs,
    inferenceMs: (await yardstick.infer(BARE.inferred)).cpuMs,
  };
}

function summaryOf(cameras: number, rounds: readonly Round[], seconds: number): CamerasMeasured {
  const bare = (round: Round) =>
    (round.decoded * round.bare.decodeMs + round.analysed * round.bare.inferenceMs) / round.analysed;
  const whole = (round: Round) => round.cpuMs / round.analysed;
  return {
    cameras,
    msPerFrame: spreadOf(rounds.map(whole)),
    bareMsPerFrame: spreadOf(rounds.map(bare)),
    ratio: spreadOf(rounds.map((round) => whole(round) / bare(round))),
    analysedFps: spreadOf(rounds.map(({ analysed }) => analysed / seconds)).median,
    mainThreadMsPerFrame: spreadOf(rounds.map((round) => round.mainThreadCpuMs / round.analysed)).median,
    rssBytes: Math.max(...rounds.map(({ rssBytes }) => rssBytes)),
  };
}

/** Everything at once, as in a home: MQTT, database, falls and beds, the panel's server. */
async function measureDaemon(
  { video, settings }: BenchSetup,
  cameras: number,
  { flags, signal }: BenchContext,
): Promise<DaemonMeasured> {
  const { detector, inputSize } = settings.inference;
  await using daemon = await MeasuredDaemon.start({
    cameras: Array.from({ length: cameras }, (_, index) => ({ id: `bench_${index + 1}`, source: video })),
    settings: {
      inference: {
        detector,
        input_size: inputSize,
        provider: "cpu",
        hardware_decoding: "off",
      },
    },
    signal,
  });
  await wait(systemClock, SETTLE, signal);
  const before = daemon.usage();
  daemon.forgetLoopDelay();
  const seconds = Math.max(flags.seconds, FEWEST_LOOP_SECONDS);
  await wait(systemClock, seconds * 1000, signal);
  const loopDelay = await daemon.loopDelay();
  const after = daemon.usage();
  const fps = (await daemon.cameras()).reduce((sum, { status }) => sum + status.analysed_fps, 0);
  return {
    cameras,
    loopDelay,
    analysedFps: fps,
    msPerFrame: (after.main.cpuMs - before.main.cpuMs) / (fps * seconds),
    rssBytes: after.main.rssBytes,
  };
}

/** Until every camera's figures cover two seconds of work. */
const SETTLE = 4_000;
/** A hundred looks a second: a 99th percentile needs some. */
const FEWEST_LOOP_SECONDS = 5;

function report(
  setup: BenchSetup,
  { costs, peoplePerPicture }: MeasuredStages,
  measured: readonly CamerasMeasured[],
  daemon: DaemonMeasured,
): BenchReport {
  const { inputSize, fps } = setup.settings.inference;
  const [one] = measured;
  const otherMs = (one?.msPerFrame.median ?? Number.NaN) - sumOf(costs);
  const stages = { ...costs, otherMs };
  const ratio = one?.ratio.median ?? null;
  return {
    lines: [
      `${setup.entry.id} at ${inputSize}, ${fps} analysed frames/s a camera, ${peoplePerPicture.toFixed(1)} people in view`,
      "",
      "CPU milliseconds per analysed frame, stage by stage",
      ...STAGES.map(([key, label]) => `  ${label.padEnd(34)} ${stages[key].toFixed(2).padStart(7)}`),
      "",
      "the whole vision process against bare decoding + bare inference (median, least to most)",
      ...measured.map(cameraLine),
      "",
      `the daemon's event loop with ${camerasText(daemon.cameras)}: late by ${daemon.loopDelay.p50.toFixed(1)} ms (median), ${daemon.loopDelay.p99.toFixed(1)} ms (99 %), ${daemon.loopDelay.max.toFixed(1)} ms at most; ${daemon.msPerFrame.toFixed(2)} ms CPU per analysed frame`,
    ],
    figures: {
      detector: setup.entry.id,
      input_size: inputSize,
      analysed_fps_wanted: fps,
      stages: Object.fromEntries(STAGES.map(([key, , wire]) => [wire, rounded(stages[key], 3)])),
      cameras: measured.map(cameraFigures),
      daemon: {
        cameras: daemon.cameras,
        loop_delay_p50_ms: rounded(daemon.loopDelay.p50, 2),
        loop_delay_p99_ms: rounded(daemon.loopDelay.p99, 2),
        loop_delay_max_ms: rounded(daemon.loopDelay.max, 2),
        analysed_fps: rounded(daemon.analysedFps, 1),
        cpu_ms_per_frame: rounded(daemon.msPerFrame, 3),
        rss_mib: mebibytes(daemon.rssBytes),
      },
    },
    ratio: ratio === null ? null : rounded(ratio, 3),
  };
}

const STAGES: readonly (readonly [keyof StageCosts | "otherMs", string, string])[] = [
  ["decodeMs", "decode", "decode_ms"],
  ["sceneMs", "looking whether anything moves", "scene_ms"],
  ["scaleMs", "scale", "scale_ms"],
  ["inferenceMs", "inference, with the way to a thread", "inference_ms"],
  ["outputsMs", "model input and decoding of outputs", "outputs_ms"],
  ["trackingMs", "tracking", "tracking_ms"],
  ["otherMs", "everything else, live", "other_ms"],
];

function cameraLine(measured: CamerasMeasured): string {
  const { cameras, msPerFrame, bareMsPerFrame, ratio, analysedFps, mainThreadMsPerFrame } = measured;
  const range = `${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)}`;
  return (
    `  ${camerasText(cameras).padEnd(10)} ${ratio.median.toFixed(3)} (${range}): ${msPerFrame.median.toFixed(2)} against ` +
    `${bareMsPerFrame.median.toFixed(2)} ms, of it ${mainThreadMsPerFrame.toFixed(2)} in its first thread; ` +
    `${analysedFps.toFixed(1)} frames/s; ${mebibytes(measured.rssBytes)} MiB`
  );
}

function cameraFigures(measured: CamerasMeasured) {
  const spread = ({ median, min, max }: Spread, decimals: number) => ({
    median: rounded(median, decimals),
    min: rounded(min, decimals),
    max: rounded(max, decimals),
  });
  return {
    cameras: measured.cameras,
    ms_per_frame: spread(measured.msPerFrame, 2),
    bare_ms_per_frame: spread(measured.bareMsPerFrame, 2),
    ratio: spread(measured.ratio, 3),
    analysed_fps: rounded(measured.analysedFps, 1),
    main_thread_ms_per_frame: rounded(measured.mainThreadMsPerFrame, 2),
    rss_mib: mebibytes(measured.rssBytes),
  };
}

function sumOf({ decodeMs, sceneMs, scaleMs, inferenceMs, outputsMs, trackingMs }: StageCosts): number {
  return decodeMs + sceneMs + scaleMs + inferenceMs + outputsMs + trackingMs;
}

function camerasText(count: number): string {
  return `${count} ${count === 1 ? "camera" : "cameras"}`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
