import type { InferenceSession } from "onnxruntime-node";

export type ExecutionProvider = "cpu" | "webgpu" | "cuda" | "tensorrt";
export type ProviderChoice = "auto" | ExecutionProvider;

/**
 * What `auto` looks at, best first. TensorRT is left to those who ask for it: it spends minutes building an engine for
 * every input size it meets.
 */
export const AUTO_CANDIDATES: readonly ExecutionProvider[] = ["cuda", "webgpu"];

/** Everything that `haven doctor` reports on. */
export const ALL_PROVIDERS: readonly ExecutionProvider[] = ["cpu", "webgpu", "cuda", "tensorrt"];

/**
 * One thread per session, since parallel work is spread over workers, and no spinning: threads that spin while they
 * wait halve the throughput as soon as anything else runs. A list of providers does not fall back when the first
 * cannot start, so there is always exactly one.
 */
export function sessionOptions(provider: ExecutionProvider): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Errors only: the runtime writes to stderr by itself, past our logger.
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}
