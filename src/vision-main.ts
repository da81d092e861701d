// Entry of the vision process: composes decoder, inference workers and pipelines, and speaks the vision contract with
// the daemon that forked it. It ends with its parent.
import { availableParallelism } from "node:os";
import { ModelStore } from "../models/model-store.ts";
import { systemClock } from "./core/clock.ts";
import { AppError, isAppError, messageOf } from "./core/errors.ts";
import { createLogger, type LogOptions } from "./core/logger.ts";
import { InferencePool } from "./inference/inference-pool.ts";
import { VisionService } from "./pipeline/vision-service.ts";
import { type FromVision, type ToVision, VISION_CONTRACT_VERSION, type VisionSettings } from "./pipeline/vision-contract.ts";
import { createTracker } from "./tracking/tracker.ts";
import { openVideo, probeSource } from "./video/video-stream.ts";
import { MoveNetMultiPose } from "./vision/movenet-multipose.ts";

const HEARTBEAT_EVERY = 1_000;
const CONNECT_TIMEOUT = 8_000;
const STALL_TIMEOUT = 5_000;
