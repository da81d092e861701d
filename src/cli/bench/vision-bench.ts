// `haven bench vision`: what watching costs, stage by stage, and the whole of it held against bare decoding and bare
// inference of the same film, measured in turns within the same run.
import { spreadOf } from "../../bench/spread.ts";
import { Yardstick } from "../../bench/yardstick.ts";
import { systemClock, wait } from "../../core/clock.ts";
import type { BenchContext, BenchReport } from "./bench-report.ts";
import { type BenchSetup, prepareBench, stagesOf } from "./bench-setup.ts";
import { LiveVision, type VisionWork } from "./live-vision.ts";
import { MeasuredDaemon } from "./measured-daemon.ts";
import { type CamerasMeasured, type DaemonMeasured, visionReport } from "./vision-report.ts";

/** Analysed pictures of the film on which the stages are measured one by one: one round of the scene, and a half. */
const STAGE_PICTURES = 90;
/** Of each bare measurement: about a second on one core. */
const BARE = { decoded: 250, inferred: 40 };
const CAMERAS = [1, 4] as const;

/** Of the film's pictures decoding, of the analysed ones inference: CPU milliseconds. */
interface BareCosts {
  readonly decodeMs: number;
  readonly inferenceMs: number;
}

interface Round extends VisionWork {
  readonly bare: BareCosts;
  /** Per analysed frame, of bare work that waits for each picture; NaN where it was not measured. */
  readonly pacedMs: number;
}

export async function benchVision(context: BenchContext): Promise<BenchReport> {
  const { flags, progress, signal } = context;
  const numbers = flags.cameras ?? CAMERAS;
  const setup = await prepareBench(context, 0.02);
  progress(0.02, "stages");
  const stages = await stagesOf(setup, STAGE_PICTURES, signal);
  const measured: CamerasMeasured[] = [];
  await using yardstick = new Yardstick();
  const { id } = setup.entry;
  await yardstick.load(new Map([[id, await setup.modelPath(id)]]), stages.calls);
  {
    await using vision = await LiveVision.start(setup.settings, signal);
    for (const [index, cameras] of numbers.entries()) {
      const rounds: Round[] = [];
      for (let round = 0; round < flags.rounds; round += 1) {
        const done = (index + round / flags.rounds) / numbers.length;
        progress(0.05 + 0.8 * done, `${cameras} ${cameras === 1 ? "camera" : "cameras"}`);
        rounds.push(await playRound(vision, yardstick, setup, { cameras, seconds: flags.seconds }));
      }
      measured.push(summaryOf(cameras, rounds, flags.seconds));
    }
  }
  progress(0.88, "the whole daemon");
  const daemon = await measureDaemon(setup, Math.max(...numbers), context);
  progress(1, "done");
  return visionReport(setup, stages, measured, daemon);
}

/** Bare before and after, so that a machine that becomes slower or faster meanwhile does so for both. */
async function playRound(
  vision: LiveVision,
  yardstick: Yardstick,
  { video, settings }: BenchSetup,
  { cameras, seconds }: { readonly cameras: number; readonly seconds: number },
): Promise<Round> {
  const before = await bareCosts(yardstick, video);
  const work = await vision.play(video, cameras, seconds);
  const after = await bareCosts(yardstick, video);
  const pace = { fps: work.filmFps, analysedFps: settings.inference.fps };
  // One thread decodes and infers in turns: it keeps the pace of one camera and not of several.
  const pacedMs =
    cameras === 1 ? await yardstick.pace(video, Math.round(seconds * pace.fps), pace) : Number.NaN;
  return {
    ...work,
    pacedMs,
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
    ratioPaced: cameras === 1 ? spreadOf(rounds.map((round) => whole(round) / round.pacedMs)) : null,
    analysedFps: spreadOf(rounds.map(({ analysed }) => analysed / seconds)).median,
    mainThreadMsPerFrame: spreadOf(rounds.map((round) => round.mainThreadCpuMs / round.analysed)).median,
    rssBytes: Math.max(...rounds.map(({ rssBytes }) => rssBytes)),
    otherCores: spreadOf(rounds.map(({ otherCores }) => otherCores)).median,
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
  const startedAt = systemClock.monotonic();
  const fps: number[] = [];
  // Health is told every two seconds.
  for (let told = 0; told * HEALTH_EVERY < Math.max(flags.seconds * 1000, FEWEST_LOOP); told += 1) {
    await wait(systemClock, HEALTH_EVERY, signal);
    fps.push((await daemon.cameras()).reduce((sum, { status }) => sum + status.analysed_fps, 0));
  }
  const loopDelay = await daemon.loopDelay();
  const after = daemon.usage();
  const seconds = (systemClock.monotonic() - startedAt) / 1000;
  const analysedFps = fps.reduce((sum, value) => sum + value, 0) / fps.length;
  return {
    cameras,
    loopDelay,
    analysedFps,
    msPerFrame: (after.main.cpuMs - before.main.cpuMs) / (analysedFps * seconds),
    rssBytes: after.main.rssBytes,
  };
}

/** Until every camera's figures cover two seconds of work. */
const SETTLE = 4_000;
const HEALTH_EVERY = 2_000;
/** A hundred looks a second: a 99th percentile needs some. */
const FEWEST_LOOP = 6_000;
