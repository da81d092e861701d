// Entry of the vision process: composes decoder, inference workers and pipelines, and speaks the vision contract with
// the daemon that forked it. It ends with its parent, and on anything it did not expect: the daemon starts it anew.
import { ModelStore } from "../models/model-store.ts";
import { systemClock } from "./core/clock.ts";
import { AppError, isAppError, messageOf } from "./core/errors.ts";
import { createLogger, type LogOptions } from "./core/logger.ts";
import { InferencePool } from "./inference/inference-pool.ts";
import {
  type FromVision,
  type ToVision,
  VISION_CONTRACT_VERSION,
  type VisionSettings,
} from "./pipeline/vision-contract.ts";
import { VisionService } from "./pipeline/vision-service.ts";
import { createTracker } from "./tracking/create-tracker.ts";
import { openVideo } from "./video/open-video.ts";
import { probeSource } from "./video/probe-source.ts";
import { MoveNetMultiPose, MULTI_POSE_MODEL } from "./vision/movenet-multi-pose.ts";

const HEARTBEAT_EVERY = 1_000;
const CONNECT_TIMEOUT = 8_000;
const STALL_TIMEOUT = 5_000;
const EXIT_FATAL = 3;

const log = createLogger({
  level: (process.env.HAVEN_LOG_LEVEL ?? "info") as LogOptions["level"],
  pretty: process.stderr.isTTY === true,
}).child({ process: "vision" });

if (process.send === undefined) {
  process.stderr.write("haven: this is the vision process; it is started by `haven run`\n");
  process.exit(2);
}

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

async function createService(
  settings: VisionSettings,
): Promise<{ service: VisionService; pool: InferencePool }> {
  const store = new ModelStore({ log, directory: settings.inference.modelsDir });
  const pool = await InferencePool.create({
    workers: settings.inference.workers,
    provider: settings.inference.provider,
    log,
    modelPath: (id) => store.pathOf(id),
  });
  await pool.load(MULTI_POSE_MODEL);
  const detector = new MoveNetMultiPose({
    runner: pool,
    floor: settings.tracker.low ?? 0.1,
  });
  const service = new VisionService(
    {
      clock: systemClock,
      log,
      random: Math.random,
      send,
      detector,
      workers: pool.workers,
      onModelsLost: die,
      createTracker: () =>
        createTracker({
          kind: settings.tracker.kind,
          high: settings.tracker.high ?? 0.2,
          low: settings.tracker.low ?? 0.1,
          newTrack: settings.tracker.newTrack ?? 0.25,
          lostS: settings.tracker.lostS,
        }),
      open: (request) =>
        openVideo({
          ...request,
          connectTimeoutMs: CONNECT_TIMEOUT,
          stallTimeoutMs: STALL_TIMEOUT,
          clock: systemClock,
        }),
      probe: (source, signal) =>
        probeSource(source, { timeoutMs: CONNECT_TIMEOUT, clock: systemClock, signal }),
    },
    settings,
  );
  send({
    kind: "ready",
    version: VISION_CONTRACT_VERSION,
    provider: pool.provider ?? "cpu",
    workers: pool.workers,
  });
  setInterval(() => send({ kind: "heartbeat" }), HEARTBEAT_EVERY).unref();
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
