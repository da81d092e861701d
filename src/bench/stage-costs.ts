// What each stage of watching costs, one after another in this process, with nothing else under way: so much CPU time per
// analysed picture.
import { SamplingGate } from "../camera/sampling-gate.ts";
import { systemClock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { Detection } from "../domain/pose.ts";
import type { Tensors } from "../inference/tensor.ts";
import type { Tracker } from "../tracking/tracker.ts";
import { openVideo } from "../video/open-video.ts";
import type { VideoFrame } from "../video/video-frame.ts";
import type { ModelLoader } from "../vision/model-runner.ts";
import type { PersonDetector } from "../vision/person-detector.ts";
import type { ModelCall } from "./yardstick-messages.ts";

/** CPU milliseconds per analysed picture. */
export interface StageCosts {
  /** Of all pictures up to the next one that is analysed. */
  readonly decodeMs: number;
  /** Looking whether anything moves, and whatever else decides if a picture is analysed. */
  readonly sceneMs: number;
  readonly scaleMs: number;
  /** In a worker thread, with the way there and back. */
  readonly inferenceMs: number;
  /** Making the model's input out of a picture and people out of its output. */
  readonly outputsMs: number;
  readonly trackingMs: number;
}

export interface StageCostsOptions {
  readonly video: string;
  /** Analysed pictures per second. */
  readonly fps: number;
  /** Long side of the detector's input, pixels. */
  readonly inputSize: number;
  /** Of the video, analysed pictures at most. */
  readonly pictures: number;
  /** Where models really run. */
  readonly runner: ModelLoader;
  readonly createDetector: (runner: ModelLoader) => Promise<PersonDetector>;
  readonly createTracker: () => Tracker;
  /** Decides whether a picture is analysed; what it decides is not heeded here. */
  readonly examine: (frame: VideoFrame, timeS: number) => void;
  readonly signal: AbortSignal;
}

export interface MeasuredStages {
  readonly costs: StageCosts;
  /** The analysed pictures as the detector gets them. */
  readonly images: readonly RgbImage[];
  /** What the models were run on, for each of them. */
  readonly calls: readonly (readonly ModelCall[])[];
  /** Detections per analysed picture: a room with nobody in it is cheap to track. */
  readonly peoplePerPicture: number;
}

interface Picked {
  readonly image: RgbImage;
  readonly timeS: number;
  readonly aspect: number;
}

/** Throws what opening the video or running the models throws, and AppError `source.unreadable` for an empty video. */
export async function measureStages(options: StageCostsOptions): Promise<MeasuredStages> {
  const { createDetector, createTracker, runner, signal } = options;
  const recorder = new RecordingRunner(runner);
  const detector = await createDetector(recorder);
  const { picked, decodeMs, sceneMs, scaleMs } = await readPictures(options, detector);
  if (picked.length === 0)
    throw new AppError("source.unreadable", `${options.video} has no pictures to measure with.`);
  for (const { image } of picked) {
    signal.throwIfAborted();
    recorder.record();
    await detector.detect(image);
  }
  // Copied beforehand: a run takes the buffers of its inputs over.
  const copies = structuredClone(recorder.calls);
  const inferenceMs = await cpuOf(async () => {
    for (const calls of copies) for (const { modelId, inputs } of calls) await runner.run(modelId, inputs);
  });
  recorder.replay();
  const detections: Detection[][] = [];
  const outputsMs = await cpuOf(async () => {
    for (const { image } of picked) detections.push(await detector.detect(image));
  });
  const tracker = createTracker();
  const trackingMs = await cpuOf(async () => {
    picked.forEach(({ timeS, aspect }, index) => {
      tracker.update(detections[index] ?? [], timeS, aspect);
    });
  });
  const each = (ms: number) => ms / picked.length;
  return {
    costs: {
      decodeMs: each(decodeMs),
      sceneMs: each(sceneMs),
      scaleMs: each(scaleMs),
      inferenceMs: each(inferenceMs),
      outputsMs: each(outputsMs),
      trackingMs: each(trackingMs),
    },
    images: picked.map(({ image }) => image),
    calls: recorder.calls,
    peoplePerPicture: each(detections.reduce((sum, { length }) => sum + length, 0)),
  };
}

async function readPictures(options: StageCostsOptions, detector: PersonDetector) {
  const { video, fps, inputSize, pictures, signal } = options;
  await using stream = await openVideo({
    source: video,
    live: false,
    connectTimeoutMs: 10_000,
    stallTimeoutMs: 10_000,
    clock: systemClock,
    signal,
  });
  const gate = new SamplingGate(fps);
  const picked: Picked[] = [];
  let decodeMs = 0;
  let sceneMs = 0;
  let scaleMs = 0;
  // Reading is not ahead of us: what this process uses while `next` is pending is decoding, and nothing else.
  while (picked.length < pictures) {
    signal.throwIfAborted();
    const before = cpuMs();
    using frame = await stream.next();
    const decoded = cpuMs();
    decodeMs += decoded - before;
    if (frame === null) break;
    if (!gate.picks(frame.mediaTimeS)) continue;
    options.examine(frame, frame.mediaTimeS);
    const examined = cpuMs();
    sceneMs += examined - decoded;
    const { contentWidth, contentHeight } = detector.fit(frame.width, frame.height, inputSize);
    const image = frame.toRgb(contentWidth, contentHeight);
    scaleMs += cpuMs() - examined;
    picked.push({ image, timeS: frame.mediaTimeS, aspect: frame.width / frame.height });
  }
  return { picked, decodeMs, sceneMs, scaleMs };
}

/** Runs models, remembers what on and what came out, and can answer the same again at no cost. */
class RecordingRunner implements ModelLoader {
  readonly calls: ModelCall[][] = [];
  readonly #outputs: Tensors[] = [];
  readonly #runner: ModelLoader;
  #replayed: number | null = null;

  constructor(runner: ModelLoader) {
    this.#runner = runner;
  }

  load(modelId: string): Promise<void> {
    return this.#runner.load(modelId);
  }

  /** The following runs belong to the next picture; those before the first one are not kept. */
  record(): void {
    this.calls.push([]);
  }

  /** From now on the kept outputs are given again, in their order. */
  replay(): void {
    this.#replayed = 0;
  }

  async run(modelId: string, inputs: Tensors): Promise<Tensors> {
    if (this.#replayed !== null) return this.#replay(this.#replayed);
    const calls = this.calls.at(-1);
    calls?.push({ modelId, inputs: structuredClone(inputs) });
    const outputs = await this.#runner.run(modelId, inputs);
    if (calls !== undefined) this.#outputs.push(outputs);
    return outputs;
  }

  #replay(at: number): Tensors {
    const outputs = this.#outputs[at];
    if (outputs === undefined) throw new AppError("internal", "A model was run more often than before.");
    this.#replayed = at + 1;
    return outputs;
  }
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = cpuMs();
  await work();
  return cpuMs() - before;
}

/** What this process has used so far, milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
