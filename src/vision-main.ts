// Entry of the vision process: composes decoder, inference workers and pipelines, and speaks the vision contract with
// the daemon that forked it. It ends with its parent, and on anything it did not expect: the daemon starts it anew.
import { ModelStore } from "../models/model-store.ts";
import { systemClock } from "./core/clock.ts";
import { AppError, isAppError, messageOf } from "./core/errors.ts";
import { createLogger, type LogOptions } from "./core/logger.ts";
import type { RgbImage } from "./domain/frame.ts";
import { InferencePool } from "./inference/inference-pool.ts";
import type { Tensors } from "./inference/tensor.ts";
import { TRAIL_VARIABLE } from "./pipeline/native-trail.ts";
import { RunWatch } from "./pipeline/run-watch.ts";
import { TrailWriter } from "./pipeline/trail-writer.ts";
import {
  type FromVision,
  type ToVision,
  VISION_CONTRACT_VERSION,
  type VisionSettings,
} from "./pipeline/vision-contract.ts";
import { VisionService } from "./pipeline/vision-service.ts";
import { bestDecoder, probeDecoders } from "./video/decoder-probe.ts";
import { FrameConverter } from "./video/frame-converter.ts";
import type { DecoderChoice } from "./video/hardware-device.ts";
import { openVideo } from "./video/open-video.ts";
import { probeSource } from "./video/probe-source.ts";
import { Perception } from "./vision-perception.ts";
import { photoReader } from "./vision-photos.ts";

const HEARTBEAT_EVERY = 1_000;
const CONNECT_TIMEOUT = 8_000;
const STALL_TIMEOUT = 5_000;
const EXIT_FATAL = 3;
const HEAD_JPEG_QUALITY = 80;

const log = createLogger({
  level: (process.env.HAVEN_LOG_LEVEL ?? "info") as LogOptions["level"],
  pretty: process.stderr.isTTY === true,
}).child({ process: "vision" });

if (process.send === undefined) {
  process.stderr.write("haven: this is the vision process; it is started by `haven run`\n");
  process.exit(2);
}

const trailFd = Number(process.env[TRAIL_VARIABLE] ?? Number.NaN);
const trail = new TrailWriter(Number.isInteger(trailFd) ? trailFd : null, systemClock);

function send(message: FromVision): void {
  if (process.connected) process.send?.(message);
}

/** Says why and goes: whatever is wrong here will not mend itself while we wait. */
function die(error: unknown): void {
  const code = isAppError(error) ? error.code : "internal";
  log.fatal({ err: error }, "vision cannot go on");
  send({ kind: "fatal", code, reason: messageOf(error) });
  // Give the message time to leave; the daemon does not wait for it.
  setTimeout(() => process.exit(EXIT_FATAL), 50);
}

async function chooseDecoder({ inference }: VisionSettings): Promise<DecoderChoice> {
  return inference.hardwareDecoding === "off" ? "software" : bestDecoder(await probeDecoders());
}

async function createService(
  settings: VisionSettings,
): Promise<{ service: VisionService; pool: InferencePool }> {
  let onMove = () => {};
  const store = new ModelStore({ log, directory: settings.inference.modelsDir });
  const pool = await InferencePool.create({
    workers: settings.inference.workers,
    provider: settings.inference.provider,
    log,
    modelPath: (id) => store.pathOf(id),
    onProvider: (provider, reason) => {
      send({ kind: "provider", provider, reason });
      onMove();
    },
  });
  const runs = new RunWatch(pool, systemClock);
  const pictures = new FrameConverter();
  const toJpeg = (image: RgbImage) => pictures.rgbToJpeg(image, HEAD_JPEG_QUALITY);
  const runner = {
    load: (modelId: string) => pool.load(modelId),
    run: (modelId: string, inputs: Tensors) => runs.run(modelId, inputs),
  };
  const [perception, decoder] = await Promise.all([
    Perception.open(settings, {
      store,
      runner,
      log,
      toJpeg,
    }),
    chooseDecoder(settings),
  ]);
  const service = new VisionService(
    {
      clock: systemClock,
      log,
      random: Math.random,
      send,
      workers: pool.workers,
      onModelsLost: die,
      createAnalysis: (job) => perception.analysis(job),
      createScene: (job) => perception.scene(job),
      createTracklets: (job) =>
        perception.recognition?.tracklets(job, (tracklet) => send({ kind: "tracklet", tracklet })) ?? null,
      open: (cameraId) => (request) =>
        openVideo({
          ...request,
          decoder,
          onNative: trail.listener(cameraId),
          connectTimeoutMs: CONNECT_TIMEOUT,
          stallTimeoutMs: STALL_TIMEOUT,
          clock: systemClock,
        }),
      describePhoto: photoReader({
        faces: perception.recognition?.faces ?? null,
        people: perception.finder,
        toJpeg,
      }),
      probe: (source, signal) =>
        trail.probing(() => probeSource(source, { timeoutMs: CONNECT_TIMEOUT, clock: systemClock, signal })),
    },
    settings,
  );
  onMove = () => service.setWorkers(pool.workers);
  send({
    kind: "ready",
    version: VISION_CONTRACT_VERSION,
    provider: pool.provider ?? "cpu",
    providerReason: pool.providerReason,
    workers: pool.workers,
    decoder,
    modelProblem: perception.problem,
  });
  setInterval(
    () =>
      send({
        kind: "heartbeat",
        rssBytes: process.memoryUsage.rss(),
        inferenceStuckMs: runs.stuckForMs,
        longestDecode: trail.longestDecode(),
      }),
    HEARTBEAT_EVERY,
  ).unref();
  return { service, pool };
}

let created: ReturnType<typeof createService> | null = null;

process.on("message", (raw) => {
  // Both ends come from one build; a mismatch means that an update replaced the files under a running daemon.
  const message = raw as ToVision;
  if (message.kind === "configure" && message.version !== VISION_CONTRACT_VERSION) {
    die(new AppError("internal", "daemon and vision process are of different versions; restart Haven"));
    return;
  }
  if (message.kind === "shutdown") {
    void shutDown();
    return;
  }
  if (message.kind === "configure") trail.assign(message.slots);
  if (message.kind === "configure") created ??= createService(message.settings);
  created?.then(({ service }) => service.handle(message)).catch(die);
});

async function shutDown(): Promise<void> {
  try {
    const parts = await created;
    await parts?.service[Symbol.asyncDispose]();
    await parts?.pool.close();
  } catch (error) {
    log.debug({ err: error }, "vision did not close cleanly");
  }
  process.exit(0);
}

process.on("disconnect", () => process.exit(0));
process.on("uncaughtException", die);
process.on("unhandledRejection", die);
// The terminal sends Ctrl-C to the whole group: the daemon decides when we go.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
