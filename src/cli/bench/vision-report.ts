// What `haven bench vision` says of its measurements, for people and as data.
import type { Spread } from "../../bench/spread.ts";
import type { MeasuredStages, StageCosts } from "../../bench/stage-costs.ts";
import { type BenchReport, rounded } from "./bench-report.ts";
import type { BenchSetup } from "./bench-setup.ts";

export interface CamerasMeasured {
  readonly cameras: number;
  readonly msPerFrame: Spread;
  readonly bareMsPerFrame: Spread;
  readonly ratio: Spread;
  /** Against bare work that waits for each picture until it is due; null for more cameras than one thread can serve. */
  readonly ratioPaced: Spread | null;
  /** All cameras together, per second. */
  readonly analysedFps: number;
  readonly mainThreadMsPerFrame: number;
  readonly rssBytes: number;
  /** Cores that others on this machine kept busy meanwhile. */
  readonly otherCores: number;
}

export interface DaemonMeasured {
  readonly cameras: number;
  readonly loopDelay: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly analysedFps: number;
  /** CPU of the daemon's own process, milliseconds per analysed frame. */
  readonly msPerFrame: number;
  readonly rssBytes: number;
}

export function visionReport(
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
    `${analysedFps.toFixed(1)} frames/s; ${mebibytes(measured.rssBytes)} MiB${pacedText(measured.ratioPaced)}; ` +
    `others kept ${measured.otherCores.toFixed(1)} cores busy`
  );
}

function pacedText(ratio: Spread | null): string {
  if (ratio === null) return "";
  const range = `${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)}`;
  return `; ${ratio.median.toFixed(3)} (${range}) against bare work at a camera's pace`;
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
    ratio_paced: measured.ratioPaced === null ? null : spread(measured.ratioPaced, 3),
    analysed_fps: rounded(measured.analysedFps, 1),
    main_thread_ms_per_frame: rounded(measured.mainThreadMsPerFrame, 2),
    rss_mib: mebibytes(measured.rssBytes),
    other_cores: rounded(measured.otherCores, 2),
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
