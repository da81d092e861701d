// `haven bench providers`: pictures a second of the detector on every execution provider that works here, and whether the
// people it finds are the CPU's. Each provider runs in a process of its own, because a bad driver crashes.
import { type DetectionAgreement, detectionAgreement } from "../../bench/detection-agreement.ts";
import { spreadOf } from "../../bench/spread.ts";
import { Yardstick } from "../../bench/yardstick.ts";
import type { ModelCall } from "../../bench/yardstick-messages.ts";
import { messageOf } from "../../core/errors.ts";
import type { RgbImage } from "../../domain/frame.ts";
import type { Detection } from "../../domain/pose.ts";
import type { ExecutionProvider } from "../../inference/execution-provider.ts";
import { probeProviders } from "../../inference/provider-probe.ts";
import type { Tensors } from "../../inference/tensor.ts";
import { createDetector } from "../../vision/create-detector.ts";
import { type BenchContext, type BenchReport, rounded } from "./bench-report.ts";
import { type BenchSetup, prepareBench, stagesOf } from "./bench-setup.ts";

/** Analysed pictures the providers are compared on. */
const PICTURES = 30;
/** A round is at least so many: the first after a pause finds a GPU asleep. */
const FEWEST_RUNS = 5;

interface Running {
  readonly provider: ExecutionProvider;
  readonly yardstick: Yardstick;
  readonly agreement: DetectionAgreement | null;
  readonly framesPerS: number[];
  readonly cpuMs: number[];
}

interface Footage {
  readonly images: readonly RgbImage[];
  readonly calls: readonly (readonly ModelCall[])[];
}

export async function benchProviders(context: BenchContext): Promise<BenchReport> {
  const { flags, progress, signal } = context;
  const setup = await prepareBench(context, 0.05);
  const footage = await stagesOf(setup, PICTURES, signal);
  progress(0.1, "what works here");
  const modelPath = await setup.modelPath(setup.entry.id);
  const broken = new Map<ExecutionProvider, string>();
  const working: ExecutionProvider[] = [];
  for (const { provider, works, reason } of await probeProviders({ modelPath, signal })) {
    if (works) working.push(provider);
    else broken.set(provider, reason ?? "it says no reason");
  }
  // The CPU first: the others are held against it.
  working.sort((a, b) => Number(b === "cpu") - Number(a === "cpu"));
  const running: Running[] = [];
  try {
    let expected: readonly (readonly Detection[])[] | null = null;
    for (const provider of working) {
      progress(0.2, provider);
      const started = await start(provider, setup, footage, modelPath);
      if (typeof started === "string") {
        broken.set(provider, started);
        continue;
      }
      const { yardstick, found } = started;
      expected ??= found;
      const agreement = found === expected ? null : agreementOf(setup, footage, expected, found);
      running.push({ provider, yardstick, agreement, framesPerS: [], cpuMs: [] });
    }
    for (let round = 0; round < flags.rounds; round += 1) {
      for (const one of running) {
        progress(0.3 + (0.7 * round) / flags.rounds, one.provider);
        signal.throwIfAborted();
        await measure(one, flags.seconds / flags.rounds);
      }
    }
  } finally {
    for (const { yardstick } of running) await yardstick[Symbol.asyncDispose]();
  }
  progress(1, "done");
  return report(setup, running, broken);
}

/** A process that runs the model on this provider, and whom it finds; or why it does not. */
async function start(
  provider: ExecutionProvider,
  { entry }: BenchSetup,
  { images, calls }: Footage,
  modelPath: string,
): Promise<{ readonly yardstick: Yardstick; readonly found: readonly (readonly Detection[])[] } | string> {
  const yardstick = new Yardstick();
  try {
    await yardstick.load(new Map([[entry.id, modelPath]]), calls, provider);
    const found = await detectionsOf(entry, images, await yardstick.outputs());
    return { yardstick, found };
  } catch (error) {
    await yardstick[Symbol.asyncDispose]();
    return messageOf(error);
  }
}

/** What the detector makes of outputs that were had elsewhere. */
async function detectionsOf(
  entry: BenchSetup["entry"],
  images: readonly RgbImage[],
  outputs: readonly (readonly Tensors[])[],
): Promise<readonly (readonly Detection[])[]> {
  // A detector is tried on one picture when it is made.
  const queue = [...(outputs[0] ?? []), ...outputs.flat()];
  const runner = {
    load: async () => {},
    run: async () => queue.shift() ?? {},
  };
  const floor = entry.thresholds.keepTrack ?? 0.1;
  const detector = await createDetector(entry, runner, { floor });
  const found: (readonly Detection[])[] = [];
  for (const image of images) found.push(await detector.detect(image));
  return found;
}

function agreementOf(
  { entry }: BenchSetup,
  { images }: Footage,
  expected: readonly (readonly Detection[])[],
  actual: readonly (readonly Detection[])[],
): DetectionAgreement {
  return detectionAgreement(expected, actual, { sizes: images, floor: entry.thresholds.high ?? 0.2 });
}

async function measure({ yardstick, framesPerS, cpuMs }: Running, seconds: number): Promise<void> {
  const { wallMs } = await yardstick.infer(FEWEST_RUNS);
  const took = await yardstick.infer(Math.max(FEWEST_RUNS, Math.round((seconds * 1000) / wallMs)));
  framesPerS.push(1000 / took.wallMs);
  cpuMs.push(took.cpuMs);
}

function report(
  { entry, settings }: BenchSetup,
  running: readonly Running[],
  broken: ReadonlyMap<ExecutionProvider, string>,
): BenchReport {
  const { inputSize } = settings.inference;
  const speeds = running.map(({ framesPerS }) => spreadOf(framesPerS).median);
  const cpu = speeds[running.findIndex(({ provider }) => provider === "cpu")];
  const fastest = Math.max(...speeds);
  return {
    lines: [
      `${entry.id} at ${inputSize}, one session each`,
      ...running.map(({ provider, agreement, framesPerS, cpuMs }) => {
        const { median, min, max } = spreadOf(framesPerS);
        return (
          `  ${provider.padEnd(9)} ${median.toFixed(1)} pictures/s (${min.toFixed(1)} to ${max.toFixed(1)}), ` +
          `${spreadOf(cpuMs).median.toFixed(1)} ms CPU each${agreementText(agreement)}`
        );
      }),
      ...[...broken].map(([provider, reason]) => `  ${provider.padEnd(9)} does not work here: ${reason}`),
    ],
    figures: {
      detector: entry.id,
      input_size: inputSize,
      providers: running.map(({ provider, agreement, framesPerS, cpuMs }) => ({
        provider,
        works: true,
        frames_per_s: rounded(spreadOf(framesPerS).median, 1),
        cpu_ms: rounded(spreadOf(cpuMs).median, 2),
        people: agreement?.people ?? null,
        same_boxes: agreement === null ? null : rounded(agreement.sameBoxes, 4),
        keypoint_median_px: agreement?.keypointPx ? rounded(agreement.keypointPx.median, 3) : null,
        keypoint_max_px: agreement?.keypointPx ? rounded(agreement.keypointPx.max, 3) : null,
      })),
      broken: [...broken].map(([provider, reason]) => ({ provider, works: false, reason })),
    },
    // How much faster than the CPU the fastest is.
    ratio: cpu === undefined || speeds.length === 0 ? null : rounded(fastest / cpu, 2),
  };
}

function agreementText(agreement: DetectionAgreement | null): string {
  if (agreement === null) return "";
  const { people, sameBoxes, keypointPx } = agreement;
  const joints =
    keypointPx === null
      ? ""
      : `, keypoints ${keypointPx.median.toFixed(2)} pixels apart (median; ${keypointPx.max.toFixed(2)} at most)`;
  return `; ${(100 * sameBoxes).toFixed(1)} % of the CPU's ${people} people in the same place${joints}`;
}
